"""What layers consist of, one by one: convolutions, pools, norms, softmax and cross-entropy, forward and both ways, float32.

See `single.py` for how. Convolutions are named after kernel and channels: 32 images of 32x32 with 16 channels, of 16x16 with 64.
"""

import numpy as np

from . import plain, single
from .single import Op

SIDES = {16: 32, 64: 16}
IMAGES = ((32, 64, 32, 32),)


def conv(channels, k, stride=1, groups=1):
    side, padding = SIDES[channels], k // 2
    return Op(((32, channels, side, side), (channels, channels // groups, k, k)),
              lambda t, F, x, w: F.conv2d(x, w, None, stride, padding, 1, groups),
              lambda x, w: plain.conv(x, w, stride, padding, groups))


def norm(shape, call, axes, to):
    """A normalisation with weight and bias, whose shape is `to` in plain NumPy."""

    def normalised(x, w, b):
        y, back = plain.normalised(x, w.reshape(to), b.reshape(to), axes)
        return y, lambda g: tuple(d if i == 0 else d.ravel() for i, d in enumerate(back(g)))

    return Op((shape, (int(np.prod(to)),), (int(np.prod(to)),)), call, normalised)


def in_groups(x, w, b):
    """Group norm, of eight groups: over a group's channels and pixels; then a weight and a bias for each channel."""
    split = x.reshape(len(x), 8, -1, *x.shape[2:])
    y, back_of_norm = plain.normalised(split, 1.0, 0.0, (2, 3, 4))
    y = y.reshape(x.shape)

    def back(g):
        dx, *_ = back_of_norm((g * w[:, None, None]).reshape(split.shape))
        return dx.reshape(x.shape), (g * y).sum((0, 2, 3)), g.sum((0, 2, 3))

    return y * w[:, None, None] + b[:, None, None], back


TABLE = {
    **{f"conv {name} {channels}": conv(channels, **options) for channels in SIDES for name, options in {
        "1x1": {"k": 1}, "3x3": {"k": 3}, "3x3 stride 2": {"k": 3, "stride": 2}, "3x3 depthwise": {"k": 3, "groups": channels},
        "5x5": {"k": 5}}.items()},
    "max pool 2": Op(IMAGES, lambda t, F, x: F.max_pool2d(x, 2), lambda x: plain.max_pool(x, 2), distinct=True),
    "max pool 3 stride 2": Op(IMAGES, lambda t, F, x: F.max_pool2d(x, 3, 2, 1), lambda x: plain.max_pool(x, 3, 2, 1), distinct=True),
    "avg pool 2": Op(IMAGES, lambda t, F, x: F.avg_pool2d(x, 2), lambda x: plain.avg_pool(x, 2)),
    "batch norm": norm(IMAGES[0], lambda t, F, x, w, b: F.batch_norm(x, None, None, w, b, True), (0, 2, 3), (64, 1, 1)),
    "layer norm": norm((2048, 256), lambda t, F, x, w, b: F.layer_norm(x, (256,), w, b), (1,), (256,)),
    "group norm": Op((*IMAGES, (64,), (64,)), lambda t, F, x, w, b: F.group_norm(x, 8, w, b), in_groups),
    "softmax": Op(((512, 1000),), lambda t, F, x: F.softmax(x, 1), plain.softmax),
    "log_softmax": Op(((512, 1000),), lambda t, F, x: F.log_softmax(x, 1), plain.log_softmax),
    "cross entropy": Op(((512, 1000),), lambda t, F, x, labels: F.cross_entropy(x, labels), plain.cross_entropy,
                        lambda rng: (rng.integers(0, 1000, 512),)),
}
UNIT = "call"
VARIANTS = single.variants(TABLE)
SMOKE = tuple(f"{name} both" for name in TABLE if "5x5" not in name and not name.startswith(("conv 3x3 64", "conv 1x1 64")))
TOLERANCE = 1e-3
GOALS = {}
EFFORT = {"launches": 1, "rounds": 9}


def count(variant):
    return 1


def inputs(variant):
    name, mode = VARIANTS[variant]
    return single.inputs(TABLE[name], mode)


reference, onetape, torch = single.reference, single.onetape, single.torch


def torch_last(*given):
    return single.torch(*given, last=True)
