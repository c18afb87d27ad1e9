r"""How is a weight made of other parameters?

By a parametrisation: what is trained is the original, and the weight is computed from it whenever it is asked for.

    weight_norm      w = g v / |v|       length and direction of each row are trained apart
    spectral_norm    w = W / sigma(W)    the largest singular value is 1, so the layer never stretches a difference

    layer = nn.parametrize.weight_norm(nn.Linear(20, 40))
    layer.weight                                     # computed
    layer.parametrizations["weight"].original0       # g; original1 is v

The names in the `state_dict` are PyTorch's: 'parametrizations.weight.original0', ... Give the parameters to the optimiser
afterwards. Any module with a `forward`, and `right_inverse` for the first values of the original, is a parametrisation.

Read next: `hooks.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from autograd import Tensor, no_grad, ops, tensor
from autograd.node import SETTINGS
from autograd.random import generator
from nn import init
from nn.container import ModuleList
from nn.module import Module
from nn.parameter import Buffer, Parameter

M = TypeVar("M", bound=Module)


class ParametrizationList(ModuleList):
    """The original of one parameter (`original`, or `original0`, `original1`, ...) and the functions that it goes through."""

    def __init__(self, first: Module, value: Parameter) -> None:
        super().__init__([first])
        inverse = getattr(first, "right_inverse", None)
        with no_grad():
            originals = value if inverse is None else inverse(value)
        self._count = len(originals) if isinstance(originals, tuple) else 0
        for name, original in zip(self._originals(), originals if self._count else (originals,)):
            setattr(self, name, Parameter(original, value.requires_grad))

    def _originals(self) -> list[str]:
        return [f"original{i}" for i in range(self._count)] or ["original"]

    def value(self) -> Any:
        """The parameter, computed from its originals."""
        first, *others = self._held()
        y = first(*[getattr(self, name) for name in self._originals()])
        for module in others:
            y = module(y)
        return y

    def assign(self, value: Any) -> None:
        """Give the originals the values that make the parameter this one, as near as the parametrisation allows."""
        with no_grad():
            for module in self._held()[::-1]:
                if hasattr(module, "right_inverse"):
                    value = module.right_inverse(value)
            for name, original in zip(self._originals(), value if self._count else (value,)):
                getattr(self, name).assign(tensor(original))


class Parametrized(Module):
    """A module some of whose parameters are computed: it looks for them in `parametrizations`."""

    parametrizations: dict[str, ParametrizationList]

    def __getattr__(self, name: str) -> Any:
        held = self.__dict__.get("parametrizations", {})
        if name in held:
            return held[name].value()
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__.get("parametrizations", {})
        if name in held:
            held[name].assign(value)
        else:
            super().__setattr__(name, value)

    def __reduce__(self) -> Any:
        return rebuilt, (type(self).__bases__[1],), self.__dict__


@lru_cache(None)
def parametrized(kind: type[Module]) -> type[Module]:
    """The class of modules of this kind with computed parameters."""
    return type(f"Parametrized{kind.__name__}", (Parametrized, kind), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def rebuilt(kind: type[Module]) -> Module:
    """An empty one, for copies and pickles to fill."""
    return object.__new__(parametrized(kind))  # type: ignore[arg-type]


def is_parametrized(module: Module, name: str | None = None) -> bool:
    """Is this parameter of the module computed? Without a name: is any?"""
    return isinstance(module, Parametrized) and (name is None or name in module.parametrizations)


def register_parametrization(module: M, name: str, parametrization: Module) -> M:
    """Compute the parameter `name` of the module from originals, by calling `parametrization` on them. Returns the module.

    A second parametrisation of the same parameter is called on the result of the first.
    """
    if isinstance(module, Parametrized) and name in module.parametrizations:
        own, value = module.parametrizations[name], module.parametrizations[name].value()
        if hasattr(parametrization, "right_inverse"):
            with no_grad():
                own.assign(parametrization.right_inverse(value))
        own.append(parametrization)
        return module
    value = module.__dict__.get(name)
    if not isinstance(value, Parameter):
        raise ValueError(f"{type(module).__name__} has no parameter {name!r}; it has {', '.join(n for n, _ in module.named_parameters())}")
    made = ParametrizationList(parametrization, value)
    del module.__dict__[name]
    if not isinstance(module, Parametrized):
        module.__class__ = parametrized(type(module))  # type: ignore[assignment, arg-type]
        module.__dict__["parametrizations"] = {}
    module.__dict__["parametrizations"][name] = made
    SETTINGS[0] += 1
    return module


def remove_parametrizations(module: M, name: str, leave_parametrized: bool = True) -> M:
    """Make the computed parameter an ordinary one again, with the value it has; or, with leave_parametrized=False, the original's."""
    if not isinstance(module, Parametrized) or name not in module.parametrizations:
        raise ValueError(f"{type(module).__name__} has no parametrisation of {name!r}")
    held = module.parametrizations
    if not leave_parametrized and held[name]._count:
        raise ValueError(f"{name!r} is computed from {held[name]._count} originals, so there is no single one to leave")
    with no_grad():
        value = held[name].value() if leave_parametrized else held[name].original  # type: ignore[attr-defined]
    del held[name]
    if not held:
        del module.__dict__["parametrizations"]
        module.__class__ = type(module).__bases__[1]
    setattr(module, name, Parameter(value))
    return module


# ---- two of them ----------------------------------------------------------------------------------------------------


class WeightNorm(Module):
    """w = g v / |v|, where |v| is the length of each slice along `dim`, or of all of v for None."""

    def __init__(self, dim: int | None = 0) -> None:
        self.dim = dim

    def _length(self, v: Any) -> Any:
        if self.dim is None:
            return ops.p_norm(v)
        return ops.p_norm(v, 2, tuple(i for i in range(v.ndim) if i != self.dim % v.ndim), True)

    def forward(self, g: Any, v: Any) -> Any:
        return v * (g / self._length(v))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """(|w|, w)."""
        return self._length(weight), weight


def unit(x: Any, eps: float) -> Any:
    """x / |x|; a vector shorter than eps is divided by that."""
    return x / ops.maximum(ops.p_norm(x), eps)


class SpectralNorm(Module):
    """w = W / sigma with sigma = u^T W v, for W as a matrix with `dim` in front.

    The singular vectors u and v follow W by the power method: in training, each time w is asked for, u = W v / |W v| and
    v = W^T u / |W^T u|. They count as constants.
    """

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12, rng: init.Rng = None) -> None:
        if n_power_iterations < 1 or not -weight.ndim <= dim < weight.ndim:
            raise ValueError(f"the power method takes at least one step, and dim is an axis of the weight; but n_power_iterations is "
                             f"{n_power_iterations} and dim is {dim} for a weight of shape {weight.shape}")
        self.n_power_iterations, self.dim, self.eps = n_power_iterations, dim % weight.ndim, eps
        if weight.ndim > 1:
            rng, matrix = generator(rng), self._matrix(weight.detach())
            u, v = (init.normal_(init.blank(size, dtype=weight.dtype), rng=rng).detach() for size in matrix.shape)
            self._u, self._v = Buffer(unit(u, eps)), Buffer(unit(v, eps))
            self._follow(matrix, 15)

    def _matrix(self, weight: Any) -> Any:
        return ops.reshape(ops.moveaxis(weight, self.dim, 0), (weight.shape[self.dim], -1))

    def _follow(self, matrix: Any, steps: int) -> None:
        with no_grad():
            for _ in range(steps):
                self._u.assign(unit(matrix @ self._v, self.eps))
                self._v.assign(unit(self._u @ matrix, self.eps))

    def forward(self, weight: Any) -> Any:
        if weight.ndim == 1:
            return unit(weight, self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._follow(matrix, self.n_power_iterations)
        return weight / (self._u.detach() @ (matrix @ self._v.detach()))

    def right_inverse(self, weight: Any) -> Any:
        """The weight itself."""
        return weight


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Train length g and direction v of a weight apart: w = g v / |v|, for each slice along `dim`, or all together for None.

    (Salimans & Kingma 2016, "Weight normalization".) Returns the module.
    """
    return register_parametrization(module, name, WeightNorm(dim))


def spectral_norm(module: M, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None,
                  rng: init.Rng = None) -> M:
    """Divide a weight by its largest singular value, as a matrix with `dim` in front (default 0; 1 for transposed convolutions).

    (Miyato et al. 2018, "Spectral normalization for generative adversarial networks".) Returns the module.
    """
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    return register_parametrization(module, name, SpectralNorm(getattr(module, name), n_power_iterations, dim, eps, rng))
