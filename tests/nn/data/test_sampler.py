"""Do samplers give the orders they promise, and splits the parts?

Read next: `test_files.py`.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import data
from nn.data.split import shares

LABELS = np.repeat([0, 1, 2], [70, 20, 10])


def epochs(sampler, n=2):
    for epoch in range(n):
        sampler.set_epoch(epoch)
        yield list(sampler)


@pytest.mark.parametrize("make", [
    lambda seed: data.RandomSampler(range(20), seed=seed), lambda seed: data.RandomSampler(range(20), True, 50, seed),
    lambda seed: data.WeightedRandomSampler(np.arange(20), 15, False, seed), lambda seed: data.StratifiedSampler(LABELS, seed),
    lambda seed: data.DistributedSampler(range(20), 3, 1, seed=seed), lambda seed: data.SubsetRandomSampler(range(20), seed)])
def test_orders_are_a_function_of_seed_and_epoch(make):
    one, two = epochs(make(1))
    assert [one, two] == list(epochs(make(1))) and one != two and one != next(epochs(make(2)))
    assert len(make(1)) == len(one) and all(type(i) is int for i in one)


def test_orders():
    assert list(data.SequentialSampler("abc")) == [0, 1, 2] and len(data.SequentialSampler("abc")) == 3
    assert sorted(data.RandomSampler("abc", num_samples=6)) == [0, 0, 1, 1, 2, 2]
    assert sorted(data.SubsetRandomSampler([5, 7])) == [5, 7]
    assert set(data.RandomSampler("abc", replacement=True, num_samples=100)) == {0, 1, 2}


def test_weights():
    drawn = np.bincount(list(data.WeightedRandomSampler([0, 1, 3], 4000)), minlength=3)
    assert drawn[0] == 0 and abs(drawn[1] - 1000) < 120
    assert sorted(data.WeightedRandomSampler([1, 0, 5, 1], 3, replacement=False)) == [0, 2, 3]


@given(st.integers(0, 1000), st.integers(1, 40))
def test_stratified_batches_have_the_proportions(seed, size):
    sampler = data.StratifiedSampler(LABELS, seed)
    order = np.array(list(sampler))
    assert sorted(order) == list(range(100))
    for start in range(0, 100 - size + 1):
        counts = np.bincount(LABELS[order[start: start + size]], minlength=3)
        assert np.abs(counts - size * np.array([0.7, 0.2, 0.1])).max() < 2.5


@given(st.integers(1, 30), st.integers(1, 5), st.booleans(), st.booleans())
def test_distributed_parts_make_up_the_whole(n, world, shuffle, drop):
    parts = [list(data.DistributedSampler(range(n), world, rank, shuffle, seed=3, drop_last=drop)) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    seen = [i for part in parts for i in part]
    assert (len(set(seen)) == len(seen) == n // world * world) if drop else set(seen) == set(range(n))


def test_distributed_parts_are_pytorchs():
    """Of 7 samples for 3 processes: every third one, and the first ones again to fill up."""
    assert [list(data.DistributedSampler(range(7), 3, rank, shuffle=False)) for rank in range(3)] == [[0, 3, 6], [1, 4, 0], [2, 5, 1]]


@given(st.integers(1, 20), st.integers(1, 7), st.booleans(), st.booleans())
def test_batch_sampler(n, size, drop, plain):
    sampler = list(range(n)) if plain else data.SequentialSampler(range(n))
    batches = data.BatchSampler(sampler, size, drop)
    found = [batch.tolist() for batch in batches]
    assert len(found) == len(batches)
    assert [i for batch in found for i in batch] == list(range(n // size * size if drop else n)) and all(len(b) == size for b in found[:-1])


# ---- splits -------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8), st.lists(st.integers(1, 20), min_size=2, max_size=4))
def test_shares_add_up(classes, parts):
    classes = np.array(classes)
    ends = np.rint(np.cumsum(parts) / sum(parts) * classes.sum()).astype(int)
    sizes = np.diff(ends, prepend=0)
    counts = shares(classes, sizes)
    assert (counts.sum(axis=1) == classes).all() and (counts.sum(axis=0) == sizes).all() and (counts >= 0).all()
    assert np.abs(counts - np.outer(classes, sizes) / classes.sum()).max() < 2


def test_train_val_test_split():
    dataset = data.ArrayDataset(np.arange(100.0), LABELS)
    parts = data.train_val_test_split(dataset, (0.6, 0.2, 0.2), seed=1)
    assert [np.bincount(part.targets).tolist() for part in parts] == [[42, 12, 6], [14, 4, 2], [14, 4, 2]]
    assert sorted(np.concatenate([part.indices for part in parts])) == list(range(100))
    again, other = (data.train_val_test_split(dataset, (0.6, 0.2, 0.2), seed=seed)[0].indices.tolist() for seed in (1, 2))
    assert again == parts[0].indices.tolist() != other
    loose = data.train_val_test_split(dataset, (90, 10), stratify=False)
    assert [len(part) for part in loose] == [90, 10]
    assert [len(part) for part in data.train_val_test_split(range(10), (0.5, 0.25, 0.25))] == [5, 3, 2]  # without targets
    assert sorted(np.bincount(LABELS[part.indices]).tolist() for part in data.train_val_test_split(range(100), (0.5, 0.5), LABELS)) == [
        [35, 10, 5]] * 2


def test_random_split():
    one, two = data.random_split(range(10), [7, 3])
    assert sorted([*one, *two]) == list(range(10)) and len(one) == 7
    assert [len(part) for part in data.random_split(range(7), [1 / 3] * 3)] == [2, 3, 2]


@pytest.mark.parametrize("shuffle", [True, False])
def test_kfold(shuffle):
    dataset = data.ArrayDataset(np.arange(100.0), LABELS)
    folds = list(data.KFold(4, shuffle).split(dataset))
    assert sorted(i for _, validation in folds for i in validation.indices) == list(range(100))
    for train, validation in folds:
        assert sorted([*train.indices, *validation.indices]) == list(range(100)) and len(validation) == 25
        if shuffle:
            assert np.abs(np.bincount(validation.targets) - [17.5, 5, 2.5]).max() <= 1


@pytest.mark.parametrize("make, error, says", [
    (lambda: data.random_split(range(10), [5, 6]), ValueError, "add up to 11"),
    (lambda: data.random_split(range(3), []), ValueError, "sizes"),
    (lambda: data.random_split(range(10), [1.5, -0.5]), ValueError, "not negative"), (lambda: data.KFold(1), ValueError, "at least 2"),
    (lambda: list(data.KFold(5).split([1, 2])), ValueError, "2 samples"),
    (lambda: data.train_val_test_split(range(10), stratify=[1, 2]), ValueError, "10 samples"),
    (lambda: data.RandomSampler("abc", num_samples=0), ValueError, "num_samples"),
    (lambda: data.WeightedRandomSampler([1, -1], 2), ValueError, "negative"),
    (lambda: data.WeightedRandomSampler([1, 0], 2, False), ValueError, "1 can be drawn"),
    (lambda: data.DistributedSampler("abc", 2, 2), ValueError, "rank"), (lambda: data.StratifiedSampler([[1]]), ValueError, "labels"),
])
def test_what_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        make()
