r"""What do a state and a sequence make together?

A step turns the state into the next one, with the same weights each time (W for `weight`, u_t for what the input says at time t):

    rnn     h' = tanh(u_t + W h)  or  relu(u_t + W h)

    lstm    (i, f, g, o) = u_t + W h
            c' = sigmoid(f) c + sigmoid(i) tanh(g),   h' = sigmoid(o) tanh(c')

    gru     (u_r, u_z, u_n) = u_t,   (v_r, v_z, v_n) = W h + b
            r = sigmoid(u_r + v_r),   z = sigmoid(u_z + v_z),   n = tanh(u_n + r v_n),   h' = n + z (h - n)

Going back, the cotangent of the state runs against time, through each step ("backpropagation through time"): what arrives at a step is
what its result is asked for, and what the next step asks of it. The gradient of the weights is a sum over all steps.

A definition writes the steps out as operations, a dozen for each. As one operation for the whole sequence (`kernels/recurrent.py`) an LSTM
of 32 steps takes half the time. (CS231n, "Recurrent neural networks"; Werbos 1990.)

Read next: `special.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels import recurrent as kernels
from autograd.ops.affine import linear
from autograd.ops.elementwise import relu, sigmoid, tanh
from autograd.ops.joining import split, stack, unstack
from autograd.primitive import primitive


def alike(name: str, blocks: int, u: Any, weight: Any, *states: Any, bias: Any = None) -> list[Any]:
    """The arrays in one dtype, at least float32, in which sums of many numbers are exact enough. Raises if they do not fit together."""
    rows = u.shape[-1] if u.ndim else -1
    fits = u.ndim and weight.ndim == 2 and weight.shape[0] == rows == blocks * weight.shape[1]
    state = (*u.shape[1:-1], rows // blocks)
    if not fits or any(s.shape != state for s in states) or (bias is not None and bias.shape != (rows,)):
        came = [x.shape for x in (u, *states, weight, bias) if x is not None]
        h, size = f"{'' if blocks == 1 else blocks}", "H"
        raise ValueError(f"{name} reads u (T, ..., {h}{size}), starts from states (..., {size}) and has a weight ({h}{size}, {size})"
                         f"{'' if bias is None else f' and a bias ({h}{size},)'}, but was given the shapes {came}")
    arrays = [u, weight, *states, *([] if bias is None else [bias])]
    dtype = np.result_type(*arrays)
    if dtype.kind != "f":
        raise TypeError(f"{name} computes with real floating-point numbers, not {dtype}: write the steps out for others")
    dtype = np.promote_types(dtype, np.float32)
    return [x.astype(dtype, copy=False) for x in arrays]


def narrow(y: Any, *inputs: Any) -> Any:
    """The result in the dtype of the inputs."""
    return y.astype(np.result_type(*[x for x in inputs if x is not None]), copy=False)


def through_time(step: Callable[..., tuple[Any, ...]], u: Any, states: tuple[Any, ...], reverse: bool) -> list[Any]:
    """All states that a step makes of the first one: for each part of the state an array, with time along its first axis."""
    made = []
    for u_t in unstack(u)[:: -1 if reverse else 1]:
        states = step(u_t, *states)
        made.append(states)
    return [stack(part[:: -1 if reverse else 1]) for part in zip(*made)] if made else [u[..., : s.shape[-1]] for s in states]


# ---- RNN ------------------------------------------------------------------------------------------------------------


def rnn_definition(u: Any, h: Any, weight: Any, activation: str = "tanh", reverse: bool = False) -> Any:
    """The same step by step: h = tanh(u_t + W h), or relu."""
    f = tanh if activation == "tanh" else relu
    return through_time(lambda u_t, h: (f(u_t + linear(h, weight)),), u, (h,), reverse)[0]


def rnn_sweep(slot: str, g: Any, y: Any, h: Any, weight: Any, activation: str, reverse: bool) -> Any:
    def sweep() -> Any:
        dtype = np.promote_types(y.dtype, np.float32)
        wide, y_wide, first, weights = [x.astype(dtype, copy=False) for x in (g, y, h, weight)]
        return kernels.rnn_back(wide, y_wide, first, weights, activation, reverse)

    return kernels.SWEPT.take(slot, g, y, sweep)


def rnn_to_u(g: Any, y: Any, h: Any, weight: Any, activation: str, reverse: bool) -> Any:
    """f'(z_t) (g_t + W^T du_{t+1})."""
    return rnn_sweep("u", g, y, h, weight, activation, reverse)


def rnn_to_h(g: Any, y: Any, h: Any, weight: Any, activation: str, reverse: bool) -> Any:
    """W^T du_1."""
    return rnn_sweep("h", g, y, h, weight, activation, reverse)


def rnn_to_weight(g: Any, y: Any, h: Any, weight: Any, activation: str, reverse: bool) -> Any:
    """sum over t of du_t h_{t-1}^T."""
    return rnn_sweep("weight", g, y, h, weight, activation, reverse)


@primitive(u=rnn_to_u, h=rnn_to_h, weight=rnn_to_weight, definition=rnn_definition)
def rnn(u: Any, h: Any, weight: Any, activation: str = "tanh", reverse: bool = False) -> Any:
    """h = f(u_t + W h), step after step: all h, with time along the first axis.

    u:           (T, ..., H), what the inputs say
    h:           (..., H), the first state
    weight:      (H, H)
    activation:  'tanh' or 'relu'
    reverse:     begin at the end? The result at time t then stands at t as well

    >>> import numpy as np
    >>> rnn(np.ones((3, 1)), np.zeros(1), np.ones((1, 1)), "relu").ravel()
    array([1., 2., 3.])
    """
    if activation not in ("tanh", "relu"):
        raise ValueError(f"rnn: activation is 'tanh' or 'relu', not {activation!r}")
    wide, weights, first = alike("rnn", 1, u, weight, h)
    return narrow(kernels.rnn(wide, first, weights, activation, reverse), u, h, weight)


# ---- LSTM -----------------------------------------------------------------------------------------------------------


def lstm_definition(u: Any, h: Any, c: Any, weight: Any, reverse: bool = False) -> Any:
    """The same step by step: (i, f, g, o) = u_t + W h, c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c)."""

    def step(u_t: Any, h: Any, c: Any) -> tuple[Any, Any]:
        i, f, g, o = split(u_t + linear(h, weight), 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    return stack(through_time(step, u, (h, c), reverse))


def lstm_sweep(slot: str, g: Any, y: Any, h: Any, c: Any, weight: Any, gates: Any, squashed: Any, reverse: bool) -> Any:
    def sweep() -> Any:
        wide, y_wide, first, memory, weights = [x.astype(gates.dtype, copy=False) for x in (g, y, h, c, weight)]
        return kernels.lstm_back(wide, y_wide, first, memory, weights, gates, squashed, reverse)

    return kernels.SWEPT.take(slot, g, gates, sweep)


def lstm_to_u(g: Any, y: Any, h: Any, c: Any, weight: Any, gates: Any, squashed: Any, reverse: bool) -> Any:
    """du_t = (dc a i(1-i), dc c_{t-1} f(1-f), dc i (1-a^2), dh tanh(c) o(1-o)), with a for tanh(g); dh = g_t + W^T du_{t+1},
    dc = dh o (1 - tanh(c)^2) + f_{t+1} dc_{t+1}."""
    return lstm_sweep("u", g, y, h, c, weight, gates, squashed, reverse)


def lstm_to_h(g: Any, y: Any, h: Any, c: Any, weight: Any, gates: Any, squashed: Any, reverse: bool) -> Any:
    """W^T du_1."""
    return lstm_sweep("h", g, y, h, c, weight, gates, squashed, reverse)


def lstm_to_c(g: Any, y: Any, h: Any, c: Any, weight: Any, gates: Any, squashed: Any, reverse: bool) -> Any:
    """f_1 dc_1."""
    return lstm_sweep("c", g, y, h, c, weight, gates, squashed, reverse)


def lstm_to_weight(g: Any, y: Any, h: Any, c: Any, weight: Any, gates: Any, squashed: Any, reverse: bool) -> Any:
    """sum over t of du_t h_{t-1}^T."""
    return lstm_sweep("weight", g, y, h, c, weight, gates, squashed, reverse)


@primitive(u=lstm_to_u, h=lstm_to_h, c=lstm_to_c, weight=lstm_to_weight, residuals=("gates", "squashed"), definition=lstm_definition)
def lstm(u: Any, h: Any, c: Any, weight: Any, reverse: bool = False) -> Any:
    """(i, f, g, o) = u_t + W h, c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c), step after step: all h, and all c.

    u:        (T, ..., 4H), what the inputs say to the gates, in the order input, forget, candidate, output
    h, c:     (..., H), the first state
    weight:   (4H, H)
    reverse:  begin at the end? The result at time t then stands at t as well

    Returns (2, T, ..., H).

    >>> import numpy as np
    >>> lstm(np.zeros((3, 4)), np.zeros(1), np.ones(1), np.zeros((4, 1)))[1].ravel()  # the memory c is halved by each step
    array([0.5  , 0.25 , 0.125])
    """
    wide, weights, first, memory = alike("lstm", 4, u, weight, h, c)
    y, gates, squashed = kernels.lstm(wide, first, memory, weights, reverse)
    return narrow(y, u, h, c, weight), gates, squashed


# ---- GRU ------------------------------------------------------------------------------------------------------------


def gru_definition(u: Any, h: Any, weight: Any, bias: Any = None, reverse: bool = False) -> Any:
    """The same step by step: r = sigmoid(u_r + v_r), z = sigmoid(u_z + v_z), n = tanh(u_n + r v_n), h = n + z (h - n), v = W h + b."""

    def step(u_t: Any, h: Any) -> tuple[Any]:
        (u_r, u_z, u_n), (v_r, v_z, v_n) = split(u_t, 3, -1), split(linear(h, weight, bias), 3, -1)
        n = tanh(u_n + sigmoid(u_r + v_r) * v_n)
        return (n + sigmoid(u_z + v_z) * (h - n),)

    return through_time(step, u, (h,), reverse)[0]


def gru_sweep(slot: str, g: Any, y: Any, h: Any, weight: Any, gates: Any, inner: Any, reverse: bool) -> Any:
    def sweep() -> Any:
        wide, y_wide, first, weights = [x.astype(gates.dtype, copy=False) for x in (g, y, h, weight)]
        return kernels.gru_back(wide, y_wide, first, weights, gates, inner, reverse)

    return kernels.SWEPT.take(slot, g, gates, sweep)


def gru_to_u(g: Any, y: Any, h: Any, weight: Any, gates: Any, inner: Any, reverse: bool) -> Any:
    """du_t = (dn v_n r(1-r), dh (h_{t-1} - n) z(1-z), dn), dn = dh (1-z) (1-n^2); dh = g_t + z_{t+1} dh_{t+1} + W^T dv_{t+1}."""
    return gru_sweep("u", g, y, h, weight, gates, inner, reverse)


def gru_to_h(g: Any, y: Any, h: Any, weight: Any, gates: Any, inner: Any, reverse: bool) -> Any:
    """z_1 dh_1 + W^T dv_1."""
    return gru_sweep("h", g, y, h, weight, gates, inner, reverse)


def gru_to_weight(g: Any, y: Any, h: Any, weight: Any, gates: Any, inner: Any, reverse: bool) -> Any:
    """sum over t of dv_t h_{t-1}^T, where dv is du, but the last third of it is multiplied by r."""
    return gru_sweep("weight", g, y, h, weight, gates, inner, reverse)


def gru_to_bias(g: Any, y: Any, h: Any, weight: Any, gates: Any, inner: Any, reverse: bool) -> Any:
    """sum over t of dv_t."""
    return gru_sweep("bias", g, y, h, weight, gates, inner, reverse)


@primitive(u=gru_to_u, h=gru_to_h, weight=gru_to_weight, bias=gru_to_bias, residuals=("gates", "inner"), definition=gru_definition)
def gru(u: Any, h: Any, weight: Any, bias: Any = None, reverse: bool = False) -> Any:
    """With v = W h + b: r = sigmoid(u_r + v_r), z = sigmoid(u_z + v_z), n = tanh(u_n + r v_n), h = n + z (h - n), step after step: all h.

    u:        (T, ..., 3H), what the inputs say to reset, update and candidate
    h:        (..., H), the first state
    weight:   (3H, H)
    bias:     (3H,) or None
    reverse:  begin at the end? The result at time t then stands at t as well

    >>> import numpy as np
    >>> gru(np.zeros((3, 3)), np.ones(1), np.zeros((3, 1))).ravel()
    array([0.5  , 0.25 , 0.125])
    """
    wide, weights, first, *more = alike("gru", 3, u, weight, h, bias=bias)
    y, gates, inner = kernels.gru(wide, first, weights, more[0] if more else None, reverse)
    return narrow(y, u, h, weight, bias), gates, inner
