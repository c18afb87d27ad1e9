"""How is float16 multiplied fast?

As float32. NumPy multiplies float16 one number after the other, a hundred times slower, or more, than float32, for which there are matrix
multiplications made for the processor. A sum of products of float16 is therefore computed in float32, and rounded once, at the end: at
least as exact as NumPy's own, which adds up in float32, too. The price is a float32 copy of the operands while the product runs.

Read next: `multiplication.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

HALF = np.dtype(np.float16)


def rounded_once(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two or three arrays that, if the first or second is float16, computes in float32; its result has NumPy's dtype."""

    @wraps(f)
    def computed(a: Any, b: Any, *rest: Any) -> Any:
        if HALF not in (a.dtype, b.dtype):
            return f(a, b, *rest)
        third = [x for x in rest[:1] if hasattr(x, "dtype")]  # a bias
        dtype = np.result_type(a, b, *third)
        wide = np.promote_types(dtype, np.float32)
        arrays = [x.astype(wide, copy=False) for x in (a, b, *third)]
        return f(*arrays, *rest[len(third):]).astype(dtype, copy=False)

    return computed


half_product = rounded_once(np.matmul)
