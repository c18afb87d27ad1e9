"""Operations that rearrange elements and do not change them: other shapes, axes, orders and dtypes.

All are linear, and the gradient of each is the operation that moves the elements back.

Read next: `joining.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.ops.constants import zeros_like
from autograd.primitive import primitive


def as_array(x: Any) -> Any:
    """x itself if it is an array or a Tensor; a list or a number as an array. A list of Tensors is stacked, so that it keeps gradients."""
    if hasattr(x, "dtype"):
        return x
    try:
        return np.asarray(x)
    except (TypeError, RuntimeError):  # a Tensor in the list has a gradient, or is traced
        from autograd.ops.joining import stacked

        if not isinstance(x, (list, tuple)):
            raise
        return stacked(x)


@primitive(x=lambda g: g, linear=True)
def identity(x: Any) -> Any:
    """x itself, as a new node: where a function's own tape begins."""
    return x


@primitive(x=lambda g: g, linear=True)
def copy(x: Any) -> Any:
    """x in memory of its own."""
    return np.copy(x)[()]


# ---- shapes -------------------------------------------------------------------------------------------------------


@primitive(x=lambda g, x_shape, order: reshape(g, x_shape, order), linear=True)
def reshape(x: Any, shape: Any, order: str = "C") -> Any:
    """The same elements in another shape, read and written in C or Fortran order; one entry of `shape` may be -1."""
    if order not in ("C", "F"):
        raise ValueError(f"order={order!r} would depend on how x lies in memory: write 'C' (last axis fastest) or 'F' (first axis fastest)")
    return as_array(x).reshape(shape, order=order)[()]


@primitive(x=lambda g, x_shape: reshape(g, x_shape), linear=True)
def expand_dims(x: Any, axis: Any) -> Any:
    """x with new axes of length 1, at the places `axis` of the result."""
    return np.expand_dims(x, axis)[()]


@primitive(x=lambda g, x_shape: reshape(g, x_shape), linear=True)
def squeeze(x: Any, axis: Any = None) -> Any:
    """x without its axes of length 1 (or without those of them that are named)."""
    return as_array(x).squeeze(axis)[()]


def ravel(x: Any, order: str = "C") -> Any:
    """The elements in one row."""
    if isinstance(order, int):  # the habit of PyTorch
        raise TypeError(f"flatten({order}): NumPy's flatten and ravel make one row of all elements, and take an order, 'C' or 'F', but no "
                        "axis.\nTo keep the first axis write nn.Flatten(), or x.reshape((len(x), -1)).")
    return reshape(x, -1, in_order(x, order))


def in_order(x: Any, order: str, meant: str = "AK") -> str:
    """'C' or 'F' for an order that goes by how x lies in memory: 'A' is 'F' if x lies so, else 'C'; 'K' is that in which x lies."""
    if order not in meant:
        return order
    flags = as_array(x).flags
    if flags.c_contiguous or not flags.f_contiguous:
        return "C" if flags.c_contiguous or order == "A" else order
    return "F"


flatten = ravel


def atleast_1d(*xs: Any) -> Any:
    """x with at least one axis; several xs give a tuple."""
    return each(xs, lambda x: reshape(x, (1,)) if not x.ndim else x)


def atleast_2d(*xs: Any) -> Any:
    """x with at least two axes, new ones in front; several xs give a tuple."""
    return each(xs, lambda x: reshape(x, (1,) * (2 - x.ndim) + x.shape) if x.ndim < 2 else x)


def atleast_3d(*xs: Any) -> Any:
    """x with at least three axes: (n,) becomes (1, n, 1) and (m, n) becomes (m, n, 1); several xs give a tuple."""
    return each(xs, lambda x: reshape(x, ((1,) * (2 - x.ndim) + x.shape + (1,))[:3]) if x.ndim < 3 else x)


def each(xs: tuple[Any, ...], f: Any) -> Any:
    results = tuple([f(as_array(x)) for x in xs])
    return results[0] if len(results) == 1 else results


# ---- axes ---------------------------------------------------------------------------------------------------------


@primitive(x=lambda g, axes: transpose(g, back_again(axes)), linear=True)
def transpose(x: Any, axes: Any = None) -> Any:
    """x with its axes in the given order; reversed if none is given."""
    return as_array(x).transpose(axes)[()]


def back_again(axes: Any) -> Any:
    """The inverse of a permutation of axes."""
    return None if axes is None else tuple(np.argsort([a % len(axes) for a in axes]).tolist())


@primitive(x=lambda g, axis1, axis2: swapaxes(g, axis1, axis2), linear=True)
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """x with two axes exchanged."""
    return as_array(x).swapaxes(axis1, axis2)


@primitive(x=lambda g, source, destination: moveaxis(g, destination, source), linear=True)
def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """x with axes moved to other places; the others keep their order."""
    return np.moveaxis(x, source, destination)[()]


def rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    """x with one axis moved until it lies before `start`. (`moveaxis` is easier to read.)"""
    ndim = np.ndim(x) if not hasattr(x, "ndim") else x.ndim
    if not (-ndim <= axis < ndim and -ndim <= start <= ndim):
        raise np.exceptions.AxisError(f"rollaxis: axis={axis}, start={start} do not fit an array of {ndim} dimensions")
    axis, start = axis % ndim, start + ndim if start < 0 else start
    return moveaxis(x, axis, start - (axis < start))


def matrix_transpose(x: Any) -> Any:
    """The transposed matrix, or stack of matrices: the last two axes exchanged."""
    return swapaxes(x, -1, -2)


permute_dims = transpose


@primitive(x=lambda g: g, broadcasts=True, linear=True)
def broadcast_to(x: Any, shape: Any) -> Any:
    """x repeated along new axes in front, and along axes of length 1, up to the given shape."""
    return np.broadcast_to(x, shape)[()]


def broadcast_arrays(*xs: Any) -> tuple[Any, ...]:
    """The xs repeated to their common shape."""
    xs = tuple([as_array(x) for x in xs])
    shape = np.broadcast_shapes(*[x.shape for x in xs])
    return tuple([x if x.shape == shape else broadcast_to(x, shape) for x in xs])


# ---- the order along an axis --------------------------------------------------------------------------------------


@primitive(x=lambda g, axis: flip(g, axis), linear=True)
def flip(x: Any, axis: Any = None) -> Any:
    """x with the order along the given axes (all of them by default) reversed."""
    return np.flip(x, axis)[()]


def flipud(x: Any) -> Any:
    """x upside down: reversed along the first axis."""
    return flip(x, 0)


def fliplr(x: Any) -> Any:
    """x mirrored: reversed along the second axis."""
    return flip(x, 1)


@primitive(x=lambda g, shift, axis: roll(g, np.negative(shift).tolist(), axis), linear=True)
def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """x moved along the axes; what falls off one end comes in at the other. Without an axis, as if it were flat."""
    return np.roll(x, shift, axis)[()]


@primitive(x=lambda g, k, axes: rot90(g, -k, axes), linear=True)
def rot90(x: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    """x turned k quarter turns, from the first of two axes towards the second."""
    return np.rot90(x, k, axes)


# ---- dtypes -------------------------------------------------------------------------------------------------------
# Every cotangent is cast to its input's dtype (`contributions.fit`), so these rules need not mention it.


@primitive(x=lambda g: g, linear=True)
def cast(x: Any, dtype: Any) -> Any:
    """x in another floating-point or complex dtype."""
    return as_array(x).astype(dtype)[()]


@primitive(x=None)
def cast_away(x: Any, dtype: Any) -> Any:
    """x in an integer or boolean dtype: a constant."""
    return as_array(x).astype(dtype)[()]


def astype(x: Any, dtype: Any, copy: bool = True) -> Any:
    """x in another dtype. No gradient flows through integers and booleans. (Tensors are values: `copy` has no meaning.)"""
    return cast(x, dtype) if np.dtype(dtype).kind in "fc" else cast_away(x, dtype)


def floating(x: Any) -> Any:
    """x, but integers and booleans as float64: for formulas that would wrap around in uint8, or round to whole numbers."""
    x = as_array(x)
    return astype(x, np.float64) if x.dtype.kind in "biu" else x


def room_for(x: Any, value: float) -> Any:
    """x, but as float64 if it has integers or booleans that cannot hold the value."""
    if x.dtype.kind not in "biu":
        return x
    least, most = (0, 1) if x.dtype.kind == "b" else (np.iinfo(x.dtype).min, np.iinfo(x.dtype).max)
    return x if least <= value <= most and value == int(value) else floating(x)


def summable(x: Any) -> Any:
    """x, but float16 as float32: for sums and squares, which soon exceed the 65504 of float16. Cast their mean or root back."""
    return astype(x, np.float32) if x.dtype == np.float16 else x


# A cotangent g of z says dL = Re(g dz) (`backward.py`), so a real part passes g on, and Im z = Re(-i z) passes -i g.


@primitive(x=lambda g: g, linear=True)
def real_part(x: Any) -> Any:
    """Re x, of complex x."""
    return x.real[()]


@primitive(x=lambda g: g * -1j, linear=True)
def imaginary_part(x: Any) -> Any:
    """Im x, of complex x."""
    return x.imag[()]


@primitive(x=lambda g: conj(g), linear=True)
def conj(x: Any) -> Any:
    """The complex conjugate."""
    return np.conj(x)


conjugate = conj


def conjugated(x: Any) -> Any:
    """The conjugate of complex x, and real x itself: in rules, where a copy would cost time."""
    return conj(x) if x.dtype.kind == "c" else x


def real_dtype(dtype: Any) -> Any:
    """The dtype of |x|: float32 for complex64, float64 for complex128, and any other one itself."""
    dtype = np.dtype(dtype)
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


def absolute_square(x: Any) -> Any:
    """|x|^2 = x conj(x), which is real."""
    return real_part(x * conj(x)) if x.dtype.kind == "c" else x * x


def real(x: Any) -> Any:
    """The real part."""
    x = as_array(x)
    return real_part(x) if x.dtype.kind == "c" else x


def imag(x: Any) -> Any:
    """The imaginary part; zeros for real x."""
    x = as_array(x)
    return imaginary_part(x) if x.dtype.kind == "c" else zeros_like(x)
