"""The price of one operation on single numbers: z = z b + a, forward and backward, as micrograd and the course's circuits have it."""

import sys

from .chain_4x4 import UNIT  # noqa: F401

STEPS = 1000
VARIANTS = {"": None}
SMOKE = ("",)
TOLERANCE = 1e-10
GOALS = {("", "micrograd"): 1.0, ("", "torch"): 0.5, ("", "micrograd", "compiled"): 0.5}


def count(variant):
    return 2 * STEPS


def inputs(variant):
    return 0.01, 1.0001, 0.5


def reference(a, b, z):
    kept = []
    for _ in range(STEPS):
        kept.append(z)
        z = z * b + a
    g, da, db = 1.0, 0.0, 0.0
    for z in reversed(kept):
        da, db, g = da + g, db + g * z, g * b
    return da, db, g


def onetape(*numbers):
    from autograd import tensor

    def step():
        a, b, z0 = (tensor(number, requires_grad=True) for number in numbers)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.backward()
        return a.grad.item(), b.grad.item(), z0.grad.item()

    return step


def compiled(*numbers):
    import numpy as np

    import autograd

    def chain(a, b, z):
        for _ in range(STEPS):
            z = z * b + a
        return z

    step, given = autograd.compile(autograd.grad(chain, (0, 1, 2))), [np.float64(number) for number in numbers]
    step(*given)
    return lambda: step(*given)


def micrograd(*numbers):
    from micrograd.engine import Value

    sys.setrecursionlimit(10 * STEPS)  # its topological sort recurses

    def step():
        a, b, z0 = (Value(number) for number in numbers)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.backward()
        return a.grad, b.grad, z0.grad

    return step


def torch(*numbers):
    import torch

    def step():
        a, b, z0 = (torch.tensor(number, requires_grad=True, dtype=torch.float64) for number in numbers)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.backward()
        return a.grad.item(), b.grad.item(), z0.grad.item()

    return step


def hips(*numbers):
    from autograd import grad

    def chain(a, b, z):
        for _ in range(STEPS):
            z = z * b + a
        return z

    gradient = grad(chain, argnum=(0, 1, 2))
    return lambda: gradient(*numbers)


def mygrad(*numbers):
    from mygrad import tensor

    def step():
        a, b, z0 = (tensor(number) for number in numbers)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.backward()
        return a.grad, b.grad, z0.grad

    return step
