"""How does oneDNN run a recurrent layer?

As one function for the whole sequence, the products with the inputs included, and another one for the way back. Its threads share the
work of each step, and between two of them is no Python: a sequence takes half the time of `../recurrent.py`, or less.

What the way back needs (the gates, all states, and room for their cotangents) stands in memory of ours that only oneDNN can read, the
workspace. It is larger than what NumPy keeps, by two thirds for long sequences.

oneDNN's gates stand in the order of ours, but for those of a GRU: update, reset, candidate. And where our GRU has two biases, oneDNN
has four: the sums of both for update and reset, and the candidate's two.

Read next: `product.py`.
"""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache
from typing import Any

import numpy as np

from autograd.kernels.onednn import primitives as dnn
from autograd.kernels.onednn.library import Library, Refused
from autograd.kernels.onednn.primitives import SCRATCH, Owned, Plan, address, description, layout

FUNCTIONS = {"rnn": "vanilla_rnn", "lstm": "lstm", "gru": "lbr_gru"}
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
TANH = 0x21
"""dnnl_eltwise_tanh. An RNN with relu is NumPy's: dnnl_eltwise_relu makes 0 of NaN."""

FORTH, BACK = 1, 2
"""dnnl_unidirectional_left2right, dnnl_unidirectional_right2left"""

# The numbers of the operands that only recurrent functions have: a state, and the weights it meets. `dnn.SRC` is the input x.
STATES, LAST, WEIGHTS = (2, 3), (18, 19), (33, 34)
BACKWARD = 128
"""The number of an operand's cotangent is larger by so many."""

UPDATE_FIRST = [1, 0, 2]

WORKING = threading.Lock()
"""The way back writes into the workspace, which two threads may share."""


class Layer:
    """The two functions for sequences of one shape.

    kind:          "rnn", "lstm" or "gru"
    sizes:         how many steps, examples, inputs and units
    """

    def __init__(self, library: Library, kind: str, sizes: tuple[int, int, int, int], reverse: bool) -> None:
        self.library, self.kind = library, kind
        steps, examples, inputs, size = sizes
        gates = GATES[kind]
        self.x, self.y = self.rows(steps, examples, inputs), self.rows(steps, examples, size)
        self.states = [self.rows(1, 1, examples, size)] * (2 if kind == "lstm" else 1)
        self.bias = self.rows(1, 1, gates + (kind == "gru"), size)
        self.shapes = [(1, 1, n, gates, size) for n in (inputs, size)]
        self.plain = [layout(library, shape, (gates * size * n, gates * size * n, 1, size * n, n))
                      for shape, n in zip(self.shapes, (inputs, size))]
        self.what = [*([TANH] if kind == "rnn" else []), BACK if reverse else FORTH]
        self.described = description(library, f"{FUNCTIONS[kind]}_forward", dnn.FORWARD_TRAINING, *self.what, *self.operands(),
                                     *self.options())
        self.workspace = library.query_md(self.described.handle, dnn.QUERIES[dnn.WORKSPACE], 0)
        self.kept = int(library.memory_desc_get_size(self.workspace))
        self.inward, chosen = self.reordered(self.described, dnn.WEIGHTS, True)
        self.forward = Plan(library, self.described, self.numbered(chosen))
        self.back: Plan | None = None

    def rows(self, *shape: int) -> Any:
        return layout(self.library, shape, [int(np.prod(shape[i + 1:])) for i in range(len(shape))])

    def operands(self) -> list[Any]:
        """Their layouts, in the order in which a description takes them; the weights' are left to oneDNN."""
        weights = [layout(self.library, shape, None) for shape in self.shapes]
        neither = [None, None] if self.kind == "lstm" else []  # no peephole, no projection
        return [self.x, *self.states, *weights, *neither, self.bias, self.y, *self.states]

    def options(self) -> list[Any]:
        return [0, 0.0, 0.0] if self.kind == "rnn" else [0]

    def numbered(self, weights: list[Any], by: int = 0) -> list[tuple[int, Any]]:
        """The operands with their numbers, in the order in which their addresses will be given."""
        more = [] if by else [(dnn.WORKSPACE, self.workspace)]
        return [(dnn.SRC + by, self.x), *((n + by, s) for n, s in zip(STATES, self.states)),
                *((n + by, w) for n, w in zip(WEIGHTS, weights)), (dnn.BIAS + by, self.bias), (dnn.DST + by, self.y),
                *((n + by, s) for n, s in zip(LAST, self.states)), *more]

    def reordered(self, described: Owned, which: int, inward: bool) -> tuple[list[tuple[Plan | None, int]], list[Any]]:
        """For both weights, what brings them into oneDNN's layout (or back), and its size; and the layouts."""
        found, layouts = [], [self.library.query_md(described.handle, dnn.QUERIES[which], i) for i in (0, 1)]
        for plain, chosen in zip(self.plain, layouts):
            plan = None
            if not self.library.memory_desc_equal(plain.handle, chosen):
                source, target = (plain.handle, chosen) if inward else (chosen, plain.handle)
                reorder = description(self.library, "reorder", source, self.library.engine, target, self.library.engine)
                plan = Plan(self.library, reorder, [(dnn.SRC, source), (dnn.DST, target)])
            found.append((plan, int(self.library.memory_desc_get_size(chosen))))
        return found, layouts

    def plan_back(self) -> Plan:
        """The way back, planned when it is first needed."""
        if self.back is None:
            described = description(self.library, f"{FUNCTIONS[self.kind]}_backward", dnn.BACKWARD, *self.what, *self.operands(),
                                    *self.operands(), *self.options(), self.described.handle)
            self.inward_back, chosen = self.reordered(described, dnn.WEIGHTS, True)
            self.outward, found = self.reordered(described, dnn.DIFF_WEIGHTS, False)
            self.back = Plan(self.library, described, [*self.numbered(chosen), *self.numbered(found, BACKWARD)])
        return self.back


@lru_cache(dnn.KEPT)
def planned(library: Library, kind: str, sizes: tuple[int, int, int, int], reverse: bool) -> Layer | None:
    try:
        return Layer(library, kind, sizes, reverse)
    except Refused:
        return None


def layer_for(library: Library, kind: str, x: Any, weights: Any, reverse: bool) -> Layer | None:
    size = weights[1].shape[1]
    sizes = (len(x), x.size // max(len(x) * x.shape[-1], 1), x.shape[-1], size)
    return planned(library, kind, sizes, reverse) if all(sizes) else None


def given(kind: str, weights: Any, biases: Any, size: int) -> tuple[list[Any], Any]:
    """The weights and the bias as oneDNN wants them, but for their layout."""
    biases = [np.zeros(GATES[kind] * size, np.float32) if b is None else b for b in biases]
    weights = [np.ascontiguousarray(w) for w in weights]
    if kind != "gru":
        return weights, np.ascontiguousarray(biases[0])
    ours, theirs = [b.reshape(3, size) for b in biases]
    both = ours + theirs
    return [w.reshape(3, size, -1)[UPDATE_FIRST] for w in weights], np.stack([both[1], both[0], ours[2], theirs[2]])


def at(arrays: list[Any], inward: list[tuple[Plan | None, int]]) -> list[int]:
    """Where the weights stand in oneDNN's layout."""
    found = []
    for i, (w, (plan, size)) in enumerate(zip(arrays, inward)):
        where = address(w)
        if plan is not None:
            there = SCRATCH.address(f"weights {i}", size)
            plan(where, there)
            where = there
        found.append(where)
    return found


def sequence(library: Library, kind: str, x: Any, states: Any, weights: Any, biases: Any, reverse: bool) -> Any:
    """All h, and for an LSTM the last c behind them; and the workspace."""
    layer = layer_for(library, kind, x, weights, reverse)
    if layer is None:
        return None
    size = weights[1].shape[1]
    weights, bias = given(kind, weights, biases, size)
    x, *states = [np.ascontiguousarray(a) for a in (x, *states)]
    y = np.empty((len(x) + (kind == "lstm"), *x.shape[1:-1], size), np.float32)
    last = [np.empty_like(states[0]), *([y[-1]] if kind == "lstm" else [])]
    kept = np.empty(layer.kept + 64, np.uint8)
    operands = [x, *states, *at(weights, layer.inward), bias, y, *last]
    layer.forward(*[a if isinstance(a, int) else address(a) for a in operands], room(kept))
    return y, kept


def room(kept: Any) -> int:
    """Where the workspace begins: at a line of the cache."""
    start = address(kept)
    return start + -start % 64


def sequence_back(library: Library, kind: str, g: Any, y: Any, x: Any, states: Any, weights: Any, biases: Any, kept: Any,
                  reverse: bool) -> Any:
    """The cotangents of all inputs."""
    layer = layer_for(library, kind, x, weights, reverse)
    if layer is None or len(kept) != layer.kept + 64:
        return None
    plan, size, shapes = layer.plan_back(), weights[1].shape[1], [w.shape for w in weights]
    weights, bias = given(kind, weights, biases, size)
    g, y, x, *states = [np.ascontiguousarray(a) for a in (g, y, x, *states)]
    last = [y[0 if reverse else len(x) - 1], *([y[-1]] if kind == "lstm" else [])]
    operands = [x, *states, *at(weights, layer.inward_back), bias, y, *last]
    dx, *dstates = [np.empty_like(a) for a in (x, *states)]
    dbias = np.zeros((GATES[kind] + (kind == "gru"), size), np.float32)
    dweights = [np.empty(shape, np.float32) for shape in shapes]
    there = [SCRATCH.address(f"gradient {i}", need) for i, (_, need) in enumerate(layer.outward)]
    for where, (_, need) in zip(there, layer.outward):
        ctypes.memset(where, 0, need)  # what is found is added
    dlast = [np.zeros_like(states[0]), *([g[-1]] if kind == "lstm" else [])]
    found = [dx, *dstates, *there, dbias, g, *dlast]
    places = [a if isinstance(a, int) else address(a) for a in operands], [a if isinstance(a, int) else address(a) for a in found]
    with WORKING:
        plan(*places[0], room(kept), *places[1])
    for dw, where, (outward, need) in zip(dweights, there, layer.outward):
        if outward is None:
            ctypes.memmove(address(dw), where, need)
        else:
            outward(where, address(dw))
    names = ("x", "h", "c")[: 1 + len(states)]
    return {**dict(zip(names, (dx, *dstates))), **gradients(kind, dweights, dbias, size)}


def gradients(kind: str, dweights: list[Any], dbias: Any, size: int) -> dict[str, Any]:
    """Those of weights and biases, in our order of the gates."""
    if kind != "gru":
        return {"weight_ih": dweights[0], "weight_hh": dweights[1], "bias": dbias.reshape(-1)}
    dweights = [dw.reshape(3, size, -1)[UPDATE_FIRST].reshape(dw.shape) for dw in dweights]
    update, reset, ours, theirs = dbias
    return {"weight_ih": dweights[0], "weight_hh": dweights[1], "bias_ih": np.concatenate([reset, update, ours]),
            "bias_hh": np.concatenate([reset, update, theirs])}
