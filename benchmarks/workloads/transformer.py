"""A layer of a Transformer's encoder, forward and backward: 64 words, 8 sequences, 128 wide, 4 heads, float32.

The layer of each library, with the same weights, the same cotangent of its result, and no dropout.
"""

import numpy as np

from . import plain, training

UNIT = "step"
VARIANTS = {"T=64 B=8 d=128": (8, 64, 128)}
SMOKE = ("T=64 B=8 d=128",)
TOLERANCE = 1e-3
GOALS = {}
HEADS, HIDDEN = 4, 512


def count(variant):
    return 1


def inputs(variant):
    """Weights by their names, x and the cotangent."""
    rng = np.random.default_rng(0)
    batch, length, d = VARIANTS[variant]
    linear = {"self_attn.in_proj": (3 * d, d), "self_attn.out_proj": (d, d), "linear1": (HIDDEN, d), "linear2": (d, HIDDEN)}
    arrays = {}
    for name, (out, into) in linear.items():
        joint = "_" if name.endswith("in_proj") else "."
        arrays[f"{name}{joint}weight"] = (rng.standard_normal((out, into)) / into**0.5).astype(np.float32)
        arrays[f"{name}{joint}bias"] = (rng.standard_normal(out) * 0.1).astype(np.float32)
    for name in ("norm1", "norm2"):
        arrays[f"{name}.weight"] = (1 + rng.standard_normal(d) * 0.1).astype(np.float32)
        arrays[f"{name}.bias"] = (rng.standard_normal(d) * 0.1).astype(np.float32)
    x, g = (rng.standard_normal((batch, length, d)).astype(np.float32) for _ in range(2))
    return arrays, x, g


def reference(arrays, x, g):
    """The result; the gradients of x and of the weights."""
    w, b, w_out, b_out, w1, b1, w2, b2, scale1, shift1, scale2, shift2 = (array.astype(np.float64) for array in arrays.values())
    x, g = x.astype(np.float64), g.astype(np.float64)
    scaling = (x.shape[-1] // HEADS) ** -0.5

    qkv, back_of_in = plain.linear(x, w.T, b)
    q, k, v = (apart(part) for part in np.split(qkv, 3, axis=-1))
    p, back_of_softmax = plain.softmax(scaling * q @ k.swapaxes(-1, -2))
    mixed, back_of_out = plain.linear(together(p @ v), w_out.T, b_out)
    y, back_of_norm1 = plain.normalised(x + mixed, scale1, shift1, (-1,))
    hidden, back1 = plain.linear(y, w1.T, b1)
    hidden, back_of_relu = plain.relu(hidden)
    last, back2 = plain.linear(hidden, w2.T, b2)
    result, back_of_norm2 = plain.normalised(y + last, scale2, shift2, (-1,))

    g, *to_norm2 = back_of_norm2(g)
    dhidden, dw2, db2 = back2(g)
    dy, dw1, db1 = back1(back_of_relu(dhidden))
    g, *to_norm1 = back_of_norm1(g + dy)
    dmixed, dw_out, db_out = back_of_out(g)
    dmixed = apart(dmixed)
    dscores = scaling * back_of_softmax(dmixed @ v.swapaxes(-1, -2))
    dq, dk, dv = dscores @ k, dscores.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ dmixed
    dx, dw, db = back_of_in(np.concatenate([together(dq), together(dk), together(dv)], axis=-1))
    return result, g + dx, dw.T, db, dw_out.T, db_out, dw1.T, db1, dw2.T, db2, *to_norm1, *to_norm2


def apart(x):
    """(batch, length, d) as (batch, head, length, d / heads)."""
    return x.reshape(*x.shape[:2], HEADS, -1).swapaxes(1, 2)


def together(x):
    return x.swapaxes(1, 2).reshape(x.shape[0], x.shape[2], -1)


def build(nn):
    return nn.TransformerEncoderLayer(128, HEADS, HIDDEN, dropout=0.0, batch_first=True)


def onetape(arrays, x, g):
    return training.our_gradients(build, arrays, x, g)


def compiled(arrays, x, g):
    return training.our_gradients(build, arrays, x, g, compiling=True)


def torch(arrays, x, g):
    return training.their_gradients(build, arrays, x, g)


def torch_compiled(arrays, x, g):
    return training.their_gradients(build, arrays, x, g, compiling=True)


def jax(arrays, x, g):
    import jax
    import jax.numpy as jnp

    def norm(x, scale, shift):
        return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5) * scale + shift

    def layer(x, w, b, w_out, b_out, w1, b1, w2, b2, scale1, shift1, scale2, shift2):
        q, k, v = (apart(part) for part in jnp.split(x @ w.T + b, 3, axis=-1))
        p = jax.nn.softmax(q @ k.swapaxes(-1, -2) * (x.shape[-1] // HEADS) ** -0.5)
        y = norm(x + together(p @ v) @ w_out.T + b_out, scale1, shift1)
        return norm(y + jax.nn.relu(y @ w1.T + b1) @ w2.T + b2, scale2, shift2)

    return training.jax_gradients(layer, arrays.values(), x, g)
