"""How is a function recorded once and replayed?

Read next: `../tracer.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any


def const_graph(fun: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    """fun, with these arguments filled in; from the second call on, the operations of the first are replayed.

    That is `autograd.trace`, under HIPS/autograd's name: the arguments must keep their shapes, and a function that decides by values
    is refused. A Tensor that is being differentiated calls the function itself.
    """
    from autograd.node import no_grad
    from autograd.tensor import Tensor
    from autograd.tracer import trace
    from autograd.tree import flatten

    programs: list[Any] = []

    def filled(*rest: Any) -> Any:
        return fun(*args, *rest, **kwargs)

    @wraps(fun)
    def replayed(*rest: Any) -> Any:
        if any(isinstance(leaf, Tensor) for leaf in flatten(rest)[0]):
            return filled(*rest)
        if not programs:
            with no_grad():
                programs.append(trace(filled, *rest))
        return programs[0](*rest)

    return replayed
