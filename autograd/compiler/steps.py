"""What does a compiled program consist of, in words and as a picture?

`compiled.steps` is a `Listing`, like a tape: one line per step, with the buffer that its result goes to, and the bytes that are kept from
call to call. It draws: `autograd.draw(compiled.steps)`.

Read next: `program.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.buffers import Plan
from autograd.compiler.captured import Captured, Effect, Read
from autograd.compiler.updates import Update
from autograd.errors import argument_text
from autograd.listing import Entry, Listing, Literal, bytes_text, count, unique
from autograd.program import Step, described
from autograd.tensor import Tensor


class Steps(Listing):
    """The steps of a compiled program.

    leaves:  its arguments, the Tensors it reads, and the arrays it brings along
    ops:     its steps; the option `into` names the buffer of a result, `gradient of` and `value of` say what is written outside
    bytes:   of the buffers that are kept from call to call
    peak:    of these and of all other results that live at the same time, at most
    """

    kind = "compiled program"

    def __init__(self, name: str, captured: Captured, plan: Plan) -> None:
        self.name = name
        values, constants = captured.values, captured.constants
        reads = [item for item in captured.items if isinstance(item, Read)]
        arrays = [place for place in constants if getattr(values[place], "ndim", 0)]
        names = unique([*(f"x{i}" for i in range(len(captured.inputs))), *map(called, reads), *(f"c{i}" for i in range(len(arrays)))])
        leaves = [*captured.inputs, *(read.place for read in reads), *arrays]
        words: dict[int, str] = {place: Literal(argument_text(value)) for place, value in constants.items()}
        words.update(zip(leaves, names))
        kinds = ["input"] * len(captured.inputs) + ["parameter"] * len(reads) + ["constant"] * len(arrays)
        entries: list[Entry] = []
        for item in captured.items:
            if isinstance(item, Step):
                number = f"%{len(entries) + 1}"
                words.update((place, number if not i else f"{number}.{i}") for i, place in enumerate(item.results))
                entry = described(item, words)
                buffer = plan.of.get(item.results[0])
                if buffer is not None:
                    entry = entry._replace(options=(*entry.options, ("into", f"b{buffer.number}")))
                entries.append(entry)
            elif isinstance(item, Effect) and isinstance(item.call, Update):
                for write in item.writes:
                    p, operands = write.owner, (called_owner(write.owner, False), words[write.place])  # type: ignore[index]
                    entries.append(Entry(f"%{len(entries) + 1}", item.call.name, operands, ("p", "g"), p.shape, p.dtype))
            elif isinstance(item, Effect) and item.result is not None:
                words[item.result] = Literal("effect")
        self.buffers = plan.buffers
        self.bytes = sum(buffer.nbytes for buffer in plan.buffers)
        self.peak = peak(captured, plan)
        super().__init__([Entry(name, kind, shape=getattr(values[place], "shape", ()), dtype=getattr(values[place], "dtype", None))
                          for name, kind, place in zip(names, kinds, leaves)], entries, [words[place] for place in captured.outputs])
        self.written = [(called_owner(w.owner, w.gradient), words[w.place]) for item in (*captured.items, captured)
                        for w in written_by(item) if w.place is not None]

    def _head(self) -> list[str]:
        return [f"compiled {self.name}({', '.join(f'{entry.name}: {entry.type}' for entry in self.leaves)})"]

    def _foot(self) -> list[str]:
        return [*(f"  {owner} = {value}" for owner, value in self.written), f"  return {', '.join(self.outputs)}",
                f"{count(len(self.ops), 'op')}, {count(len(self.buffers), 'buffer')} of {bytes_text(self.bytes)}, "
                f"at most {bytes_text(self.peak)} at once"]


def written_by(item: Any) -> Any:
    """What is written to Tensors here. (Updates are steps of their own.)"""
    return item.writes if isinstance(item, Captured) or (isinstance(item, Effect) and not isinstance(item.call, Update)) else ()


def called(read: Read) -> str:
    return called_owner(read.owner, read.gradient)


def called_owner(owner: Tensor, gradient: bool) -> str:
    name = owner.name or ("w" if owner.requires_grad else "t")
    return f"{name}{'.grad' if gradient else ''}"


def peak(captured: Captured, plan: Plan) -> int:
    """The most bytes that buffers and other results take at once."""
    ends: dict[int, int] = dict(plan.last)
    live, most = sum(buffer.nbytes for buffer in plan.buffers), 0
    alive: list[tuple[int, int]] = []
    for i, item in enumerate(captured.items):
        if not isinstance(item, Step):
            continue
        for place in item.results:
            value: Any = captured.values[place]
            if place not in plan.of and plan.roots[place] == place and np.ndim(value):
                live += value.nbytes
                alive.append((ends.get(place, i), value.nbytes))
        most = max(most, live)
        live -= sum(nbytes for end, nbytes in alive if end <= i)
        alive = [(end, nbytes) for end, nbytes in alive if end > i]
    return max(most, live)
