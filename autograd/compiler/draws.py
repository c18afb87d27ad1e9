"""How do random numbers get into a compiled function?

Layers draw from `autograd.random.generator(rng)`. While a function is captured, that is a `Draws`: the same generator, whose draws
are Tensors and steps of the program, so that every later call draws anew, in the same order, from the same generator.

Read next: `simplify.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.captured import Operation
from autograd.errors import user_line
from autograd.random import default
from autograd.tensor import Tensor, constant_tensor
from autograd.tracer import TraceError

METHODS = ("random", "normal", "standard_normal", "uniform", "integers", "permutation", "choice", "exponential", "standard_exponential",
           "gamma", "beta", "binomial", "poisson", "laplace", "gumbel", "lognormal", "permuted")


class Draw(Operation):
    """One call of a method of a generator, as an operation. The default generator is looked up in each call: it may be seeded anew."""

    def __init__(self, rng: np.random.Generator | None, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name, self.rng, self.method, self.args, self.kwargs = method, rng, method, args, kwargs

    def forward(self) -> Any:
        rng = self.rng if self.rng is not None else default()
        return getattr(rng, self.method)(*self.args, **self.kwargs)


class Draws(np.random.Generator):
    """A generator whose draws are written down."""

    def __init__(self, rng: np.random.Generator, lasts: bool, watch: Any) -> None:
        super().__init__(rng.bit_generator)
        if not lasts:
            raise TraceError(f"{user_line()}: a generator that starts from a number in every call has no state to go on from in a compiled "
                             "function: make it once, outside, with numpy.random.default_rng(seed)")
        self.rng, self.watch = rng, watch

    def drawn(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        draw = Draw(None if self.rng is default() else self.rng, method, args, kwargs)
        state = f"{self.rng.bit_generator.state} {method} {args} {kwargs}"
        y = draw.forward()
        tensor = constant_tensor(y)
        self.watch.draw(draw, y, tensor, state)
        return tensor


def method(name: str) -> Any:
    return lambda self, *args, **kwargs: self.drawn(name, args, kwargs)


for _name in METHODS:
    setattr(Draws, _name, method(_name))
