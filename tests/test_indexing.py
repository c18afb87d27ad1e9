"""What do the laws not see of indexing? Which index is a view, which error comes, what happens at repeats and in large arrays.

Read next: `test_contractions.py`.
"""

import math

import numpy as np
import pytest

from autograd import Tensor, grad, ops
from autograd.ops.selection import places_along

x = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("index", [
    0, -1, slice(None, None, -2), None, ..., (0, 1), (0, ...), (..., None, 0), (), [], [0, 0, 2], (slice(None), [1, 1]), ([0, 1], [1, 1]),
    np.array([[0], [2]]), x > 5, np.array([True, False, True]), (slice(None), x[0] > 1), ([True, False, True], [0, 1]), (0, [1, 1]),
    ([0, 0], slice(1, 3)), ([0, 1], None, [1, 1]), True, False, (True, [0, 1]), np.int64(1), np.array(2), np.array(True),
    np.ix_([0, 2], [1, 1]), np.array([1], np.uint8), (np.array([0], np.uint64), np.array([1], np.int8))], ids=str)
def test_every_index_of_numpy(index):
    y = ops.getitem(Tensor(x, requires_grad=True), index)
    assert y.shape == x[index].shape and np.array_equal(y.data, x[index])
    counts = np.zeros_like(x)
    np.add.at(counts, index, 1.0)
    assert np.array_equal(grad(lambda t: ops.getitem(t, index).sum())(x), counts)


@pytest.mark.parametrize("index", [(), ..., None, (None, ...), True, np.array(False), np.array(True)], ids=str)
def test_indices_of_scalars(index):
    y = ops.getitem(Tensor(2.0, requires_grad=True), index)
    assert np.array_equal(y.data, np.asarray(2.0)[index]) and y.shape == np.asarray(2.0)[index].shape


@pytest.mark.parametrize("index, same", [
    (Tensor([0, 2, 0]), [0, 2, 0]), (Tensor(1), 1), ((Tensor([0, 1]), Tensor([1, 3])), ([0, 1], [1, 3])),
    (slice(Tensor(1), Tensor(3)), slice(1, 3)), ((Tensor(x) > 5), x > 5)], ids=str)
def test_tensors_are_indices(index, same):
    assert np.array_equal(ops.getitem(Tensor(x), index).data, x[same])


@pytest.mark.parametrize("index", [
    5, (0, 0, 0), [1.0], "a", (x[:, 0] > 1, [0, 1, 2, 3, 4], 0), (np.ones(5, bool), [0]), ([0, 1], [0, 1, 2]), [0, 7]], ids=str)
def test_bad_indices_raise_index_error(index):
    with pytest.raises(IndexError):
        ops.getitem(Tensor(x, requires_grad=True), index)


def test_an_index_array_may_change_afterwards():
    t, rows = Tensor(x, requires_grad=True), np.array([0, 0])
    y = ops.getitem(t, rows).sum()
    rows[:] = 2
    y.backward()
    assert np.array_equal(t.grad.data[:, 0], [2, 0, 0])


@pytest.mark.parametrize("shape, axis", [
    ((5, 300), 0), ((20, 5, 20), 1), ((300, 5), 1), ((5, 3), 0), ((5,), 0), ((2, 5, 3), 1), ((2, 3, 5), 2)])
def test_repeated_positions_along_an_axis(shape, axis):
    big, rows = np.random.default_rng(0).normal(size=shape), np.array([[0, 4, 0], [-1, 2, 0]])
    w = np.random.default_rng(1).normal(size=np.take(big, rows, axis).shape)
    expected = np.zeros(shape)
    np.add.at(expected, (slice(None),) * axis + (rows,), w)
    assert np.allclose(grad(lambda t: (ops.take(t, rows, axis) * w).sum())(big), expected, rtol=1e-13)
    assert grad(lambda t: (ops.take(t, rows, axis) * w.astype(np.float32)).sum())(big.astype(np.float32)).dtype == np.float32


def test_of_values_written_to_one_place_the_last_has_the_gradient():
    dx, dv = grad(lambda x, v: ops.set_item(x, v, [0, 2, 0]).sum(), argnums=(0, 1))(x, np.ones((3, 4)))
    assert np.array_equal(dx[:, 0], [0, 1, 0])
    assert np.array_equal(dv[:, 0], [0, 1, 1])


def test_fractions_are_not_written_among_integers():
    with pytest.raises(TypeError, match="would round"):
        ops.set_item(Tensor([1, 2]), Tensor(0.5), 0)


def test_views_and_copies_are_numpys():
    t = Tensor(x, requires_grad=True)
    assert np.shares_memory(ops.getitem(t, (slice(1, 3), None)).data, t.data)
    assert not np.shares_memory(ops.getitem(t, [0, 1]).data, t.data)


def test_unique_of_equal_elements():
    parts = ops.unique(Tensor([2.0, 1.0, 2.0], requires_grad=True), True, True, True)
    assert [part.data.tolist() for part in parts] == [[1, 2], [1, 0], [1, 0, 1], [1, 2]]
    assert np.array_equal(grad(lambda t: ops.unique(t).sum())(np.array([2.0, 1.0, 2.0])), [1, 1, 0])


def test_unknown_pad_modes_are_refused():
    with pytest.raises(ValueError, match="mode"):
        ops.pad(Tensor(x), 1, mode="average")


def test_the_gradient_of_a_gather_finds_its_places():
    rng = np.random.default_rng(0)
    for shape in ((5,), (3, 4), (2, 3, 4), (2, 0, 3), (1, 1, 5), (2, 3, 4, 5)):
        for axis in range(-len(shape), len(shape)):
            n, chosen = shape[axis], list(shape)
            chosen[axis] = 6 if n else 0
            indices = rng.integers(-n, max(n, 1), chosen)
            places = places_along(shape, indices, axis)
            assert np.array_equal(places, np.take_along_axis(np.arange(math.prod(shape)).reshape(shape), indices, axis))
            x, g = rng.standard_normal(shape), rng.standard_normal(places.shape)
            expected = np.bincount(places.ravel(), g.ravel(), x.size).reshape(shape)
            assert np.allclose(grad(lambda x, i=indices, a=axis, g=g: (ops.take_along_axis(x, i, a) * g).sum())(x), expected)
    with pytest.raises(IndexError):
        places_along((3, 4), np.array([[4]]), 1)
