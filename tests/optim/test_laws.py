"""What holds for every optimiser? In place, no memory, any layout and dtype, pieces as the whole, saving and loading, bad input.

Read next: `test_formulas.py`.
"""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import tensor
from nn import Parameter
from optim.state import PIECE
from tests.optim.test_peer import subclasses

NAMES = sorted(subclasses(optim, optim.Optimizer) - {"LBFGS"})
"""All but LBFGS, which takes a closure, keeps a history, and has tests of its own below."""
ELEMENTWISE = [name for name in NAMES if getattr(optim, name).elementwise]
OPTIONS = {"SGD": {"momentum": 0.9, "dampening": 0.1}, "RMSprop": {"momentum": 0.9, "centered": True}, "Adam": {"amsgrad": True},
           "NAdam": {"weight_decay": 0.1}, "Adagrad": {"initial_accumulator_value": 0.1},
           "LARS": {"weight_decay": 0.1}, "LAMB": {"weight_decay": 0.1}}
"""Those with which the most is remembered."""


def make(name, params, **options):
    return getattr(optim, name)(params, **OPTIONS.get(name, {}), **options)


def walk(optimizer, params, steps=4, seed=0):
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        for p in params:
            p.grad = rng.standard_normal(p.shape).astype(p.dtype)
        optimizer.step()
    return [np.array(p.data) for p in params]


def large():
    return np.random.default_rng(1).standard_normal((600, 500)).astype(np.float32)


@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_updates_are_in_place_and_need_no_memory(name, maximize):
    """After the first step: parameters and state stay where they are, and nothing of a parameter's size is allocated."""
    params = [Parameter(large()), Parameter(large()[:100])]
    optimizer = make(name, params, **({} if name == "Muon" else {"maximize": maximize, "weight_decay": 0.1} if name in ("SGD", "Adam")
                                      else {"maximize": maximize}))
    walk(optimizer, params, 1)

    def places():
        arrays = [a for state in optimizer.state.values() for a in state.values() if isinstance(a, np.ndarray)]
        return [a.__array_interface__["data"][0] for a in [p._array for p in params] + arrays]

    before = places()
    for p in params:
        p.grad = large()[: len(p)]
    tracemalloc.start()
    try:
        optimizer.step()
        assert tracemalloc.get_traced_memory()[1] < params[0].nbytes / 5
    finally:
        tracemalloc.stop()
    assert places() == before


@pytest.mark.parametrize("name", NAMES)
def test_float32_stays_float32_and_gradients_are_not_written_to(name):
    p = Parameter(large()[:6, :5])
    optimizer = make(name, [p])
    optimizer.param_groups[0]["lr"] = np.float64(0.01)
    p.grad = g = large()[6:12, :5]
    kept = p.grad.data.copy()
    for _ in range(2):
        optimizer.step()
        np.testing.assert_array_equal(p.grad.data, kept)
    assert g is not p.grad.data
    assert p.dtype == np.float32
    assert {a.dtype for a in optimizer.state[p].values() if isinstance(a, np.ndarray)} <= {np.dtype(np.float32)}
    exact = Parameter(large()[:6, :5].astype(np.float64))
    walk(double := make(name, [exact]), [exact])
    single = Parameter(large()[:6, :5])
    walk(make(name, [single]), [single])
    np.testing.assert_allclose(single.data, exact.data, rtol=1e-3, atol=1e-4)
    assert double.state[exact].keys() == optimizer.state[p].keys()


@pytest.mark.parametrize("layout", ["C", "F", "rows", "scalar"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_pieces_are_the_whole(name, layout, monkeypatch):
    """Cut into pieces or not, whatever the order in memory: the same numbers, bit for bit."""
    start = large().astype(np.float64)[:7, :6]
    start = {"C": start, "F": np.asfortranarray(start), "rows": start.reshape(7, 3, 2).transpose(0, 2, 1), "scalar": start[0, 0]}[layout]
    results = []
    for size in (10**6, 5):
        monkeypatch.setattr("optim.state.PIECE", size)
        p = Parameter(start)
        optimizer = make(name, [p])
        values = walk(optimizer, [p])
        results.append(values + [a for a in optimizer.state[p].values() if isinstance(a, np.ndarray)])
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("size", [10**6, 5])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_complex_parameter_is_two_real_ones(name, size, monkeypatch):
    monkeypatch.setattr("optim.state.PIECE", size)
    z = large()[:4, :6].astype(np.float64)
    real, imag, both = Parameter(z[:, :3]), Parameter(z[:, 3:]), Parameter(z[:, :3] + 1j * z[:, 3:])
    apart, together = make(name, [real, imag]), make(name, [both])
    for k in range(4):
        real.grad, imag.grad = np.cos(k + real.data), np.sin(k + imag.data)
        both.grad = real.grad.data + 1j * imag.grad.data
        apart.step()
        together.step()
    np.testing.assert_array_equal(both.data, real.data + 1j * imag.data)


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(ELEMENTWISE)))
def test_others_refuse_complex_parameters(name):
    p = Parameter(np.ones((2, 2), complex))
    p.grad = np.ones((2, 2), complex)
    with pytest.raises(TypeError, match=f"{name} optimises real parameters only"):
        make(name, [p]).step()
    assert (p.data == 1).all()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"Muon"}))
def test_scalars_and_empty_parameters(name):
    params = [Parameter(1.5), Parameter(np.ones((0, 3))), Parameter([2.0])]
    after = walk(make(name, params), params)
    assert np.isfinite(np.concatenate([a.reshape(-1) for a in after])).all()
    assert after[0] != 1.5
    assert isinstance(params[0]._array, np.float64)


@pytest.mark.parametrize("name", NAMES)
def test_saved_in_the_middle(name):
    """Two steps, saved and loaded into another optimiser, and two more are four. Also by copying the optimiser with its model."""
    p, q = (Parameter(large()[:5, :4]) for _ in range(2))
    whole, half = make(name, [p]), make(name, [q])
    walk(whole, [p], 2)
    walk(half, [q], 2)
    model = copy.deepcopy((q, half))
    again = make(name, [q])
    again.load_state_dict(half.state_dict())
    expected, = walk(whole, [p], 2, seed=3)
    for r, optimizer in ((q, again), model):
        np.testing.assert_array_equal(walk(optimizer, [r], 2, seed=3)[0], expected)


@pytest.mark.parametrize("name", sorted(subclasses(optim, optim.Optimizer)))
def test_bad_settings_are_refused(name):
    p = Parameter(np.ones((2, 2)))
    cls = getattr(optim, name)
    for value in (-1, float("nan"), "fast", None, (1, 2)):
        with pytest.raises(ValueError, match=f"{name}: lr must be a number of at least 0"):
            cls([p], lr=value)
    for params in ([], [p, p], [tensor([1.0]) * Parameter([1.0])]):
        with pytest.raises(ValueError):
            cls(params)
    with pytest.raises(TypeError):
        cls([np.ones(3)])
    defaults = cls([p]).defaults
    if "betas" in defaults:
        for betas in ((0.9, 1.0), (-0.1, 0.9), (0.9,), 0.9):
            with pytest.raises(ValueError, match="betas must be 2 numbers, each of at least 0 and below 1"):
                cls([p], betas=betas)
    for setting in ("weight_decay", "eps", "momentum"):
        if setting in defaults:
            with pytest.raises(ValueError, match=setting):
                cls([p], **{setting: -1 if setting != "eps" or name != "Adafactor" else (-1, 1)})
    assert (p.data == 1).all()


def test_settings_of_single_optimizers():
    p, b = Parameter(np.ones((2, 2))), Parameter(np.ones(2), name="bias")
    for name, params, options, said in [
        ("Muon", [p, b], {}, "bias has the shape"), ("Muon", [p], {"adjust_lr_fn": "mine"}, "adjust_lr_fn"),
        ("Muon", [p], {"ns_steps": 100}, "ns_steps"), ("Rprop", [p], {"etas": (1.2, 0.5)}, "etas"),
        ("Rprop", [p], {"step_sizes": (1, 0.1)}, "step_sizes"), ("Adafactor", [p], {"eps": (None, None)}, "eps"),
        ("Adafactor", [p], {"beta2_decay": 1}, "at most 0"), ("Adadelta", [p], {"rho": 2}, "between 0 and 1"),
        ("LBFGS", [p], {"line_search_fn": "armijo"}, "strong_wolfe"), ("LBFGS", [{"params": [p]}, {"params": [b]}], {}, "one group"),
    ]:
        with pytest.raises(ValueError, match=said):
            getattr(optim, name)(params, **options)
    with pytest.raises(TypeError, match="closure"):
        optim.LBFGS([p]).step()


@pytest.mark.parametrize("name", [*NAMES, "LBFGS"])
def test_steps_that_are_not_finite_are_skipped(name):
    p, q = Parameter(np.ones((2, 2)), name="w"), Parameter(np.ones((2, 3)))
    optimizer = make(name, [p, q])
    optimizer.skip_nonfinite = True

    def closure():
        p.grad, q.grad = np.ones((2, 2)), np.array([[1, np.nan, 1], [np.inf, 1, 1]])
        return tensor(3.0)

    with pytest.warns(RuntimeWarning, match="skipped a step.*2 of 6 elements of the gradient of parameter 1"):
        assert optimizer.step(closure).item() == 3
    assert (p.data == 1).all()
    assert (q.data == 1).all()
    assert not optimizer.state
    assert optimizer.skipped == ["2 of 6 elements of the gradient of parameter 1"]
    if name != "LBFGS":
        walk(optimizer, [p, q], 3)
        assert len(optimizer.skipped) == 1
        assert not (p.data == 1).any()


def test_lbfgs_finds_the_minimum_of_a_model():
    """Least squares, in two parameters of different shape."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((8, 3)), rng.standard_normal(8)
    w, c = Parameter(np.zeros(3)), Parameter(0.0)
    optimizer = optim.LBFGS([w, c], max_iter=50, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = ((tensor(a) @ w + c - tensor(b)) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    expected = np.linalg.lstsq(np.column_stack([a, np.ones(8)]), b, rcond=None)[0]
    np.testing.assert_allclose([*w.data, c.item()], expected, atol=1e-6)
    again = optim.LBFGS([w, c], max_iter=50, line_search_fn="strong_wolfe")
    again.load_state_dict(optimizer.state_dict())
    assert again.state[w]["n_iter"] == optimizer.state[w]["n_iter"]
    np.testing.assert_array_equal(again.state[w]["old_dirs"][-1], optimizer.state[w]["old_dirs"][-1])


def test_a_formula_of_ones_own_sees_whole_arrays_unless_it_says_otherwise():
    shapes = []

    class Mine(optim.Optimizer):
        def update(self, array, g, state, group):
            shapes.append(array.shape)
            state["count"] = state.get("count", 0) + 1
            array -= g

    p = Parameter(large())
    optimizer = Mine([p], {})
    walk(optimizer, [p], 2)
    assert shapes == [p.shape] * 2
    assert optimizer.state[p] == {"count": 2, "step": 2}
    Mine.elementwise = True
    shapes.clear()
    walk(Mine([p], {}), [p], 1)
    assert len(shapes) == -(-p.size // PIECE) > 1
    assert sum(size for size, in shapes) == p.size


def test_complex_scalars_and_lbfgs():
    z = Parameter(1 + 2j)
    z.grad = np.complex128(3 - 1j)
    optim.Adam([z], lr=0.1).step()
    assert z.item() == pytest.approx(0.9 + 2.1j, abs=1e-7)
    w = Parameter(np.array([1 + 2j, -3j]))

    def closure():
        w.grad = 2 * (w.data - (1 - 1j))
        return (abs(w.data - (1 - 1j)) ** 2).sum()

    optimizer = optim.LBFGS([w], line_search_fn="strong_wolfe")
    optimizer.step(closure)
    np.testing.assert_allclose(w.data, 1 - 1j, atol=1e-8)
    again = optim.LBFGS([w])
    again.load_state_dict(optimizer.state_dict())
    assert again.state[w]["d"].dtype == np.float64


WRITTEN = {"Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "RAdam", "RMSprop", "SGD"}
"""Whose formula can be written down, as `formulas.py` does it."""


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_down_is_what_update_does(name, dtype):
    """Every bit, whatever changes meanwhile: settings, the dtype, who else looks at the array, a state that is loaded."""
    runs = []
    with autograd.config.kernels.using(onednn=False), np.errstate(all="ignore"):  # float16 has no room for an eps
        for ours in (True, False):
            params = [Parameter(large()[:40, :n].astype(dtype)) for n in (500, 3, 450)] + [Parameter(np.array(0.5, dtype))]
            optimizer, kept = make(name, params[:3 if name == "Muon" else 4]), []
            optimizer.ours = ours
            for t in range(6):
                if t == 2:
                    optimizer.param_groups[0]["lr"] *= 0.5
                elif t == 3:
                    kept = [params[0].detach(), params[1].detach()]
                    optimizer.load_state_dict(optimizer.state_dict())
                elif t == 4:
                    with autograd.no_grad():
                        params[2].assign(params[2].data[::-1])
                    optimizer = copy.copy(optimizer)
                    optimizer.ours = ours
                walk(optimizer, optimizer.param_groups[0]["params"], 1, seed=t)
            remembered = [(key, a) for state in optimizer.state.values() for key, a in state.items()]
            runs.append([[np.asarray(a.data).tobytes() for a in (*params, *kept)],
                         [(key, a.tobytes() if isinstance(a, np.ndarray) else a) for key, a in remembered]])
            if ours:
                assert any(member.formula for member in optimizer.part(0).members.values()) == (name in WRITTEN)
    assert runs[0] == runs[1]


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_parameter_that_becomes_another(name):
    """Its dtype and its shape may change; optimisers are copied and saved with what they have written down."""
    model = nn.Linear(3, 3, bias=False)
    p = model.weight
    optimizer = make(name, [p])
    for dtype in (np.float32, np.float64, np.float32):
        model.to(dtype)
        for state in optimizer.state.values():
            state.update({key: a.astype(dtype) for key, a in state.items() if isinstance(a, np.ndarray)})
        walk(optimizer, [p], 3)
        assert p.dtype == dtype
    twin = pickle.loads(pickle.dumps(optimizer))
    walk(twin, twin.param_groups[0]["params"], 2, seed=5)
    walk(optimizer, [p], 2, seed=5)
    assert twin.param_groups[0]["params"][0].data.tobytes() == p.data.tobytes()
