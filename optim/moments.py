"""How does one remember gradients?

By a moving average, which forgets at the rate 1 - beta: of the gradients (the first moment) and of their squares (the second).

    m <- beta m + (1 - beta) g            v <- beta v + (1 - beta) g^2

Both start at zero and are therefore too small at first: after t steps by the factor 1 - beta^t, which is divided out where it
matters (Kingma & Ba 2015, section 3).

Read next: `adam.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.passes import add_square, move
from optim.state import Array


def follow(m: Array, g: Any, beta: float, scratch: Array, out: Array | None = None) -> Array:
    """m <- beta m + (1 - beta) g, in place, or into `out`."""
    return move(m, g, 1 - beta, scratch, out)


def follow_square(v: Array, g: Any, beta: float, scratch: Array) -> Array:
    """v <- beta v + (1 - beta) g^2, in place."""
    return add_square(v, g, beta, 1 - beta, scratch)


def norm(x: Any) -> float:
    """The Euclidean norm of all elements."""
    return float(np.linalg.norm(x))


def rms(x: Any) -> float:
    """The root of the mean square of all elements."""
    return norm(x) / max(1, x.size) ** 0.5
