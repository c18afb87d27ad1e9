"""How far should one go in a given direction?

Until the strong Wolfe conditions hold: f has fallen enough for the length of the step, and its slope has become flat enough.

    f(t) <= f(0) + c1 t f'(0)        |f'(t)| <= c2 |f'(0)|

(Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 3.5 and 3.6, with the safeguards of minFunc that PyTorch has.)

Read next: `averaging.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from optim.state import Array


class Point(NamedTuple):
    """What is known at one step length."""

    t: float
    f: float
    slope: float  # the derivative of f along the direction
    g: Array  # the gradient


def cubic_minimum(a: Point, b: Point, low: float | None = None, high: float | None = None) -> float:
    """Where the cubic through two points with their slopes has its minimum, within bounds (by default the two points)."""
    if a.t > b.t:
        a, b = b, a
    low, high = a.t if low is None else low, b.t if high is None else high
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t) if a.t != b.t else 0.0
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2
    d2 = square**0.5
    below = b.slope - a.slope + 2 * d2
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / below) if below else high
    return min(max(t, low), high)


def strong_wolfe(at: Callable[[float], Point], start: Point, t: float, longest: float, c1: float = 1e-4, c2: float = 0.9,
                 tolerance: float = 1e-9, max_calls: int = 25) -> tuple[Point, int]:
    """A point that satisfies the strong Wolfe conditions, or the best one found, and how often f was computed.

    at:         computes the point at a step length
    start:      the point at 0
    t:          the length to try first
    longest:    the largest element of the direction: a bracket that moves no parameter by more than `tolerance` is closed
    """
    def too_high(point: Point) -> bool:
        return point.f > start.f + c1 * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -c2 * start.slope

    before, new, tried = start, at(t), 0
    while tried < max_calls:  # widen until a minimum is bracketed
        if too_high(new) or (tried > 1 and new.f >= before.f) or (new.slope >= 0 and not flat(new)):
            break
        if flat(new):
            return new, tried + 1
        before, new = new, at(cubic_minimum(before, new, new.t + 0.01 * (new.t - before.t), new.t * 10))
        tried += 1
    else:
        before = start

    bracket, stuck, done = [before, new], False, False
    calls, low = tried + 1, int(before.f > new.f)
    while not done and tried < max_calls and abs(bracket[1].t - bracket[0].t) * longest >= tolerance:  # narrow it down
        left, right = sorted(point.t for point in bracket)
        t, margin = cubic_minimum(bracket[0], bracket[1]), 0.1 * (right - left)
        near = min(right - t, t - left) < margin
        if near and (stuck or t >= right or t <= left):  # interpolation makes no progress: leave the border
            t, near = (right - margin if abs(t - right) < abs(t - left) else left + margin), False
        stuck = near
        new, tried, calls = at(t), tried + 1, calls + 1
        if too_high(new) or new.f >= bracket[low].f:
            bracket[1 - low] = new
            low = int(bracket[0].f > bracket[1].f)
        else:
            done = flat(new)
            if not done and new.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
                bracket[1 - low] = bracket[low]
            bracket[low] = new
    return bracket[low], calls
