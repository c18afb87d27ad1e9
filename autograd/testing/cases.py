"""What is a fair call of an operation?

A `Case` says how to draw the arguments of one call. For a primitive that works element by element the declaration says
it all (its inputs, `broadcasts`, `domain`), and `automatic` makes the case; for the others one writes

    @case(ops.cumsum)
    def _(draw):
        x = draw(arrays(min_dims=1))
        return (x,), {"axis": draw(axis(x.ndim, none=False))}

The floating-point arrays among the positional arguments (lists of arrays included) are those that are differentiated.

Read next: `law.py`, what every case must obey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from autograd.primitive import REAL, Domain, Primitive
from autograd.testing.strategies import arrays, broadcastable

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """How to call one operation.

    f:          the operation: a primitive, or a function composed of primitives
    name:       what the test is called
    arguments:  draws (args, kwargs)
    order:      the highest order of derivative that exists (1 where the gradient is not differentiable)
    tolerance:  of the gradient laws, relative to the size of what is compared
    """

    f: Callable[..., Any]
    name: str
    arguments: st.SearchStrategy[Arguments]
    order: int = 2
    tolerance: float = 1e-8


CASES: dict[str, list[Case]] = {}
"""The written cases by the name of the operation ('module.name')."""


def full_name(f: Callable[..., Any]) -> str:
    return f"{f.__module__}.{f.__name__}"


def case(f: Callable[..., Any], label: str = "", order: int = 2, tolerance: float = 1e-8) -> Callable[[Callable[[Any], Arguments]], Case]:
    """Decorate a function `draw -> (args, kwargs)`, to register it as a case of the operation f. An operation may have several."""

    def register(arguments: Callable[[Any], Arguments]) -> Case:
        strategy = st.composite(arguments)()
        made = Case(f, f.__name__ + (f"-{label}" if label else ""), strategy, order, tolerance)
        CASES.setdefault(full_name(f), []).append(made)
        return made

    return register


def automatic(p: Primitive) -> Case | None:
    """The case of a primitive that needs no words: inputs of one shape (or broadcastable ones) from its domain, no required options."""
    if p.sequence or any(name not in p.defaults for name in p.params):
        return None
    domains: dict[str, Domain] = p.domain if isinstance(p.domain, dict) else {}
    common = REAL if isinstance(p.domain, dict) else p.domain

    @st.composite
    def arguments(draw: Any) -> Arguments:
        shapes = draw(broadcastable(len(p.inputs)))
        if not p.broadcasts:
            shapes = shapes[:1] * len(p.inputs)
        return tuple(draw(arrays(s, domains.get(x, common))) for s, x in zip(shapes, p.inputs)), {}  # type: ignore[arg-type, union-attr]

    return Case(p, p.name, arguments())


def cases_of(f: Callable[..., Any]) -> list[Case]:
    """The written cases of an operation, or else the automatic one; empty if nothing says how to call it."""
    written = CASES.get(full_name(f), [])
    made = automatic(f) if isinstance(f, Primitive) and not written else None
    return written or ([made] if made is not None else [])
