"""Does time grow linearly? A graph of scalar nodes is built, sent backward and dropped; a chain, and a row of diamonds.

Ideally the time per node is the same in each row. What grows is the share of Python's garbage collector, which looks at
living objects again and again; the rows "no gc" show the tape alone.
"""

import gc

import numpy as np

UNIT = "node"
VARIANTS = {f"{shape} 10^{power}{'' if collect else ', no gc'}": (shape, 10**power, collect)
            for shape in ("chain", "diamonds") for power in (4, 5, 6) for collect in (True, False)}
SMOKE = ("chain 10^4", "diamonds 10^4, no gc")
TOLERANCE = 1e-9
GOALS = {}
RATE = 1 - 1e-7


def count(variant):
    return VARIANTS[variant][1]


def inputs(variant):
    return VARIANTS[variant]


def reference(shape, nodes, collect):
    """A chain multiplies by RATE at each node; a diamond, which is three nodes, once."""
    return (np.float64(RATE) ** (nodes if shape == "chain" else nodes // 3),)


def build(x, shape, nodes):
    """The graph, in any library: nodes come from Python's operators alone."""
    if shape == "chain":
        for _ in range(nodes):
            x = x * RATE
    else:
        for _ in range(nodes // 3):
            left, right = x * (0.75 * RATE), x * (0.25 * RATE)
            x = left + right
    return x


def collecting(collect, step):
    def with_switch():
        (gc.enable if collect else gc.disable)()
        try:
            return step()
        finally:
            gc.enable()

    return with_switch


def onetape(shape, nodes, collect):
    from autograd import tensor

    def step():
        x = tensor(1.0, requires_grad=True)
        build(x, shape, nodes).backward()
        return (x.grad.item(),)

    return collecting(collect, step)


def torch(shape, nodes, collect):
    import torch

    def step():
        x = torch.tensor(1.0, requires_grad=True, dtype=torch.float64)
        build(x, shape, nodes).backward()
        return (x.grad.item(),)

    return collecting(collect, step)
