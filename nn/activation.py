"""What makes a network more than one big matrix?

The functions between the linear layers. (CS231n, "Neural networks", commonly used activation functions.) Each is a function
and a module of it; the module takes the options of the function. Where a gradient jumps, at kinks, it is what it is in PyTorch.
Integers count as real numbers where the formula would wrap around in uint8.

Read next: `norm.py`.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from autograd import ops
from autograd.ops import relu, sigmoid
from autograd.ops.shapes import floating
from autograd.random import generator
from nn.formula import Formula
from nn.init import Rng, blank, constant_
from nn.module import Module

# ---- rectifiers ---------------------------------------------------------------------------------------------------


class ReLU(Formula, function=relu, inplace=True):
    """max(x, 0): half of the signal, unchanged. Its gradient is 1 where x > 0, and 0 elsewhere."""


def relu6(x: Any) -> Any:
    """min(max(x, 0), 6). (Howard et al. 2017, MobileNets.)"""
    return hardtanh(x, 0, 6)


class ReLU6(Formula, function=relu6, inplace=True, bounds=(0, 6)): ...


def negative_part(x: Any) -> Any:
    """min(x, 0), with slope 1 at 0, where relu has slope 0: together they are x. Two of these are faster than one `where`."""
    return ops.clip(x, None, 0)


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any:
    """x where x > 0, negative_slope x elsewhere. (Maas et al. 2013.)"""
    return relu(x) + negative_slope * negative_part(x)


class LeakyReLU(Formula, function=leaky_relu, inplace=True): ...


def prelu(x: Any, weight: Any) -> Any:
    """x where x > 0, weight x elsewhere. (He et al. 2015.)

    weight:  (1,), or (C,): one for each channel, along axis 1 of x
    """
    channels = x.shape[1] if len(x.shape) > 1 else 1
    if weight.shape not in ((), (1,), (channels,)):
        raise ValueError(f"prelu takes one slope, or one for each of the {channels} channels along axis 1 of the input of shape {x.shape}, "
                         f"but weight has shape {weight.shape}")
    return relu(x) + ops.reshape(weight, (-1,) + (1,) * max(len(x.shape) - 2, 0)) * negative_part(x)


class PReLU(Module):
    """x where x > 0, weight x elsewhere, with slopes that are learnt. (He et al. 2015.)

    num_parameters:  1 slope for all, or C: one for each channel, along axis 1
    init:            what the slopes are at first
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: Any = None) -> None:
        self.num_parameters, self.init = num_parameters, init
        self.weight = blank(num_parameters, dtype=dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Back to the first slopes."""
        constant_(self.weight, self.init)

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return prelu(x, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


def rrelu(x: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, rng: Rng = None) -> Any:
    """x where x > 0, a x elsewhere: each a drawn from [lower, upper) in training, their mean in use. (Xu et al. 2015.)"""
    if not lower <= upper:
        raise ValueError(f"rrelu draws slopes from [lower, upper), but lower = {lower} is greater than upper = {upper}")
    if not training:
        return leaky_relu(x, (lower + upper) / 2)
    x = floating(x)
    return relu(x) + generator(rng).uniform(lower, upper, x.shape).astype(x.dtype) * negative_part(x)


class RReLU(Formula, function=rrelu, inputs=1):
    """x where x > 0, a x elsewhere: each a drawn from [lower, upper) in training, their mean in use. (Xu et al. 2015.)"""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False, *, rng: Rng = None) -> None:
        self.lower, self.upper, self.inplace = lower, upper, inplace
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Any) -> Any:
        self.shape_of(x)
        return rrelu(x, self.lower, self.upper, self.training, self.rng)

    def extra_repr(self) -> str:
        return f"lower={self.lower:.4g}, upper={self.upper:.4g}"


def threshold(x: Any, threshold: float, value: float) -> Any:
    """x where x > threshold, value elsewhere."""
    return ops.where(x <= threshold, value, x)


class Threshold(Formula, function=threshold, inputs=1, inplace=True): ...


# ---- smooth rectifiers --------------------------------------------------------------------------------------------
def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, alpha (exp(x) - 1) elsewhere. (Clevert et al. 2015.)"""
    x = floating(x)
    return relu(x) + alpha * ops.expm1(negative_part(x))


class ELU(Formula, function=elu, inplace=True): ...


SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def selu(x: Any) -> Any:
    """1.0507 elu(x, 1.6733): keeps mean 0 and variance 1 from layer to layer. (Klambauer et al. 2017.)"""
    return SELU_SCALE * elu(x, SELU_ALPHA)


class SELU(Formula, function=selu, inplace=True): ...


def celu(x: Any, alpha: float = 1.0) -> Any:
    """x where x > 0, alpha (exp(x / alpha) - 1) elsewhere: ELU with a continuous slope. (Barron 2017.)"""
    if alpha == 0:
        raise ValueError("celu divides by alpha, which must not be 0")
    return relu(x) + alpha * ops.expm1(negative_part(x) / alpha)


class CELU(Formula, function=celu, inplace=True): ...


def gelu(x: Any, approximate: str = "none") -> Any:
    """x Phi(x) with the normal distribution function Phi. (Hendrycks & Gimpel 2016.)

    approximate:  'none' for Phi(x) = (1 + erf(x / sqrt(2))) / 2, 'tanh' for (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate is 'none' or 'tanh', not {approximate!r}")
    x = floating(x)
    if approximate == "tanh":
        return 0.5 * x * (1 + ops.tanh(sqrt(2 / pi) * (x + 0.044715 * (x * x * x))))
    return ops.gelu(x)


class GELU(Formula, function=gelu): ...


def silu(x: Any) -> Any:
    """x sigmoid(x), also called swish. (Elfwing et al. 2017.)"""
    return x * sigmoid(x)


class SiLU(Formula, function=silu, inplace=True): ...


def mish(x: Any) -> Any:
    """x tanh(softplus(x)). (Misra 2019.)"""
    x = floating(x)
    return x * ops.tanh(ops.softplus(x))


class Mish(Formula, function=mish, inplace=True): ...


def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + exp(beta x)) / beta, a smooth ReLU; x itself where beta x > threshold."""
    if beta == 0:
        raise ValueError("softplus divides by beta, which must not be 0")
    return ops.where(beta * x > threshold, x, ops.softplus(beta * x) / beta)


class Softplus(Formula, function=softplus): ...


# ---- squashing ----------------------------------------------------------------------------------------------------


def tanh(x: Any) -> Any:
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x)): squashes into (-1, 1)."""
    return ops.tanh(floating(x))


class Tanh(Formula, function=tanh, bounds=(-1, 1)): ...


class Sigmoid(Formula, function=sigmoid, bounds=(0, 1)):
    """1 / (1 + exp(-x)): squashes into (0, 1)."""


def logsigmoid(x: Any) -> Any:
    """log(sigmoid(x)) = -softplus(-x), without overflow."""
    return -ops.softplus(-floating(x))


class LogSigmoid(Formula, function=logsigmoid): ...


def softsign(x: Any) -> Any:
    """x / (1 + |x|): squashes into (-1, 1)."""
    x = floating(x)
    return x / (1 + ops.absolute(x))


class Softsign(Formula, function=softsign, bounds=(-1, 1)): ...


def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """min(max(x, min_val), max_val), with gradient 0 at the bounds."""
    if not min_val < max_val:
        raise ValueError(f"hardtanh cuts off at min_val and max_val, but min_val = {min_val} is not less than max_val = {max_val}")
    return ops.saturate(x, min_val, max_val)


class Hardtanh(Formula, function=hardtanh, inplace=True, bounds=(-1, 1)):
    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace
        self.bounds = (min_val, max_val)


def hardsigmoid(x: Any) -> Any:
    """relu6(x + 3) / 6: a sigmoid of straight lines."""
    return relu6(floating(x) + 3) / 6


class Hardsigmoid(Formula, function=hardsigmoid, inplace=True, bounds=(0, 1)): ...


def hardswish(x: Any) -> Any:
    """x relu6(x + 3) / 6: SiLU with a sigmoid of straight lines. (Howard et al. 2019, MobileNetV3.)"""
    x = floating(x)
    return x * hardsigmoid(x)


class Hardswish(Formula, function=hardswish, inplace=True): ...


# ---- shrinking ----------------------------------------------------------------------------------------------------


def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """sign(x) max(|x| - lambd, 0): everything moves towards 0, and what is near gets there."""
    if lambd < 0:
        raise ValueError(f"softshrink moves everything by lambd towards 0, so it is not negative, but lambd = {lambd}")
    return x - ops.clip(x, -lambd, lambd)


class Softshrink(Formula, function=softshrink): ...


def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """x where |x| > lambd, 0 elsewhere."""
    x = floating(x)
    return ops.where(ops.absolute(x) <= lambd, 0, x)


class Hardshrink(Formula, function=hardshrink): ...


def tanhshrink(x: Any) -> Any:
    """x - tanh(x)."""
    x = floating(x)
    return x - ops.tanh(x)


class Tanhshrink(Formula, function=tanhshrink): ...
