"""How does a recurrent layer run fast with NumPy alone?

One step after the other is what the formula says, but most of the work can be done for all steps at once:

* the inputs meet their weights before, in one product, outside of here: u holds a row for each step;
* half of a sigmoid's argument is wanted, sigma(z) = (1 + tanh(z / 2)) / 2: u and the weights are halved once, and a step has one tanh for
  all of its gates, in memory that is there;
* on the way back, all factors that do not depend on the cotangent are multiplied before;
* the gradient of the weights is a sum over the steps, and so one product of long matrices.

What remains for a step is the product with the state, which is made in blocks (`Columns`), and a handful of calls. All functions here
take arrays of one dtype, at least float32; time is the first axis, and runs backwards with `reverse`.

The sweep against time finds the cotangents of all inputs, and rules ask for one each: `Swept` gives the rest to those who ask next.

Read next: `numpy.py`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
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


def rnn(u: Any, h: Any, weight: Any, activation: str, reverse: bool) -> Any:
    """All h."""
    y, into = np.empty_like(u, order="C"), Columns(weight.T, h.shape)
    for t in times(len(u), reverse):
        z = into.times(h, y[t])
        z += u[t]
        h = np.tanh(z, z) if activation == "tanh" else np.maximum(z, 0, out=z)
    return y


def rnn_back(g: Any, y: Any, h: Any, weight: Any, activation: str, reverse: bool) -> dict[str, Any]:
    """The cotangents of u, h and weight."""
    dz = slope_of_tanh(y, np.empty_like(y, order="C")) if activation == "tanh" else (y > 0).astype(y.dtype)
    dh, back = np.zeros_like(h, order="C"), Columns(weight, y.shape[1:])
    for t in times(len(y), not reverse):
        dh += g[t]
        dz[t] *= dh
        dh = back.times(dz[t], dh)
    return {"u": dz, "h": dh, "weight": summed_outer(dz, earlier(h, y, reverse))}


# ---- LSTM -----------------------------------------------------------------------------------------------------------


def lstm(u: Any, h: Any, c: Any, weight: Any, reverse: bool) -> tuple[Any, Any, Any]:
    """All h and all c, in one array; the gates i, f, g, o side by side; tanh(c)."""
    size = weight.shape[1]
    scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], u.dtype), size)
    shift = np.repeat(np.array([0.5, 0.5, 0, 0.5], u.dtype), size)
    gates, into = u * scale, Columns((weight * scale[:, None]).T, h.shape)
    y = np.empty_like(u, order="C", shape=(2, *u.shape[:-1], size))
    squashed, z, part = np.empty_like(y[0]), np.empty_like(u, order="C", shape=u.shape[1:]), np.empty_like(c)
    for t in times(len(u), reverse):
        gate = gates[t]
        gate += into.times(h, z)
        np.tanh(gate, gate)
        gate *= scale
        gate += shift
        i, f, a, o = parts(gate, 4)
        c = np.multiply(f, c, y[1, t])
        c += np.multiply(i, a, part)
        h = np.multiply(o, np.tanh(c, squashed[t]), y[0, t])
    return y, gates, squashed


def lstm_back(g: Any, y: Any, h: Any, c: Any, weight: Any, gates: Any, squashed: Any, reverse: bool) -> dict[str, Any]:
    """The cotangents of u, h, c and weight."""
    dz = np.empty_like(gates, order="C")
    (i, f, a, o), (di, df, da, do) = parts(gates, 4), parts(dz, 4)
    slope_of_sigmoid(i, di)
    di *= a
    slope_of_sigmoid(f, df)
    df *= earlier(c, y[1], reverse)
    slope_of_tanh(a, da)
    da *= i
    slope_of_sigmoid(o, do)
    do *= squashed
    to_c = slope_of_tanh(squashed, np.empty_like(squashed))
    to_c *= o
    by_c = dz[..., : 3 * weight.shape[1]].reshape(*squashed.shape[:-1], 3, weight.shape[1])
    dh, dc, part = np.zeros_like(h, order="C"), np.zeros_like(c), np.empty_like(c)
    back = Columns(weight, gates.shape[1:])
    wide, known = dc[..., None, :], bool(g[1].any())
    for t in times(len(gates), not reverse):
        dh += g[0, t]
        if known:
            dc += g[1, t]
        dc += np.multiply(dh, to_c[t], part)
        by_c[t] *= wide
        do[t] *= dh
        dc *= f[t]
        dh = back.times(dz[t], dh)
    return {"u": dz, "h": dh, "c": dc, "weight": summed_outer(dz, earlier(h, y[0], reverse))}


# ---- GRU ------------------------------------------------------------------------------------------------------------


def gru(u: Any, h: Any, weight: Any, bias: Any, reverse: bool) -> tuple[Any, Any, Any]:
    """All h; r, z and n side by side; W_hn h + b_hn."""
    size = weight.shape[1]
    scale = np.repeat(np.array([0.5, 0.5, 1], u.dtype), size)
    gates, into = u * scale, Columns((weight * scale[:, None]).T, h.shape)
    bias = np.zeros_like(scale) if bias is None else bias * scale
    gates[..., : 2 * size] += bias[: 2 * size]
    y = np.empty_like(u, order="C", shape=(*u.shape[:-1], size))
    inner, v = np.empty_like(y), np.empty_like(u, order="C", shape=u.shape[1:])
    for t in times(len(u), reverse):
        v, gate = into.times(h, v), gates[t]
        both, n = gate[..., : 2 * size], gate[..., 2 * size:]
        both += v[..., : 2 * size]
        np.tanh(both, both)
        both *= 0.5
        both += 0.5
        r, z = parts(both, 2)
        np.add(v[..., 2 * size:], bias[2 * size:], inner[t])
        n += np.multiply(r, inner[t], y[t])
        np.tanh(n, n)
        new = np.subtract(h, n, y[t])
        new *= z
        new += n
        h = new
    return y, gates, inner


def gru_back(g: Any, y: Any, h: Any, weight: Any, gates: Any, inner: Any, reverse: bool) -> dict[str, Any]:
    """The cotangents of u, h, weight and bias."""
    before, du, dv = earlier(h, y, reverse), np.empty_like(gates, order="C"), np.empty_like(gates, order="C")
    (r, z, n), (dr, dz, dn) = parts(gates, 3), parts(du, 3)
    slope_of_tanh(n, dn)
    dn *= 1 - z
    slope_of_sigmoid(z, dz)
    dz *= before - n
    slope_of_sigmoid(r, dr)
    dr *= inner
    dh, kept = np.zeros_like(h, order="C"), np.empty_like(h)
    back = Columns(weight, gates.shape[1:])
    for t in times(len(gates), not reverse):
        dh += g[t]
        dn[t] *= dh
        dz[t] *= dh
        dr[t] *= dn[t]
        np.multiply(dh, z[t], kept)
        dv[t] = du[t]
        parts(dv[t], 3)[2][...] *= r[t]
        dh = back.times(dv[t], dh)
        dh += kept
    return {"u": du, "h": dh, "weight": summed_outer(dv, before), "bias": dv.reshape(-1, dv.shape[-1]).sum(0)}


# ---- one sweep for all rules -----------------------------------------------------------------------------------------


class Swept(threading.local):
    """The cotangents that the last sweep found and nobody has asked for yet.

    They belong to one g, of which a copy tells whether it still is the same, and to what one forward pass kept.
    """

    def __init__(self) -> None:
        self.g: Any = None
        self.of: Callable[[], Any] = type(None)
        self.found: dict[str, Any] = {}

    def take(self, slot: str, g: Any, of: Any, sweep: Callable[[], dict[str, Any]]) -> Any:
        """The cotangent of this input. Each can be had once; for the first input, u, the sweep is always made."""
        if slot == "u" or slot not in self.found or self.of() is not of or not np.array_equal(self.g, g):
            found = self.found = sweep()
            self.g, self.of = g.copy(), weakref.ref(of, lambda _: found.clear())
        return self.found.pop(slot)


SWEPT = Swept()
