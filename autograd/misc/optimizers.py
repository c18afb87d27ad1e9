"""How does one go downhill, given only a function that returns gradients?

    params = adam(grad(loss), params, num_iters=100, step_size=0.01, callback=lambda params, i, g: print(i))

An optimiser takes `grad(params, i)`, the gradient at iteration i, and parameters: an array, or any tree of arrays. It returns
new parameters and writes to none. It is an ordinary function, and can be differentiated itself. (For models with state, with
schedules and parameter groups, there is the package `optim`.)

Read next: `fixed_points.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from autograd import ops
from autograd.misc.flatten import flatten

Step = Callable[..., Any]


def unflatten_optimizer(optimize: Callable[..., Any]) -> Callable[..., Any]:
    """An optimiser of vectors as an optimiser of trees. It is called with (grad, x, callback=None, ...) and returns the new x."""

    @wraps(optimize)
    def of_trees(grad: Callable[[Any, int], Any], x0: Any, callback: Callable[..., Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        start, unflatten = flatten(x0)

        def vector_grad(x: Any, i: int) -> Any:
            return flatten(grad(unflatten(x), i))[0]

        def tell(x: Any, i: int, g: Any) -> None:
            if callback is not None:
                callback(unflatten(x), i, unflatten(g))

        return unflatten(optimize(vector_grad, start, tell if callback is not None else None, *args, **kwargs))

    return of_trees


def descend(grad: Callable[[Any, int], Any], x: Any, callback: Callable[..., Any] | None, num_iters: int, step: Step, *state: Any) -> Any:
    """Repeat x, *state = step(i, x, g, *state), and tell the callback before each step."""
    for i in range(num_iters):
        g = grad(x, i)
        if callback is not None:
            callback(x, i, g)
        x, *state = step(i, x, g, *state)  # type: ignore[assignment]
    return x


@unflatten_optimizer
def sgd(grad: Callable[[Any, int], Any], x: Any, callback: Callable[..., Any] | None = None, num_iters: int = 200, step_size: float = 0.1,
        mass: float = 0.9) -> Any:
    """v = mass v - (1 - mass) g,  x = x + step_size v: descent with a velocity, an average of past steps.

    >>> from autograd import grad
    >>> from autograd.misc.optimizers import sgd
    >>> round(float(sgd(grad(lambda x, i: (x - 3.0) ** 2), 0.0)), 3)
    3.0
    """

    def step(i: int, x: Any, g: Any, velocity: Any) -> tuple[Any, ...]:
        velocity = mass * velocity - (1.0 - mass) * g
        return x + step_size * velocity, velocity

    return descend(grad, x, callback, num_iters, step, ops.zeros_like(x))


@unflatten_optimizer
def rmsprop(grad: Callable[[Any, int], Any], x: Any, callback: Callable[..., Any] | None = None, num_iters: int = 100,
            step_size: float = 0.1, gamma: float = 0.9, eps: float = 1e-8) -> Any:
    """s = gamma s + (1 - gamma) g^2,  x = x - step_size g / (sqrt(s) + eps): a step size for each number, by its usual gradient."""

    def step(i: int, x: Any, g: Any, square: Any) -> tuple[Any, ...]:
        square = square * gamma + g ** 2 * (1 - gamma)
        return x - step_size * g / (ops.sqrt(square) + eps), square

    return descend(grad, x, callback, num_iters, step, ops.ones_like(x))


@unflatten_optimizer
def adam(grad: Callable[[Any, int], Any], x: Any, callback: Callable[..., Any] | None = None, num_iters: int = 100,
         step_size: float = 0.001, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> Any:
    """x = x - step_size m / (sqrt(v) + eps), m and v being averages of g and g^2, corrected for having started at 0.

    (Kingma and Ba 2015, "Adam: a method for stochastic optimization".)
    """

    def step(i: int, x: Any, g: Any, m: Any, v: Any) -> tuple[Any, ...]:
        m = (1 - b1) * g + b1 * m
        v = (1 - b2) * (g ** 2) + b2 * v
        first, second = m / (1 - b1 ** (i + 1)), v / (1 - b2 ** (i + 1))
        return x - step_size * first / (ops.sqrt(second) + eps), m, v

    return descend(grad, x, callback, num_iters, step, ops.zeros_like(x), ops.zeros_like(x))
