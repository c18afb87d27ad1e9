"""Which of Python's built-ins see through a Tensor?

`isinstance(x, np.ndarray)` and `type(x)` answer for the value that a Tensor has, so that code which asks runs on the tape too.
Tuples, lists and dicts are Python's own: they may hold Tensors, and functions, gradients and primitives take them as they are.
(HIPS/autograd has classes of these names, whose instances it records.)

    from autograd.builtins import isinstance, tuple, list, dict, type

Read next: `test_util.py`.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from autograd.tensor import Tensor
from autograd.vspace import Box

__all__ = ["dict", "isinstance", "list", "tuple", "type"]

tuple = builtins.tuple
list = builtins.list
dict = builtins.dict


def isinstance(x: Any, kinds: Any) -> bool:
    """Python's isinstance, asked of the value: a Tensor is an np.ndarray, of shape () an np.float64 (and so a float), and a Tensor.

    >>> import numpy as np
    >>> from autograd import tensor
    >>> from autograd.builtins import isinstance
    >>> isinstance(tensor([1.0]), np.ndarray), isinstance(tensor(1.0), float), isinstance(3, int)
    (True, True, True)
    """
    if builtins.isinstance(x, Tensor):
        return builtins.isinstance(x, kinds) or builtins.isinstance(x._array, kinds)
    return builtins.isinstance(x._value if builtins.isinstance(x, Box) else x, kinds)


def type(x: Any) -> Any:
    """The type of the value: of a Tensor np.ndarray, or of shape () np.float64."""
    if builtins.isinstance(x, Tensor):
        return builtins.type(x._array) if not builtins.isinstance(x._array, np.ndarray) else np.ndarray
    return builtins.type(x._value if builtins.isinstance(x, Box) else x)
