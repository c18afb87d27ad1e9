"""How does a function become a module?

Many modules own nothing: they are a function and its options, such as ELU or HuberLoss. For these the function says it all.

    class ELU(Formula, function=elu): ...

takes the options that `elu` has, with its defaults; shows those that differ in its print-out; has its documentation.

Read next: `activation.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from nn.module import Module
from nn.parameter import Buffer

BUFFERS = ("weight", "pos_weight")
"""Options that are arrays, and belong to the state of the module."""


class Formula(Module):
    """A module that computes function(*inputs, **options) and owns nothing but the options.

    function:  its arguments without a default are the inputs of a call, the others the options of the module
    inputs:    how many inputs there are, where defaults do not tell
    inplace:   take `inplace=` too, for PyTorch's sake; values on the tape are never overwritten, so it changes nothing
    bounds:    between which values the results lie, if they are bounded (see `nn.activation_statistics`)
    """

    function: Callable[..., Any]
    inputs: tuple[str, ...] = ()
    defaults: dict[str, Any] = {}
    bounds: tuple[float, float] | None = None
    __signature__: inspect.Signature

    def __init_subclass__(cls, function: Callable[..., Any] | None = None, inputs: int | None = None, inplace: bool = False,
                          bounds: tuple[float, float] | None = None) -> None:
        super().__init_subclass__()
        if function is None:
            return
        arguments = list(inspect.signature(getattr(function, "forward", function)).parameters.values())
        n = len([a for a in arguments if a.default is a.empty]) if inputs is None else inputs
        options = arguments[n:]
        if inplace:
            options.append(inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False))
        cls.function, cls.bounds = staticmethod(function), bounds
        cls.inputs, cls.defaults = tuple(a.name for a in arguments[:n]), {a.name: a.default for a in arguments[n:]}
        cls.__signature__ = inspect.Signature(options)
        cls.__doc__ = cls.__doc__ or function.__doc__

    def __init__(self, *args: Any, **options: Any) -> None:
        try:
            given = self.__signature__.bind(*args, **options)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}{self.__signature__} was called with other arguments: {error}") from None
        given.apply_defaults()
        for name, value in given.arguments.items():
            setattr(self, name, Buffer(value) if name in BUFFERS and value is not None else value)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        for name, x in zip(self.inputs, inputs):
            self.shape_of(x, name)
        return self.function(*inputs, **named, **{name: getattr(self, name) for name in self.defaults})

    def extra_repr(self) -> str:
        said = {name: value for name, value in vars(self).items() if name in self.defaults and not isinstance(value, (Module, Buffer))}
        return ", ".join(f"{name}={value!r}" for name, value in said.items() if value is not self.defaults[name] != value)
