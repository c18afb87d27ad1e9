"""How does oneDNN run a recurrent layer?

As one function for the whole sequence, the products with the inputs included, and another one for the way back. Its threads share the
work of each step, and between two of them is no Python: a sequence takes half to two thirds of the time of `../recurrent.py`.

What the way back needs (the gates, all states, and room for their cotangents) stands in memory of ours that only oneDNN can read, the
workspace. It is three times as large as what NumPy keeps. While it runs, oneDNN needs as much again; so a long sequence is run in
parts, each from the state that the one before ended with.

oneDNN's gates stand in the order of ours, but for those of a GRU: update, reset, candidate. And where our GRU has two biases, oneDNN
has four: the sums of both for update and reset, and the candidate's two.

Read next: `product.py`.
"""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

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
LINE = 64
"""The bytes of a line of the cache, where the workspace begins."""

LONG = 1 << 24
"""A part of a sequence has so many bytes of working memory."""

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
        self.inward_back = self.outward = self.inward

    def rows(self, *shape: int) -> Any:
        return layout(self.library, shape, [prod(shape[i + 1:]) for i in range(len(shape))])

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


class Part(NamedTuple):
    """Some of the steps, and from which byte to which one what is kept of them stands: the first c, and the workspace."""

    start: int
    stop: int
    layer: Layer
    place: int
    end: int


def parts_of(library: Library, kind: str, x: Any, weights: Any, reverse: bool) -> list[Part]:
    """The parts, in the order in which they are run. There are none if oneDNN cannot."""
    steps, inputs, size = len(x), x.shape[-1], weights[1].shape[1]
    examples = prod(x.shape[1:-1])
    whole = planned(library, kind, (steps, examples, inputs, size), reverse) if x.size and size else None
    if whole is None:
        return []
    each = -(-steps // max(-(-whole.forward.scratch // LONG), 1))
    found: list[Part] = []
    place = 0
    for start in range(0, steps, each)[:: -1 if reverse else 1]:
        stop = min(start + each, steps)
        layer = planned(library, kind, (stop - start, examples, inputs, size), reverse)
        if layer is None:
            return []
        end = place + up(4 * examples * size) + up(layer.kept)
        found.append(Part(start, stop, layer, place, end))
        place = end
    return found


def up(size: int) -> int:
    """To whole lines of the cache."""
    return size + -size % LINE


def given(kind: str, weights: Any, biases: Any) -> tuple[list[Any], Any]:
    """The weights and the bias as oneDNN wants them, but for their layout."""
    size = weights[1].shape[1]
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
    parts = parts_of(library, kind, x, weights, reverse)
    if not parts:
        return None
    weights, bias = given(kind, weights, biases)
    x, *states = [np.ascontiguousarray(a) for a in (x, *states)]
    y = np.empty((len(x) + (kind == "lstm"), *states[0].shape), np.float32)
    kept = np.empty(parts[-1].end + 2 * LINE, np.uint8)
    kept[0] = LINE - address(kept) % LINE  # where lines begin; and where what is kept begins, in a copy as well
    for part in parts:
        first_c(kept, part, states[-1])[...] = states[-1]
        last = [np.empty_like(s) for s in states]
        run(part.layer.forward, x[part.start: part.stop], *states, *at(weights, part.layer.inward), bias, y[part.start: part.stop], *last,
            workspace(kept, part))
        states = last
    if kind == "lstm":
        y[-1] = states[1]
    return y, kept


def first_c(kept: Any, part: Part, like: Any) -> Any:
    """The c from which a part begins (or the h, which is not needed)."""
    begin = int(kept[0]) + part.place
    return kept[begin: begin + like.nbytes].view(np.float32).reshape(like.shape)


def workspace(kept: Any, part: Part) -> int:
    """Where the workspace of a part is."""
    return address(kept) + int(kept[0]) + part.end - up(part.layer.kept)


def run(plan: Plan, *operands: Any) -> None:
    """Compute, with operands that are arrays or addresses."""
    plan(*[a if isinstance(a, int) else address(a) for a in operands])


def sequence_back(library: Library, kind: str, g: Any, y: Any, x: Any, states: Any, weights: Any, biases: Any, kept: Any,
                  reverse: bool) -> Any:
    """The cotangents of all inputs."""
    parts = parts_of(library, kind, x, weights, reverse)
    if not parts or len(kept) != parts[-1].end + 2 * LINE:
        return None
    try:
        plans = [part.layer.plan_back() for part in parts]
    except Refused:
        return None
    shapes = [w.shape for w in weights]
    weights, bias = given(kind, weights, biases)
    g, y, x, *states = [np.ascontiguousarray(a) for a in (g, y, x, *states)]
    dx, dbias = np.empty_like(x), np.zeros_like(bias)
    dweights: list[Any] = []
    dstates = [np.zeros_like(states[0]), *g[len(x):]]
    last_c = y[-1]
    for part, plan in zip(parts[::-1], plans[::-1]):
        start, stop = part.start, part.stop
        before, last = (stop, start) if reverse else (start - 1, stop - 1)
        c = first_c(kept, part, states[-1])
        first = [states[0] if part is parts[0] else y[before], c][: len(states)]
        there = [SCRATCH.address(f"gradient {i}", size) for i, (_, size) in enumerate(part.layer.outward)]
        for where, (_, size) in zip(there, part.layer.outward):
            ctypes.memset(where, 0, size)  # what is found is added
        earlier = [np.empty_like(s) for s in states]
        with WORKING:
            run(plan, x[start:stop], *first, *at(weights, part.layer.inward_back), bias, y[start:stop], *[y[last], last_c][: len(states)],
                workspace(kept, part), dx[start:stop], *earlier, *there, dbias, g[start:stop], *dstates)
        dstates, last_c = earlier, c
        found = [brought(np.empty(shape, np.float32), where, outward)
                 for shape, where, outward in zip(shapes, there, part.layer.outward)]
        dweights = [np.add(a, b, out=a) for a, b in zip(dweights, found)] if dweights else found
    return {"x": dx, **dict(zip(("h", "c"), dstates)), **gradients(kind, dweights, dbias)}


def brought(dw: Any, where: int, outward: tuple[Plan | None, int]) -> Any:
    """A gradient of weights, out of oneDNN's layout."""
    plan, size = outward
    if plan is None:
        ctypes.memmove(address(dw), where, size)
    else:
        plan(where, address(dw))
    return dw


def gradients(kind: str, dweights: list[Any], dbias: Any) -> dict[str, Any]:
    """Those of weights and biases, in our order of the gates."""
    if kind != "gru":
        return {"weight_ih": dweights[0], "weight_hh": dweights[1], "bias": dbias.reshape(-1)}
    dweights = [dw.reshape(3, -1)[UPDATE_FIRST].reshape(dw.shape) for dw in dweights]
    update, reset, ours, theirs = dbias
    return {"weight_ih": dweights[0], "weight_hh": dweights[1], "bias_ih": np.concatenate([reset, update, ours]),
            "bias_hh": np.concatenate([reset, update, theirs])}
