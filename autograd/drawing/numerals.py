"""How is a number written?

As on the blackboard: two decimals, a real minus sign, and more digits only where two would hide the number.

    −0.39    1.00e-05    1.20e+07    nan    −inf    3    True    1.00−2.00j

Of an array the root mean square is written, and how many of its elements are no numbers: `rms 3.1e-03`, `2 nan 1 inf`.

Read next: `signs.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.drawing.graph import KNOWN, MARKS, GraphNode, Stats


def number(value: Any) -> str:
    """Two decimals, as on the blackboard: '−0.39'; an exponent where two would hide the number, and integers as they are."""
    value = np.asarray(value).reshape(-1)[0].item()
    if isinstance(value, complex):
        imaginary = real(value.imag)
        return f"{real(value.real)}{'' if imaginary.startswith('−') else '+'}{imaginary}j"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return real(value) if isinstance(value, float) else minus(str(value) if abs(value) < 10**9 else f"{float(value):.2e}")


def real(value: float) -> str:
    """'−0.39'. Minus zero is zero."""
    if value == 0:
        return "0.00"
    if not math.isfinite(value):
        return minus(str(value))
    return minus(f"{value:.2f}" if 0.005 <= abs(value) < 99_999.995 else f"{value:.2e}")


def minus(text: str) -> str:
    """A number with a real minus sign in front; an exponent keeps the sign it has in every language."""
    return "−" + text[1:] if text.startswith("-") else text


def value_text(stats: Stats | None, missing: str = "∅") -> str:
    """'2.00' for a scalar; 'rms 3.1e-01' or '3 nan 1 inf' for an array; `missing` where nobody knows."""
    if stats is None:
        return missing
    if stats.size == 1 and stats.first:
        return number(stats.first[0])
    if not stats.size:
        return "empty"
    if stats.finite:
        return f"rms {scientific(stats.rms)}"
    return " ".join(f"{count} {name}" for count, name in ((stats.nans, "nan"), (stats.infs, "inf")) if count)


def gradient_text(node: GraphNode) -> str:
    """'∂−0.39', '∂rms 3.1e-03', '∂0', or the mark of a gradient that is not known: '∂·', '∂∅', '∂⊥'."""
    return "∂" + (value_text(node.gradient) if node.state == KNOWN else MARKS[node.state])


def scientific(value: float) -> str:
    """'3.1e-03': two digits and an exponent; '0' for zero."""
    return minus(f"{value:.1e}") if value else "0"


def short(value: Any) -> str:
    """A constant, a number or its text, in few digits: '1', '0.5', '−3'. What is no real number stays as it is."""
    if isinstance(value, (bool, np.bool_)):
        return str(value)
    if isinstance(value, (complex, np.complexfloating)):
        return number(value)
    try:
        return minus(f"{float(value) + 0.0:.4g}")
    except (TypeError, ValueError, OverflowError):
        return str(value)
