"""Do all optimisers and schedulers give PyTorch's numbers? Its answers are frozen in `tests/peer/frozen/`.

Read next: `../peer/optim.py`, which froze them.
"""

from pathlib import Path

import numpy as np
import pytest

import optim
from autograd import tensor
from nn import Parameter
from optim import lr_scheduler
from optim.line_search import Point, strong_wolfe
from tests.optim import cases

FROZEN = Path(__file__).parents[1] / "peer" / "frozen"
WALKS = np.load(FROZEN / "optim.npz")
RATES = np.load(FROZEN / "optim_schedulers.npz")


def default_lr(name):
    return getattr(optim, name)([Parameter(np.ones((1, 1)))]).defaults["lr"]


def make(name, options):
    params = [Parameter(p) for p in cases.start(cases.how_many(name))]
    return params, getattr(optim, name)(cases.groups(params, name, options, default_lr(name)), **options)


def step(name, params, optimizer, t):
    def closure():
        f, grads = cases.valley([np.array(p.data) for p in params])
        for p, g in zip(params, grads):
            p.grad = g
        return tensor(f)

    if name == "LBFGS":
        optimizer.step(closure)
    else:
        for p, g in zip(params, cases.slopes([np.array(p.data) for p in params], t)):
            p.grad = g
        optimizer.step()


def line(params):
    return np.concatenate([p.data.reshape(-1) for p in params])


def walk(name, options, nudge=0.0):
    """Where the parameters are after the steps that are kept; `nudge` moves the start, in units of its last digits."""
    params, optimizer = make(name, options)
    for p in params:
        with p.writing() as array:
            array *= 1 + nudge * 2.0**-52
    kept = []
    for t in range(1, cases.steps_of(name, options) + 1):
        step(name, params, optimizer, t)
        if t in cases.KEPT:
            kept.append(line(params))
    return np.array(kept)


@pytest.mark.parametrize("name, i", [(name, i) for name, several in cases.OPTIMIZERS.items() for i in range(len(several))])
def test_optimizers_walk_as_in_pytorch(name, i):
    options = cases.OPTIMIZERS[name][i]
    ours, allowed = walk(name, options), 1e-10
    if name == "LBFGS":  # along the valley every rounding grows, and a BLAS rounds as its processor does: how far, the walk itself tells
        allowed = allowed + 20 * np.abs([walk(name, options, nudge) - ours for nudge in (1, -1, 2, -2)]).max(axis=(0, 2))[:, None]
        assert np.all(allowed < 1e-6)
    np.testing.assert_array_less(np.abs(ours - WALKS[f"{name}/{i}"]), allowed + 1e-10 * np.abs(ours))


def test_line_searches_stop_where_pytorchs_do():
    found = []
    for curve in cases.LINES:
        def at(t, curve=curve):
            f, slope = curve(t)
            return Point(t, float(f), float(slope), np.array([slope]))

        for t in cases.TRIES:
            point, calls = strong_wolfe(at, at(0.0), t, 1.0)
            found.append([point.t, calls])
            f0, slope0 = curve(0.0)
            assert calls > 24 or (point.f <= f0 + 1e-4 * point.t * slope0 and abs(point.slope) <= 0.9 * abs(slope0))
    np.testing.assert_allclose(found, WALKS["searches"], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", [name for name in cases.OPTIMIZERS if any(key.startswith(f"{name}/state/") for key in WALKS)])
def test_states_move_from_pytorch(name):
    """The state has PyTorch's names and shapes, and from its state in the middle we arrive where it does."""
    state = {}
    for key in WALKS:
        if key.startswith(f"{name}/state/"):
            number, entry = key.split("/")[2].split(".")
            state.setdefault(int(number), {})[entry] = WALKS[key]
    params, optimizer = make(name, {})
    for t in range(1, 3):
        step(name, params, optimizer, t)
    ours = optimizer.state_dict()
    assert {n: set(entries) for n, entries in ours["state"].items()} == {n: set(entries) for n, entries in state.items()}
    for n, entries in state.items():
        assert {key: np.shape(value) for key, value in ours["state"][n].items()} == {key: value.shape for key, value in entries.items()}
    middle, start = WALKS[f"{name}/0"][cases.KEPT.index(25)], 0
    for p in params:
        with p.writing() as array:
            array[...] = middle[start : start + p.size].reshape(p.shape)
        start += p.size
    optimizer.load_state_dict({"state": state, "param_groups": ours["param_groups"]})
    for t in range(26, 51):
        step(name, params, optimizer, t)
    np.testing.assert_allclose(line(params), WALKS[f"{name}/0"][-1], rtol=1e-10, atol=1e-10)


def two_groups():
    return optim.SGD([{"params": [Parameter([1.0])]}, {"params": [Parameter([1.0])], "lr": 0.2}], lr=0.05, momentum=0.9)


def seen(optimizer):
    return [group[key] for group in optimizer.param_groups for key in ("lr", "momentum")]


def tick(scheduler, metric):
    scheduler.step(*([metric] if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau) else []))


SCHEDULERS = [(name, i) for name, several in cases.SCHEDULERS.items() for i in range(len(several))]


@pytest.mark.parametrize("name, i", SCHEDULERS)
def test_schedulers_as_in_pytorch(name, i):
    optimizer = two_groups()
    scheduler = cases.SCHEDULERS[name][i](lr_scheduler, optimizer)
    rates = [seen(optimizer)]
    for metric in cases.METRICS:
        tick(scheduler, metric)
        rates.append(seen(optimizer))
        assert scheduler.get_last_lr() == rates[-1][::2]
    np.testing.assert_allclose(rates, RATES[f"{name}/{i}"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name, i", SCHEDULERS)
def test_schedulers_go_on_from_a_saved_state(name, i):
    optimizer = two_groups()
    scheduler = cases.SCHEDULERS[name][i](lr_scheduler, optimizer)
    for metric in cases.METRICS[:20]:
        tick(scheduler, metric)
    saved = scheduler.state_dict(), optimizer.state_dict()
    optimizer = two_groups()
    scheduler = cases.SCHEDULERS[name][i](lr_scheduler, optimizer)
    scheduler.load_state_dict(saved[0])
    optimizer.load_state_dict(saved[1])
    for metric in cases.METRICS[20:]:
        tick(scheduler, metric)
    np.testing.assert_allclose(seen(optimizer), RATES[f"{name}/{i}"][-1], rtol=1e-12, atol=1e-12)


def subclasses(module, base):
    found = {name: getattr(module, name) for name in module.__all__}
    return {name for name, cls in found.items() if isinstance(cls, type) and issubclass(cls, base) and cls is not base}


def test_every_optimizer_and_scheduler_has_a_case():
    assert subclasses(optim, optim.Optimizer) == cases.OPTIMIZERS.keys() | cases.OURS
    assert subclasses(lr_scheduler, lr_scheduler.LRScheduler) == cases.SCHEDULERS.keys() | cases.OUR_SCHEDULERS
    assert {key.rsplit("/", 1)[0] for key in WALKS if "/" in key and "/state/" not in key} == cases.OPTIMIZERS.keys()
    assert {key.rsplit("/", 1)[0] for key in RATES} == cases.SCHEDULERS.keys()
