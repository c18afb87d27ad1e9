r"""How does a network read a sequence?

One element at a time, with a memory h that each step turns into the next one; x_t is element t:

    RNN    h' = tanh(W_ih x_t + b_ih + W_hh h + b_hh)

    LSTM   (i, f, g, o) = W_ih x_t + b_ih + W_hh h + b_hh           input, forget, candidate, output
           c' = sigmoid(f) c + sigmoid(i) tanh(g),   h' = sigmoid(o) tanh(c')

    GRU    r = sigmoid(W_ir x_t + b_ir + W_hr h + b_hr),  z alike    reset, update
           n = tanh(W_in x_t + b_in + r (W_hn h + b_hn)),  h' = (1 - z) n + z h

A cell does one step, a layer all of them, as one operation (`autograd/ops/recurrent.py`), in which W_ih meets the whole sequence at
once. Weights and their names are PyTorch's.
(CS231n, "Recurrent neural networks"; Hochreiter & Schmidhuber 1997; Cho et al. 2014.)

Read next: `attention.py`.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.random import generator
from nn import init
from nn.dropout import check_probability, dropout
from nn.module import Module

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

State = tuple[Any, ...]
"""h alone, or (h, c)."""

# ---- one step: from what the input says, `u` = W_ih x + b_ih, and the state, to the next state -----------------------


def rnn_step(u: Any, state: State, weight: Any, bias: Any, activation: Any = ops.tanh) -> State:
    """h' = tanh(u + W h + b)."""
    return (activation(u + ops.linear(state[0], weight, bias)),)


def relu_step(u: Any, state: State, weight: Any, bias: Any) -> State:
    """h' = relu(u + W h + b)."""
    return rnn_step(u, state, weight, bias, ops.relu)


def lstm_step(u: Any, state: State, weight: Any, bias: Any, projection: Any = None) -> State:
    """c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o) tanh(c'), projected if there is a matrix for it."""
    h, c = state
    i, f, g, o = ops.split(u + ops.linear(h, weight, bias), 4, -1)
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
    h = ops.sigmoid(o) * ops.tanh(c)
    return (h if projection is None else ops.linear(h, projection)), c


def gru_step(u: Any, state: State, weight: Any, bias: Any) -> State:
    """h' = (1 - z) n + z h."""
    (h,) = state
    u_r, u_z, u_n = ops.split(u, 3, -1)
    v_r, v_z, v_n = ops.split(ops.linear(h, weight, bias), 3, -1)
    r, z = ops.sigmoid(u_r + v_r), ops.sigmoid(u_z + v_z)
    n = ops.tanh(u_n + r * v_n)
    return (n + z * (h - n),)


STEPS = {"RNN_TANH": (rnn_step, 1), "RNN_RELU": (relu_step, 1), "LSTM": (lstm_step, 4), "GRU": (gru_step, 3)}
"""For each kind its step, and how many times hidden_size numbers it needs."""


def rnn_kind(nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"nonlinearity is 'tanh' or 'relu', not {nonlinearity!r}")
    return f"RNN_{nonlinearity.upper()}"


class Recurrent(Module):
    """What cells and layers share: how the weights are made, and how states are checked."""

    _kind: str
    input_size: int
    hidden_size: int

    def _make(self, suffix: str, inputs: int, outputs: int, bias: bool, projected: int, dtype: DTypeLike | None) -> None:
        """The weights of one cell, under PyTorch's names."""
        rows = STEPS[self._kind][1] * self.hidden_size
        setattr(self, f"weight_ih{suffix}", init.blank(rows, inputs, dtype=dtype))
        setattr(self, f"weight_hh{suffix}", init.blank(rows, outputs, dtype=dtype))
        setattr(self, f"bias_ih{suffix}", init.blank(rows, dtype=dtype) if bias else None)
        setattr(self, f"bias_hh{suffix}", init.blank(rows, dtype=dtype) if bias else None)
        if projected:
            setattr(self, f"weight_hr{suffix}", init.blank(projected, self.hidden_size, dtype=dtype))

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw new initial values: evenly from (-1, 1) / sqrt(hidden_size)."""
        rng, bound = generator(rng), 1 / sqrt(max(self.hidden_size, 1))
        for p in self.parameters():
            init.uniform_(p, -bound, bound, rng)

    def _check_input(self, shape: tuple[int, ...], ndims: tuple[int, int], axes: str) -> None:
        if len(shape) not in ndims or shape[-1] != self.input_size:
            fits = f"\nThe layer that fits is {type(self).__name__}({shape[-1]}, {self.hidden_size})." if len(shape) in ndims else ""
            raise ValueError(f"{self.place()} takes {axes}, but the input has shape {shape}.{fits}")

    def _given(self, state: Any, shapes: list[tuple[int, ...]], dtype: Any) -> State:
        """The state that was given, or zeros."""
        if state is None:
            return tuple(init.blank(*shape, dtype=dtype).detach() for shape in shapes)
        states = (state,) if len(shapes) == 1 else tuple(state) if isinstance(state, (tuple, list)) else ()
        if (came := [self.shape_of(s, "the state") for s in states]) != shapes:
            raise ValueError(f"{self.place()} starts from {' and '.join(f'a state of shape {s}' for s in shapes)}, but was given "
                             f"{came or type(state).__name__}")
        return states


# ---- cells ----------------------------------------------------------------------------------------------------------


class RNNCell(Recurrent):
    """h' = tanh(W_ih x + b_ih + W_hh h + b_hh): one step of an RNN.

    input_size, hidden_size:  the lengths of x and h
    bias:          add b_ih and b_hh?
    nonlinearity:  'tanh' or 'relu'

    Called with x (N, input_size) or (input_size,), and h alike (zeros by default); returns h'.
    """

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", *,
                 dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        self._kind, self.nonlinearity = rnn_kind(nonlinearity), nonlinearity
        self._finish(input_size, hidden_size, bias, dtype, rng)

    def _finish(self, input_size: int, hidden_size: int, bias: bool, dtype: DTypeLike | None, rng: init.Rng) -> None:
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        self._make("", input_size, hidden_size, bias, 0, dtype)
        self.reset_parameters(rng)

    def forward(self, x: Any, hx: Any = None) -> Any:
        shape = self.shape_of(x)
        self._check_input(shape, (1, 2), f"(N, {self.input_size}) or ({self.input_size},)")
        own: Any = self
        shapes = [(*shape[:-1], self.hidden_size)] * (2 if self._kind == "LSTM" else 1)
        step, _ = STEPS[self._kind]
        state = step(ops.linear(x, own.weight_ih, own.bias_ih), self._given(hx, shapes, x.dtype), own.weight_hh, own.bias_hh)
        return state if len(state) > 1 else state[0]

    def extra_repr(self) -> str:
        kind = f", nonlinearity={self.nonlinearity!r}" if getattr(self, "nonlinearity", "tanh") != "tanh" else ""
        return f"{self.input_size}, {self.hidden_size}{'' if self.bias else ', bias=False'}{kind}"


class LSTMCell(RNNCell):
    """One step of an LSTM: from x and (h, c), zeros by default, to (h', c'). Arguments and shapes as for `RNNCell`."""

    _kind = "LSTM"

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self._finish(input_size, hidden_size, bias, dtype, rng)


class GRUCell(RNNCell):
    """One step of a GRU: from x and h to h'. Arguments and shapes as for `RNNCell`."""

    _kind = "GRU"

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self._finish(input_size, hidden_size, bias, dtype, rng)


# ---- layers ---------------------------------------------------------------------------------------------------------


class RecurrentLayers(Recurrent):
    """Cells run along a sequence: `num_layers` on top of each other, each in one direction or in both."""

    proj_size = 0

    def _finish(self, input_size: int, hidden_size: int, num_layers: int, bias: bool, batch_first: bool, p: float, bidirectional: bool,
                dtype: DTypeLike | None, rng: init.Rng) -> None:
        if num_layers < 1 or not 0 <= self.proj_size < max(hidden_size, 1):
            raise ValueError(f"{type(self).__name__} has one layer or more and a projection smaller than its state, but num_layers is "
                             f"{num_layers}, hidden_size {hidden_size} and proj_size {self.proj_size}")
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, check_probability(p, "dropout"), bidirectional
        self.rng = rng if rng is None else generator(rng)
        outputs = self.proj_size or hidden_size
        for layer in range(num_layers):
            for end in self._ends():
                self._make(f"_l{layer}{end}", (1 + bidirectional) * outputs if layer else input_size, outputs, bias, self.proj_size, dtype)
        self.reset_parameters(self.rng)

    def _ends(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    def forward(self, x: Any, hx: Any = None) -> Any:
        shape = self.shape_of(x)
        axes = f"{'(N, T' if self.batch_first else '(T, N'}, {self.input_size})"
        self._check_input(shape, (2, 3), f"{axes} or (T, {self.input_size})")
        batched, cells = len(shape) == 3, self.num_layers * len(self._ends())
        batch_first = self.batch_first and batched
        y = x if not batch_first else x.swapaxes(0, 1)
        batch = (y.shape[1],) if batched else ()
        sizes = [self.proj_size or self.hidden_size] + [self.hidden_size] * (self._kind == "LSTM")
        shapes = [(cells, *batch, size) for size in sizes]
        if not y.shape[0]:
            raise ValueError(f"{self.place()} takes sequences of at least one element, but the input has shape {shape}")
        starts = list(zip(*[ops.unstack(s) for s in self._given(hx, shapes, x.dtype)]))
        finals: list[State] = []
        for layer in range(self.num_layers):
            if layer:
                y = dropout(y, self.dropout, self.training, self.rng)
            both = [self._run(y, starts[len(finals) + way], f"_l{layer}{end}", bool(way)) for way, end in enumerate(self._ends())]
            finals += [state for _, state in both]
            y = both[0][0] if len(both) == 1 else ops.concatenate([outputs for outputs, _ in both], -1)
        last = tuple([ops.stack(part) for part in zip(*finals)])
        return y.swapaxes(0, 1) if batch_first else y, last if len(last) > 1 else last[0]

    def _run(self, x: Any, state: State, name: str, backward: bool) -> tuple[Any, State]:
        """One cell along the whole sequence: its outputs, in the order of the sequence, and its last state."""
        w, weight, b, bias = [getattr(self, f"{part}{name}") for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        if self._kind != "GRU" and bias is not None:  # the two are added anyway
            b, bias = b + bias, None
        if self.proj_size or "c" in (x.dtype.kind, w.dtype.kind):
            projection = [getattr(self, f"weight_hr{name}")] if self.proj_size else []
            return self._stepped(ops.linear(x, w, b), state, (weight, bias, *projection), backward)
        last = 0 if backward else len(x) - 1
        if self._kind == "LSTM":
            y = ops.lstm(x, *state, w, weight, b, backward)
            return y[:-1], (y[last], y[-1])
        if self._kind == "GRU":
            y = ops.gru(x, *state, w, weight, b, bias, backward)
        else:
            y = ops.rnn(x, *state, w, weight, b, "relu" if self._kind == "RNN_RELU" else "tanh", backward)
        return y, (y[last],)

    def _stepped(self, u: Any, state: State, weights: tuple[Any, ...], backward: bool) -> tuple[Any, State]:
        """The same step by step: with a projection, and for complex numbers."""
        step: Any = STEPS[self._kind][0]
        us, outputs = ops.unstack(u), []
        for u_t in us[::-1] if backward else us:
            state = step(u_t, state, *weights)
            outputs.append(state[0])
        return ops.stack(outputs[::-1] if backward else outputs), state

    def extra_repr(self) -> str:
        said = {"num_layers": 1, "nonlinearity": "tanh", "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False,
                "proj_size": 0}
        options = [f", {name}={getattr(self, name)!r}" for name, default in said.items() if getattr(self, name, default) != default]
        return f"{self.input_size}, {self.hidden_size}{''.join(options)}"


class RNN(RecurrentLayers):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh), for all t; several layers read each other's h.

    input_size, hidden_size:  the lengths of x_t and h_t
    num_layers:     how many on top of each other
    nonlinearity:   'tanh' or 'relu'
    bias:           add b_ih and b_hh?
    batch_first:    is x (N, T, input_size) instead of (T, N, input_size)?
    dropout:        the probability to drop an output of a layer, before the next one reads it
    bidirectional:  also read from the end? Outputs of both ways stand side by side

    Called with x, or (T, input_size), and the first states, (layers * ways, N, hidden_size), zeros by default.
    Returns all outputs of the last layer, (T, N, ways * hidden_size), and the last states of all, in the shape of the first.

    >>> import numpy as np, nn
    >>> y, h = nn.RNN(4, 8, num_layers=2)(np.ones((10, 3, 4), np.float32))
    >>> y.shape, h.shape
    ((10, 3, 8), (2, 3, 8))
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self._kind, self.nonlinearity = rnn_kind(nonlinearity), nonlinearity
        self._finish(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, rng)


class LSTM(RecurrentLayers):
    """A network of LSTM cells, whose memory c is changed by addition, so that gradients survive long sequences.

    The arguments are those of `RNN`, and
    proj_size:  if not 0, h is multiplied by a matrix (proj_size, hidden_size) to make it shorter

    States are pairs (h, c). (Hochreiter & Schmidhuber 1997; Sak et al. 2014 for the projection.)
    """

    _kind = "LSTM"

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
                 dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0, *, dtype: DTypeLike | None = None,
                 rng: init.Rng = None) -> None:
        self.proj_size = proj_size
        self._finish(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, rng)


class GRU(RecurrentLayers):
    """A network of gated recurrent units. The arguments are those of `RNN`. (Cho et al. 2014, with PyTorch's place for b_hn.)"""

    _kind = "GRU"

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
                 dropout: float = 0.0, bidirectional: bool = False, *, dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        self._finish(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, dtype, rng)
