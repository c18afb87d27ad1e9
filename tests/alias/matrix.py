"""What does a gradient say after a write? One row of the matrix: every route, tried on one call of one operation.

Passive routes must change nothing, so many are tried on one run of the operation, and only if the gradient is wrong is each tried
alone, to say which it was. Active routes may give the Tensor other memory, so each has a run of its own.

Read next: `test_alias.py`.
"""

import contextlib
import copy
import itertools
from collections import Counter

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from autograd import Tensor, primitive, vjp
from autograd.backward import pull, reachable
from autograd.check import Call
from autograd.differences import plain
from autograd.testing.law import same
from autograd.tree import flatten
from nn import Parameter
from tests.alias import routes
from tests.alias.routes import ACTS, GRIPS, WRITES, Kept, assigned, spoil

REFUSED, RIGHT, WRONG = "refused", "right", "WRONG"
EARLY, BEFORE, AFTER = "written before", "taken before, written after", "taken and written after"


class Enough(Exception):
    """Stops drawing."""


def drawn(case, tries=20):
    """A call of a case whose inputs have something to write to, in a list; or an empty list."""
    found = []

    @settings(max_examples=tries, deadline=None, derandomize=True, database=None, phases=(Phase.generate,), print_blob=False,
              report_multiple_bugs=False, suppress_health_check=list(HealthCheck))
    @given(case.arguments)
    def draw(arguments):
        call = Call(case.f, *arguments)
        if call.inputs and all(x.size for x in call.inputs) and any(x.ndim for x in call.inputs):
            found[:] = [call]
            raise Enough

    with contextlib.suppress(Enough):
        draw()
    return found


class Run:
    """One run of a call: the caller's arrays (`own`), the Tensors made of them (`x`), and after `forward()` the results (`y`)."""

    def __init__(self, call, own=None, constant=None, wrap=None):
        self.call = call
        self.own = [np.array(x) for x in call.inputs] if own is None else own
        self.x = [a if constant == i else Parameter(a) for i, a in enumerate(self.own)]
        self.leaves = copy.deepcopy(call.leaves)
        self.kwargs = copy.deepcopy(call.kwargs)
        self.wrap = wrap
        self.recorded = None

    def forward(self):
        leaves = list(self.leaves)
        for place, x in zip(self.call.places, self.x):
            leaves[place] = self.wrap(x) if self.wrap and isinstance(x, Tensor) else x
        self.recorded = [np.array(plain(x)) for x in self.x]
        with np.errstate(all="ignore"):
            self.args = self.call.structure.unflatten(leaves)
            results = flatten(self.call.f(*self.args, **self.kwargs))[0]
        self.y = [y for y in results if isinstance(y, Tensor) and y.node is not None]
        self.nodes = [y.node for y in self.y]
        rng = np.random.default_rng(5)
        self.g = [rng.uniform(0.5, 1.5, y.shape).astype(y.dtype)[()] for y in self.y]
        return self

    def gradients(self, record=False):
        start = {}
        for node, g in zip(self.nodes, self.g):
            start[node] = start[node] + g if node in start else g
        with np.errstate(all="ignore"):
            arrived = pull(start, reachable(start)[1], keep=True, record=record)
        return [plain(arrived[x.node]) if isinstance(x, Tensor) and x.node in arrived else None for x in self.x]

    def backward(self, given=None):
        """`y.backward(g)` of every result."""
        for y, g in zip(self.y, given or [Tensor(g) for g in self.g]):
            y.backward(g, retain_graph=True)
        return self

    @property
    def grads(self):
        return [x.grad if isinstance(x, Tensor) else None for x in self.x]

    def right(self, record=False):
        """Is the gradient that of the recorded values, computed where nobody writes?"""
        return equal(self.gradients(record), self.clean(record))

    def clean(self, record):
        """The gradient of the recorded values where nobody writes; remembered if they are those that were drawn."""
        drawn = self.wrap is None and all(map(same, self.recorded, self.call.inputs))
        known, key = self.call.__dict__.setdefault("known", {}), (self.constant, record)
        if drawn and key in known:
            return known[key]
        gradients = Run(self.call, self.recorded, self.constant, self.wrap).forward().gradients(record)
        if drawn:
            known[key] = gradients
        return gradients

    @property
    def constant(self):
        return next((i for i, x in enumerate(self.x) if not isinstance(x, Tensor)), None)

    @property
    def targets(self):
        return [x for x in (*self.x, *self.y) if isinstance(x, Tensor) and x.ndim]


class Row:
    """All cells of one call: how often a route at a time was refused, right or wrong."""

    def __init__(self, call, turn=0, everything=False):
        self.call, self.turn, self.everything = call, turn, everything
        self.cells = {}

    def note(self, route, time, outcome):
        self.cells.setdefault((route, time), Counter())[outcome] += 1

    @property
    def wrong(self):
        return [f"{route} ({time})" for (route, time), counts in self.cells.items() if counts[WRONG]]

    def fill(self, light=False):
        """All cells; or only those in which a composed function may differ from its primitives."""
        self.passive()
        self.constants()
        self.options()
        if light:
            return self
        for name, act in ACTS.items():
            self.active(name, act)
        self.hooks()
        self.gradients_given_and_got()
        self.functional()
        self.returned_input()
        return self

    # ---- passive ----------------------------------------------------------------------------------------------

    def pairs(self):
        """Grips and writes: all pairs, or of each grip a few writes, others for each operation."""
        writes = list(WRITES)
        for i, grip in enumerate(GRIPS):
            for k in range(len(writes) if self.everything else 3):
                yield grip, writes[(self.turn + 5 * i + k) % len(writes)]

    def passive(self):
        for time in (BEFORE, AFTER):
            run, outcomes = self.spoilt(time, self.pairs())
            if run.right() and run.right(record=True):
                for route, refused in outcomes:
                    self.note(route, time, REFUSED if refused else RIGHT)
                continue
            for pair in self.pairs():  # which was it?
                run, outcomes = self.spoilt(time, [pair])
                right = run.right() and run.right(record=True)
                for route, refused in outcomes:
                    self.note(f"{route}, {pair[1]}", time, REFUSED if refused else RIGHT if right else WRONG)
        run = Run(self.call)
        views = [a[...] for a in run.own]
        run.forward()
        for a in (*run.own, *views):
            assigned(a)
        self.note("the caller's array, given to Tensor()", AFTER, RIGHT if run.right() else WRONG)

    def spoilt(self, time, pairs):
        """A run in which these grips were taken and written to."""
        run, outcomes, taken = Run(self.call), [], []
        if time == AFTER:
            run.forward()
        for grip, write in pairs:
            for x in run.targets if time == AFTER else [x for x in run.x if x.ndim]:
                memory = attempt(GRIPS[grip], x)
                taken.append((grip, write, memory))
        if time == BEFORE:
            run.forward()
        for grip, write, memory in taken:
            outcomes.append((grip, isinstance(memory, Exception) or isinstance(attempt(WRITES[write], memory), Exception)))
        return run, outcomes

    # ---- active -----------------------------------------------------------------------------------------------

    def active(self, name, act):
        for time in (EARLY, AFTER, *([BEFORE] if isinstance(act, Kept) else [])):
            run = Run(self.call)
            refused, targets = False, [x for x in run.x if x.ndim and (x.dtype.kind == "f" or "step" not in name)]
            if time == AFTER:
                run.forward()
                targets += [y for y in run.y if y.ndim]
            routes.VALUE = 0.7 if time == EARLY else np.nan
            try:
                for x in targets:
                    failed = attempt(act, x)
                    refused |= isinstance(failed, Exception)
                if isinstance(act, Kept) and time != BEFORE:
                    refused |= isinstance(attempt(act.write), Exception)
                if time != AFTER:
                    try:
                        run.forward().gradients()
                    except (ValueError, ArithmeticError, np.linalg.LinAlgError, Warning):
                        continue  # 0.7 everywhere is outside the domain
                if isinstance(act, Kept) and time == BEFORE:
                    refused |= isinstance(attempt(act.write), Exception)
            finally:
                routes.VALUE = np.nan
            self.note(name, time, WRONG if not run.right() else REFUSED if refused else RIGHT)

    # ---- operands and options that are no Tensors -------------------------------------------------------------

    def constants(self):
        for i, x in enumerate(self.call.inputs if len(self.call.inputs) > 1 else []):
            if not x.ndim:
                continue
            for name, (make, write) in OPERANDS.items():
                run = Run(self.call)
                run.own[i] = run.x[i] = make(np.array(x))
                run.forward()
                if run.y:
                    write(run.x[i])
                    self.note(name, AFTER, RIGHT if run.right() and run.right(record=True) else WRONG)

    def options(self):
        run = Run(self.call).forward()
        if sum(map(spoil_options, (*run.args, run.kwargs))):  # all of them
            self.note("an option, an index, a list of operands", AFTER, RIGHT if run.right() and run.right(record=True) else WRONG)

    # ---- gradients --------------------------------------------------------------------------------------------

    def hooks(self):
        """A hook that writes to the gradient of one input changes that of no other; what it kept changes with nothing."""
        for name, write in HOOKS.items():
            run, kept = Run(self.call), []
            first = run.x[0]

            def hook(g, write=write):
                write(g)

            run.forward()
            for y in run.y:
                y.register_hook(lambda g, kept=kept: kept.append((g, np.array(g.data))))
            first.register_hook(hook)
            attempt(run.backward)
            others = equal(run.grads[1:], Run(self.call).forward().backward().grads[1:])
            unchanged = all(same(g, before) for g, before in kept)
            self.note(name, AFTER, RIGHT if others and unchanged else WRONG)

    def gradients_given_and_got(self):
        clean, run = Run(self.call).forward(), Run(self.call).forward()
        given, users = [np.array(g) for g in run.g], [np.full(x.shape, 2.0, x.dtype) for x in run.x]
        for x in clean.x:
            x.grad = Tensor(np.full(x.shape, 2.0, x.dtype))
        for x, g in zip(run.x, users):
            x.grad = Tensor(g)
        tensors = [Tensor(g) for g in given]
        run.backward(tensors)
        for a in (*given, *users):
            if a.ndim:
                assigned(a)
        for t in tensors:
            spoil(t)
        self.note("the gradient given to backward()", AFTER, RIGHT if equal(run.grads, clean.backward().grads) else WRONG)
        for x, y in zip(run.x, clean.x):
            spoil(x.grad)
            x.grad = y.grad = None
        self.note("x.grad, between two backward passes", AFTER, RIGHT if equal(run.backward().grads, clean.backward().grads) else WRONG)

    def functional(self):
        """The arguments, the value and the gradients of `vjp`, which are plain arrays, belong to the caller."""
        own = [np.array(x) for x in self.call.inputs]
        call = Call(self.call.f, self.call.structure.unflatten(copy.deepcopy(self.call.leaves)), self.call.kwargs)
        with np.errstate(all="ignore"):
            value, pullback = vjp(call, *own, argnums=tuple(range(len(own))))
            rng = np.random.default_rng(5)
            leaves, structure = flatten(value)
            v = [np.asarray(rng.uniform(0.5, 1.5, np.shape(y)).astype(plain(y).dtype)) for y in leaves]
            first = list(pullback(structure.unflatten([a[()] for a in v])))
            kept = [np.array(g) for g in first]
            for a in (*own, *leaves, *first):
                if isinstance(a, np.ndarray) and a.ndim and a.flags.writeable:
                    assigned(a)
            second = pullback(structure.unflatten([a[()] for a in v]))
        self.note("arguments, value and gradients of vjp", AFTER, RIGHT if all(map(same, kept, second)) else WRONG)

    def returned_input(self):
        """A user's primitive that returns its input, or a view of it."""
        for name, forward in RETURNED.items():
            wrap = primitive(forward, name="passed", x=lambda g: g, linear=True)
            run = Run(self.call, wrap=wrap).forward()
            for x in run.x:
                attempt(assigned, attempt(GRIPS["x.data with writeable = True"], x))
                spoil(x)
            self.note(name, AFTER, RIGHT if run.right() and run.right(record=True) else WRONG)


def equal(some, others):
    """The same gradients, None included."""
    return all((a is None and b is None) or (a is not None and b is not None and same(a, b)) for a, b in zip(some, others, strict=True))


def attempt(f, *args):
    """What f returns, or the exception that it raises."""
    try:
        with np.errstate(all="ignore"):
            return f(*args)
    except Exception as error:
        return error


# ---- operands -------------------------------------------------------------------------------------------------------


def locked(a):
    a.flags.writeable = False
    return a


def relock(a):
    a.flags.writeable = True
    assigned(a)


def over_bytes(a):
    """A read-only array on memory that is none of NumPy's, and can be written all the same."""
    memory = bytearray(np.ascontiguousarray(a).tobytes())
    view = np.frombuffer(memoryview(memory).toreadonly(), a.dtype).reshape(a.shape)
    MEMORY[id(view)] = memory
    return view


MEMORY = {}


def write_bytes(a):
    memory = MEMORY.pop(id(a))
    memory[:] = b"\xff" * len(memory)


def whole(a):
    base = np.zeros((2, *a.shape), a.dtype)
    base[1] = a
    return base[1]


def looked_at(a):
    view = a[...]
    view.flags.writeable = False
    return view


OPERANDS = {
    "an operand, the caller's array": (np.array, assigned),
    "an operand, a view of his array": (whole, lambda a: assigned(a.base)),
    "an operand, a read-only view of his array": (looked_at, lambda a: assigned(a.base)),
    "an operand, read-only, and unlocked": (locked, relock),
    "an operand, read-only, on a bytearray": (over_bytes, write_bytes),
}
"""How an operand that is no Tensor is made, and written."""


def spoil_options(thing):
    """Write to every array and list among the arguments that are no Tensors. Returns whether there was one."""
    if isinstance(thing, np.ndarray) and thing.ndim and thing.flags.writeable and thing.dtype != object:
        assigned(thing)
        return True
    if isinstance(thing, dict):
        return sum(map(spoil_options, thing.values())) > 0
    if not isinstance(thing, (list, tuple)):
        return False
    found = sum(map(spoil_options, thing)) > 0
    if isinstance(thing, list) and thing:
        thing[:] = [0 if isinstance(part, (int, np.integer)) and not isinstance(part, bool) else part for part in reversed(thing)]
        return True
    return found


# ---- hooks ----------------------------------------------------------------------------------------------------------


def scaled(g):
    g *= np.nan


def filled(g):
    g[...] = np.nan


RETURNED = {"a primitive that returns its input": lambda x: x, "a primitive that returns a view": lambda x: x[...]}

HOOKS = {
    "a hook that writes to its gradient": spoil,
    "a hook that says g *= v": scaled,
    "a hook that says g[...] = v": filled,
    "a hook that unlocks g.data": lambda g: attempt(assigned, attempt(GRIPS["x.data with writeable = True"], g)),
}


def rows(cases, everything=()):
    """The matrix, row by row: (name of the case, its cells)."""
    for turn, case in zip(itertools.count(), cases):
        for call in drawn(case):
            yield case, Row(call, turn, case.f in everything)
