"""An LSTM layer, forward and backward: 32 steps, 16 sequences, 128 inputs and 128 units, float32.

The layer of each library, with the same weights and the same cotangent of its result. Gates stand in PyTorch's order: i, f, g, o.
"""

import numpy as np

from . import plain, training

UNIT = "step"
VARIANTS = {"T=32 B=16 H=128": (32, 16, 128)}
SMOKE = ("T=32 B=16 H=128",)
TOLERANCE = 1e-3
GOALS = {}


def count(variant):
    return 1


def inputs(variant):
    """Weights by their names, x and the cotangent."""
    rng = np.random.default_rng(0)
    length, batch, size = VARIANTS[variant]
    arrays = {"weight_ih_l0": (4 * size, size), "weight_hh_l0": (4 * size, size), "bias_ih_l0": (4 * size,), "bias_hh_l0": (4 * size,)}
    arrays = {name: (rng.standard_normal(shape) / size**0.5).astype(np.float32) for name, shape in arrays.items()}
    x, g = (rng.standard_normal((length, batch, size)).astype(np.float32) for _ in range(2))
    return arrays, x, g


def reference(arrays, x, g):
    """The sequence of h; the gradients of x and of the weights."""
    w, u, b, c_bias = (array.astype(np.float64) for array in arrays.values())
    size = x.shape[-1]
    h, c = np.zeros((2, x.shape[1], size))
    kept, results = [], []
    for t in range(len(x)):
        i, f, a, o = np.split(x[t] @ w.T + b + h @ u.T + c_bias, 4, axis=1)
        i, f, a, o = plain.sigmoid(i), plain.sigmoid(f), np.tanh(a), plain.sigmoid(o)
        kept.append((i, f, a, o, c, h))
        c = f * c + i * a
        h = o * np.tanh(c)
        results.append(h)
    dx, dw, du, db = np.zeros(x.shape), np.zeros_like(w), np.zeros_like(u), np.zeros_like(b)
    dh, dc = np.zeros((2, x.shape[1], size))
    for t in reversed(range(len(x))):
        i, f, a, o, before, h = kept[t]
        c = f * before + i * a
        dh = dh + g[t]
        dc = dc + dh * o * (1 - np.tanh(c) ** 2)
        dz = np.concatenate([dc * a * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - a * a), dh * np.tanh(c) * o * (1 - o)], axis=1)
        dx[t], dh, dc = dz @ w, dz @ u, dc * f
        dw, du, db = dw + dz.T @ x[t], du + dz.T @ h, db + dz.sum(0)
    return np.stack(results), dx, dw, du, db, db


def build(nn):
    class Layer(nn.LSTM):
        def forward(self, x):
            return super().forward(x)[0]

    return Layer(128, 128)


def onetape(arrays, x, g):
    return training.our_gradients(build, arrays, x, g)


def compiled(arrays, x, g):
    return training.our_gradients(build, arrays, x, g, compiling=True)


def torch(arrays, x, g):
    return training.their_gradients(build, arrays, x, g)


def jax(arrays, x, g):
    import jax
    import jax.numpy as jnp

    def layer(x, w, u, b, c_bias):
        def cell(state, inflow):
            h, c = state
            i, f, a, o = jnp.split(inflow + h @ u.T, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(a)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros(x.shape[1:])
        return jax.lax.scan(cell, (zero, zero), x @ w.T + b + c_bias)[1]

    return training.jax_gradients(layer, arrays.values(), x, g)
