"""The most memory a training process has at once, beyond what it has after its imports: some steps of a network.

Each measurement is a process of its own; the operating system says how large it became. "checkpointed" computes each part of the network
again in the backward pass instead of keeping what is inside; the rows of the same names of `resnet20.py` and `vgg_small.py` say what time
that costs. Checkpoints are `autograd.checkpoint` and `torch.utils.checkpoint`.
"""

import subprocess
import sys
from pathlib import Path

SELF_TIMED = True
MEASURES = "bytes"
UNIT = "process"
VARIANTS = {f"{name} batch 128{how}": (name, f"batch 128{how}") for name in ("resnet20", "vgg_small") for how in ("", " checkpointed")}
VARIANTS["mlp batch 1024"] = "mlp", "batch 1024"
SMOKE = ("mlp batch 1024",)
TOLERANCE = 0
LIMIT = 120.0
EFFORT = {"launches": 1, "rounds": 2}
GOALS = {("resnet20 batch 128", "torch"): 1.0, ("resnet20 batch 128", "torch", "compiled"): 0.7}
PROGRAM = """
import resource, sys
sys.path.insert(0, {folder!r})
import numpy, workloads
{imports}
def size():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
workload = workloads.load({name!r})
given = workload.inputs({variant!r})
before = size()
step = workload.{library}(*given)
for _ in range(2):
    step()
print(size() - before)
"""


def count(variant):
    return 1


def inputs(variant):
    return VARIANTS[variant]


def reference(name, variant):
    return ()


def peak(name, variant, library, imports):
    program = PROGRAM.format(folder=str(Path(__file__).parent.parent), name=name, variant=variant, library=library, imports=imports)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def onetape(name, variant):
    return lambda: peak(name, variant, "onetape", "import autograd, nn, optim")


def compiled(name, variant):
    return lambda: peak(name, variant, "compiled", "import autograd, nn, optim")


def torch(name, variant):
    return lambda: peak(name, variant, "torch", "import torch, torch.nn, torch.optim")
