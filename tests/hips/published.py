"""Does every piece of code that HIPS/autograd publishes run here, and print the same numbers?

    python -m tests.hips.published --source DIR            DIR: the unpacked sources of autograd 1.9 (from PyPI), which are not ours to copy

runs its README, its tutorial, its update guide and all scripts of its examples that need no download, unchanged, on this package, each
in a process and a folder of its own, and compares what they print with what HIPS/autograd 1.9.0 printed (`published.json`: the SHA-256
of each file, and the numbers; NumPy 2.4, SciPy 1.17). `--only rnn` runs those whose name contains that, and `--freeze` writes the
numbers, to be run by a Python that has HIPS/autograd and not this package.

Scripts that would train for minutes are stopped after the first lines of output; that is all that differs from `python script.py` on a
machine without a screen. The tests that always run are programs of our own that use what these scripts use: `test_examples.py`.

Read next: `headless.py`, which runs one.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
FROZEN = HERE / "published.json"
NUMBER = r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?"
WATCHED = r"(?m)^~ (.*)$"


class Published(NamedTuple):
    """One file.

    lines:  stop after this many lines of output; 0: run to the end
    keep:   which parts of the output count: the groups, or all, of this pattern; the numbers in them are compared, or else the words
    count:  how many numbers
    watch:  compare what it plots or minimises, because it does not print it
    rtol:   how far numbers may be off. Optimisers multiply the last bit's rounding
    needs:  a package that this part of the file is about; where it is not installed the part is left out
    """

    path: str
    lines: int = 0
    keep: str = NUMBER
    count: int = 40
    watch: bool = False
    rtol: float = 1e-9
    needs: str = ""

    @property
    def name(self) -> str:
        return self.path + (f" with {self.needs}" if self.needs else "")


PUBLISHED = [
    Published("README.md", watch=True, keep=r"np\.float64\((.*)\)|(?m:^~ (.*)$)"),
    Published("docs/tutorial.md", keep=r"sin\(pi\) is (.*)|(?:Initial|Trained) loss: (.*)|Gradient: (.*)"),
    Published("docs/tutorial.md", keep=r"(?m)^(?:loss|grad): (.*)$", needs="xarray"),
    Published("docs/updateguide.md"),
    Published("examples/bayesian_neural_net.py", 20, r"bound (.*)"),
    Published("examples/bayesian_optimization.py", 24, WATCHED, watch=True, rtol=1e-6),
    Published("examples/black_box_svi.py", 20, r"bound (.*)"),
    Published("examples/deep_gaussian_process.py", 12, r"likelihood (.*)", rtol=1e-7),
    Published("examples/define_gradient.py", rtol=1e-7),
    Published("examples/dot_graph.py", keep=r'label="([^"]*)"'),
    Published("examples/fixed_points.py"),
    Published("examples/fluidsim/fluidsim.py", 7, WATCHED, watch=True),
    Published("examples/fluidsim/wing.py", 9, WATCHED, watch=True),
    Published("examples/gaussian_process.py", keep=r"likelihood (.*)"),
    Published("examples/gmm.py", 25, r"likelihood (.*)", rtol=1e-6),
    Published("examples/gplvm.py", 12, r"likelihood (.*)", rtol=1e-7),
    Published("examples/hmm_em.py", 4),
    Published("examples/ica.py", 12),
    Published("examples/logistic_regression.py"),
    Published("examples/lstm.py", 62, r"loss: (.*)"),
    Published("examples/mixture_variational_inference.py", 8, r"bound (.*)"),
    Published("examples/natural_gradient_black_box_svi.py", 5, r"bound (.*)"),
    Published("examples/negative_binomial_maxlike.py", count=2),
    Published("examples/neural_net_regression.py", 60, r"likelihood (.*)"),
    Published("examples/ode_net.py", 5, r"loss (.*)", rtol=1e-4),
    Published("examples/print_trace.py", keep=r"(?m)= (\S+)$"),
    Published("examples/rkhs.py"),
    Published("examples/rnn.py", 62, r"loss: (.*)"),
    Published("examples/rosenbrock.py"),
    Published("examples/sinusoid.py", keep=WATCHED, watch=True),
    Published("examples/tanh.py", keep=WATCHED, watch=True),
]

NOT_RUN = {
    "examples/convnet.py": "downloads MNIST",
    "examples/neural_net.py": "downloads MNIST",
    "examples/variational_autoencoder.py": "downloads MNIST",
    "examples/generative_adversarial_net.py": "downloads MNIST",
    "examples/data.py": "is imported by others, like gaussian_process.py",
    "examples/data_mnist.py": "downloads MNIST",
    "examples/__init__.py": "is empty",
}


def run(published: Published, source: Path, timeout: float = 600.0, ours: bool = True) -> tuple[int, str, str]:
    """Run one file in a new folder, on this package or on the one that is installed: its exit code, what it printed, its errors."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONPATH"] = str(HERE.parent.parent) if ours else ""
    command = [sys.executable, str(HERE / "headless.py"), str(source / published.path), str(published.lines)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(command + ["watch"] * published.watch, cwd=folder, env=environment, capture_output=True, text=True,
                              timeout=timeout)
    return done.returncode, done.stdout, done.stderr


def found(published: Published, output: str) -> list[float] | list[str]:
    """What counts in an output: the numbers in the parts that are kept, or the parts themselves if they are words."""
    parts = [next((group for group in match.groups() if group is not None), match[0]) for match in re.finditer(published.keep, output)]
    numbers = [float(number) for part in parts for number in re.findall(NUMBER, part)]
    words = any(re.fullmatch(r"[A-Za-z_]+", part) for part in parts)
    return parts if words else numbers[: published.count]


def difference(published: Published, here: list, there: list) -> str:
    """In words: how what was found is different from what it should be; '' if it is not."""
    if len(here) != len(there):
        return f"{len(here)} numbers instead of {len(there)}"
    for i, (a, b) in enumerate(zip(here, there)):
        if isinstance(a, str) or isinstance(b, str):
            if a != b:
                return f"part {i} is {a!r} instead of {b!r}"
        elif not abs(a - b) <= published.rtol * abs(b) + 1e-12:
            return f"number {i} is {a!r} instead of {b!r}"
    return ""


def outcome(published: Published, source: Path, frozen: dict, timeout: float = 600.0) -> str:
    """Run one file and compare. '' if all is well."""
    file = source / published.path
    if not file.exists():
        return "is not there"
    record = frozen[published.name]
    if hashlib.sha256(file.read_bytes()).hexdigest() != record["sha256"]:
        return "is not the file of autograd 1.9.0"
    try:
        code, output, errors = run(published, source, timeout)
    except subprocess.TimeoutExpired:
        return f"took longer than {timeout:.0f} s"
    if code:
        return f"ended with {errors.strip().splitlines()[-2:]}"
    return difference(published, found(published, output), record["found"])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--source", required=True, type=Path, help="the unpacked sources of autograd 1.9.0")
    parser.add_argument("--only", default="", help="run the files whose name contains this")
    parser.add_argument("--freeze", action="store_true", help="write down what is found")
    chosen = parser.parse_args()
    source = chosen.source.resolve()
    frozen = json.loads(FROZEN.read_text(encoding="utf-8")) if FROZEN.exists() else {}
    failed = 0
    for published in PUBLISHED:
        if chosen.only not in published.path:
            continue
        if published.needs and find_spec(published.needs) is None:
            print(f"{published.name}: left out, it is not installed")
            continue
        if chosen.freeze:
            code, output, errors = run(published, source, 900.0, ours=False)
            digest = hashlib.sha256((source / published.path).read_bytes()).hexdigest()
            frozen[published.name] = {"sha256": digest, "found": found(published, output)}
            print(f"{published.name}: {len(frozen[published.name]['found'])} found, {errors.strip().splitlines()[-1]}", flush=True)
            FROZEN.write_text(json.dumps(frozen, indent=1, sort_keys=True) + "\n", encoding="utf-8")
            failed += bool(code)
        else:
            what = outcome(published, source, frozen)
            print(f"{published.name}: {what or 'the same'}", flush=True)
            failed += bool(what)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
