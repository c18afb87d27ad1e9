"""How does the solution of a differential equation depend on where it starts, and on its parameters?

Let y' = f(y, t, p) and y_i = y(t_i), and let g_i be the cotangents of these results. Then the cotangent a(t) of y(t) obeys

    a' = -a df/dy,       jumping by g_i at t_i,

an equation that is solved backwards, from the last t to the first. With it come all gradients:

    to y_0: a(t_0) + g_0        to p: the integral of a df/dp        to t_i: <g_i, f(y_i, t_i)>, and to t_0: -<a(t_0), f(y_0, t_0)>

(Pontryagin; Chen et al. 2018, "Neural ordinary differential equations".) The products with df/dy and df/dp are `vjp`s of f. The
backward equation is solved by `odeint` itself, so that every order of derivative follows.

What is differentiated is the exact solution: gradients are as good as the tolerances `rtol` and `atol`, which count for both ways.

Read next: `linalg.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd import ops
from autograd.functional import vjp
from autograd.ops import trapezoid  # noqa: F401 - SciPy has it here
from autograd.ops.shapes import floating
from autograd.primitive import primitive
from autograd.tensor import Tensor
from autograd.tree import Structure, flatten


@cache
def scipy_integrate() -> Any:
    """SciPy's module of integration, or an error that says how to get it."""
    try:
        from scipy import integrate
    except ImportError as error:
        raise ImportError('this function is solved by SciPy, which is not installed: pip install "onetape[scipy]"') from error
    return integrate


BOTH_WAYS = ("rtol", "atol", "hmax", "hmin", "mxstep", "mxhnil", "mxordn", "mxords")
"""The options of `odeint` that say as much of the backward equation as of the forward one."""


def odeint(func: Callable[..., Any], y0: Any, t: Any, args: Any = (), tfirst: bool = False, full_output: bool = False,
           **options: Any) -> Any:
    """The solution of y' = func(y, t, *args) with y(t[0]) = y0, at the times t.

    func:     (y, t, *args) -> dy/dt, or (t, y, *args) with tfirst=True; written in NumPy. What it depends on comes by `args`
    y0:       (n,) or a number, the start
    t:        (m,) increasing or decreasing, the times
    args:     arrays, numbers, or trees of them. Tensors among these, and y0 and t, get gradients
    options:  those of scipy.integrate.odeint: rtol, atol (default 1.5e-8), mxstep, ...

    Returns (m, n). Raises TypeError if func uses a Tensor that requires a gradient and does not come by `args`.

    >>> import numpy as np
    >>> from autograd import grad
    >>> from autograd.scipy.integrate import odeint
    >>> def final(rate):
    ...     return odeint(lambda y, t, rate: -rate * y, 1.0, np.array([0.0, 2.0]), args=(rate,))[-1, 0]
    >>> round(float(grad(final)(0.5)), 6)    # of exp(-2 rate), at 0.5: -2 exp(-1)
    -0.735759
    """
    args = args if isinstance(args, tuple) else (args,)
    leaves, structure = flatten(args)
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor) and leaf.dtype.kind in "fc"]
    if not places and not isinstance(y0, Tensor) and not isinstance(t, Tensor):
        return scipy_integrate().odeint(func, y0, t, args=args, tfirst=tfirst, full_output=full_output, **options)
    if full_output:
        raise TypeError("odeint: full_output=True is for plain arrays. Call it once more with x.detach().numpy() for what it reports.")
    parts = [ops.reshape(floating(y0), -1), floating(t), *(leaves[i] for i in places)]
    shapes = [part.shape for part in parts]
    z = ops.concatenate([ops.reshape(part, -1) for part in parts])
    if z.dtype.kind == "c":
        raise TypeError("odeint: y0, t and args must be real; of complex y solve for the real and the imaginary part, stacked")
    return trajectory(z, Equation(func, tfirst, leaves, structure, places, shapes, options))


class Equation:
    """A differential equation whose start, times and parameters stand in one vector z, in this order.

    func, tfirst, options:     as given to `odeint`
    leaves, structure, places: the arguments, and which of them are in z
    shapes:                    of what is in z
    """

    def __init__(self, func: Callable[..., Any], tfirst: bool, leaves: list[Any], structure: Structure, places: list[int],
                 shapes: list[tuple[int, ...]], options: dict[str, Any]) -> None:
        self.func = func
        self.tfirst = tfirst
        self.leaves = leaves
        self.structure = structure
        self.places = places
        self.shapes = shapes
        self.options = options

    def split(self, z: Any) -> tuple[Any, Any, Any]:
        """The start, the times, and the vector of parameters."""
        n, m = self.shapes[0][0], self.shapes[1][0]
        return z[:n], z[n: n + m], z[n + m:]

    def velocity(self, y: Any, t: Any, p: Any) -> Any:
        """f(y, t, p) as a vector."""
        leaves, start = list(self.leaves), 0
        for place, shape in zip(self.places, self.shapes[2:]):
            size = math.prod(shape)
            leaves[place] = ops.reshape(p[start: start + size], shape)
            start += size
        args = self.structure.unflatten(leaves)
        v = self.func(t, y, *args) if self.tfirst else self.func(y, t, *args)
        v = ops.stack([ops.reshape(x, ()) for x in v]) if isinstance(v, (list, tuple)) else v
        return ops.reshape(v, -1)

    def solve(self, z: Any) -> Any:
        """The solution, by SciPy."""
        y0, t, p = self.split(wide(z))

        def velocity(y: Any, t: float) -> Any:
            v = self.velocity(y, t, p)
            if isinstance(v, Tensor):
                if v.node is not None:
                    raise TypeError("odeint: the function uses a Tensor that requires a gradient and does not come by its arguments. "
                                    "Pass it: odeint(func, y0, t, args=(x,)), with func(y, t, x).")
                return v.data
            return v

        return scipy_integrate().odeint(velocity, y0, t, **self.options)

    def backwards(self, n: int) -> Callable[..., Any]:
        """The equation of (y, a, the integral of a df/dp): its velocity is (f, -a df/dy, -a df/dp)."""

        def velocity(s: Any, t: Any, p: Any) -> Any:
            v, pull = vjp(lambda y, p: self.velocity(y, t, p), s[:n], p, argnums=(0, 1))
            to_y, to_p = pull(s[n: 2 * n])
            return ops.concatenate([v, -to_y, -to_p])

        return velocity


def wide(x: Any) -> Any:
    """x in float64, in which SciPy's solver works: with less its steps would get lost in rounding."""
    return x.astype(np.float64) if isinstance(x, Tensor) else np.asarray(x, np.float64)


def trajectory_to_z(g: Any, y: Any, z: Any, equation: Equation) -> Any:
    """(a + g, <g, f>, integral of a df/dp), with a' = -a df/dy solved backwards. See the top of this file."""
    dtype, (g, y, z) = z.dtype, map(wide, (g, y, z))
    y0, t, p = equation.split(z)
    n, m = y0.shape[0], t.shape[0]
    back, options = equation.backwards(n), {k: v for k, v in equation.options.items() if k in BOTH_WAYS}
    options.update({k: float(np.min(options[k])) for k in ("rtol", "atol") if options.get(k) is not None})
    a, to_p, to_t = ops.zeros_like(y0), ops.zeros_like(p), []
    for i in range(m - 1, 0, -1):
        to_t.append(ops.sum(g[i] * equation.velocity(y[i], t[i], p)))
        s = ops.concatenate([y[i], a + g[i], to_p])
        s = solved(back, s, ops.stack([t[i], t[i - 1]]), p, options)
        a, to_p = s[n: 2 * n], s[2 * n:]
    to_t.append(-ops.sum(a * equation.velocity(y[0], t[0], p)))
    return ops.concatenate([a + g[0], ops.stack(to_t[::-1]), to_p]).astype(dtype)


def solved(func: Callable[..., Any], s: Any, t: Any, p: Any, options: dict[str, Any]) -> Any:
    """The last state of the equation s' = func(s, t, p), by the same primitive."""
    _, structure = flatten((p,))
    equation = Equation(func, False, [p], structure, [0], [s.shape, t.shape, p.shape], options)
    return trajectory(ops.concatenate([s, t, p]), equation)[-1]


@primitive(z=trajectory_to_z)
def trajectory(z: Any, equation: Equation) -> Any:
    """The solution of an equation whose start, times and parameters are in z: (times, elements)."""
    return equation.solve(z).astype(z.dtype, copy=False)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(scipy_integrate(), name)
