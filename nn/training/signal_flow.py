"""Does the signal get through, forwards and backwards?

Units that are dead or saturated pass no gradient, units that are all alike learn the same, and from layer to layer gradients may fade or
grow. Each check takes an `Examination` and yields `Finding`s.

Read next: `learning.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.node import Leaf
from autograd.tree import flatten
from nn.training.examination import Examination, Operation, norm
from nn.training.finding import HINT, Finding

DEAD, SATURATED = 0.9, 0.5
"""The shares of dead units, and of saturated values, that a layer may have. A deep ReLU network without normalisation starts with half of
its units off for all samples of a batch; trained networks have some that are off for most."""
NEAR = 0.01
"""A value nearer to a bound than this share of the range is saturated."""
ROUNDING = 1e-6
"""Gradients that differ by less than this share of the largest differ by rounding errors."""
FADED, GROWN = 1e-5, 1e3
"""A layer's gradient has vanished if it, and its ratio to the weights, are so many times smaller than the largest; it explodes if it is so
many times larger than the weights."""


def dead_share(y: Any) -> float:
    """The share of units that are 0 for the whole batch, by the axis (channels or the last) where there are fewer such."""
    axes = {1, y.ndim - 1} if y.ndim in (2, 3) else {1}
    return min(float((~y.any(axis=tuple(a for a in range(y.ndim) if a != axis))).mean()) for axis in axes)


def dead(seen: Examination) -> Iterator[Finding]:
    """ReLU layers of which hardly a unit is ever on."""
    for o in seen.operations:
        if o.op == "relu" and not o.in_loss and o.result.ndim >= 2 and len(o.result) > 1 and o.result.size >= 16:
            share = dead_share(o.result)
            if share >= DEAD:
                yield Finding("dead units", o.path or "model", f"{share:.0%} of the units of this ReLU are 0 for every sample of the "
                              "batch. No gradient passes them, so the layers before do not learn.",
                              "a smaller learning rate, biases that start at 0, Kaiming's weights (nn.init.kaiming_normal_), normalised "
                              "inputs; or LeakyReLU.")


def saturated(seen: Examination) -> Iterator[Finding]:
    """Sigmoids and hyperbolic tangents at their bounds, inside of the network."""
    last = {id(x) for call in seen.losses for x in (call.x,)} | outputs_of(seen)
    for o in seen.operations:
        if o.op in ("sigmoid", "tanh") and not o.in_loss and id(o.result) not in last and o.result.size >= 16 and o.result.ndim > 1:
            low, high = (0.0, 1.0) if o.op == "sigmoid" else (-1.0, 1.0)
            near = NEAR * (high - low)
            share = float(((o.result < low + near) | (o.result > high - near)).mean())
            if share >= SATURATED:
                yield Finding("saturated", o.path or "model", f"{share:.0%} of the results of this {o.op} are within 1 % of its bounds, "
                              "where its slope is next to 0: hardly any gradient passes.",
                              "smaller weights (nn.init.xavier_normal_), normalised inputs, or a normalisation before it.")


def outputs_of(seen: Examination) -> set[int]:
    return {id(getattr(y, "_array", y)) for y in flatten(seen.outputs)[0]} if seen.outputs is not None else set()


WEIGHT_SLOTS = {"linear": (1, 0), "conv": (1, 0), "matmul": (1, -1)}
"""By operation: which operand is the weight, and along which of its axes its units lie."""


def weights_used(seen: Examination) -> Iterator[tuple[str, Operation, Any, Any, int]]:
    """The weights of layers: name, operation, values, gradient, axis of the units."""
    by_node = {p.node: name for name, p in seen.parameters.items() if p.node is not None}
    done = set()
    for o in seen.operations:
        slot, axis = WEIGHT_SLOTS.get(o.op, (0, 0))
        if o.op in WEIGHT_SLOTS and slot < len(o.nodes) and o.nodes[slot] in by_node and o.nodes[slot] in seen.gradients:
            node: Any = o.nodes[slot]
            if node not in done:
                done.add(node)
                yield by_node[node], o, o.arrays[slot], seen.gradients[node], axis


def symmetric(seen: Examination) -> Iterator[Finding]:
    """Units with equal weights and equal gradients: they stay one and the same for ever."""
    top = max((float(np.abs(g).max()) for g in seen.gradients.values() if g.size), default=0.0)
    for name, _, w, g, axis in weights_used(seen):
        if w.ndim >= 2 and w.shape[axis] > 1:
            rows, slopes = np.moveaxis(w, axis, 0), np.moveaxis(g, axis, 0)
            scale = float(np.abs(slopes).max())
            if (rows == rows[:1]).all() and float(np.abs(slopes - slopes[:1]).max()) <= max(1e-4 * scale, ROUNDING * top):
                yield Finding("symmetric units", name, f"All {w.shape[axis]} units start with the same weights "
                              f"({rows.flat[0]:.4g}, ...), and get the same gradient: they will always be equal.",
                              "random initial weights: nn.init.kaiming_normal_(weight).")


def sizes(seen: Examination) -> dict[str, tuple[float, float]]:
    """By name of a weight: the root mean squares of its gradient and of itself."""
    found = {}
    for name, p in seen.parameters.items():
        g = seen.gradient(p)
        if g is not None and p.ndim > 1 and g.size:
            found[name] = (rms(g), rms(p.data))
    return found


def rms(a: Any) -> float:
    return norm(a) / float(np.sqrt(a.size))


def gradients(seen: Examination) -> Iterator[Finding]:
    """Layers whose gradient is next to nothing beside that of others, or far larger than their weights."""
    found = {name: (g, w) for name, (g, w) in sizes(seen).items() if g > 0 and w > 0 and np.isfinite(g)}
    if not found:
        return
    top, top_ratio = max(g for g, _ in found.values()), max(g / w for g, w in found.values())
    faded = [name for name, (g, w) in found.items() if g < FADED * top and g / w < FADED * top_ratio]
    if faded:
        name = min(faded, key=lambda n: found[n][0])
        largest = max(found, key=lambda n: found[n][0])
        yield Finding("vanishing gradient", name, f"The gradient of {name} is {found[name][0]:.2g}, and that of {largest} "
                      f"{found[largest][0]:.2g}{f'; {len(faded)} layers are like it' if len(faded) > 1 else ''}: they will not learn.",
                      "ReLU instead of sigmoid, normalisation, shortcuts (ResNet), Kaiming's or Xavier's weights.")
    grown = [name for name, (g, w) in found.items() if g > GROWN * w and g > 10]
    if grown:
        name = max(grown, key=lambda n: found[n][0])
        yield Finding("exploding gradient", name, f"The gradient of {name} is {found[name][0]:.2g}, and its weights are "
                      f"{found[name][1]:.2g}{f'; {len(grown)} layers are like it' if len(grown) > 1 else ''}.",
                      "smaller initial weights, normalised inputs and targets, reduction='mean', optim.clip.clip_grad_norm_.")
    bad = [name for name, p in seen.parameters.items() if (g := seen.gradient(p)) is not None and not np.isfinite(g).all()]
    if bad and np.isfinite(seen.value):
        yield Finding("gradient not finite", bad[-1], f"The loss is finite, but the gradient of {bad[-1]} is not"
                      f"{f' ({len(bad)} parameters are like it)' if len(bad) > 1 else ''}.",
                      "autograd.draw(loss, values='stats', grads='compute').problems() names the operation: sqrt or a norm at 0, 0/0, ...")


def useless_bias(seen: Examination) -> Iterator[Finding]:
    """Biases that batch normalisation subtracts again."""
    by_node = {p.node: name for name, p in seen.parameters.items() if p.node is not None}
    biased = {id(o.result): by_node[node] for o in seen.operations if o.op in ("linear", "conv") and len(o.nodes) > 2
              and isinstance(node := o.nodes[2], Leaf) and node in by_node}
    for o in seen.operations:  # conv adds its bias by an operation of its own
        if o.op == "add" and isinstance(node := o.nodes[1], Leaf) and node in by_node:
            biased[id(o.result)] = by_node[node]
    names = [biased[id(o.arrays[0])] for o in seen.operations
             if o.op == "normalise" and o.kind.startswith(("BatchNorm", "InstanceNorm")) and id(o.arrays[0]) in biased]
    if names:
        yield Finding("useless bias", names[0], f"Batch normalisation subtracts what {names[0]} adds"
                      f"{f' ({len(names)} biases are like it)' if len(names) > 1 else ''}.", "bias=False in the layer before.", HINT)


CHECKS = (dead, saturated, symmetric, gradients, useless_bias)
