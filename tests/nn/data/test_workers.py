"""Do batches come out the same from any number of processes, and is nothing left of these when they are no longer needed?

Read next: `test_dataset.py`.
"""

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import nn.data.workers
from nn import data
from nn.data import transforms
from tests.nn.data.test_loader import Own, Stream, digest, images

SHARED = Path("/dev/shm")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/shm, and signals between processes")


def memory_of(pid):
    return [f.name for f in SHARED.glob(f"onetape-{pid}-*")]


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    gc.collect()
    assert multiprocessing.active_children() == [] and memory_of(os.getpid()) == []


@pytest.mark.parametrize("make", [images, Stream, Own, lambda: data.Subset(images(), range(20)),
                                  lambda: data.MixedDataset(images(), transforms.MixUp(23))],
                         ids=["arrays", "stream", "own", "subset", "mixed"])
def test_the_number_of_workers_does_not_matter(make):
    """Over two epochs: the same batches in the same order, to the last bit. (Issue 5, "done when" 3.)"""
    digests = set()
    for workers in (0, 1, 2):
        dataset = make()
        loader = data.DataLoader(dataset, 4, shuffle=hasattr(dataset, "__getitem__") or None, num_workers=workers, seed=7,
                                 persistent_workers=workers == 2)
        digests.add((digest(loader), digest(loader), str(loader.state_dict())))
        loader.close()
    assert len(digests) == 1


def test_mixed_batches_do_not_depend_on_workers():
    assert len({digest(data.DataLoader(images(), 4, shuffle=True, num_workers=workers, seed=7, batch_transform=transforms.CutMix(23)))
                for workers in (0, 2)}) == 1


def test_a_state_does_not_count_what_was_prepared_ahead():
    loader = data.DataLoader(images(), 4, shuffle=True, num_workers=2, prefetch_factor=3, seed=1)
    batches = iter(loader)
    next(batches)
    next(batches)
    state = loader.state_dict()
    assert state["batch"] == 2
    rest = digest(batches)
    other = data.DataLoader(images(), 4, shuffle=True, num_workers=1, seed=2)
    other.load_state_dict(state)
    assert digest(other) == rest


def test_spawned_workers():
    """They get the data set as a pickle, and need not share anything."""
    plain = data.ArrayDataset(np.arange(12.0), np.arange(12), transform=transforms.GaussianNoise())
    loaders = [data.DataLoader(plain, 5, shuffle=True, seed=1, **more)
               for more in ({}, {"num_workers": 1, "multiprocessing_context": "spawn"})]
    assert digest(loaders[0]) == digest(loaders[1])


def test_what_cannot_be_sent():
    loader = data.DataLoader(data.ArrayDataset(np.zeros(3), transform=lambda x: x), num_workers=1, multiprocessing_context="spawn")
    with pytest.raises(TypeError, match=r"(?s)pickle.*top level of a module"):
        list(loader)


def test_matrix_products_after_a_fork():
    """OpenBLAS has threads, here and in the workers."""
    np.ones((600, 600)) @ np.ones((600, 600))
    large = data.ArrayDataset(np.random.default_rng(0).random((4, 1, 300, 300), np.float32), transform=transforms.RandomResizedCrop(200))
    assert len({digest(data.DataLoader(large, 2, num_workers=workers, seed=1, timeout=60)) for workers in (0, 2)}) == 1


@linux
def test_memory_is_shared_while_it_is_needed():
    batches = iter(data.DataLoader(images(), 2, num_workers=2))
    next(batches)
    assert memory_of(os.getpid()) and len(multiprocessing.active_children()) == 2
    batches.close()
    assert not memory_of(os.getpid())


def test_batches_of_growing_size():
    """A slot of shared memory that is too small is replaced."""
    class Growing:
        def __len__(self):
            return 7

        def __getitem__(self, index):
            return np.full((2 ** (2 * index + 6),), index, np.float32), "x" * index

    batches = list(data.DataLoader(Growing(), 1, num_workers=2))
    assert [batch.shape for batch, _ in batches] == [(1, 2 ** (2 * i + 6)) for i in range(7)]
    assert all((batch == i).all() and text == ["x" * i] for i, (batch, text) in enumerate(batches))
    batches[0][0][:] = 5  # it is ours to write to


def test_persistent_workers_after_a_pass_was_broken_off():
    loader = data.DataLoader(images(), 3, shuffle=True, num_workers=2, seed=1, persistent_workers=True)
    for _ in loader:
        break
    pids = sorted(child.pid for child in multiprocessing.active_children())
    one = digest(loader)
    assert sorted(child.pid for child in multiprocessing.active_children()) == pids
    other = data.DataLoader(images(), 3, shuffle=True, seed=1)
    other.set_epoch(1)
    assert digest(other) == one
    del loader  # that ends them


def test_a_stream_starts_again_in_the_same_worker():
    loader = data.DataLoader(Stream(), 4, num_workers=1, persistent_workers=True, seed=1)
    one = digest(loader)
    loader.set_epoch(0)
    assert digest(loader) == one
    loader.close()


def test_break_ends_the_workers():
    for _ in data.DataLoader(images(), 2, num_workers=2):
        break
    batches = iter(data.DataLoader(images(), 2, num_workers=1))
    next(batches)
    del batches
    assert multiprocessing.active_children() == []


def test_an_error_in_the_loop_ends_the_workers():
    with pytest.raises(ZeroDivisionError):
        for _ in data.DataLoader(images(), 2, num_workers=2):
            1 / 0  # noqa: B018


def test_worker_init_fn():
    def init(number):
        os.environ["OUR_WORKER"] = str(number)

    class Which:
        def __len__(self):
            return 4

        def __getitem__(self, index):
            return int(os.environ["OUR_WORKER"])

    assert [int(n[0]) for n in data.DataLoader(Which(), 1, num_workers=2, worker_init_fn=init)] == [0, 1, 0, 1]


class Killer:
    """Its process ends at sample 5."""

    def __init__(self, how):
        self.how = how

    def __len__(self):
        return 12

    def __getitem__(self, index):
        if index == 5:
            self.how()
        return index


@linux
@pytest.mark.parametrize("how, says", [(lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL.*memory"),
                                       (lambda: os._exit(3), "exit code 3")], ids=["killed", "exit"])
def test_a_dead_worker_is_an_error_that_names_its_samples(how, says):
    with pytest.raises(RuntimeError, match=rf"worker 1 \(process \d+\) .*{says[:7]}.* batch 1, samples \[4, 5, 6, 7\]") as caught:
        list(data.DataLoader(Killer(how), 4, num_workers=2))
    assert says.split(".*")[-1] in str(caught.value)


@linux
def test_an_idle_worker_that_was_killed():
    batches = iter(data.DataLoader(images(), 2, num_workers=2, prefetch_factor=1))
    next(batches)
    for child in multiprocessing.active_children():
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    with pytest.raises(RuntimeError, match="SIGKILL"):
        for _ in batches:
            pass


def test_a_worker_that_takes_too_long():
    loader = data.DataLoader(Killer(lambda: time.sleep(60)), 4, num_workers=2, timeout=0.3)
    with pytest.raises(RuntimeError, match=r"worker 1 .*0.3 seconds.*samples \[4, 5, 6, 7\]"):
        list(loader)


def test_an_error_of_our_own():
    class Mine(ValueError):
        pass

    nn.data.workers.Mine, Mine.__module__, Mine.__qualname__ = Mine, "nn.data.workers", "Mine"

    def how():
        raise Mine("no luck")

    try:
        with pytest.raises(Mine, match=r"(?s)sample 5: no luck.*happened in worker 0.*Traceback.*how"):
            list(data.DataLoader(Killer(how), 12, num_workers=1))
    finally:
        del nn.data.workers.Mine


def test_no_shared_memory_left(monkeypatch):
    if not hasattr(os, "posix_fallocate"):
        pytest.skip("this system does not reserve memory ahead")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match=r"shared memory for a batch of .* MB .No space left"):
        list(data.DataLoader(images(), 2, num_workers=2))


SCRIPT = """
    import os, sys, time
    from pathlib import Path
    import numpy as np
    from nn import data

    class Slow:
        def __len__(self):
            return 1000

        def __getitem__(self, index):
            time.sleep(0.01)
            return np.zeros(1000, np.float32)

    def children():
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(status.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                    found.append(status.parent.name)
            except OSError:
                pass
        return found

    loader = data.DataLoader(Slow(), 4, num_workers=2, persistent_workers=True)
    for i, _ in enumerate(loader):
        if i == 2:
            print(*children(), flush=True)
            for _ in range({sleep}):
                time.sleep(0.1)  # a signal just before a long sleep would be noticed only after it
"""


def gone(pids, seconds=5.0):
    """Have these processes ended, soon?"""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.02)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@linux
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_program_that_is_stopped(end):
    """Ctrl-C goes to the whole group of processes; SIGKILL to the main one only."""
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(SCRIPT.format(sleep=300))], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # tests in the background ignore Ctrl-C
    pids = process.stdout.readline().split()
    assert len(pids) >= 2
    (os.killpg if end == signal.SIGINT else os.kill)(process.pid, end)
    _, errors = process.communicate(timeout=60)
    assert gone(pids) and memory_of(process.pid) == []
    if end == signal.SIGINT:
        assert errors.count("Traceback") == 1 and errors.rstrip().endswith("KeyboardInterrupt")


@linux
def test_a_program_that_ends_in_the_middle_of_a_pass():
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(SCRIPT.format(sleep=0)) + "\n        break\n"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pids, errors = process.communicate(timeout=30)
    assert process.returncode == 0 and errors == "" and gone(pids.split()) and memory_of(process.pid) == []
