"""What does each kernel gain? oneDNN against NumPy, for the sizes of a ResNet on small images and of a Transformer.

    python -m benchmarks.kernels [threads]

Each row is one operation, run by both in turn, A B A B; the best of several runs counts, because others use the machine, too.

Read next: `workloads/resnet20.py`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

THREADS = sys.argv[1] if len(sys.argv) > 1 else "2"
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # before NumPy is imported
    os.environ.setdefault(name, THREADS)

import numpy as np  # noqa: E402

import autograd  # noqa: E402
from autograd import ops  # noqa: E402
from autograd.kernels.layout import channels_last  # noqa: E402

RUNS = 12
RNG = np.random.default_rng(0)


def normal(*shape: int) -> Any:
    x = RNG.standard_normal(shape).astype(np.float32)
    return channels_last(x) if x.ndim > 3 and shape[2] > 3 else x


def rows() -> Iterator[tuple[str, Callable[[], Any]]]:
    """The name of an operation, and the operation."""
    for n, channels, out, length, stride in ((128, 16, 16, 32, 1), (128, 16, 32, 32, 2), (128, 64, 64, 8, 1), (1, 64, 64, 56, 1)):
        x, w = normal(n, channels, length, length), normal(out, channels, 3, 3)
        y = ops.conv(x, w, None, stride, 1)
        what = f"conv 3x3 {channels}->{out}, {n} x {length}^2" + (", stride 2" if stride > 1 else "")
        yield what, lambda x=x, w=w, s=stride: ops.conv(x, w, None, s, 1)
        yield what + ", to x", lambda y=y, w=w, s=stride: ops.conv_transpose(y, w, None, s, 1, s - 1)
        yield what + ", to w", lambda x=x, y=y, s=stride: ops.conv_weight(x, y, 3, s, 1)
    x, g = normal(128, 16, 32, 32), normal(128, 16, 32, 32)
    w, b = normal(1, 16, 1, 1), normal(1, 16, 1, 1)
    m, r = ops.normalise.forward(x, w, b, None, (0, 2, 3))[1:]
    yield "batch norm, 128 x 16 x 32^2", lambda: ops.normalise(x, w, b, None, (0, 2, 3))
    yield "batch norm, to all three", lambda: ops.normalise.rules["x"](g, x, w, m, r, (0, 2, 3))
    yield "moments", lambda: ops.moments(x, (0, 2, 3))
    yield "known statistics", lambda: ops.rescale(x, w, b)
    y = ops.relu(x)
    yield "relu", lambda: ops.relu(x)
    yield "relu, to x", lambda: ops.relu.rules["x"](g, y)
    images = normal(32, 64, 56, 56)
    pooled = ops.max_pool(images, 2)
    yield "max pool 2, 32 x 64 x 56^2", lambda: ops.max_pool(images, 2)
    yield "max pool 2, to x", lambda: ops.max_pool.rules["x"](pooled, images, pooled, 2, None, 0, 1, False)
    wide = ops.max_pool(images, 3, 2, 1)
    yield "max pool 3, stride 2", lambda: ops.max_pool(images, 3, 2, 1)
    yield "max pool 3, stride 2, to x", lambda: ops.max_pool.rules["x"](wide, images, wide, 3, 2, 1, 1, False)
    yield "average pool 2", lambda: ops.avg_pool(images, 2)
    words, weight = normal(2048, 768), normal(768, 768)
    yield "layer norm, 2048 x 768", lambda: ops.normalise(words, weight[0], weight[1], None, -1)
    scores = normal(8 * 512, 512)
    shares, logs = ops.softmax(scores), ops.log_softmax(scores)
    yield "softmax, 4096 x 512", lambda: ops.softmax(scores)
    yield "softmax, to x", lambda: ops.softmax.rules["x"](scores, shares, -1)
    yield "log softmax, 4096 x 512", lambda: ops.log_softmax(scores)
    yield "log softmax, to x", lambda: ops.log_softmax.rules["x"](scores, logs, -1)
    yield "gelu, 2048 x 768", lambda: ops.gelu(words)
    yield "gelu, to x", lambda: ops.gelu.rules["x"](words, words)
    yield "sigmoid, 2048 x 768", lambda: ops.sigmoid(words)
    yield "linear, 2048 x 768 x 768", lambda: ops.linear(words, weight, weight[0])


def seconds(f: Callable[[], Any]) -> float:
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def main() -> None:
    print(f"{autograd.config}\nthreads         {THREADS}\n")
    print(f"{'':44}{'oneDNN':>10}{'NumPy':>10}{'gain':>8}")
    for what, f in rows():
        best = {True: np.inf, False: np.inf}
        for on in (True, False, True, False):
            with autograd.config.kernels.using(onednn=on and autograd.config.kernels.onednn):
                f()
                f()
                best[on] = min(best[on], *(seconds(f) for _ in range(RUNS)))
            time.sleep(0.1)  # until the threads of the one have gone to sleep, which would be in the other's way
        print(f"{what:44}{1e3 * best[True]:7.2f} ms{1e3 * best[False]:7.2f} ms{best[False] / best[True]:8.1f}", flush=True)


if __name__ == "__main__":
    main()
