"""Do oneDNN's changes of weights agree with those of `optim/passes.py` in NumPy?

Each step against its twin in float64, and each optimiser with and without the library.
"""

import threading

import numpy as np
import pytest

import autograd
import optim
from autograd.kernels import active
from autograd.kernels.onednn import update
from nn import Parameter
from optim.moments import follow
from optim.passes import add_square, combine, descend
from tests.kernels.backends import MISSING, ROUNDING, WHY, backend, normal, wide  # noqa: F401
from tests.optim.test_laws import NAMES, make, walk

pytestmark = [pytest.mark.skipif(MISSING, reason=WHY), pytest.mark.parametrize("backend", ["onednn"], indirect=True)]

SHAPES = [(5000,), (33, 47), (1,), (2, 3, 5)]
STEPS = {
    "combine": (lambda s, a, b, c: combine(a, a, 0.7, b, -0.3, s), lambda a, b, c: 0.7 * a - 0.3 * b),
    "combine elsewhere": (lambda s, a, b, c: combine(s, a, 2, b, 1, s), lambda a, b, c: 2 * a + b),
    "combine with itself": (lambda s, a, b, c: combine(a, b, 1, a, -0.1, s), lambda a, b, c: b - 0.1 * a),
    "difference": (lambda s, a, b, c: combine(a, b, 3, c, -1, s), lambda a, b, c: 3 * b - c),
    "follow": (lambda s, a, b, c: follow(a, b, 0.9, s), lambda a, b, c: 0.9 * a + 0.1 * b),
    "follow elsewhere": (lambda s, a, b, c: follow(a, b, 0.9, s, out=s), lambda a, b, c: 0.9 * a + 0.1 * b),
    "add_square": (lambda s, a, b, c: add_square(c, a, 0.99, 0.01, s), lambda a, b, c: 0.99 * c + 0.01 * a * a),
    "sum of squares": (lambda s, a, b, c: add_square(c, a, 1, 1, s), lambda a, b, c: c + a * a),
    "descend": (lambda s, a, b, c: descend(a, b, c, 0.1, 1e-8, s), lambda a, b, c: a - 0.1 * b / (np.sqrt(c) + 1e-8)),
    "descend with all": (lambda s, a, b, c: descend(a, b, c, 0.1, 1e-3, s, c=3.0, keep=0.9),
                         lambda a, b, c: 0.9 * a - 0.1 * b / (np.sqrt(3 * c) + 1e-3)),
}
"""What is called, with scratch memory, two arrays and one of positive numbers; and what it means."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", STEPS)
def test_steps(name, shape, backend):  # noqa: F811
    call, meaning = STEPS[name]
    a, b, c = normal(*shape), normal(*shape), abs(normal(*shape)) + np.float32(0.1)
    for order in (np.ascontiguousarray, np.asfortranarray):
        given = [np.array(x, order="K") for x in map(order, (a, b, c))]
        y, ran = call(np.empty_like(given[0]), *given), len(backend[1])
        np.testing.assert_allclose(y, meaning(*wide(a, b, c)), rtol=8 * ROUNDING, atol=8 * ROUNDING * 3)
        assert ran and len({id(x) for x in given} & {id(y)}) == ("elsewhere" not in name)
        backend[1].clear()


OTHERS = {"float64": lambda *xs: [x.astype(np.float64) for x in xs], "float16": lambda *xs: [x.astype(np.float16) for x in xs],
          "two orders": lambda a, b, c: [np.asfortranarray(a), b, np.asfortranarray(c)],
          "gaps": lambda *xs: [np.repeat(x, 2, 1)[:, ::2] for x in xs], "two types": lambda a, b, c: [a, b.astype(np.float64), c]}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", STEPS)
def test_other_arrays_are_numpys(name, kind, backend):  # noqa: F811
    call, meaning = STEPS[name]
    given = OTHERS[kind](normal(6, 8), normal(6, 8), abs(normal(6, 8)) + np.float32(0.1))
    exact, (a, b, c) = meaning(*wide(*given)), given
    y = call(np.empty((6, 8), a.dtype), a, b, c)
    limit = 1e-2 if kind == "float16" else 1e-5
    np.testing.assert_allclose(y, exact, rtol=limit, atol=limit)
    assert not backend[1] or kind in ("two types", "two orders")  # of some, only those are used that fit


def test_numbers_that_are_none(backend):  # noqa: F811
    """NaN and infinity go the same way; a denominator of zero, too."""
    odd = np.array([np.nan, np.inf, -np.inf, 0, -0.0, 1, 1e-40, 1e30], np.float32)
    p, m, v = (x.ravel() for x in np.meshgrid(odd, odd, abs(odd)))
    for call in (lambda s: combine(p.copy(), p, 0.5, m, -0.1, s), lambda s: add_square(v.copy(), m, 0.9, 0.1, s),
                 lambda s: descend(p.copy(), m, v, 0.1, 1e-8, s), lambda s: descend(p.copy(), m, v, 0.1, 0, s, keep=0.9),
                 lambda s: descend(p.copy(), m, v, 0.1, 1e-42, s), lambda s: descend(p.copy(), m, v, 0.1, 1e-8, s, keep=0.0)):
        with np.errstate(all="ignore"):
            ours = call(np.empty_like(p))
            with autograd.config.kernels.using(onednn=False):
                theirs = call(np.empty_like(p))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-37)
    assert backend[1]


@pytest.mark.parametrize("name", NAMES)
def test_optimizers(name, backend, monkeypatch):  # noqa: F811
    """Many steps, in pieces too, are those of float64 to rounding, and of NumPy."""
    monkeypatch.setattr("optim.state.PIECE", 300)
    monkeypatch.setattr("optim.state.LONG_PIECE", 500)
    start, results = normal(36, 31), []
    for dtype, onednn in ((np.float32, True), (np.float32, False), (np.float64, False)):
        with autograd.config.kernels.using(onednn=onednn):
            p = Parameter(start.astype(dtype))
            optimizer = make(name, [p])
            if "weight_decay" in optimizer.defaults:
                optimizer.param_groups[0]["weight_decay"] = 0.1
            results.append(walk(optimizer, [p], 8)[0])
        if onednn:
            assert backend[1] or name in ("Rprop", "LARS")
            backend[1].clear()
    assert not backend[1]
    np.testing.assert_allclose(results[0], results[1], rtol=1e-4, atol=2e-5)
    np.testing.assert_allclose(results[0], results[2], rtol=1e-3, atol=1e-4)


def test_threads_have_numbers_of_their_own(backend):  # noqa: F811
    results = {}

    def work(k):
        a, b = np.ones(2000, np.float32), np.ones(2000, np.float32)
        for _ in range(200):
            combine(a, b, k, b, 0.5, a)
            if not (a == k + 0.5).all():
                return
        results[k] = True

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) == set(range(4))


def test_a_decoupled_decay_is_lost_by_no_formula(backend):  # noqa: F811
    """A formula that does not multiply by `state.keep` itself is given weights that have decayed."""
    class Mine(optim.AdamW):
        def update(self, array, g, state, group):
            array -= g

    assert optim.AdamW.keeps and not Mine.keeps
    p = Parameter(np.ones(4, np.float32))
    p.grad = np.zeros(4, np.float32)
    Mine([p], lr=0.5, weight_decay=0.5).step()
    assert (p.data == 0.75).all()


def test_small_weights_are_numpys(backend, monkeypatch):  # noqa: F811
    monkeypatch.setattr(active, "UPDATED", 100)
    for size in (99, 100):
        p = Parameter(normal(size))
        walk(optim.Adam([p]), [p], 1)
        assert bool(backend[1]) == (size == 100)


def test_beside_numpys_threads_it_does_with_one(backend, monkeypatch):  # noqa: F811
    library = active.SWITCH.find()
    if library.runtime != "OpenMP":
        pytest.skip("only OpenMP can be told")
    use, seen = update.threads(library), []
    usual, call = use.omp_get_max_threads(), update.Plan.__call__

    def noted(self, *addresses):
        seen.append(use.omp_get_max_threads())
        call(self, *addresses)

    monkeypatch.setattr(update.Plan, "__call__", noted)
    for name, number in (("numpy", 1), ("onednn", usual), ("", usual)):
        monkeypatch.setattr(active.SWITCH, "threads", name)
        p = Parameter(normal(300))
        walk(optim.Adam([p], lr=0.1), [p], 1)
        assert active.SWITCH.threads == name and len(seen) > 1 and set(seen) == {number}
        seen.clear()
    assert use.omp_get_max_threads() == usual
    monkeypatch.setattr(active.SWITCH, "threads", "numpy")
    monkeypatch.setattr(library, "runtime", "TBB")
    update.threads.cache_clear()
    walk(optim.Adam([p], lr=0.1), [p], 1)
    update.threads.cache_clear()
    assert not seen
