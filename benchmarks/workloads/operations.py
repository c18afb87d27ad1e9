"""Operations on arrays, one by one: products, indexing, reductions, functions of each element, forward and both ways, float32.

See `single.py` for how. Arrays have a million elements where nothing else is said.
"""

import math

import numpy as np

from . import plain, single
from .single import Op

SQUARE = ((1000, 1000),)


def product(*shapes):
    return Op(shapes, lambda t, F, a, b: a @ b, lambda a, b: (a @ b, lambda g: (g @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ g)))


def einsum(text, *shapes):
    """Of two operands, whose gradients are einsums, too."""
    a_text, b_text, y_text = text.replace("->", ",").split(",")

    def formula(a, b):
        return np.einsum(text, a, b, optimize=True), lambda g: (np.einsum(f"{y_text},{b_text}->{a_text}", g, b, optimize=True),
                                                                 np.einsum(f"{y_text},{a_text}->{b_text}", g, a, optimize=True))

    return Op(shapes, lambda t, F, a, b: t.einsum(text, a, b), formula)


def elementwise(call, f, slope, **others):
    return Op(SQUARE, call, lambda x: (f(x), lambda g: g * slope(x)), others=others)


def reduction(call, f, slope, axis, **others):
    """`slope(x, y)` for the result y, which keeps its axes."""

    def formula(x):
        y = f(x, axis=axis, keepdims=True)
        return np.squeeze(y, axis), lambda g: np.expand_dims(g, axis if axis is not None else (0, 1)) * slope(x, y)

    return Op(SQUARE, call, formula, others=others, distinct=True)


def selected(call, pick, shape=SQUARE[0], more=lambda rng: (), **others):
    """Elements of x, which are where `pick(x, ...)` finds them."""

    def formula(x, *more):
        places = pick(np.arange(x.size).reshape(x.shape), *more)
        return x.ravel()[places], lambda g: np.bincount(places.ravel(), g.ravel(), x.size).reshape(x.shape)

    return Op((shape,), call, formula, more, others)


def concatenated(a, b):
    return np.concatenate([a, b], 1), lambda g: (g[:, :a.shape[1]], g[:, a.shape[1]:])


def sorted_rows(x):
    order = np.argsort(x, 1)
    return np.take_along_axis(x, order, 1), lambda g: np.take_along_axis(g, np.argsort(order, 1), 1)


def logsumexp(x, axis, keepdims):
    m = x.max(axis, keepdims=True)
    return np.log(np.exp(x - m).sum(axis, keepdims=keepdims)) + m


def variance(x, axis, keepdims):
    return x.var(axis, keepdims=keepdims, ddof=1)


def normal_share(x):
    return 0.5 * (1 + np.vectorize(math.erf)(x / 2**0.5))


def gelu_slope(x):
    return normal_share(x) + x * np.exp(-x * x / 2) / (2 * np.pi) ** 0.5


def ones(x, y):
    return np.ones_like(x)


TABLE = {
    **{f"matmul {n}": product((n, n), (n, n)) for n in (64, 256, 1024)},
    "matmul 32 of 64": product((32, 64, 64), (32, 64, 64)),
    "einsum bij,bkj->bik": einsum("bij,bkj->bik", (16, 128, 64), (16, 128, 64)),
    "einsum bthd,bshd->bhts": einsum("bthd,bshd->bhts", (8, 64, 4, 32), (8, 64, 4, 32)),
    "slice": selected(lambda t, F, x: x[100:900, 100:900], lambda i: i[100:900, 100:900]),
    "rows": selected(lambda t, F, x, rows: x[rows], lambda i, rows: i[rows], (10_000, 64), lambda rng: (rng.integers(0, 10_000, 4096),)),
    "gather": selected(lambda t, F, x, places: t.take_along_axis(x, places, 1), lambda i, places: np.take_along_axis(i, places, 1),
                       more=lambda rng: (rng.integers(0, 1000, (1000, 100)),),
                       torch=lambda t, F, x, places: t.take_along_dim(x, places, 1)),
    "boolean": selected(lambda t, F, x, mask: x[mask], lambda i, mask: i[mask], more=lambda rng: (rng.random(SQUARE[0]) < 0.5,)),
    "sum": reduction(lambda t, F, x: x.sum(), np.sum, ones, None),
    "sum of columns": reduction(lambda t, F, x: x.sum(0), np.sum, ones, 0),
    "sum of rows": reduction(lambda t, F, x: x.sum(1), np.sum, ones, 1),
    "max of rows": reduction(lambda t, F, x: t.amax(x, 1), np.max, lambda x, y: x == y, 1),
    "var of rows": reduction(lambda t, F, x: t.var(x, 1, correction=1), variance,
                             lambda x, y: 2 * (x - x.mean(1, keepdims=True)) / (x.shape[1] - 1), 1,
                             jax=lambda t, F, x: t.var(x, 1, ddof=1)),
    "logsumexp of rows": reduction(lambda t, F, x: t.logsumexp(x, 1), logsumexp, lambda x, y: np.exp(x - y), 1,
                                   jax=lambda t, F, x: F.logsumexp(x, 1)),
    "relu": elementwise(lambda t, F, x: F.relu(x), lambda x: np.maximum(x, 0), lambda x: x > 0),
    "gelu": elementwise(lambda t, F, x: F.gelu(x), lambda x: x * normal_share(x), gelu_slope,
                        jax=lambda t, F, x: F.gelu(x, approximate=False)),
    "tanh": elementwise(lambda t, F, x: t.tanh(x), np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    "exp": elementwise(lambda t, F, x: t.exp(x), np.exp, np.exp),
    "sigmoid": elementwise(lambda t, F, x: F.sigmoid(x), plain.sigmoid, lambda x: plain.sigmoid(x) * plain.sigmoid(-x)),
    "concatenate": Op(((1000, 500), (1000, 500)), lambda t, F, a, b: t.concatenate([a, b], 1), concatenated),
    "sort": Op(SQUARE, lambda t, F, x: t.sort(x, 1), sorted_rows, others={"torch": lambda t, F, x: t.sort(x, 1)[0],
                                                                        "jax": lambda t, F, x: t.sort(x, axis=1)}, distinct=True),
    "cumsum": Op(SQUARE, lambda t, F, x: t.cumsum(x, 1), lambda x: (np.cumsum(x, 1), lambda g: np.cumsum(g[:, ::-1], 1)[:, ::-1])),
}
UNIT = "call"
VARIANTS = single.variants(TABLE)
SMOKE = tuple(f"{name} both" for name in TABLE)
TOLERANCE = 1e-3
GOALS = {}
EFFORT = {"launches": 1, "rounds": 9}


def count(variant):
    return 1


def inputs(variant):
    name, mode = VARIANTS[variant]
    return single.inputs(TABLE[name], mode)


reference, onetape, torch, jax = single.reference, single.onetape, single.torch, single.jax
