"""A step of each optimiser over 10^7 parameters in ten matrices, float32: the update alone, the gradients are there.

Two steps are taken before; the third is compared with the formulas, written down once more in float64, and timed are those that follow.
"""

import numpy as np

UNIT = "step"
VARIANTS = {
    "SGD": ("SGD", {"lr": 0.1}), "SGD momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "SGD Nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "SGD decay": ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}), "ASGD": ("ASGD", {"lr": 0.01}),
    "Adam": ("Adam", {"lr": 0.01}), "AdamW": ("AdamW", {"lr": 0.01}), "Adam amsgrad": ("Adam", {"lr": 0.01, "amsgrad": True}),
    "Adamax": ("Adamax", {"lr": 0.01}), "NAdam": ("NAdam", {"lr": 0.01}), "RAdam": ("RAdam", {"lr": 0.01}),
    "RMSprop": ("RMSprop", {"lr": 0.01}), "RMSprop centred": ("RMSprop", {"lr": 0.01, "centered": True, "momentum": 0.9}),
    "Adagrad": ("Adagrad", {"lr": 0.01}), "Adadelta": ("Adadelta", {"lr": 1.0}), "Rprop": ("Rprop", {"lr": 0.01}),
    "Adafactor": ("Adafactor", {"lr": 0.01}),
}
SMOKE = tuple(VARIANTS)
TOLERANCE = 1e-4
GOALS = {("SGD", "torch"): 1.2, ("Adam", "torch"): 1.2}
SHAPE, PARTS, BEFORE = (1000, 1000), 10, 2


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    return variant, rng.standard_normal(SHAPE).astype(np.float32), rng.standard_normal(SHAPE).astype(np.float32)


def reference(variant, p, g):
    """The first matrix after three steps."""
    p, g = p.astype(np.float64), g.astype(np.float64)
    name, options = VARIANTS[variant]
    for p in FORMULAS[name](p, g, **options):  # noqa: B007, B020 - the last one
        pass
    return (p,)


STEPS = range(1, BEFORE + 2)


def sgd(p, g, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
    v = 0.0
    for _ in STEPS:
        d = g + weight_decay * p
        v = momentum * v + d
        yield (p := p - lr * (d + momentum * v if nesterov else v))


def asgd(p, g, lr, lambd=1e-4, alpha=0.75):
    for t in STEPS:
        eta = lr if t == 1 else lr / (1 + lambd * lr * (t - 1)) ** alpha
        yield (p := (1 - lambd * eta) * p - eta * g)


def adam(p, g, lr, weight_decay=0.0, **_):
    """With the same gradient in each step m^ and v^ are that and its square, and the largest v is the last."""
    for _t in STEPS:
        yield (p := (1 - lr * weight_decay) * p - lr * g / (np.abs(g) + 1e-8))


def adamax(p, g, lr):
    u = 0.0
    for _ in STEPS:
        u = np.maximum(0.999 * u, np.abs(g) + 1e-8)
        yield (p := p - lr * g / u)


def nadam(p, g, lr):
    product = 1.0
    for t in STEPS:
        now, ahead = (0.9 * (1 - 0.5 * 0.96 ** (0.004 * s)) for s in (t, t + 1))
        product *= now
        m = (1 - 0.9**t) * g
        yield (p := p - lr * ((1 - now) / (1 - product) * g + ahead / (1 - product * ahead) * m) / (np.abs(g) + 1e-8))


def radam(p, g, lr):
    """The first five steps are not divided by v."""
    for _ in STEPS:
        yield (p := p - lr * g)


def rmsprop(p, g, lr, centered=False, momentum=0.0):
    v, mean, b = 0.0, 0.0, 0.0
    for _ in STEPS:
        v, mean = 0.99 * v + 0.01 * g * g, 0.99 * mean + 0.01 * g
        b = momentum * b + g / (np.sqrt(v - mean * mean if centered else v) + 1e-8)
        yield (p := p - lr * b)


def adagrad(p, g, lr):
    for t in STEPS:
        yield (p := p - lr * g / (np.sqrt(t * g * g) + 1e-10))


def adadelta(p, g, lr):
    v, u = 0.0, 0.0
    for _ in STEPS:
        v = 0.9 * v + 0.1 * g * g
        d = np.sqrt(u + 1e-6) / np.sqrt(v + 1e-6) * g
        u = 0.9 * u + 0.1 * d * d
        yield (p := p - lr * d)


def rprop(p, g, lr):
    for t in STEPS:
        yield (p := p - lr * 1.2 ** (t - 1) * np.sign(g))


def adafactor(p, g, lr):
    r, c, eps = 0.0, 0.0, np.finfo(np.float32).eps
    for t in STEPS:
        beta = 1 - t**-0.8
        r, c = (beta * old + (1 - beta) * (g * g).mean(axis, keepdims=True) for old, axis in ((r, 1), (c, 0)))
        u = g / np.sqrt(np.maximum(r * c / np.maximum(r.mean(), eps), eps * eps))
        size = max(1e-3, np.sqrt((p * p).mean())) * min(lr, t**-0.5)
        yield (p := p - size * u / max(1.0, np.sqrt((u * u).mean())))


FORMULAS = {"SGD": sgd, "ASGD": asgd, "Adam": adam, "AdamW": lambda p, g, lr: adam(p, g, lr, 0.01), "Adamax": adamax, "NAdam": nadam,
            "RAdam": radam, "RMSprop": rmsprop, "Adagrad": adagrad, "Adadelta": adadelta, "Rprop": rprop, "Adafactor": adafactor}


def stepped(optimizer, values):
    """`step`, after the steps before."""
    for _ in range(BEFORE):
        optimizer.step()

    def step():
        optimizer.step()
        return (values(),)

    return step


def onetape(variant, p, g):
    import optim
    from autograd import tensor

    name, options = VARIANTS[variant]
    parameters = [tensor(p, requires_grad=True) for _ in range(PARTS)]
    for q in parameters:
        q.grad = tensor(g)
    return stepped(getattr(optim, name)(parameters, **options), lambda: parameters[0].data)


def torch(variant, p, g):
    import torch

    name, options = VARIANTS[variant]
    parameters = [torch.tensor(p, requires_grad=True) for _ in range(PARTS)]
    for q in parameters:
        q.grad = torch.tensor(g)
    return stepped(getattr(torch.optim, name)(parameters, **options), lambda: parameters[0].detach().numpy())
