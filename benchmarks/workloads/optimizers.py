"""A step of each optimiser over 10^7 parameters in ten arrays, float32: the update alone, the gradients are there."""

import numpy as np

UNIT = "step"
VARIANTS = {"SGD": ("SGD", {"lr": 0.1}), "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}), "Adam": ("Adam", {"lr": 0.01}),
            "AdamW": ("AdamW", {"lr": 0.01}), "RMSprop": ("RMSprop", {"lr": 0.01})}
SMOKE = ("SGD",)
TOLERANCE = 1e-4
GOALS = {("SGD", "torch"): 1.2, ("Adam", "torch"): 1.2}
SIZE, PARTS = 10**6, 10


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    return variant, rng.standard_normal(SIZE).astype(np.float32), rng.standard_normal(SIZE).astype(np.float32)


def reference(variant, p, g):
    """The first array after the first step."""
    p, g = p.astype(np.float64), g.astype(np.float64)
    name, options = VARIANTS[variant]
    lr = options["lr"]
    if name == "SGD":
        return (p - lr * g,)
    if name == "RMSprop":
        return (p - lr * g / (np.sqrt(0.01 * g * g) + 1e-8),)
    decayed = p * (1 - lr * 0.01) if name == "AdamW" else p
    return (decayed - lr * g / (np.abs(g) + 1e-8),)


def onetape(variant, p, g):
    import optim
    from autograd import tensor

    name, options = VARIANTS[variant]
    parameters = [tensor(p, requires_grad=True) for _ in range(PARTS)]
    optimizer = getattr(optim, name)(parameters, **options)
    for q in parameters:
        q.grad = tensor(g)

    def step():
        optimizer.step()
        return (parameters[0].data,)

    return step


def torch(variant, p, g):
    import torch

    name, options = VARIANTS[variant]
    parameters = [torch.tensor(p, requires_grad=True) for _ in range(PARTS)]
    optimizer = getattr(torch.optim, name)(parameters, **options)
    for q in parameters:
        q.grad = torch.tensor(g)

    def step():
        optimizer.step()
        return (parameters[0].detach().numpy(),)

    return step
