"""Do data sets, and what is built on them, give the right samples, and name the wrong ones?

Read next: `test_sampler.py`.
"""

import subprocess
import sys

import numpy as np
import pytest

from autograd import tensor
from nn import data
from nn.data import Draws, transforms
from nn.data.draws import MASK, draws_for, key_of, mix, rooted


def test_import_nn_does_not_import_it():
    code = "import sys, nn; assert 'nn.data' not in sys.modules; nn.data.DataLoader; assert 'PIL' not in sys.modules; " \
           "assert 'sklearn' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


# ---- draws --------------------------------------------------------------------------------------------------------


def test_the_hash_is_splitmix64():
    """The first numbers of the published generator with seed 1234567 (Vigna, splitmix64.c; Rosetta Code)."""
    draws = Draws(np.array([1234567], np.uint64))
    assert draws._bits(5)[0].tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431,
                                          16408922859458223821]


def test_draws_are_uniform_and_independent():
    with rooted(1, 2):
        draws = draws_for(range(20000))
    u = draws.uniform(size=2)
    for column in (*u.T, draws.fork().uniform(), draws.uniform()):
        counts = np.histogram(column, 20, (0, 1))[0]
        assert ((counts - 1000) ** 2 / 1000).sum() < 45  # chi squared with 19 degrees of freedom: 1 in 1000
    for one, two in ((u[:, 0], u[:, 1]), (u[1:, 0], u[:-1, 0])):
        assert abs(np.corrcoef(one, two)[0, 1]) < 0.03
    assert np.bincount(draws.integers(7), minlength=7).min() > 2600
    assert (np.sort(draws.orders(4), axis=1) == np.arange(4)).all() and len(np.unique(draws.orders(3), axis=0)) == 6
    assert abs(draws.chance(0.2).mean() - 0.2) < 0.01
    normal = draws[:500].normal((3,))
    assert abs(normal.mean()) < 0.1 and abs(normal.std() - 1) < 0.1


def test_keys_differ():
    assert len({key_of(*numbers) for numbers in [(0, 0), (0, 1), (1, 0), (0,), (0, 0, 0), (1, 1), (2, 0), (0, 2)]}) == 8
    keys = np.concatenate([draws_for(range(1000)).keys, *(draws_in(s, e) for s in range(3) for e in range(3) if s + e)])
    assert len(np.unique(keys)) == len(keys)
    x = np.array([0, 1, MASK], np.uint64)
    assert len(np.unique(mix(x))) == 3


def draws_in(*numbers):
    with rooted(*numbers):
        return draws_for(range(1000)).keys


def test_sample_rng():
    with rooted(3, 1):
        one, two, again = (data.sample_rng(i).random(3) for i in (0, 1, 0))
    assert (one == again).all() and (one != two).all() and (data.sample_rng(0).random(3) != one).all()


# ---- arrays -------------------------------------------------------------------------------------------------------


def test_array_dataset():
    x, t = np.arange(12.0).reshape(4, 3), np.array([0, 1, 1, 2])
    dataset = data.ArrayDataset(tensor(x), t.tolist(), num_classes=3)
    assert len(dataset) == 4 and isinstance(dataset, data.Dataset)
    np.testing.assert_array_equal(dataset[-1][0], x[3])
    np.testing.assert_array_equal(dataset.__getitems__([3, 0])[0], x[[3, 0]])
    assert repr(dataset) == "ArrayDataset(4 samples of float64[3], int64[])"
    named = data.ArrayDataset(x, t, names=("x", "t"), transform=lambda v: v * 2, target_transform=lambda v: v + 1)
    assert named[1]["t"] == 2 and (named[1]["x"] == 2 * x[1]).all()
    with pytest.raises(IndexError, match="sample 4 among 4"):
        dataset[4]
    with pytest.raises(TypeError, match="Subset"):
        dataset[1:3]
    noisy = data.ArrayDataset(x, transform=transforms.GaussianNoise())
    np.testing.assert_array_equal(noisy[-1], noisy[3])


@pytest.mark.parametrize("make, error, says", [
    (lambda: data.ArrayDataset(), ValueError, "at least one"), (lambda: data.ArrayDataset([1, 2], [1]), ValueError, r"\(2, 1\)"),
    (lambda: data.ArrayDataset(["a", "b"]), TypeError, "numbers"), (lambda: data.ArrayDataset(3), ValueError, "single number"),
    (lambda: data.ArrayDataset([[1], [1, 2]]), ValueError, "ragged"),
    (lambda: data.ArrayDataset([1], names=["a", "b"]), ValueError, "names"),
    (lambda: data.ArrayDataset([0.0, np.nan, np.inf]), ValueError, r"sample 1 has 1 values in array 0 .*\(2 samples have such\)"),
    (lambda: data.ArrayDataset([1, 2, 3], [0, 3, -1], num_classes=3), ValueError, r"sample 1 has class 3, .*\(2 samples are outside"),
    (lambda: data.ArrayDataset([1], [0.5], num_classes=3), TypeError, "integers"),
    (lambda: data.ArrayDataset([1, 2], [0, 2], classes=["cat", "dog"]), ValueError, "2 classes"),
    (lambda: data.ArrayDataset([1], target_transform=abs), ValueError, "second array"),
    (lambda: data.ArrayDataset([1]).targets, AttributeError, "no targets"),
    (lambda: data.Subset([1, 2], [2]), IndexError, "sample 2"), (lambda: data.Subset([1, 2], [True, False]), TypeError, "flatnonzero"),
    (lambda: data.Subset([1, 2], [0])[1], IndexError, "among 1"), (lambda: data.ConcatDataset([]), ValueError, "at least one"),
    (lambda: iter(data.IterableDataset()), NotImplementedError, "__iter__"),
    (lambda: data.collate([{"a": 1}, {"b": 1}]), ValueError, "sample 1 does not fit .* its keys"),
    (lambda: data.collate([(1, 2), (1,)], ["cat.png", "dog.png"]), ValueError, "dog.png does not fit into a batch with cat.png"),
])
def test_what_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        make()


# ---- data sets of data sets ---------------------------------------------------------------------------------------

LETTERS = [(float(i), i) for i in range(5)]


def test_subset_and_concat():
    arrays = data.ArrayDataset(np.arange(4.0) * 10, np.arange(4), classes=list("abcd"))
    joined = data.ConcatDataset([LETTERS, data.Subset(arrays, [3, 1])])
    assert [float(joined[i][0]) for i in range(7)] == [0, 1, 2, 3, 4, 30, 10] and float(joined[-1][0]) == 10
    x, t = next(iter(data.DataLoader(joined, sampler=[6, 0, 5, 2], batch_size=4)))
    assert x.tolist() == [10, 0, 30, 2] and t.tolist() == [1, 0, 3, 2]
    assert joined.describe(5) == "sample 3 of data set 1"
    part = data.Subset(data.Subset(arrays, [3, 2, 1]), [2, 0])
    assert part.targets.tolist() == [1, 3] and part.inputs.tolist() == [10, 30] and part.classes == list("abcd")
    both = data.ConcatDataset([arrays, part])
    assert both.targets.tolist() == [0, 1, 2, 3, 1, 3] and both.inputs.tolist() == [0, 10, 20, 30, 10, 30] and both.classes == list("abcd")
    assert "Subset(2 samples" in repr(both)


def test_transformed():
    for inner in (LETTERS, data.ArrayDataset(np.arange(5.0), np.arange(5))):
        outer = data.TransformedDataset(inner, lambda x: x + 1, lambda t: -t)
        assert [(float(x), int(t)) for x, t in outer] == [(i + 1.0, -i) for i in range(5)]
    named = data.ArrayDataset(np.arange(5.0), np.arange(5), names=("x", "t"))
    for inner in (named, [{"x": 1.0, "t": 2}]):
        assert data.TransformedDataset(inner, lambda x: x + 1, lambda t: t * 10)[0] == {
            "x": inner[0]["x"] + 1, "t": inner[0]["t"] * 10}
    assert list(data.TransformedDataset([1, 2], lambda x: x * 5)) == [5, 10]


# ---- made up ------------------------------------------------------------------------------------------------------


def test_spiral_is_the_courses():
    """CS231n, "Putting it together: minimal neural network case study", its code as it stands there, with another generator."""
    rng = np.random.default_rng(3)
    n, d, k = 50, 2, 3
    x, y = np.zeros((n * k, d)), np.zeros(n * k, dtype="uint8")
    for j in range(k):
        ix = range(n * j, n * (j + 1))
        r = np.linspace(0.0, 1, n)
        t = np.linspace(j * 4, (j + 1) * 4, n) + rng.standard_normal(n) * 0.2
        x[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[ix] = j
    ours = data.spiral(50, rng=3)
    np.testing.assert_array_equal(ours[0], x.astype(np.float32))
    np.testing.assert_array_equal(ours[1], y)


@pytest.mark.parametrize("make, size", [(data.spiral, 300), (data.moons, 200), (data.circles, 200), (data.xor, 200), (data.blobs, 300)])
def test_made_up_sets(make, size):
    x, t = make(rng=1)
    assert (x.dtype, t.dtype, x.shape, t.shape) == (np.float32, np.int64, (size, 2), (size,))
    assert (np.bincount(t) == 100).all()
    np.testing.assert_array_equal(make(rng=1)[0], x)
    assert (make(rng=2)[0] != x).any()


def test_their_classes():
    x, t = data.circles(noise=0, rng=0)
    np.testing.assert_allclose(np.hypot(*x.T), np.where(t == 1, 0.5, 1), rtol=1e-6)
    x, t = data.xor(101, noise=0, rng=0)
    np.testing.assert_array_equal(t == 1, x[:, 0] * x[:, 1] < 0)
    x, t = data.moons(noise=0, rng=0)
    np.testing.assert_allclose(np.hypot(*(x - np.where(t[:, None] == 1, [1, 0.5], [0, 0])).T), 1, rtol=1e-6)
    x, t = data.blobs(5, [[0, 0, 0], [9, 9, 9]], noise=0, rng=0)
    assert x.shape == (10, 3) and (x[t == 1] == 9).all()
