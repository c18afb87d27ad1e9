"""Who runs a recurrent layer along a sequence?

oneDNN (`onednn/recurrent.py`), where it is in use and the work is large; and NumPy (`recurrent.py`), whose way back ends at what the
inputs say, u = x W^T + b: the rest is done here, for all steps at once. A layer is given as

    kind       "rnn", "lstm" or "gru"
    x          the inputs, (T, ..., I)
    states     the first h, or h and c
    weights    those of the inputs and those of the state
    biases     one, or for a gru one for either; or None
    activation, reverse

The sweep against time finds the cotangents of all inputs, and rules ask for one each: `Swept` gives the rest to those who ask next.
What the sweep need not find to go on is a function instead, which is called if it is asked for.

Read next: `numpy.py`.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from autograd.kernels import active, recurrent
from autograd.kernels.active import FLOAT32, by_onednn
from autograd.kernels.multiplication import product

Arrays = tuple[Any, ...]

WORKSPACE = np.dtype(np.uint8)
"""The dtype of what oneDNN keeps."""


def forward(kind: str, x: Any, states: Arrays, weights: Arrays, biases: Arrays, activation: str, reverse: bool) -> tuple[Any, Any]:
    """All h, and for an lstm the last c behind them; and what is kept for the way back."""
    if x.dtype == FLOAT32 and activation == "tanh":
        work = prod(x.shape[:-1]) * (weights[0].size + weights[1].size)
        given = (kind, x, states, weights, biases, reverse)
        found = by_onednn("sequence", work, active.PRODUCTS, (x, *states, *weights, *biases), *given)
        if found is not None:
            return found  # type: ignore[no-any-return]
    return by_numpy(kind, x, states, weights, biases, activation, reverse)


def by_numpy(kind: str, x: Any, states: Arrays, weights: Arrays, biases: Arrays, activation: str, reverse: bool) -> tuple[Any, Any]:
    """The same."""
    if kind == "lstm":
        return recurrent.lstm(x, states[0], states[1], weights[0], weights[1], biases[0], reverse)
    if kind == "gru":
        return recurrent.gru(x, states[0], weights[0], weights[1], biases[0], biases[1], reverse)
    return recurrent.rnn(x, states[0], weights[0], weights[1], biases[0], activation, reverse), np.empty_like(x, shape=(0,))


def back(kind: str, g: Any, y: Any, x: Any, states: Arrays, weights: Arrays, biases: Arrays, kept: Any, activation: str,
         reverse: bool) -> dict[str, Any]:
    """The cotangents of the inputs, or functions that find them."""
    if kept.dtype == WORKSPACE:
        arrays = (g, y, x, *states, *weights, *biases)
        found = by_onednn("sequence_back", 0, 0, arrays, kind, g, y, x, states, weights, biases, kept, reverse)
        if found is not None:
            return found  # type: ignore[no-any-return]
        y, kept = by_numpy(kind, x, states, weights, biases, activation, reverse)
    if kind == "lstm":
        dz, dh, dc, before = recurrent.lstm_back(g, y, states[0], states[1], weights[1], kept, reverse)
        return {**to_inputs(dz, x, weights[0]), "h": dh, "c": dc, **to_weight(dz, before)}
    if kind == "gru":
        dz, dh, dv, before = recurrent.gru_back(g, y, states[0], weights[1], kept, reverse)
        found = {**to_inputs(dz, x, weights[0]), "h": dh, **to_weight(dv, before), "bias_hh": lambda: summed(dv)}
        return {**found, "bias_ih": found.pop("bias")}
    dz, dh, before = recurrent.rnn_back(g, y, states[0], weights[1], activation, reverse)
    return {**to_inputs(dz, x, weights[0]), "h": dh, **to_weight(dz, before)}


def summed(dz: Any) -> Any:
    """The sum over all steps."""
    return dz.reshape(-1, dz.shape[-1]).sum(0)


def to_inputs(dz: Any, x: Any, weight: Any) -> dict[str, Any]:
    """From the cotangents of x W^T + b to those of its parts."""
    return {"x": lambda: product(dz, weight), "weight_ih": lambda: recurrent.summed_outer(dz, x), "bias": lambda: summed(dz)}


def to_weight(dz: Any, before: Any) -> dict[str, Any]:
    """From the cotangents of W h to that of W."""
    return {"weight_hh": lambda: recurrent.summed_outer(dz, before)}


class Swept(threading.local):
    """The cotangents that the last sweep found and nobody has asked for yet.

    They belong to one g, of which a copy tells whether it still is the same, and to what one forward pass kept.
    """

    def __init__(self) -> None:
        self.g: Any = None
        self.of: Callable[[], Any] = type(None)
        self.found: dict[str, Any] = {}

    def take(self, slot: str, g: Any, of: Any, sweep: Callable[[], dict[str, Any]]) -> Any:
        """The cotangent of this input. Each can be had once; for the first input, x, the sweep is always made."""
        if slot == "x" or slot not in self.found or self.of() is not of or not np.array_equal(self.g, g):
            found = self.found = sweep()
            self.g, self.of = g.copy(), weakref.ref(of, lambda _: found.clear())
        cotangent = self.found.pop(slot)
        return cotangent() if callable(cotangent) else cotangent


SWEPT = Swept()
