"""What an import costs beyond NumPy's, in a fresh process: `import autograd`, and with it `nn` and `optim`."""

import subprocess
import sys

SELF_TIMED = True
UNIT = "import"
VARIANTS = {"engine": "engine", "all": "all"}
SMOKE = ("engine",)
TOLERANCE = 0
GOALS = {("engine", "torch"): 0.1, ("all", "torch"): 0.1}
MOST = {("engine", "onetape"): 0.060}  # seconds


def count(variant):
    return 1


def inputs(variant):
    return (VARIANTS[variant],)


def reference(what):
    return ()


def seconds(statement):
    """The time of an import statement in a fresh Python that has NumPy already; -I, so that it sees installed packages alone."""
    program = f"import numpy, time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True).stdout)


def onetape(what):
    return lambda: seconds("import autograd" if what == "engine" else "import autograd, nn, optim")


def torch(what):
    return lambda: seconds("import torch" if what == "engine" else "import torch, torch.nn, torch.optim")


def hips(what):
    return lambda: seconds("import autograd, autograd.numpy")


def mygrad(what):
    return lambda: seconds("import mygrad" if what == "engine" else "import mygrad, mygrad.nnet")
