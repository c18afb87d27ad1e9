"""The price of one operation: z = z b + a a thousand times, forward and backward, on 4x4 float32."""

import numpy as np

STEPS = 1000
UNIT = "op"
VARIANTS = {"": None}
SMOKE = ("",)
TOLERANCE = 1e-4
GOALS = {("", "torch"): 0.5, ("", "torch", "compiled"): 0.15}


def count(variant):
    return 2 * STEPS


def inputs(variant):
    rng = np.random.default_rng(0)
    a, b, z = (rng.standard_normal((4, 4)).astype(np.float32) for _ in range(3))
    return a * 0.01, 1 + b * 0.001, z


def reference(a, b, z):
    """dL/da, dL/db, dL/dz of L = sum(z_n), with every z_i kept."""
    kept = []
    for _ in range(STEPS):
        kept.append(z)
        z = z * b + a
    g, da, db = np.ones_like(z), np.zeros_like(a), np.zeros_like(b)
    for z in reversed(kept):
        da, db, g = da + g, db + g * z, g * b
    return da, db, g


def onetape(*arrays):
    from autograd import tensor

    def step():
        a, b, z0 = (tensor(array, requires_grad=True) for array in arrays)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.sum().backward()
        return a.grad.data, b.grad.data, z0.grad.data

    return step


def compiled(*arrays):
    import autograd

    def chain(a, b, z):
        for _ in range(STEPS):
            z = z * b + a
        return z.sum()

    step = autograd.compile(autograd.grad(chain, (0, 1, 2)))
    step(*arrays)
    return lambda: step(*arrays)


def torch(*arrays):
    from torch import tensor

    def step():
        a, b, z0 = (tensor(array, requires_grad=True) for array in arrays)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.sum().backward()
        return a.grad.numpy(), b.grad.numpy(), z0.grad.numpy()

    return step


def hips(*arrays):
    from autograd import grad
    from autograd import numpy as np

    def chain(parameters):
        a, b, z = parameters
        for _ in range(STEPS):
            z = z * b + a
        return np.sum(z)

    gradient = grad(chain)
    return lambda: gradient(arrays)


def mygrad(*arrays):
    from mygrad import tensor

    def step():
        a, b, z0 = (tensor(array) for array in arrays)
        z = z0
        for _ in range(STEPS):
            z = z * b + a
        z.sum().backward()
        return a.grad, b.grad, z0.grad

    return step
