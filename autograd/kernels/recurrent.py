"""How does a recurrent layer run fast with NumPy alone?

One step after the other is what the formula says, but most of the work can be done for all steps at once:

* the inputs meet their weights before, in one product, where the gates will stand (`inflow`);
* half of a sigmoid's argument is wanted, sigma(z) = (1 + tanh(z / 2)) / 2: the weights are halved, and a step has one tanh for all of its
  gates, in memory that is there;
* on the way back, all factors that do not depend on the cotangent are multiplied before;
* the gradient of the weights is a sum over the steps, and so one product of long matrices.

What remains for a step is the product with the state, which is made in blocks (`Columns`), and a handful of calls. All functions here
take arrays of one dtype, at least float32; time is the first axis, and runs backwards with `reverse`.

What the way back needs besides the result is kept, the parts one after the other in one array (`rooms`).

Read next: `sequences.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.kernels.multiplication import product, product_into


def times(n: int, reverse: bool) -> Sequence[int]:
    """The steps in the order in which they are made."""
    return range(n)[::-1] if reverse else range(n)


def earlier(first: Any, states: Any, reverse: bool) -> Any:
    """The state that each step starts from."""
    return np.concatenate([states[1:], first[None]] if reverse else [first[None], states[:-1]]) if len(states) else states


def parts(x: Any, n: int) -> list[Any]:
    """n views side by side along the last axis."""
    size = x.shape[-1] // n
    return [x[..., k * size: (k + 1) * size] for k in range(n)]


def rooms(kept: Any, lead: tuple[int, ...], *sizes: int) -> list[Any]:
    """What is kept: for each size an array of shape (*lead, size)."""
    n, found, at = prod(lead), [], 0
    for size in sizes:
        found.append(kept[at: at + n * size].reshape(*lead, size))
        at += n * size
    return found


def room_for(like: Any, lead: tuple[int, ...], *sizes: int) -> Any:
    """Memory for what is kept."""
    return np.empty_like(like, order="C", shape=(prod(lead) * sum(sizes),))


def inflow(x: Any, weight: Any, bias: Any, scale: Any, out: Any) -> Any:
    """What the inputs say at all steps, scale (x W^T + b)."""
    product_into(x, (weight if scale is None else weight * scale[:, None]).T, out)
    if bias is not None:
        out += bias if scale is None else bias * scale
    return out


def slope_of_sigmoid(y: Any, out: Any) -> Any:
    """y (1 - y)."""
    np.subtract(1, y, out=out)
    return np.multiply(out, y, out=out)


def slope_of_tanh(y: Any, out: Any) -> Any:
    """1 - y^2."""
    np.multiply(y, y, out=out)
    return np.subtract(1, out, out=out)


def summed_outer(dz: Any, h: Any) -> Any:
    """The sum over all steps of dz^T h."""
    if not h.size:
        return np.zeros_like(h, shape=(dz.shape[-1], h.shape[-1]))
    return product(dz.reshape(-1, dz.shape[-1]).T, h.reshape(-1, h.shape[-1]))


ALONE, SMALL = 1 << 18, 1 << 22
"""Up to so many multiplications a product is made with one thread, by NumPy's library; and up to so many more threads are no use."""


class Columns:
    """A matrix that many small ones are multiplied by, one after the other.

    Two threads would save a quarter of the time of such a product, if both had a processor to themselves. Where they have not, one waits
    for the other, again at each step, a thousand times longer than the product takes. So its columns are multiplied in blocks, which are
    so small that one thread makes each.
    """

    def __init__(self, matrix: Any, shape: tuple[int, ...]) -> None:
        """shape: of what it will be multiplied by."""
        work, blocks = len(matrix) and prod(shape) * matrix.shape[1], 1
        while work > ALONE * blocks and matrix.shape[1] % (2 * blocks) == 0:
            blocks *= 2
        self.blocks = blocks if len(shape) == 2 and work <= min(ALONE * blocks, SMALL) else 1
        if self.blocks > 1:
            matrix = np.ascontiguousarray(matrix.reshape(len(matrix), blocks, -1).swapaxes(0, 1))
        elif not (matrix.flags.c_contiguous or matrix.flags.f_contiguous):
            matrix = matrix.copy("K")  # one with gaps is not multiplied by BLAS; and the tape's copy has none: both give the same numbers
        self.matrix = matrix

    def times(self, a: Any, out: Any) -> Any:
        """a times the matrix, into memory that lies row after row."""
        if self.blocks == 1:
            return product_into(a, self.matrix, out)
        np.matmul(a, self.matrix, out.reshape(len(a), self.blocks, -1).swapaxes(0, 1))
        return out


# ---- RNN ------------------------------------------------------------------------------------------------------------


def rnn(x: Any, h: Any, weight_ih: Any, weight: Any, bias: Any, activation: str, reverse: bool) -> Any:
    """All h."""
    y = inflow(x, weight_ih, bias, None, np.empty_like(x, order="C", shape=(len(x), *h.shape)))
    into, v = Columns(weight.T, h.shape), np.empty_like(h, order="C")
    for t in times(len(x), reverse):
        z = y[t]
        z += into.times(h, v)
        h = np.tanh(z, z) if activation == "tanh" else np.maximum(z, 0, out=z)
    return y


def rnn_back(g: Any, y: Any, h: Any, weight: Any, activation: str, reverse: bool) -> tuple[Any, Any, Any]:
    """The cotangents of u and h; and the states whose outer products with that of u are the weights' gradient."""
    dz = slope_of_tanh(y, np.empty_like(y, order="C")) if activation == "tanh" else (y > 0).astype(y.dtype)
    dh, back = np.zeros_like(h, order="C"), Columns(weight, y.shape[1:])
    for t in times(len(y), not reverse):
        dh += g[t]
        dz[t] *= dh
        dh = back.times(dz[t], dh)
    return dz, dh, earlier(h, y, reverse)


# ---- LSTM -----------------------------------------------------------------------------------------------------------


def lstm(x: Any, h: Any, c: Any, weight_ih: Any, weight: Any, bias: Any, reverse: bool) -> tuple[Any, Any]:
    """All h, and the last c behind them. What is kept: the gates i, f, g, o side by side; all c; tanh(c)."""
    size, lead = weight.shape[1], x.shape[:-1]
    scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], x.dtype), size)
    shift = np.repeat(np.array([0.5, 0.5, 0, 0.5], x.dtype), size)
    into, kept = Columns((weight * scale[:, None]).T, h.shape), room_for(x, lead, 4 * size, size, size)
    gates, cells, squashed = rooms(kept, lead, 4 * size, size, size)
    inflow(x, weight_ih, bias, scale, gates)
    y = np.empty_like(x, order="C", shape=(len(x) + 1, *c.shape))
    z, part = np.empty_like(x, order="C", shape=gates.shape[1:]), np.empty_like(c)
    i, f, a, o = parts(gates, 4)
    for t in times(len(x), reverse):
        gate = gates[t]
        gate += into.times(h, z)
        np.tanh(gate, gate)
        gate *= scale
        gate += shift
        c = np.multiply(f[t], c, cells[t])
        c += np.multiply(i[t], a[t], part)
        h = np.multiply(o[t], np.tanh(c, squashed[t]), y[t])
    y[-1] = c
    return y, kept


def lstm_back(g: Any, y: Any, h: Any, c: Any, weight: Any, kept: Any, reverse: bool) -> tuple[Any, Any, Any, Any]:
    """The cotangents of u, h and c; and the states whose outer products with that of u are the weights' gradient."""
    size = weight.shape[1]
    gates, cells, squashed = rooms(kept, (len(g) - 1, *c.shape[:-1]), 4 * size, size, size)
    dz = np.empty_like(gates, order="C")
    (i, f, a, o), (di, df, da, do) = parts(gates, 4), parts(dz, 4)
    slope_of_sigmoid(i, di)
    di *= a
    slope_of_sigmoid(f, df)
    df *= earlier(c, cells, reverse)
    slope_of_tanh(a, da)
    da *= i
    slope_of_sigmoid(o, do)
    do *= squashed
    to_c = slope_of_tanh(squashed, np.empty_like(squashed))
    to_c *= o
    dh, dc, part = np.zeros_like(h, order="C"), g[-1].copy("C"), np.empty_like(c)
    back, wide = Columns(weight, gates.shape[1:]), dc[..., None, :]
    by = np.empty_like(c, order="C", shape=gates.shape[1:])  # what each gate's factors are multiplied by: dc, dc, dc, dh
    *_, by_h = parts(by, 4)
    by_c = by.reshape(*c.shape[:-1], 4, size)[..., :3, :]
    for t in times(len(gates), not reverse):
        dh += g[t]
        dc += np.multiply(dh, to_c[t], part)
        by_c[...], by_h[...] = wide, dh
        dz[t] *= by
        dc *= f[t]
        dh = back.times(dz[t], dh)
    return dz, dh, dc, earlier(h, y[:-1], reverse)


# ---- GRU ------------------------------------------------------------------------------------------------------------


def gru(x: Any, h: Any, weight_ih: Any, weight: Any, bias_ih: Any, bias: Any, reverse: bool) -> tuple[Any, Any]:
    """All h. What is kept: r, z and n side by side; W_hn h + b_hn."""
    size, lead = weight.shape[1], x.shape[:-1]
    scale = np.repeat(np.array([0.5, 0.5, 1], x.dtype), size)
    into, kept = Columns((weight * scale[:, None]).T, h.shape), room_for(x, lead, 3 * size, size)
    gates, inner = rooms(kept, lead, 3 * size, size)
    inflow(x, weight_ih, bias_ih, scale, gates)
    bias = np.zeros_like(scale) if bias is None else bias * scale
    gates[..., : 2 * size] += bias[: 2 * size]
    y, v = np.empty_like(inner), np.empty_like(x, order="C", shape=gates.shape[1:])
    both, (r, z, n) = gates[..., : 2 * size], parts(gates, 3)
    first, last, shift = v[..., : 2 * size], v[..., 2 * size:], bias[2 * size:]
    for t in times(len(x), reverse):
        into.times(h, v)
        gate, candidate = both[t], n[t]
        gate += first
        np.tanh(gate, gate)
        gate *= 0.5
        gate += 0.5
        np.add(last, shift, inner[t])
        candidate += np.multiply(r[t], inner[t], y[t])
        np.tanh(candidate, candidate)
        new = np.subtract(h, candidate, y[t])
        new *= z[t]
        new += candidate
        h = new
    return y, kept


def gru_back(g: Any, y: Any, h: Any, weight: Any, kept: Any, reverse: bool) -> tuple[Any, Any, Any, Any]:
    """The cotangents of u, h and W h + b; and the states whose outer products with the last one are the weights' gradient."""
    size = weight.shape[1]
    gates, inner = rooms(kept, y.shape[:-1], 3 * size, size)
    before, du, dv = earlier(h, y, reverse), np.empty_like(gates, order="C"), np.empty_like(gates, order="C")
    (r, z, n), (dr, dz, dn) = parts(gates, 3), parts(du, 3)
    slope_of_tanh(n, dn)
    dn *= 1 - z
    slope_of_sigmoid(z, dz)
    dz *= before - n
    slope_of_sigmoid(r, dr)
    dr *= inner
    dh, kept = np.zeros_like(h, order="C"), np.empty_like(h)
    back, last = Columns(weight, gates.shape[1:]), parts(dv, 3)[2]
    for t in times(len(gates), not reverse):
        dh += g[t]
        dn[t] *= dh
        dz[t] *= dh
        dr[t] *= dn[t]
        np.multiply(dh, z[t], kept)
        dv[t] = du[t]
        last[t] *= r[t]
        dh = back.times(dv[t], dh)
        dh += kept
    return du, dh, dv, before
