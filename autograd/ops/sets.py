"""Operations on arrays as sets: unique elements, union, intersection, differences.

Which elements are chosen is a constant; their values have gradients. Of equal elements, the first one that NumPy finds has it.

Read next: `signals.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.ops.indexing import take
from autograd.ops.joining import concatenate
from autograd.ops.ranges import in_dtype
from autograd.ops.selection import unique, unique_part
from autograd.ops.shapes import as_array, reshape
from autograd.primitive import primitive

# ---- of one array -------------------------------------------------------------------------------------------------


class UniqueAll(NamedTuple):
    """What `unique_all` returns."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """What `unique_counts` returns."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """What `unique_inverse` returns."""

    values: Any
    inverse_indices: Any


def each_once(x: Any, *parts: int) -> tuple[Any, ...]:
    """The different elements of x in ascending order, every NaN counting as another one, and parts of `unique_part`."""
    x = as_array(x)
    values = take(x, unique_part(x, 1, None, False))
    return (values, *[unique_part(x, part, None, False) for part in parts])


def unique_all(x: Any) -> UniqueAll:
    """The different elements of x, where each is first in the flattened x, which of them each element is, and how often there is each."""
    return UniqueAll(*each_once(x, 1, 2, 3))


def unique_counts(x: Any) -> UniqueCounts:
    """The different elements of x, and how often there is each."""
    return UniqueCounts(*each_once(x, 3))


def unique_inverse(x: Any) -> UniqueInverse:
    """The different elements of x, and which of them each element is."""
    return UniqueInverse(*each_once(x, 2))


@primitive(x=None)
def places_once(x: Any) -> Any:
    """Where the different elements of x are first, in the order of `np.unique_values` (which may be none)."""
    values, (found, places) = np.unique_values(x), np.unique(x, return_index=True, equal_nan=False)
    return places if np.array_equal(values, found, equal_nan=True) else places[np.argsort(np.argsort(values))]


def unique_values(x: Any) -> Any:
    """The different elements of x; real numbers in ascending order, complex ones in NumPy's, which may be none."""
    return take(as_array(x), places_once(as_array(x)))


# ---- of two -------------------------------------------------------------------------------------------------------


def union1d(ar1: Any, ar2: Any) -> Any:
    """The elements that are in one of two arrays or in both, each once, in ascending order."""
    return unique(concatenate([as_array(ar1), as_array(ar2)], None))


@primitive(a=None, b=None)
def common(a: Any, b: Any, assume_unique: bool) -> Any:
    """The places in a (row 0) and in b (row 1) of the elements that are in both."""
    return np.stack(np.intersect1d(a, b, assume_unique, return_indices=True)[1:])


def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The elements that are in both arrays, in ascending order. The gradient goes to those of ar1.

    assume_unique:   promise that neither array has an element twice
    return_indices:  also return where they are first in each of the (flattened) arrays
    """
    ar1, ar2 = reshape(as_array(ar1), -1), reshape(as_array(ar2), -1)
    places = common(ar1, ar2, assume_unique)
    values = in_dtype(take(ar1, places[0]), np.result_type(ar1.dtype, ar2.dtype))
    return (values, places[0], places[1]) if return_indices else values


@primitive(a=None, b=None)
def only_in_first(a: Any, b: Any, assume_unique: bool) -> Any:
    """The places in a of the elements that are not in b."""
    places = np.arange(a.size) if assume_unique else np.unique(a, return_index=True)[1]
    return places[np.isin(a[places], b, assume_unique, invert=True)]


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The elements of ar1 that are not in ar2: each once, in ascending order; or, if they are promised to be unique, as they come."""
    ar1, ar2 = reshape(as_array(ar1), -1), reshape(as_array(ar2), -1)
    return take(ar1, only_in_first(ar1, ar2, assume_unique))


@primitive(a=None, b=None)
def in_one_only(a: Any, b: Any, assume_unique: bool) -> Any:
    """The places in the joined a and b of the elements that are in one of them only."""
    first, second = only_in_first.forward(a, b, assume_unique), only_in_first.forward(b, a, assume_unique)
    order = np.argsort(np.concatenate([a[first], b[second]]), kind="stable")
    return np.concatenate([first, a.size + second])[order]


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The elements that are in exactly one of two arrays, in ascending order."""
    ar1, ar2 = reshape(as_array(ar1), -1), reshape(as_array(ar2), -1)
    return take(concatenate([ar1, ar2]), in_one_only(ar1, ar2, assume_unique))
