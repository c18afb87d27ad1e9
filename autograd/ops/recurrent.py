r"""What do a state and a sequence make together?

A step turns the state into the next one, with the same weights each time (V for `weight_ih`, W for `weight_hh`). With u_t = V x_t + b, what
the input says at time t:

    rnn     h' = tanh(u_t + W h)  or  relu(u_t + W h)

    lstm    (i, f, g, o) = u_t + W h
            c' = sigmoid(f) c + sigmoid(i) tanh(g),   h' = sigmoid(o) tanh(c')

    gru     (u_r, u_z, u_n) = u_t,   (v_r, v_z, v_n) = W h + b
            r = sigmoid(u_r + v_r),   z = sigmoid(u_z + v_z),   n = tanh(u_n + r v_n),   h' = n + z (h - n)

Going back, the cotangent of the state runs against time, through each step ("backpropagation through time"): what arrives at a step is
what its result is asked for, and what the next step asks of it. The gradient of the weights is a sum over all steps.

A definition writes the steps out as operations, a dozen for each. As one operation for the whole sequence (`kernels/sequences.py`) an LSTM
of 32 steps takes half the time with NumPy's kernels, a quarter with oneDNN's. (CS231n, "Recurrent neural networks"; Werbos 1990.)

Read next: `special.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.kernels import sequences
from autograd.ops.affine import linear
from autograd.ops.elementwise import relu, sigmoid, tanh
from autograd.ops.joining import concatenate, split, stack, unstack
from autograd.primitive import primitive


def widened(*arrays: Any) -> list[Any]:
    """The arrays in one dtype, at least float32, in which sums of many numbers are exact enough. None stays."""
    dtype = np.promote_types(np.result_type(*[x for x in arrays if x is not None]), np.float32)
    return [None if x is None else x.astype(dtype, copy=False) for x in arrays]


def run(kind: str, x: Any, states: tuple[Any, ...], weights: tuple[Any, ...], biases: tuple[Any, ...], activation: str, reverse: bool,
        blocks: int) -> Any:
    """The result, and what is kept. Raises if shapes or dtypes do not fit."""
    rows, size = weights[1].shape if weights[1].ndim == 2 else (-1, -1)
    state = (*x.shape[1:-1], size)
    fits = x.ndim > 1 and rows == blocks * size and weights[0].shape == (rows, x.shape[-1])
    if not fits or any(s.shape != state for s in states) or any(b is not None and b.shape != (rows,) for b in biases):
        came = [a.shape for a in (x, *states, *weights, *biases) if a is not None]
        h = f"{'' if blocks == 1 else blocks}H"
        raise ValueError(f"{kind} reads x (T, ..., I), starts from states (..., H) and has weights ({h}, I), ({h}, H) and biases ({h},) or "
                         f"None, but was given the shapes {came}")
    given = [x, *states, *weights, *biases]
    dtype = np.result_type(*[a for a in given if a is not None])
    if dtype.kind != "f":
        raise TypeError(f"{kind} computes with real floating-point numbers, not {dtype}: write the steps out for others")
    x, *rest = widened(*given)
    n = len(states)
    y, kept = sequences.forward(kind, x, tuple(rest[:n]), tuple(rest[n: n + 2]), tuple(rest[n + 2:]), activation, reverse)
    return y.astype(dtype, copy=False), kept


def swept(slot: str, kind: str, g: Any, y: Any, x: Any, states: tuple[Any, ...], weights: tuple[Any, ...], biases: tuple[Any, ...],
          kept: Any, reverse: bool, activation: str = "tanh") -> Any:
    """The cotangent of the input `slot`."""

    def sweep() -> Any:
        g_wide, y_wide, x_wide, *rest = widened(g, y, x, *states, *weights, *biases)
        n = len(states)
        return sequences.back(kind, g_wide, y_wide, x_wide, tuple(rest[:n]), tuple(rest[n: n + 2]), tuple(rest[n + 2:]), kept,
                              activation, reverse)

    return sequences.SWEPT.take(slot, g, kept, sweep)


def through_time(step: Callable[..., tuple[Any, ...]], u: Any, states: tuple[Any, ...], reverse: bool) -> list[Any]:
    """All states that a step makes of the first one: for each part of the state an array, with time along its first axis."""
    made = []
    for u_t in unstack(u)[:: -1 if reverse else 1]:
        states = step(u_t, *states)
        made.append(states)
    return [stack(part[:: -1 if reverse else 1]) for part in zip(*made)] if made else [u[..., : s.shape[-1]] for s in states]


# ---- RNN ------------------------------------------------------------------------------------------------------------


def rnn_definition(x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias: Any = None, activation: str = "tanh",
                   reverse: bool = False) -> Any:
    """The same step by step: h = tanh(u_t + W h), or relu."""
    f = tanh if activation == "tanh" else relu
    return through_time(lambda u_t, h: (f(u_t + linear(h, weight_hh)),), linear(x, weight_ih, bias), (h,), reverse)[0]


def rnn_rule(slot: str, formula: str) -> Callable[..., Any]:
    def rule(g: Any, y: Any, x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias: Any, kept: Any, activation: str, reverse: bool) -> Any:
        return swept(slot, "rnn", g, y, x, (h,), (weight_ih, weight_hh), (bias,), kept, reverse, activation)

    rule.__doc__ = formula
    return rule


@primitive(x=rnn_rule("x", "V^T du_t, where du_t = f'(u_t + W h_{t-1}) (g_t + W^T du_{t+1})."),
           h=rnn_rule("h", "W^T du_1."),
           weight_ih=rnn_rule("weight_ih", "sum over t of du_t x_t^T."),
           weight_hh=rnn_rule("weight_hh", "sum over t of du_t h_{t-1}^T."),
           bias=rnn_rule("bias", "sum over t of du_t."), residuals=("kept",), definition=rnn_definition)
def rnn(x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias: Any = None, activation: str = "tanh", reverse: bool = False) -> Any:
    """u_t = V x_t + b, h = f(u_t + W h), step after step: all h, with time along the first axis.

    x:           (T, ..., I), the inputs
    h:           (..., H), the first state
    weight_ih:   V, (H, I)
    weight_hh:   W, (H, H)
    bias:        b, (H,) or None
    activation:  'tanh' or 'relu'
    reverse:     begin at the end? The result at time t then stands at t as well

    >>> import numpy as np
    >>> rnn(np.ones((3, 1)), np.zeros(1), np.ones((1, 1)), np.ones((1, 1)), None, "relu").ravel()
    array([1., 2., 3.])
    """
    if activation not in ("tanh", "relu"):
        raise ValueError(f"rnn: activation is 'tanh' or 'relu', not {activation!r}")
    return run("rnn", x, (h,), (weight_ih, weight_hh), (bias,), activation, reverse, 1)


# ---- LSTM -----------------------------------------------------------------------------------------------------------


def lstm_definition(x: Any, h: Any, c: Any, weight_ih: Any, weight_hh: Any, bias: Any = None, reverse: bool = False) -> Any:
    """The same step by step: (i, f, g, o) = u_t + W h, c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c)."""

    def step(u_t: Any, h: Any, c: Any) -> tuple[Any, Any]:
        i, f, g, o = split(u_t + linear(h, weight_hh), 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    hs, cs = through_time(step, linear(x, weight_ih, bias), (h, c), reverse)
    last = (cs[:1] if reverse else cs[-1:]) if len(x) else c[None]
    return concatenate([hs, last])


def lstm_rule(slot: str, formula: str) -> Callable[..., Any]:
    def rule(g: Any, y: Any, x: Any, h: Any, c: Any, weight_ih: Any, weight_hh: Any, bias: Any, kept: Any, reverse: bool) -> Any:
        return swept(slot, "lstm", g, y, x, (h, c), (weight_ih, weight_hh), (bias,), kept, reverse)

    rule.__doc__ = formula
    return rule


LSTM_TO_X = """V^T du_t, where du_t = (dc a i(1-i), dc c_{t-1} f(1-f), dc i (1-a^2), dh tanh(c) o(1-o)), with a for tanh(g);
dh = g_t + W^T du_{t+1}, dc = dh o (1 - tanh(c)^2) + f_{t+1} dc_{t+1}."""


@primitive(x=lstm_rule("x", LSTM_TO_X),
           h=lstm_rule("h", "W^T du_1."),
           c=lstm_rule("c", "f_1 dc_1."),
           weight_ih=lstm_rule("weight_ih", "sum over t of du_t x_t^T."),
           weight_hh=lstm_rule("weight_hh", "sum over t of du_t h_{t-1}^T."),
           bias=lstm_rule("bias", "sum over t of du_t."), residuals=("kept",), definition=lstm_definition)
def lstm(x: Any, h: Any, c: Any, weight_ih: Any, weight_hh: Any, bias: Any = None, reverse: bool = False) -> Any:
    """(i, f, g, o) = V x_t + b + W h, c = sigmoid(f) c + sigmoid(i) tanh(g), h = sigmoid(o) tanh(c), step after step: all h; the last c.

    x:          (T, ..., I), the inputs
    h, c:       (..., H), the first state
    weight_ih:  V, (4H, I): its rows belong to the gates in the order input, forget, candidate, output
    weight_hh:  W, (4H, H)
    bias:       b, (4H,) or None
    reverse:    begin at the end? The result at time t then stands at t as well

    Returns (T + 1, ..., H): h after each step, and behind them c after the last one.

    >>> import numpy as np
    >>> zero = np.zeros((4, 1))
    >>> lstm(np.zeros((3, 1)), np.zeros(1), np.ones(1), zero, zero)[-1]  # the memory c is halved by each step
    array([0.125])
    """
    return run("lstm", x, (h, c), (weight_ih, weight_hh), (bias,), "tanh", reverse, 4)


# ---- GRU ------------------------------------------------------------------------------------------------------------


def gru_definition(x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = None, bias_hh: Any = None, reverse: bool = False) -> Any:
    """The same step by step: r = sigmoid(u_r + v_r), z = sigmoid(u_z + v_z), n = tanh(u_n + r v_n), h = n + z (h - n), v = W h + b."""

    def step(u_t: Any, h: Any) -> tuple[Any]:
        (u_r, u_z, u_n), (v_r, v_z, v_n) = split(u_t, 3, -1), split(linear(h, weight_hh, bias_hh), 3, -1)
        n = tanh(u_n + sigmoid(u_r + v_r) * v_n)
        return (n + sigmoid(u_z + v_z) * (h - n),)

    return through_time(step, linear(x, weight_ih, bias_ih), (h,), reverse)[0]


def gru_rule(slot: str, formula: str) -> Callable[..., Any]:
    def rule(g: Any, y: Any, x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any, bias_hh: Any, kept: Any, reverse: bool) -> Any:
        return swept(slot, "gru", g, y, x, (h,), (weight_ih, weight_hh), (bias_ih, bias_hh), kept, reverse)

    rule.__doc__ = formula
    return rule


GRU_TO_X = """V^T du_t, where du_t = (dn v_n r(1-r), dh (h_{t-1} - n) z(1-z), dn), dn = dh (1-z) (1-n^2);
dh = g_t + z_{t+1} dh_{t+1} + W^T dv_{t+1}; dv is du, but the last third of it is multiplied by r."""


@primitive(x=gru_rule("x", GRU_TO_X),
           h=gru_rule("h", "z_1 dh_1 + W^T dv_1."),
           weight_ih=gru_rule("weight_ih", "sum over t of du_t x_t^T."),
           weight_hh=gru_rule("weight_hh", "sum over t of dv_t h_{t-1}^T."),
           bias_ih=gru_rule("bias_ih", "sum over t of du_t."),
           bias_hh=gru_rule("bias_hh", "sum over t of dv_t."), residuals=("kept",), definition=gru_definition)
def gru(x: Any, h: Any, weight_ih: Any, weight_hh: Any, bias_ih: Any = None, bias_hh: Any = None, reverse: bool = False) -> Any:
    """With u_t = V x_t + b, v = W h + b': r = sigmoid(u_r + v_r), z = sigmoid(u_z + v_z), n = tanh(u_n + r v_n), h = n + z (h - n): all h.

    x:          (T, ..., I), the inputs
    h:          (..., H), the first state
    weight_ih:  V, (3H, I): its rows belong to reset, update and candidate
    weight_hh:  W, (3H, H)
    bias_ih, bias_hh:  b and b', (3H,) or None
    reverse:    begin at the end? The result at time t then stands at t as well

    >>> import numpy as np
    >>> zero = np.zeros((3, 1))
    >>> gru(np.zeros((3, 1)), np.ones(1), zero, zero).ravel()
    array([0.5  , 0.25 , 0.125])
    """
    return run("gru", x, (h,), (weight_ih, weight_hh), (bias_ih, bias_hh), "tanh", reverse, 3)
