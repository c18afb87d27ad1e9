"""How many samples fall into each bin, or what do they weigh together?

Which bin a sample falls into is a constant. So a count has no gradient, but a sum of weights has one with respect to the weights;
the edges of bins that were made from the samples have one with respect to the smallest and the largest; and a density, which is
divided by the widths of the bins, has both.

Read next: `applying.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.elementwise import where
from autograd.ops.indexing import take
from autograd.ops.joining import stack
from autograd.ops.ranges import in_dtype, linspace
from autograd.ops.reductions import max, min, sum
from autograd.ops.scans import diff
from autograd.ops.shapes import as_array, astype, atleast_2d, floating, ravel, real, reshape, transpose
from autograd.primitive import primitive


@primitive(x=None, weights=lambda g, x: take(g, x), linear=True)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, ... is in x, a row of integers; or the sum of the weights where it is.

    minlength:  of the result, which is as long as the largest element needs

    The sums have the dtype of the weights, if that is a floating-point one.
    """
    y = np.bincount(x, weights, minlength)
    return y if weights is None or as_array(weights).dtype.kind != "f" else y.astype(as_array(weights).dtype, copy=False)


# ---- edges --------------------------------------------------------------------------------------------------------


def ends(a: Any, range: Any) -> tuple[Any, Any]:
    """The first and the last edge: of the range that is given, or the extrema of the samples; apart, if they are equal."""
    if range is not None:
        first, last = range
        if first > last:
            raise ValueError(f"the range of a histogram must go from the smaller to the larger number, but is {range}")
    else:
        first, last = (min(a), max(a)) if a.size else (0, 1)
    known = [float(getattr(end, "_array", end)) for end in (first, last)]
    if not np.isfinite(known).all():
        raise ValueError(f"a histogram needs finite ends, but they are {known[0]} and {known[1]}: pass range=, or take out what is "
                         "not finite")
    if range is not None and not any(hasattr(end, "dtype") for end in (first, last)):
        return (first - 0.5, last + 0.5) if first == last else (first, last)
    equal = first == last
    return where(equal, first - 0.5, first), where(equal, last + 0.5, last)


def real_samples(a: Any) -> Any:
    """Samples that lie somewhere on a line."""
    if a.dtype.kind == "c":
        raise TypeError("complex numbers are in no order, so they fall into no bins: take their real part, or their absolute value")
    return astype(a, np.uint8) if a.dtype.kind == "b" else a


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    """The edges of the bins that `histogram` would use.

    bins:   how many, evenly spaced; the edges themselves (a row); or the name of one of NumPy's ways to choose how many
    range:  the first and the last edge, by default the smallest and the largest sample, where the gradient goes

    Raises ValueError or TypeError for bins that make no sense.
    """
    a = real_samples(ravel(as_array(a)))
    if isinstance(bins, str):
        values = [x.detach().numpy() if hasattr(x, "detach") else x for x in (a, weights)]
        bins = len(np.histogram_bin_edges(values[0], bins, range, values[1])) - 1
    bins = as_array(bins)
    if bins.ndim:
        if bins.ndim > 1:
            raise ValueError(f"the edges of bins must be one row, but have shape {bins.shape}")
        if np.any(np.diff(getattr(bins, "_array", bins)) < 0):
            raise ValueError("the edges of bins must not decrease")
        return bins
    if bins.dtype.kind not in "iu":
        raise TypeError(f"bins must be an integer, a name, or the edges, but is {bins!r}")
    if bins < 1:
        raise ValueError(f"there must be at least one bin, but bins={bins}")
    first, last = ends(a, range)
    kind = a.dtype if a.dtype.kind == "f" else np.dtype(float)
    return linspace(first, last, int(bins) + 1, dtype=np.result_type(kind, *[x.dtype for x in (first, last) if hasattr(x, "dtype")]))


@primitive(a=None, edges=None)
def bin_of(a: Any, edges: Any) -> Any:
    """The number of the bin of each sample; the last one holds its right edge too. Outside, and for NaN: the number of bins."""
    n = edges.size - 1
    place = np.where(a == edges[-1], n - 1, np.searchsorted(edges, a, side="right") - 1)
    return np.where((place < 0) | (place >= n) | np.isnan(a), n, place)[()]


def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> tuple[Any, Any]:
    """How many samples are in each bin (or what they weigh), and the edges of the bins.

    a:        samples, of any shape
    bins, range:  as in `histogram_bin_edges`; each bin holds its left edge, the last one the right one too
    density:  divide by the total and by the widths: the integral is 1
    weights:  what each sample counts, in the shape of a; this has a gradient

    Raises ValueError for weights of another shape, or bins that make no sense.
    """
    a = as_array(a)
    if weights is not None:
        weights = as_array(weights)
        if weights.shape != a.shape:
            raise ValueError(f"histogram: the weights must have the shape of the samples, {a.shape}, but have {weights.shape}")
        weights = ravel(weights)
    edges = histogram_bin_edges(a, bins, range, weights)
    n = edges.shape[0] - 1
    y = weighed(bin_of(floating(ravel(a)), edges), weights, n)
    if density:
        y = in_dtype(y, edges.dtype) if y.dtype.kind in "iu" else y
        y = y / diff(edges) / sum(y)
    return y, edges


def weighed(places: Any, weights: Any, n: int) -> Any:
    """The count or the weight at each of n places; what lies at place n is left out."""
    if weights is None or weights.dtype.kind == "f":
        return bincount(places, weights, n + 1)[:n]
    if weights.dtype.kind == "c":
        weights = stack([real(weights), real(-1j * weights)])
        return bincount(places, weights[0], n + 1)[:n] + 1j * bincount(places, weights[1], n + 1)[:n]
    return astype(bincount(places, weights, n + 1)[:n], weights.dtype)


# ---- in several dimensions ----------------------------------------------------------------------------------------


def how_many(bins: Any) -> int:
    """The length of what bins are given by; 0 for one number."""
    return len(bins) if isinstance(bins, (list, tuple)) or as_array(bins).ndim else 0


def histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
                weights: Any = None) -> tuple[Any, tuple[Any, ...]]:
    """How many samples are in each box of a grid (or what they weigh), and the edges along each axis.

    sample:   (N, D), a point in each row; or a list of D rows of coordinates
    bins:     how many along each axis; or for each axis how many, or the edges
    range:    for each axis the first and the last edge, or None
    density, weights:  as in `histogram`

    Raises ValueError for bins or ranges that do not fit the number of axes.
    """
    if not hasattr(sample, "dtype") or sample.ndim != 2:
        sample = stack([as_array(x) for x in sample]) if isinstance(sample, (list, tuple)) else as_array(sample)
        sample = transpose(atleast_2d(sample))
    points, axes = sample.shape
    bins = list(bins) if how_many(bins) else [bins] * axes
    ranges = [None] * axes if range is None else list(range)
    if len(bins) != axes or len(ranges) != axes:
        raise ValueError(f"histogramdd: points with {axes} coordinates need as many bins and ranges, but got {len(bins)} and {len(ranges)}")
    edges = tuple([histogram_bin_edges(sample[:, i], bins[i], ranges[i]) for i, _ in enumerate(bins)])
    lengths = [edge.shape[0] - 1 for edge in edges]
    place: Any = np.zeros(points, np.intp)
    for i, (edge, n) in enumerate(zip(edges, lengths)):
        place = place * (n + 1) + bin_of(floating(sample[:, i]), edge)
    kind = np.result_type(sample.dtype, np.float32) if sample.dtype.kind == "f" else np.dtype(float)
    weights = None if weights is None else as_array(weights)
    if weights is not None and weights.dtype.kind == "f":
        kind = weights.dtype
    total = int(np.prod([n + 1 for n in lengths]))
    y = reshape(bincount(place, weights, total), tuple([n + 1 for n in lengths]))[tuple([slice(n) for n in lengths])]
    y = y if y.dtype == kind else astype(y, kind)
    if density:
        y = y / sum(y)
        for i, edge in enumerate(edges):
            y = y / reshape(diff(edge), (-1,) + (1,) * (axes - 1 - i))
    return y, edges


def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: bool | None = None,
                weights: Any = None) -> tuple[Any, Any, Any]:
    """`histogramdd` of points (x, y): the counts or weights, and the edges along both axes.

    bins:  how many along both axes, the edges of both (a row), or one of these for each axis (a list of two)
    """
    x, y = as_array(x), as_array(y)
    if x.shape != y.shape or x.ndim != 1:
        raise ValueError(f"histogram2d: x and y must be rows of one length, but have shapes {x.shape} and {y.shape}")
    if how_many(bins) > 2:
        bins = [as_array(bins)] * 2
    found, edges = histogramdd(stack([x, y], 1), bins, range, density, weights)
    return found, edges[0], edges[1]
