"""How the operations that pick elements out, and put them in, are called in tests."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd import ops
from autograd.ops.indexing import taken_apart
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis


def picked(draw, shape):
    """Any index into an array of this shape: slices, integers, None, ..., arrays of integers, masks, mixtures."""
    kind = draw(st.sampled_from(["basic", "integers", "mask", "mixed"]))
    if kind == "integers" and shape and min(shape) > 0:
        return draw(hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=3)))
    if kind == "mask":
        n = draw(st.integers(0, len(shape)))
        return np.random.default_rng(draw(st.integers(0, 99))).random(shape[:n]) < 0.5
    if kind == "mixed" and shape and min(shape) > 0:
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        choices = {"slice": slice(None, None, -1), "part": slice(1, None, 2), "int": -1, "array": 0, "list": 0, "mask": 0, "new": 0}
        index = []
        for n in shape:
            what = draw(st.sampled_from(list(choices)))
            if what == "array":
                index.append(rng.integers(-n, n, (2, 1)))
            elif what == "list":
                index.append(rng.integers(0, n, 2).tolist())
            elif what == "mask":
                index.append(np.arange(n) == rng.integers(n))
            elif what == "new":
                index += [None, slice(None)]
            else:
                index.append(choices[what])
        return tuple(index) if draw(st.booleans()) else (*index[:-1], ...)
    return draw(hnp.basic_indices(shape, allow_ellipsis=True, allow_newaxis=True, max_dims=5))


def shape_at(shape, index):
    return np.broadcast_to(0.0, shape)[index].shape


@case(ops.getitem)
def _(draw):
    x = draw(arrays())
    return (x, picked(draw, x.shape)), {}


@case(ops.subscript)
def _(draw):
    x = draw(arrays())
    pattern, indices = taken_apart(picked(draw, x.shape), x.shape)
    return (x, indices, pattern), {}


@case(ops.deposit)
def _(draw):
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    index = picked(draw, shape)
    pattern, indices = taken_apart(index, shape)
    return (draw(arrays(shape=shape_at(shape, index))), indices, pattern, shape), {}


def written(draw):
    x = draw(arrays())
    index = picked(draw, x.shape)
    shape = list(shape_at(x.shape, index))
    for i in range(len(shape)):
        if draw(st.integers(0, 4)) == 0:
            shape[i] = 1
    return x, draw(arrays(shape=tuple(shape[draw(st.integers(0, 1)) * (len(shape) > 0 and shape[0] == 1):]))), index


@case(ops.set_item)
def _(draw):
    return written(draw), {}


@case(ops.overwrite)
def _(draw):
    x, v, index = written(draw)
    pattern, indices = taken_apart(index, x.shape)
    return (x, v, indices, pattern), {}


@case(ops.lasting)
def _(draw):
    rows = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 3, 4)
    pattern, indices = taken_apart(rows, (3, 2))
    return (indices, pattern, (3, 2)), {}


@case(ops.scatter_add)
def _(draw):
    x, v, index = written(draw)
    return (x, index, v), {}


@case(ops.put_at)
def _(draw):
    x, v, index = written(draw)
    return (v, index, x.shape), {}


@case(ops.set_flat)
def _(draw):
    x = draw(arrays(min_side=1))
    rows = draw(hnp.arrays(int, 4, elements=st.integers(-x.size, x.size - 1)))
    return (x, rows, draw(arrays(min_dims=1, max_dims=2, min_side=1, max_side=2))), {}


@case(ops.take)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    which = draw(axis(x.ndim))
    n = x.size if which is None else x.shape[which]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    bounds = (-n, n - 1) if mode == "raise" else (-9, 9)
    indices = draw(hnp.arrays(int, hnp.array_shapes(min_dims=0, max_dims=2, max_side=3), elements=st.integers(*bounds)))
    return (x, indices), {"axis": which, "mode": mode}


# ---- selection.py -------------------------------------------------------------------------------------------------


@case(ops.taken_along)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    which = draw(axis(x.ndim, none=False))
    shape = list(x.shape)
    shape[which] = draw(st.integers(0, 3))
    return (x, draw(hnp.arrays(int, tuple(shape), elements=st.integers(-x.shape[which], x.shape[which] - 1))), which), {}


@case(ops.take_along_axis)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    which = draw(axis(x.ndim))
    return (x, np.argsort(x, axis=which)), {"axis": which}


@case(ops.take_along_axis, "broadcast")
def _(draw):
    return (draw(arrays(shape=(1, 4))), np.array([[0, 0], [3, 1], [2, 2]])), {"axis": 1}


@case(ops.set_along_axis)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1))
    which = draw(axis(x.ndim))
    return (x, np.argmax(x, which, keepdims=True) if which is not None else np.array([0, 0]), draw(arrays(shape=()))), {"axis": which}


@case(ops.deposit_along)
def _(draw):
    n = draw(st.integers(1, 3))
    shape = draw(hnp.array_shapes(max_dims=3, min_side=0, max_side=3))
    indices = draw(hnp.arrays(int, shape, elements=st.integers(0, n - 1)))
    return (draw(arrays(shape=shape)), indices, draw(axis(len(shape), none=False)), n), {}


@case(ops.sort)
def _(draw):
    x = draw(arrays(min_dims=1, distinct=True))
    return (x,), {"axis": draw(axis(x.ndim))}


@case(ops.partition)
def _(draw):
    x = draw(arrays(min_dims=1, min_side=1, distinct=True))
    which = draw(axis(x.ndim))
    n = x.size if which is None else x.shape[which]
    return (x, draw(st.sampled_from([0, n - 1, -1, [0, n - 1]]))), {"axis": which}


@case(ops.unique_part)
def _(draw):
    return (np.round(draw(arrays())), draw(st.sampled_from([1, 2, 3]))), {}


@case(ops.unique)
def _(draw):
    x = draw(arrays(max_dims=2, distinct=True))
    flags = {"return_index": draw(st.booleans()), "return_counts": draw(st.booleans())}
    return (x,), {"axis": draw(st.sampled_from([None, *range(x.ndim)])), **flags}


for f in (ops.nonzero, ops.flatnonzero):
    @case(f)
    def _(draw):
        return (np.round(draw(arrays(min_dims=1))),), {}


@case(ops.compress)
def _(draw):
    x = draw(arrays(shape=(3, 4)))
    return ([True, False, draw(st.booleans())], x), {"axis": draw(axis(2))}


@case(ops.extract)
def _(draw):
    x = draw(arrays())
    return (np.random.default_rng(1).random(x.shape) < 0.5, x), {}


@case(ops.choose)
def _(draw):
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    chooser = draw(hnp.arrays(int, (2, 3), elements=st.integers(0, 1) if mode == "raise" else st.integers(-4, 4)))
    return (chooser, [draw(arrays(shape=(3,))), draw(arrays(shape=(2, 1)))]), {"mode": mode}


@case(ops.select)
def _(draw):
    x = draw(arrays(shape=(2, 3)))
    return ([np.arange(3) > 1, np.array([[True], [False]])], [x, draw(arrays(shape=(3,)))]), {"default": 2.0}
