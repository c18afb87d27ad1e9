"""Does an operation take complex numbers, and is it right there?

Nobody declares which operations do: the forward function is tried, and where NumPy computes, every other law must hold on complex
arguments too. Where NumPy refuses, so must we. In between there is nothing: no operation may drop an imaginary part in silence.

Read next: `laws.py`, which runs all laws.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from autograd.check import Call
from autograd.differences import Array
from autograd.testing.derivative_laws import adjoint, definition, gradient, linear, second_order
from autograd.testing.law import law, recorded, require, scalar
from autograd.testing.memory_laws import type as types
from autograd.testing.value_laws import one_rule, replay, value

REFUSALS = (TypeError, NotImplementedError, np.exceptions.ComplexWarning)
"""How an operation says that it does not take complex numbers; the last, that it would drop an imaginary part."""


@partial(law, share=1 / 4)
def complex_numbers(call: Call, tolerance: float, order: int) -> None:
    """On complex arguments all other laws hold; or both NumPy and we refuse them."""
    if not all(x.dtype.kind == "f" for x in call.inputs):
        return  # they are complex already
    for turned in complexified(call):
        theirs = said_by_numpy(call, turned)
        refusal = refused(turned, scalar) or (theirs if isinstance(theirs, TypeError) else None)
        if refusal is not None:
            require(refused(turned, recorded) is not None, f"{call.__name__} takes complex Tensors, but of arrays is said: {refusal}")
            continue
        highest = refused_from(turned) - 1
        for other in [value] * (theirs is None) + [*DERIVED] * (highest > 0):
            try:
                other(turned.f, turned.structure.unflatten(turned.leaves), turned.kwargs, tolerance, min(order, highest))
            except AssertionError as error:
                which = [n for n, x in zip(turned.names, turned.inputs) if x.dtype.kind == "c"]
                raise type(error)(f"with complex {', '.join(which)}, the law {other.__name__!r}: {error}") from None


DERIVED = (one_rule, gradient, second_order, linear, adjoint, definition, types, replay)
"""The laws that hold on complex arguments, if there is a gradient. (The others say nothing about numbers.)"""


def complexified(call: Call) -> Iterator[Call]:
    """The same call with complex inputs: all of them, and if there are several, one, so that real numbers meet complex ones."""
    rng = np.random.default_rng(17 + sum(x.size for x in call.inputs))
    n = len(call.inputs)
    for chosen in [range(n)] + ([[int(rng.integers(n))]] if n > 1 else []) if n else []:
        leaves = list(call.leaves)
        for k in chosen:
            leaves[call.places[k]] = with_imaginary_part(call.inputs[k], rng)
        yield Call(call.f, call.structure.unflatten(leaves), call.kwargs)


def with_imaginary_part(x: Array, rng: np.random.Generator) -> Array:
    """x + 0.7iy, where y are the same numbers in another order, of either sign. (With 1 for 0.7, two numbers of one size could be at a
    right angle, and their squares cancel: a branch point for every root of a sum of squares.)"""
    y = rng.permutation(x.reshape(-1)).reshape(x.shape)
    z = np.empty_like(x, np.result_type(x.dtype, np.complex64))
    z.real, z.imag = x, y * rng.choice([-0.7, 0.7], x.shape)
    return z


def refused(call: Call, form: Any) -> Exception | None:
    """What the call says to its inputs, as arrays (`scalar`) or as Tensors (`recorded`), if it does not take them."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            call(*map(form, call.inputs))
    except REFUSALS as error:
        return error
    return None


def said_by_numpy(call: Call, turned: Call) -> Exception | None:
    """What NumPy's function of the same name says to the complex arguments, if it takes the real ones."""
    theirs = getattr(np, call.__name__, None) if call.f.__module__.startswith("autograd.ops") else None
    if not callable(theirs) or refused(Call(theirs, call.structure.unflatten(call.leaves), call.kwargs), scalar) is not None:
        return None
    return refused(Call(theirs, turned.structure.unflatten(turned.leaves), turned.kwargs), scalar)


def refused_from(call: Call) -> int:
    """The order of derivative that needs a function which NumPy or SciPy have for real numbers only (and that says so); or 3."""
    order = 1
    try:
        with np.errstate(all="ignore"):
            while order < 3 and call.inputs:
                v = np.ones_like(call.value(call.inputs))
                call.vjp(v)
                call, order = call.gradient_call(v), order + 1
    except REFUSALS:
        return order
    return 3
