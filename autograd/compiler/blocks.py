"""How is a chain written?

As a function of its own, which is shown below the program:

    def chain5(v3, v4, v6):
        v3, v6 = v3.reshape(-1), v6.reshape(-1)
        for at, s0, c1 in blocks:
            add(v3[at], v4, s0)
            maximum(s0, c1, out=v6[at])

`blocks` lists the blocks: which part of the arrays, and memory for what stays inside of the block (`s0`), or is the same for all (`c1`,
full of a number).

Read next: `source.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ops
from autograd.compiler.chains import BLOCK, SLOW, Chain, ufunc_of
from autograd.compiler.layout import laid, order_of
from autograd.program import Step


class Blocks:
    """One chain as a function.

    source:  its text
    scope:   what it names
    """

    def __init__(self, step: Step, name: str, writer: Any) -> None:
        self.chain: Chain = step.primitive  # type: ignore[assignment]
        self.writer = writer
        array = writer.captured.values[step.results[0]]
        self.order: Any = order_of(array)
        self.rows: int
        self.row: tuple[int, ...]
        self.rows, self.row = (array.size, ()) if self.chain.flat else (len(array), array.shape[1:])
        self.length = min(self.rows, max(1, BLOCK * self.rows // array.nbytes))
        self.memory: dict[str, Any] = {}  # what each block is given, by name
        self.words = {place: writer.place(place) for place in (*self.chain.operands, *self.chain.results)}
        self.cut = [place for place in self.words if place not in self.chain.whole]
        calls = self.calls()
        self.scope: dict[str, Any] = {"blocks": self.blocks()}
        lines = [f"def {name}({', '.join(dict.fromkeys(self.words.values()))}):"]
        if self.chain.flat:
            cut = list(dict.fromkeys(self.words[place] for place in self.cut))
            lines.append(f"    {', '.join(cut)} = {', '.join(map(self.flattened, cut))}")
        lines.append(f"    for {', '.join(['at', *self.memory])} in blocks:")
        self.source = "\n".join([*lines, *(f"        {call}" for call in calls)])

    def flattened(self, name: str) -> str:
        in_order = self.order == tuple(range(len(self.order)))
        return f"{name}.reshape(-1)" if in_order else f"{name}.transpose({self.order!r}).reshape(-1)"

    def block(self, dtype: Any) -> Any:
        """Memory for one block, which lies as the arrays do."""
        return np.empty(self.length, dtype) if self.chain.flat else laid((self.length, *self.row), dtype, self.order)

    def blocks(self) -> list[Any]:
        """Which part, and the memory for it; the last block may be a short one."""
        parts = [slice(i, min(i + self.length, self.rows)) for i in range(0, self.rows, self.length)]
        return [(at, *(memory[:at.stop - at.start] for memory in self.memory.values())) for at in parts] if self.memory else parts

    def calls(self) -> list[str]:
        """One line for each part. What nobody outside needs goes into memory of the block."""
        lines, parts = list[str](), self.chain.parts
        where = {place: f"{word}[at]" if place in self.cut else word for place, word in self.words.items()}
        spare: dict[Any, list[str]] = {}
        for i, part in enumerate(parts):
            place = part.results[0]
            operands = self.operands(part, where)
            if place not in self.chain.results:
                later = {p for rest in parts[i + 1:] for p in rest.operands}
                for p in dict.fromkeys(part.operands):  # over one that is used for the last time
                    if p in where and where[p] in self.memory and p not in later:
                        spare.setdefault(self.memory[where[p]].dtype, []).append(where[p])
                free = spare.get(part.dtype)
                where[place] = free.pop() if free else f"s{len(self.memory)}"
                if where[place] not in self.memory:
                    self.memory[where[place]] = self.block(part.dtype)
            lines.append(self.writer.ufunc(ufunc_of(part, self.writer.captured.constants), operands, where[place]))
        return lines

    def operands(self, part: Step, where: dict[int, str]) -> list[str]:
        ufunc = ufunc_of(part, self.writer.captured.constants)
        if part.primitive.operator == "**":
            return [where[part.operands[0]]]
        literals = self.writer.as_arrays(ufunc, part)
        operands = [where.get(place, literal) for place, literal in zip(part.operands, literals)]
        if part.primitive.forward is ops.relu.forward:
            operands.append(self.writer.literal(0, part.dtype))
        return [self.full(operand, part.dtype) for operand in operands] if ufunc in SLOW and part.dtype.kind == "f" else operands

    def full(self, operand: str, dtype: Any) -> str:
        """A block full of a number, in place of the number."""
        number = self.writer.literals_by_name.get(operand)
        if number is None:
            return operand
        if operand not in self.memory:
            self.memory[operand] = self.block(dtype)
            self.memory[operand][...] = number
        return operand
