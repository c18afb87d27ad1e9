"""Which arguments does a function of NumPy's take that is written in C?

Newer versions of NumPy tell (`inspect.signature`), older ones do not.

Read next: `variants.py`.
"""

from __future__ import annotations

import inspect
from typing import Any

NONE = None


def parameters_of(function: Any) -> list[inspect.Parameter]:
    """The parameters of a stand-in for the function."""
    return list(inspect.signature(function).parameters.values())


SIGNATURES = {name: parameters_of(function) for name, function in {
    "bincount": lambda x, /, weights=None, minlength=0: NONE,
    "can_cast": lambda from_, to, casting="safe": NONE,
    "concatenate": lambda arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind": NONE,
    "copyto": lambda dst, src, casting="same_kind", where=True: NONE,
    "dot": lambda a, b, out=None: NONE,
    "empty_like": lambda prototype, dtype=None, order="K", subok=True, shape=None, *, device=None: NONE,
    "inner": lambda a, b, /: NONE,
    "lexsort": lambda keys, axis=-1: NONE,
    "min_scalar_type": lambda a, /: NONE,
    "packbits": lambda a, /, axis=None, bitorder="big": NONE,
    "putmask": lambda a, /, mask, values: NONE,
    "ravel_multi_index": lambda multi_index, dims, mode="raise", order="C": NONE,
    "result_type": lambda *arrays_and_dtypes: NONE,
    "unpackbits": lambda a, /, axis=None, count=None, bitorder="big": NONE,
    "unravel_index": lambda indices, shape, order="C": NONE,
    "vdot": lambda a, b, /: NONE,
    "where": lambda condition, x=None, y=None, /: NONE,
}.items()}
