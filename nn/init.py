r"""What should the weights be before training?

Small, random, and of a size that keeps the variance of the signal from layer to layer. For y = sum over fan_in inputs of w x
with independent terms, Var(y) = fan_in Var(w) Var(x), which asks for Var(w) = gain^2 / fan_in: Kaiming's rule, with a gain
of sqrt(2) after a ReLU that kills half of the signal. Xavier's rule averages fan_in, of the way forward, and fan_out, of the way
back. A uniform distribution on (-b, b) has the variance b^2 / 3, hence the sqrt(3) below.

All functions write into the Tensor they are given and return it; names and defaults are PyTorch's. Random numbers come
from `rng=` (a `numpy.random.Generator` or a seed), or from the default generator that `autograd.random.seed` sets.

(Glorot & Bengio 2010; He et al. 2015; CS231n, "Setting up the data and the model", weight initialization.)

Read next: `functional.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import ceil, prod, sqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd.random import generator
from autograd.tensor import Tensor, rebuild
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Rng: TypeAlias = "np.random.Generator | int | None"  # in words: to look at np.random imports it


def blank(*shape: int, dtype: DTypeLike | None = None) -> Parameter:
    """A Parameter of zeros, for a layer to initialise: float32 unless told otherwise, as in PyTorch."""
    if any(not isinstance(n, (int, np.integer)) or n < 0 for n in shape):
        raise ValueError(f"the sizes of a layer are integers of at least 0, but its weights would have the shape {shape}")
    return rebuild(Parameter, np.zeros(shape, np.float32 if dtype is None else dtype), True, None)  # type: ignore[return-value]


_skipping: ContextVar[bool] = ContextVar("nn.init.skipping", default=False)


@contextmanager
def skipped() -> Iterator[None]:
    """Inside, no random numbers are drawn: new layers have weights of 0, at no cost. For models whose weights are loaded right away.

    >>> import nn
    >>> with nn.init.skipped():
    ...     layer = nn.Linear(10_000, 10_000)
    """
    token = _skipping.set(True)
    try:
        yield
    finally:
        _skipping.reset(token)


# ---- constants ----------------------------------------------------------------------------------------------------


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one value."""
    check_tensor(tensor)
    with tensor.writing() as array:
        array[...] = val
    return tensor


def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix: ones on the diagonal. A linear layer with it passes on its inputs."""
    dimensions("eye_", tensor, 2)
    with tensor.writing() as array:
        array[...] = np.eye(*array.shape)
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The identity of convolutions: in the middle of the kernel a 1 from each input channel to the output channel of the same number.

    tensor:  weights (out, in, *kernel) of 1 to 3 axes of space
    groups:  the identity in each group of output channels
    """
    dimensions("dirac_", tensor, 3, 4, 5)
    if tensor.shape[0] % groups:
        raise ValueError(f"dirac_: the {tensor.shape[0]} output channels cannot be divided into {groups} groups of one size")
    size = tensor.shape[0] // groups
    with tensor.writing() as array:
        array[...] = 0
        for group in range(groups):
            for i in range(min(size, array.shape[1])):
                array[(group * size + i, i, *(n // 2 for n in array.shape[2:]))] = 1
    return tensor


def dimensions(name: str, tensor: Tensor, *allowed: int) -> None:
    check_tensor(tensor)
    if tensor.ndim not in allowed:
        raise ValueError(f"{name} takes a Tensor of {' or '.join(map(str, allowed))} axes, but it has shape {tensor.shape}")


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with 0."""
    return constant_(tensor, 0)


def ones_(tensor: Tensor) -> Tensor:
    """Fill with 1."""
    return constant_(tensor, 1)


# ---- random numbers -----------------------------------------------------------------------------------------------


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, rng: Rng = None) -> Tensor:
    """Fill with numbers drawn evenly from [a, b)."""
    if not a <= b:
        raise ValueError(f"uniform_ draws from [a, b), but a = {a} is greater than b = {b}")
    return drawn(tensor, generator(rng).random, b - a, a)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, rng: Rng = None) -> Tensor:
    """Fill with numbers drawn from the normal distribution."""
    if not std >= 0:
        raise ValueError(f"a standard deviation is not negative, but std = {std}")
    return drawn(tensor, generator(rng).standard_normal, std, mean)


def small_random_(tensor: Tensor, scale: float = 0.01, rng: Rng = None) -> Tensor:
    """scale * standard normal numbers: good enough for small networks, too small for deep ones. (CS231n, small random numbers.)"""
    return normal_(tensor, 0.0, scale, rng)


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, rng: Rng = None) -> Tensor:
    """Fill with numbers from the normal distribution, of which those outside [a, b] are drawn anew.

    a, b:  the bounds themselves, not multiples of std
    """
    if not std > 0 or not a < b:
        raise ValueError(f"trunc_normal_ needs std > 0 and a < b, but std = {std}, a = {a} and b = {b}")
    check_real(tensor)
    if _skipping.get():
        return tensor
    draws = generator(rng)

    def standard(shape: tuple[int, ...]) -> Any:
        # Evenly drawn points stay with the probability exp((m^2 - x^2) / 2), where m is the point of the interval nearest to 0. It also
        # works far out, where hardly any normal number falls; beyond sqrt(m^2 + 80) none ever stays.
        low, high = (a - mean) / std, (b - mean) / std
        m = min(max(0.0, low), high)
        far = sqrt(m * m + 80)
        values, empty = np.empty(prod(shape)), np.arange(prod(shape))
        while empty.size:
            x = draws.uniform(max(low, -far), min(high, far), empty.size)
            stays = draws.random(empty.size) < np.exp((m * m - x * x) / 2)
            values[empty[stays]] = x[stays]
            empty = empty[~stays]
        return values.reshape(shape)

    with tensor.writing() as array:
        array[...] = np.clip(mean + std * standard(array.shape), a, b)
    return tensor


def orthogonal_(tensor: Tensor, gain: float = 1.0, rng: Rng = None) -> Tensor:
    """gain times a random matrix with orthonormal rows, or columns where there are more rows. (Saxe et al. 2013.)

    tensor:  two axes or more; all but the first count as one
    """
    check_real(tensor)
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ takes a Tensor of two axes or more, but it has shape {tensor.shape}")
    if _skipping.get():
        return tensor
    rows, columns = tensor.shape[0], prod(tensor.shape[1:])
    q, r = np.linalg.qr(generator(rng).standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.where(np.diagonal(r) < 0, -1.0, 1.0)  # without this some rotations would be likelier than others
    with tensor.writing() as array:
        array[...] = gain * (q.T if rows < columns else q).reshape(tensor.shape)
    return tensor


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, rng: Rng = None) -> Tensor:
    """Normal numbers, of which in each column a share of ceil(sparsity * rows) is 0. (Martens 2010.)

    tensor:  a matrix, whose columns are the inputs
    """
    dimensions("sparse_", tensor, 2)
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparsity is the share of zeros, between 0 and 1, not {sparsity}")
    rng = generator(rng)
    normal_(tensor, 0.0, std, rng)
    if _skipping.get():
        return tensor
    with tensor.writing() as array:
        zeros = np.argsort(rng.random(array.shape), axis=0)[: ceil(sparsity * array.shape[0])]
        np.put_along_axis(array, zeros, 0, axis=0)
    return tensor


def check_tensor(tensor: Tensor) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"initialisers write into a Parameter or another Tensor, not into {type(tensor).__name__}")


def check_real(tensor: Tensor) -> None:
    check_tensor(tensor)
    if tensor.dtype.kind != "f":
        raise TypeError(f"random numbers are real, and cannot be drawn into a Tensor of dtype {tensor.dtype}")


def drawn(tensor: Tensor, standard: Callable[..., Any], scale: float, shift: float) -> Tensor:
    """shift + scale * standard random numbers, drawn straight into the Tensor's memory where NumPy can."""
    check_real(tensor)
    if _skipping.get():
        return tensor
    with tensor.writing() as array:
        if array.dtype in (np.float32, np.float64) and array.flags.c_contiguous:
            standard(out=array, dtype=array.dtype)
        else:
            array[...] = standard(array.shape)
        array *= float(scale)
        array += float(shift)
    return tensor


# ---- the size of the weights --------------------------------------------------------------------------------------

GAINS = {"linear": 1.0, "identity": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": sqrt(2), "selu": 3 / 4,
         **{f"conv{'_transpose' if t else ''}{n}d": 1.0 for t in (0, 1) for n in (1, 2, 3)}}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much to enlarge the weights before this non-linearity. For 'leaky_relu' `param` is its negative slope (0.01)."""
    if nonlinearity == "leaky_relu":
        return sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in GAINS:
        raise ValueError(f"there is no gain for {nonlinearity!r}; there are {', '.join(sorted([*GAINS, 'leaky_relu']))}")
    return GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out): how many inputs an output sums, and how many outputs an input reaches. Weights are (out, in, *kernel)."""
    if tensor.ndim < 2:
        raise ValueError(f"fan_in and fan_out are those of a weight (out, in, ...), and a Tensor of shape {tensor.shape} is none: "
                         "use zeros_, uniform_ or normal_ for biases")
    kernel = prod(tensor.shape[2:])
    return tensor.shape[1] * kernel, tensor.shape[0] * kernel


def fan(tensor: Tensor, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is 'fan_in' (keep the variance on the way forward) or 'fan_out' (on the way back), not {mode!r}")
    return max(fans(tensor)[mode == "fan_out"], 1)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, rng: Rng = None) -> Tensor:
    """Evenly from (-b, b) with b = gain sqrt(6 / (fan_in + fan_out))."""
    bound = gain * sqrt(6 / max(sum(fans(tensor)), 1))
    return uniform_(tensor, -bound, bound, rng)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, rng: Rng = None) -> Tensor:
    """Normal with std = gain sqrt(2 / (fan_in + fan_out))."""
    return normal_(tensor, 0.0, gain * sqrt(2 / max(sum(fans(tensor)), 1)), rng)


def kaiming_uniform_(tensor: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Rng = None) -> Tensor:
    """Evenly from (-b, b) with b = gain sqrt(3 / fan). `a` is the negative slope of a leaky ReLU."""
    bound = calculate_gain(nonlinearity, a) * sqrt(3 / fan(tensor, mode))
    return uniform_(tensor, -bound, bound, rng)


def kaiming_normal_(tensor: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", rng: Rng = None) -> Tensor:
    """Normal with std = gain / sqrt(fan). `a` is the negative slope of a leaky ReLU."""
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / sqrt(fan(tensor, mode)), rng)


def lecun_uniform_(tensor: Tensor, rng: Rng = None) -> Tensor:
    """Evenly from (-b, b) with b = sqrt(3 / fan_in): keeps the variance through linear and SELU layers. (LeCun et al. 1998.)"""
    return kaiming_uniform_(tensor, nonlinearity="linear", rng=rng)


def lecun_normal_(tensor: Tensor, rng: Rng = None) -> Tensor:
    """Normal with std = 1 / sqrt(fan_in): keeps the variance through linear and SELU layers. (LeCun et al. 1998; Klambauer et al. 2017.)"""
    return kaiming_normal_(tensor, nonlinearity="linear", rng=rng)
