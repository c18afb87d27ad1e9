"""What does the doctor say?

A `Diagnosis`: `Finding`s, the gravest first, each with the place, what is wrong there, and the mend.

Read next: `examination.py`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

WRONG, DOUBTFUL, HINT = "wrong", "doubtful", "hint"
"""How grave a finding is: training cannot work as meant; it is hardly meant; it could be done better."""

GRAVITY = (WRONG, DOUBTFUL, HINT)


class Finding(NamedTuple):
    """One thing that is wrong.

    kind:     one of `nn.training.doctor.KINDS`
    place:    the path of a parameter or a module, or 'inputs', 'targets', 'loss', 'optimizer', 'model'
    text:     what is wrong, in sentences
    mend:     what to write instead
    gravity:  'wrong', 'doubtful' or 'hint'
    """

    kind: str
    place: str
    text: str
    mend: str
    gravity: str = WRONG

    def __str__(self) -> str:
        return f"{self.kind}, at {self.place}: {self.text} Mend: {self.mend}"


class Diagnosis:
    """What was found. Prints as a report; `for finding in diagnosis` goes through it; empty if everything looks healthy.

    findings:  the gravest first
    numbers:   what was measured: 'loss', 'loss after', 'update ratio', ...
    title:     what was examined
    """

    def __init__(self, findings: list[Finding], numbers: Mapping[str, float], title: str) -> None:
        self.findings = sorted(findings, key=lambda finding: GRAVITY.index(finding.gravity))
        self.numbers, self.title = dict(numbers), title

    @property
    def healthy(self) -> bool:
        """Is there nothing but hints?"""
        return all(finding.gravity == HINT for finding in self.findings)

    @property
    def kinds(self) -> list[str]:
        """The kinds of the findings."""
        return [finding.kind for finding in self.findings]

    def of(self, kind: str) -> list[Finding]:
        """The findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, i: int) -> Finding:
        return self.findings[i]

    def __repr__(self) -> str:
        n = len(self.findings)
        lines = [f"{self.title}: {'nothing is wrong' if not n else '1 finding' if n == 1 else f'{n} findings'}"]
        lines += [f"  {name} {value:.4g}" for name, value in self.numbers.items()]
        for number, finding in enumerate(self.findings, 1):
            grave = "" if finding.gravity == WRONG else f" ({finding.gravity})"
            lines += ["", f"{number}. {finding.kind}, at {finding.place}{grave}", *wrapped(finding.text), *wrapped(f"Mend: {finding.mend}")]
        return "\n".join(lines)


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 116, initial_indent="   ", subsequent_indent="   ", break_long_words=False, break_on_hyphens=False)
