"""How is a number written?

As on the blackboard: two decimals, a real minus sign, and more digits only where two would hide the number.

Read next: `view.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.drawing.graph import KNOWN, MARKS, GraphNode, Stats

def number(value: Any) -> str:
    """Two decimals, as on the blackboard: '−0.39'; more where two would hide the number."""
    value = np.asarray(value).reshape(-1)[0].item()
    if isinstance(value, float):
        plain = value == 0 or 0.005 <= abs(value) < 100_000
        return (f"{value:.2f}" if plain or value != value else f"{value:.2e}" if abs(value) != np.inf else str(value)).replace("-", "−")
    return str(value).replace("-", "−")


def value_text(stats: Stats | None, missing: str = "∅") -> str:
    """'2.00' for a scalar; 'rms 0.31' for an array; `missing` where nobody knows."""
    if stats is None:
        return missing
    return number(stats.first[0]) if stats.size == 1 and stats.first else f"rms {scientific(stats.rms)}"


def gradient_text(node: GraphNode) -> str:
    """'∂−0.39', '∂rms 3.1e-03', '∂0', or the mark of a gradient that is not known: '∂·', '∂∅', '∂⊥'."""
    return "∂" + (value_text(node.gradient) if node.state == KNOWN else MARKS[node.state])


def scientific(value: float) -> str:
    """'3.1e-03': two digits and an exponent; '0' for zero."""
    return f"{value:.1e}".replace("-", "−", value < 0) if value else "0"


def short(value: Any) -> str:
    """A constant: '1', '0.5', '−3'."""
    try:
        return f"{float(value):.4g}".replace("-", "−")
    except (TypeError, ValueError):
        return str(value)
