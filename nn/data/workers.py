"""How is the next batch ready when the network asks for it?

Processes prepare batches ahead. Batch n is prepared by worker n modulo their number, each worker does its tasks in order, and each has
`prefetch_factor` tasks given to it at any time. So the batches come in order without being sorted, and the slots of a worker's shared
memory are used in turn:

    main process                                     worker
    ------------                                     ------
    (task, slot)  ------------------ pipe -------->  fetch the batch
                  <----------------- pipe ---------  'grow', size       the slot is too small: at first it always is
    name of a new slot  ------------ pipe -------->  write the batch into the slot
    copy it out   <----------------- pipe ---------  'batch', sizes

There are no threads and no locks, so that a killed worker cannot block the others, and every message is short, so that no one waits for
room in a pipe. A worker ends when its pipe is closed, or when the main process is gone.

Read next: `loader.py`.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import time
import traceback
import warnings
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import autograd.random
from nn.data.draws import key_of
from nn.data.fetch import End, Fetcher, Names, Task, again
from nn.data.shared import Packed, attached, new_slot, remove, unpacked

GRACE = 1.0
"""Seconds that workers have to finish what they are at when they are no longer needed."""


def start_method() -> str:
    """'fork' on Linux: workers start in milliseconds and share the data set's memory. Elsewhere it is not safe: 'spawn'."""
    return "fork" if sys.platform == "linux" else "spawn"


# ---- in the worker ------------------------------------------------------------------------------------------------


def work(fetcher: Fetcher, pipe: Connection, number: int, init: Callable[[int], None] | None, others: Sequence[Connection]) -> None:
    """What a worker does, until its pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the main one closes the pipes
    for other in others:
        other.close()
    parent = multiprocessing.parent_process()
    autograd.random.seed(key_of(fetcher.seed, number) >> 1)
    slots: dict[int, SharedMemory] = {}
    waiting: deque[Any] = deque()

    def message() -> Any:
        wait([pipe, parent.sentinel] if parent is not None else [pipe])
        if not pipe.poll():
            raise EOFError  # the main process is gone
        return pipe.recv()

    def room(index: int, size: int) -> SharedMemory:
        if index not in slots or slots[index].size < size:
            pipe.send(("grow", size))
            while not isinstance(answer := message(), str):
                waiting.append(answer)
            if index in slots:
                slots.pop(index).close()
            slots[index] = attached(answer)
        return slots[index]

    try:
        while True:
            task, index = waiting.popleft() if waiting else message()
            try:
                if init is not None:
                    init(number)
                    init = None
                batch = fetcher.fetch(task)
                packed = None if batch is End else Packed(batch)
            except Exception as error:
                pipe.send(("error", *told(error)))
                continue
            if packed is None:
                pipe.send(("end",))
            else:
                packed.write(room(index, packed.size))
                pipe.send(("batch", packed.sizes))
                del batch, packed
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        for slot in slots.values():
            slot.close()


def told(error: Exception, most: int = 10_000) -> tuple[str, str, str, str]:
    """An error for the main process: the module and name of its type, its text, and where it happened."""
    kind = type(error)
    return kind.__module__, kind.__qualname__, str(error)[:most], "".join(traceback.format_exception(error))[-most:]


def retold(content: list[str], worker: object) -> Exception:
    """The error that a worker told about: of the same type, if this process knows it."""
    module, name, text, trace = content
    kind = getattr(sys.modules.get(module), name, None)
    known = isinstance(kind, type) and issubclass(kind, Exception)
    return again(kind if known else RuntimeError,  # type: ignore[arg-type]
                 f"{'' if known else f'{name}: '}{text}\n\nThis happened in {worker}:\n\n{trace}")


# ---- in the main process ------------------------------------------------------------------------------------------


class Worker:
    """One worker as the main process sees it."""

    def __init__(self, number: int, process: Any, pipe: Connection) -> None:
        self.number, self.process, self.pipe = number, process, pipe
        self.tasks: deque[tuple[Task, int]] = deque()  # given to it and not yet answered
        self.given = 0
        self.slots: dict[int, SharedMemory] = {}

    def __repr__(self) -> str:
        return f"worker {self.number} (process {self.process.pid})"


class Pool:
    """Workers that prepare batches.

    Closed by `close()`, when it is no longer referred to, and at the end of the program.
    """

    def __init__(self, fetcher: Fetcher, num_workers: int, prefetch: int, timeout: float, init: Callable[[int], None] | None,
                 method: str | None) -> None:
        self.prefetch, self.timeout, self.dataset = prefetch, timeout, fetcher.dataset
        self.workers: list[Worker] = []
        self._finalizer = weakref.finalize(self, shut_down, self.workers, os.getpid())
        context: Any = multiprocessing.get_context(method or start_method())
        resource_tracker.ensure_running()  # before the workers start, so that there is one for all
        try:
            for number in range(num_workers):
                self.workers.append(started(context, fetcher, number, init, [worker.pipe for worker in self.workers]))
        except BaseException:
            self.close()
            raise

    def batches(self, tasks: Iterator[Task]) -> Iterator[Any]:
        """The batches of these tasks, in order, up to the first `End`."""
        self.drain()
        for turn in range(len(self.workers) * self.prefetch):
            self.give(turn, next(tasks, None))
        turn = 0
        while self.workers[turn % len(self.workers)].tasks:
            batch = self.answer(turn % len(self.workers))
            if batch is End:
                return
            self.give(turn, next(tasks, None))
            turn += 1
            yield batch

    def give(self, turn: int, task: Task | None) -> None:
        worker = self.workers[turn % len(self.workers)]
        if task is None:
            return
        index = worker.given % self.prefetch
        worker.given += 1
        worker.tasks.append((task, index))
        self.send(worker, (task, index))

    def send(self, worker: Worker, message: Any) -> None:
        try:
            worker.pipe.send(message)
        except (BrokenPipeError, ConnectionResetError):
            raise self.died(worker) from None

    def answer(self, number: int, copy: bool = True) -> Any:
        """What a worker has to say to its oldest task: a batch, or `End`. Raises its error."""
        worker = self.workers[number]
        index = worker.tasks[0][1]
        limit = time.monotonic() + self.timeout if self.timeout else None
        while True:
            kind, *content = self.message(worker, limit)
            if kind == "grow":
                if index in worker.slots:
                    remove(worker.slots.pop(index))
                worker.slots[index] = new_slot(content[0])
                self.send(worker, worker.slots[index].name)
                continue
            worker.tasks.popleft()
            if kind == "batch":
                return unpacked(worker.slots[index], content[0]) if copy else None
            if kind == "end":
                return End
            raise retold(content, worker)

    def message(self, worker: Worker, limit: float | None) -> Any:
        """The next message of a worker, if it lives."""
        left = None if limit is None else max(limit - time.monotonic(), 0)
        ready = wait([worker.pipe, worker.process.sentinel], left)
        if not ready:
            raise RuntimeError(f"{worker} did not deliver within {self.timeout:g} seconds; it was at {self.at(worker)}. Raise timeout=, or "
                               "look for what it waits for")
        try:
            if worker.pipe in ready or worker.pipe.poll():
                return worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            pass
        raise self.died(worker)

    def at(self, worker: Worker) -> str:
        task = worker.tasks[0][0]
        return f"batch {task.number}" + (f", {Names(self.dataset, task.indices)}" if task.indices is not None else "")

    def died(self, worker: Worker) -> RuntimeError:
        worker.process.join(GRACE)
        code = worker.process.exitcode
        how = f"was killed by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended with exit code {code}"
        hint = {"SIGKILL": " Linux kills a process like this when there is no memory left: try fewer workers or smaller batches.",
                "SIGBUS": " That is a sign that /dev/shm is full: try fewer workers or smaller batches."}.get(how.rpartition(" ")[2], "")
        return RuntimeError(f"{worker} {how} while it was at {self.at(worker)}.{hint} With num_workers=0 the main process prepares them, "
                            "and shows what is wrong.")

    def drain(self) -> None:
        """Let the workers finish what was asked of them and is no longer wanted."""
        for worker in self.workers:
            while worker.tasks:
                try:
                    self.answer(worker.number, copy=False)
                except Exception:
                    if not worker.process.is_alive():
                        raise

    def close(self) -> None:
        """End the workers and remove their memory."""
        self._finalizer()


def started(context: Any, fetcher: Fetcher, number: int, init: Callable[[int], None] | None, others: Sequence[Connection]) -> Worker:
    """A new worker process."""
    ours, theirs = context.Pipe()
    forked = context.get_start_method() == "fork"
    process = context.Process(target=work, args=(fetcher, theirs, number, init, [*others, ours] if forked else []), daemon=True,
                              name=f"DataLoader worker {number}")
    try:
        with warnings.catch_warnings(), no_interrupt():
            # A forked worker waits for no thread and no lock of the main process; NumPy's OpenBLAS starts its own threads after a fork
            warnings.filterwarnings("ignore", "This process .* is multi-threaded, use of fork", DeprecationWarning)
            process.start()
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        ours.close()
        if forked:
            raise
        raise TypeError(f"{error}.\nWith multiprocessing_context={context.get_start_method()!r} the data set, its transforms and the "
                        "functions given to the loader are sent to the workers as a pickle: put functions at the top level of a module, "
                        "in the place of a lambda; or, on Linux, take 'fork'") from error
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return Worker(number, process, ours)


class no_interrupt:
    """Inside, Ctrl-C waits; a process that is started here never sees it."""

    def __enter__(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            self.before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_SETMASK, self.before)


def shut_down(workers: list[Worker], owner: int) -> None:
    """End workers: ask, then insist. Only in the process that started them: a forked copy must leave them alone."""
    if os.getpid() != owner:
        return
    with no_interrupt():
        for worker in workers:
            worker.pipe.close()
        for insist in (None, "terminate", "kill"):
            limit = time.monotonic() + GRACE
            for worker in workers:
                if insist is not None and worker.process.is_alive():
                    getattr(worker.process, insist)()
            for worker in workers:
                worker.process.join(max(limit - time.monotonic(), 0.01))
            if not any(worker.process.is_alive() for worker in workers):
                break
        for worker in workers:
            worker.process.close()
            for slot in worker.slots.values():
                remove(slot)
        workers.clear()
