"""Do batches depend on (seed, epoch, index) alone, and does a loader go on exactly where it stopped?

Read next: `test_workers.py`.
"""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from nn import data
from nn.data import transforms


def images(n=23, transform=True, **more):
    rng = np.random.default_rng(0)
    augmented = transforms.Compose([transforms.RandomCrop(6, padding=1), transforms.RandomHorizontalFlip(), transforms.GaussianNoise(),
                                    lambda x, rng: x + rng.normal()])
    return data.ArrayDataset(rng.random((n, 1, 6, 6)).astype(np.float32), np.arange(n), transform=augmented if transform else None, **more)


class Stream(data.IterableDataset):
    """Samples that come one after another; the transform adds noise."""

    def __init__(self, n=23):
        super().__init__(transform=transforms.GaussianNoise(clip=False))
        self.n = n

    def __iter__(self):
        return ((np.full(3, i, np.float32), i) for i in range(self.n))


class Own:
    """A data set as a user writes it, with its own randomness."""

    def __len__(self):
        return 23

    def __getitem__(self, index):
        return {"x": data.sample_rng(index).normal(size=3), "name": f"no. {index}", "t": index}


def digest(batches):
    found = hashlib.sha256()
    for batch in batches:
        for part in batch.values() if isinstance(batch, dict) else batch:
            found.update(str(part).encode() if isinstance(part, list) else np.ascontiguousarray(part).tobytes())
    return found.hexdigest()


def by_index(loader):
    """What became of each sample, by its index."""
    return {int(t): x for xs, ts in loader for x, t in zip(xs, ts)}


# ---- on what it depends -------------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2 ** 40), epoch=st.integers(0, 5), sizes=st.tuples(st.integers(1, 25), st.integers(1, 25)))
def test_a_sample_does_not_depend_on_its_batch(seed, epoch, sizes):
    one, two = (data.DataLoader(images(), size, shuffle=shuffle, seed=seed) for size, shuffle in zip(sizes, (True, False)))
    for loader in (one, two):
        loader.set_epoch(epoch)
    one, two = by_index(one), by_index(two)
    assert sorted(one) == sorted(two) == list(range(23))
    for i in range(23):
        np.testing.assert_array_equal(one[i], two[i])


def test_it_depends_on_the_epoch_and_the_seed():
    loader = data.DataLoader(images(), 5, shuffle=True, seed=1)
    first, second = by_index(loader), by_index(loader)
    other = by_index(data.DataLoader(images(), 5, shuffle=True, seed=2))
    assert loader.epoch == 2
    assert list(first) != list(second) and list(first) != list(other)
    assert all((first[i] != second[i]).any() and (first[i] != other[i]).any() for i in range(23))


def test_without_a_seed_it_is_the_default_generators():
    def order():
        return [t.tolist() for _, t in data.DataLoader(images(), 5, shuffle=True)]

    autograd.random.seed(5)
    one, two = order(), order()
    autograd.random.seed(5)
    assert order() == one != two


def test_a_subset_keeps_the_draws_of_the_whole():
    whole = by_index(data.DataLoader(images(), 4, seed=3))
    part = by_index(data.DataLoader(data.Subset(images(), [20, 3, -1]), 2, seed=3))
    for i in (20, 3, 22):
        np.testing.assert_array_equal(part[i], whole[i])


def test_layers_of_transforms_draw_independently():
    flip = transforms.RandomHorizontalFlip()
    x = np.arange(8.0, dtype=np.float32).reshape(1, 1, 1, 8).repeat(400, 0)
    twice = data.TransformedDataset(data.ArrayDataset(x, np.arange(400), transform=flip), flip)
    ((once, _),), ((both, _),) = (list(data.DataLoader(d, 400, seed=0)) for d in (twice.dataset, twice))
    flipped = [batch[:, 0, 0, 0] == 7 for batch in (once, both)]
    assert 0.4 < flipped[0].mean() < 0.6 and 0.4 < flipped[1].mean() < 0.6  # and not undone by the same draw
    joined = data.ConcatDataset([twice.dataset, twice.dataset])
    (again, _), = data.DataLoader(joined, 800, seed=0)
    assert 0.4 < np.mean(again[:400] == again[400:]) < 0.6


def test_mixtures_of_the_whole_set_do_not_depend_on_the_batch():
    mixed = data.MixedDataset(images(num_classes=23), transforms.MixUp(23))
    one, two = (np.concatenate([x for x, _ in data.DataLoader(mixed, size, seed=1)]) for size in (4, 23))
    np.testing.assert_array_equal(one, two)
    x, t = mixed[3]
    assert x.shape == (1, 6, 6) and t.shape == (23,) and t[3] > 0


# ---- batches ------------------------------------------------------------------------------------------------------


def test_batches_are_tuples_of_arrays():
    x, t = next(iter(data.DataLoader([(np.ones(2), 3), (np.zeros(2), 4)], 2)))
    assert (x.dtype, t.dtype, x.shape, t.tolist()) == (np.float32, np.int64, (2, 2), [3, 4])
    batch = next(iter(data.DataLoader(Own(), 2)))
    assert batch["name"] == ["no. 0", "no. 1"] and batch["x"].shape == (2, 3) and batch["t"].dtype == np.int64
    named = next(iter(data.DataLoader(data.ArrayDataset(np.ones(3), np.arange(3), names=["a", "b"]), 2)))
    assert named["a"].dtype == np.float32 and named["b"].tolist() == [0, 1]
    assert [x.tolist() for x in data.DataLoader([1, 2, 3], 2)] == [[1, 2], [3]]
    assert next(iter(data.DataLoader(data.ArrayDataset(np.zeros((4, 3), np.uint8)), 4)))[0].dtype == np.uint8


def test_lengths():
    assert [len(data.DataLoader(images(), 5, drop_last=drop)) for drop in (False, True)] == [5, 4]
    assert [len(t) for _, t in data.DataLoader(images(), 5, drop_last=True)] == [5] * 4
    assert [len(t) for _, t in data.DataLoader(Stream(), 5)] == [5, 5, 5, 5, 3]
    assert [len(t) for _, t in data.DataLoader(Stream(), 5, drop_last=True)] == [5] * 4
    assert [int(t) for _, t in data.DataLoader(images(3), None)] == [0, 1, 2]
    assert [t for _, t in data.DataLoader(Stream(3), None)] == [0, 1, 2]
    with pytest.raises(TypeError):
        len(data.DataLoader(Stream(), 5))


def test_own_ways():
    assert list(data.DataLoader([1, 2, 3], 2, collate_fn=lambda samples: samples)) == [[1, 2], [3]]
    assert [t.tolist() for _, t in data.DataLoader(images(), batch_sampler=[[1, 2], [3]])] == [[1, 2], [3]]
    assert [t.tolist() for _, t in data.DataLoader(images(), 2, sampler=[5, 4, 4])] == [[5, 4], [4]]
    doubled = data.DataLoader(images(4, False), 2, batch_transform=lambda batch: (batch[0] * 2, batch[1]))
    np.testing.assert_array_equal(next(iter(doubled))[0], images(4, False).inputs[:2] * 2)
    noisy = data.DataLoader(images(4, False), 2, seed=1, batch_transform=lambda batch, rng: rng.normal(size=3))
    assert digest(noisy) != digest(noisy)  # another epoch
    x, t = next(iter(data.DataLoader(images(8), 4, seed=1, batch_transform=transforms.CutMix(23))))
    assert x.shape == (4, 1, 6, 6) and t.shape == (4, 23)


# ---- state --------------------------------------------------------------------------------------------------------


@given(stop=st.integers(0, 5), epoch=st.integers(0, 3), seed=st.integers(0, 100), stream=st.booleans())
def test_it_goes_on_where_it_stopped(stop, epoch, seed, stream):
    def loader(seed):
        return data.DataLoader(Stream() if stream else images(), 5, shuffle=None if stream else True, seed=seed)

    one = loader(seed)
    one.set_epoch(epoch)
    batches = iter(one)
    for _ in range(stop):
        next(batches)
    state = one.state_dict()
    assert (state["epoch"], state["batch"]) == (epoch, stop)
    other = loader(seed + 1)
    other.load_state_dict(state)
    assert digest(other) == digest(batches)
    assert digest(other) == digest(one) and other.state_dict() == one.state_dict()


def test_a_state_can_be_saved(tmp_path):
    loader = data.DataLoader(images(), 5, shuffle=True, seed=2 ** 62)
    next(iter(loader))
    autograd.save(loader.state_dict(), tmp_path / "loader.npz")
    assert autograd.load(tmp_path / "loader.npz") == loader.state_dict()


def test_a_pass_that_was_broken_off_is_over():
    loader = data.DataLoader(images(), 5, shuffle=True, seed=0)
    for _ in loader:
        break
    assert (loader.epoch, loader.batch) == (0, 1)
    order = list(by_index(loader))
    assert (loader.epoch, loader.batch) == (2, 0)
    fresh = data.DataLoader(images(), 5, shuffle=True, seed=0)
    fresh.set_epoch(1)
    assert list(by_index(fresh)) == order


def test_an_older_pass_does_not_count():
    loader = data.DataLoader(images(), 5)
    old, new = iter(loader), iter(loader)
    next(new)
    next(old)
    next(old)
    assert loader.batch == 1


def test_the_state_of_an_own_sampler():
    class Countdown:
        """Remembers where it is, over epochs."""

        def __init__(self):
            self.at = 0

        def __iter__(self):
            for _ in range(4):
                self.at += 1
                yield self.at % 10

        def state_dict(self):
            return {"at": self.at}

        def load_state_dict(self, state):
            self.at = state["at"]

    def loader():
        return data.DataLoader(images(10, False), 2, sampler=Countdown())

    whole = loader()
    seen = [t.tolist() for _ in range(3) for _, t in whole]
    part = loader()
    list(part)
    batches = iter(part)
    next(batches)
    other = loader()
    other.load_state_dict(part.state_dict())
    assert [t.tolist() for _ in range(2) for _, t in other] == seen[3:]


@pytest.mark.parametrize("changed", [{"batch_size": 4}, {"samples": 22}])
def test_a_state_of_other_batches_is_refused(changed):
    loader = data.DataLoader(images(), 5)
    before = loader.state_dict()
    with pytest.raises(ValueError, match=next(iter(changed))):
        loader.load_state_dict({**before, "epoch": 3, **changed})
    with pytest.raises(ValueError, match="epoch"):
        loader.load_state_dict({**before, "epoch": -1})
    with pytest.raises(ValueError, match="seed"):
        loader.load_state_dict({})
    assert loader.state_dict() == before


# ---- what it refuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make, error, says", [
    (lambda: data.DataLoader([]), ValueError, "empty"), (lambda: data.DataLoader(3), TypeError, "has neither"),
    (lambda: data.DataLoader(images(3), 5, drop_last=True), ValueError, "no batch in an epoch: 3 samples"),
    (lambda: data.DataLoader([1], 0), ValueError, "batch_size"), (lambda: data.DataLoader([1], 2.0), ValueError, "batch_size"),
    (lambda: data.DataLoader([1], num_workers=-1), ValueError, "num_workers"), (lambda: data.DataLoader([1], seed=-1), ValueError, "seed"),
    (lambda: data.DataLoader([1], seed=1.5), ValueError, "seed"), (lambda: data.DataLoader([1], timeout=-1), ValueError, "timeout"),
    (lambda: data.DataLoader([1], prefetch_factor=0), ValueError, "prefetch_factor"),
    (lambda: data.DataLoader([1], shuffle=True, sampler=[0]), ValueError, "sampler"),
    (lambda: data.DataLoader([1], 2, batch_sampler=[[0]]), ValueError, "batch_sampler"),
    (lambda: data.DataLoader(Stream(), shuffle=True), ValueError, "own order"),
    (lambda: data.DataLoader(iter([1, 2])), TypeError, "once only"), (lambda: data.IterableDataset(iter([1])), TypeError, "once only"),
    (lambda: data.DataLoader([1], None, batch_transform=len), ValueError, "batch_transform"),
    (lambda: data.DataLoader([1]).set_epoch(-1), ValueError, "epoch"),
])
def test_what_it_refuses(make, error, says):
    with pytest.raises(error, match=says):
        make()


class Broken:
    """Sample 7 of 10 is bad."""

    def __init__(self, bad, many=False):
        self.bad = bad
        if many:
            self.__class__ = BrokenMany

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return (np.ones(3), index) if index != 7 else self.bad()


class BrokenMany(Broken):
    def __getitems__(self, indices):
        return [self[i] for i in indices]


def fails(kind):
    def bad():
        raise kind

    return bad


class Odd(Exception):
    """Made of two things."""

    def __init__(self, one, two):
        super().__init__(one, two)


BAD = [(fails(ValueError("bad luck")), ValueError, "sample 7: bad luck"), (fails(KeyError("k")), RuntimeError, "KeyError: sample 7: 'k'"),
       (fails(StopIteration()), RuntimeError, "StopIteration: sample 7"), (fails(Odd(1, 2)), RuntimeError, "Odd: sample 7"),
       (lambda: (np.ones(4), 7), ValueError, r"sample 7 does not fit into a batch with sample 4: its shape \(4,\) differs from \(3,\)"),
       (lambda: (np.array([1, np.nan, np.inf]), 7), ValueError, "sample 7 has 2 values in part 0"), (lambda: (1,), ValueError, "sample 7"),
       (lambda: {"x": 1}, ValueError, "sample 7")]


@pytest.mark.parametrize("workers, many", [(0, False), (0, True), (1, False)])
def test_a_bad_sample_is_named(workers, many):
    for bad, error, says in BAD:
        loader = data.DataLoader(Broken(bad, many), 4, num_workers=workers)
        batches = iter(loader)
        assert next(batches)[1].tolist() == [0, 1, 2, 3]
        with pytest.raises(error, match=says) as caught:
            next(batches)
        assert ("happened in worker 0" in str(caught.value)) == (workers > 0)
        assert next(batches, None) is None


def test_a_bad_sample_of_a_stream_is_named():
    def stream():
        yield from range(5)
        raise ValueError("the line is cut")

    with pytest.raises(ValueError, match=r"sample 5 of the stream.*the line is cut"):
        list(data.DataLoader(data.IterableDataset(stream), 2))
    with pytest.raises(ZeroDivisionError, match="sample 3: division"):
        list(data.DataLoader(data.IterableDataset([1, 2, 4, 0], transform=lambda x: 1 / x), 2))


def test_nan_may_be_wanted():
    x = np.array([1, np.nan, 2], np.float32)
    with pytest.raises(ValueError, match="sample 1 has 1 values in array 0"):
        data.ArrayDataset(x)
    (batch,), = data.DataLoader(data.ArrayDataset(x, allow_nan=True), 3, allow_nan=True)
    np.testing.assert_array_equal(batch, x)
    huge = np.full((2, 3), 3e38, np.float32)  # finite, though the sum of squares is not
    assert len(data.ArrayDataset(huge)) == 2
