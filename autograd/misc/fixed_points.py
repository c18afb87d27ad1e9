"""How is an iteration differentiated at its fixed point?

Not by going back through its steps. At the fixed point x = F(a, x), and differentiating this equation gives

    dx = (1 - J)^-1 dF/da da,    J = dF/dx,

so the cotangent that reaches a is that of F, of w = (1 - J^T)^-1 g; and w = J^T w + g is again the fixed point of an iteration.
That one is a `fixed_point`, too: it can be differentiated, and so can its derivative.

Read next: `tracers.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.differential_operators import make_vjp
from autograd.extend import defvjp, primitive, vspace


@primitive
def fixed_point(f: Callable[[Any], Callable[[Any], Any]], a: Any, x0: Any, distance: Callable[[Any, Any], Any], tol: float) -> Any:
    """The x that f(a) maps to itself, reached by applying it from x0 on until a step is no longer than tol.

    f:         a -> (x -> next x). The iteration must converge: J has a spectral radius below 1
    a:         what x is differentiated by: an array or a tree. x is not by f's closure, nor by x0, on which it does not depend
    distance:  (x, x_before) -> number

    >>> from autograd import grad
    >>> from autograd.misc.fixed_points import fixed_point
    >>> def newton(a):
    ...     return lambda x: 0.5 * (x + a / x)
    >>> def root(a):
    ...     return fixed_point(newton, a, 10.0, lambda x, before: abs(x - before), 1e-12)
    >>> round(float(root(4.0)), 12), round(float(grad(root)(4.0)), 12)
    (2.0, 0.25)
    """
    step = f(a)
    before, x = x0, step(x0)
    while distance(x, before) > tol:
        before, x = x, step(x)
    return x


def fixed_point_vjp(ans: Any, f: Any, a: Any, x0: Any, distance: Any, tol: float) -> Callable[[Any], Any]:
    to_a, _ = make_vjp(lambda a, x: f(a)(x))(a, ans)

    def iteration(known: Any) -> Callable[[Any], Any]:
        a, x, g = known
        through_x, _ = make_vjp(f(a))(x)
        space = vspace(x)
        return lambda w: space.add(through_x(w), g)

    return lambda g: to_a(fixed_point(iteration, (a, ans, g), vspace(x0).zeros(), distance, tol))


defvjp(fixed_point, None, fixed_point_vjp, None)
