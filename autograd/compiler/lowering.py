"""How is a backward pass written down?

As the operations that its rules consist of: each rule runs on Tensors without nodes, where we see them. The rule of a fused operation runs
on arrays, and is one step (`Rule`).

Read next: `capture.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.codegen import Pullback
from autograd.compiler.captured import Operation
from autograd.contributions import accumulate, fit, unbroadcast
from autograd.node import Node
from autograd.tensor import Tensor, constant_tensor
from autograd.tracer import Tracer, stands_alone


class Rule(Operation):
    """One gradient rule of a fused operation as an operation of its own: it runs on arrays, and nobody looks inside."""

    def __init__(self, name: str, inputs: tuple[str, ...], forward: Callable[..., Any]) -> None:
        self.name, self.inputs, self.forward = name, inputs, forward


class Lowering(Tracer):
    """A `Tracer` that sees backward passes that nobody differentiates."""

    lowers = True

    def lower(self, node: Node, pullback: Any, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Any) -> None:
        """One step of a backward pass that nobody differentiates: its rules on Tensors without nodes, where we see them.

        What is invalid is not mended: where that is, depends on the values. A later call that meets it does not go on (`Invalid`).
        """
        owned.stays = False
        self.lowered(node, pullback, g, saved, cotangents, owned)
        owned.noted = owned.invalid = False  # it is told of when the call is made, and not now

    def lowered(self, node: Node, pullback: Any, g: Any, saved: Any, cotangents: dict[Node, Any], owned: Any) -> None:
        g = g if isinstance(g, Tensor) else constant_tensor(g)
        if not isinstance(pullback, Pullback):  # a function that is computed again
            pullback.run(node, g, saved, cotangents, owned)
            return
        primitive = pullback.primitive
        if primitive.definition is None:
            pullback.run(node, g, tuple(map(self.shown, saved)), cotangents, owned)
            return
        known = {"g": g, **dict(zip(primitive.keeps, saved)), **dict(zip(primitive.params, node.params))}
        for i, slot in enumerate(primitive.inputs):
            parent = node.inputs[i]
            if parent is None or not pullback.active >> i & 1 or slot not in primitive.needs:
                continue
            known[f"{slot}_shape"] = parent.shape
            dx = self.ruled(primitive, slot, {name: known[name] for name in primitive.needs[slot]})
            if dx.shape != parent.shape or dx.dtype != parent.dtype:
                dx = (unbroadcast if primitive.broadcasts else fit)(dx, parent, slot, node)
            if parent in cotangents:
                accumulate(parent, dx, cotangents, owned)
            else:
                cotangents[parent] = dx

    def ruled(self, primitive: Any, slot: str, known: dict[str, Any]) -> Tensor:
        """The rule of a fused operation, run on arrays, as one step."""
        rule = primitive.rules[slot]
        raw = {name: value._array if isinstance(value, Tensor) else value for name, value in known.items()}
        moving = [name for name, value in raw.items() if isinstance(value, (np.ndarray, np.generic))]
        fixed = {name: value for name, value in raw.items() if name not in moving}

        def forward(*arrays: Any) -> Any:
            return rule(**fixed, **dict(zip(moving, arrays)))

        y = forward(*(raw[name] for name in moving))
        tensor = constant_tensor(y)
        self(Rule(f"{primitive.name}_to_{slot}", tuple(moving), forward), tuple(raw[name] for name in moving), (None,) * len(moving), (),  # type: ignore[arg-type]
             (y,), tensor)
        return tensor

    def shown(self, value: Any) -> Any:
        """A saved array as a Tensor, if it is one that we know."""
        if isinstance(value, tuple):
            return tuple(map(self.shown, value))
        return constant_tensor(value) if isinstance(value, (np.ndarray, np.generic)) and stands_alone(value) else value
