"""Does the frame of all optimisers hold groups, state and bad input right?"""

import numpy as np
import pytest

import nn
import optim
from autograd import tensor
from nn import Parameter


class Momentum(optim.Optimizer):
    """The example of `optim/optimizer.py`: a new optimiser is one formula."""

    def __init__(self, params, lr=0.1, momentum=0.9, weight_decay=0.0):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    def update(self, array, g, state, group):
        v = state.zeros("velocity", array)
        v *= group["momentum"]
        v += g
        array -= np.multiply(v, group["lr"], out=self.scratch(array))


def run(optimizer, p, steps):
    for _ in range(steps):
        optimizer.zero_grad()
        ((p - 1) * (p - 1)).sum().backward()
        optimizer.step()


def test_a_new_optimiser_is_one_formula():
    p, q = Parameter(np.arange(3.0)), Parameter(np.arange(3.0))
    run(Momentum([p], lr=0.05, weight_decay=0.1), p, 20)
    run(optim.SGD([q], lr=0.05, momentum=0.9, weight_decay=0.1), q, 20)
    np.testing.assert_allclose(p.data, q.data, atol=1e-14)


def test_groups_have_their_own_settings():
    a, b = Parameter([1.0]), Parameter([1.0])
    sgd = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5, "name": "head"}], lr=0.1)
    a.grad, b.grad = [1.0], [1.0]
    sgd.step()
    assert a.item() == 0.9
    assert b.item() == 0.5
    c = Parameter([1.0])
    sgd.add_param_group({"params": [c], "lr": 1.0})
    c.grad = [1.0]
    sgd.param_groups[0]["lr"] = 0
    sgd.step()
    assert a.item() == 0.9
    assert c.item() == 0
    assert "1 parameters: lr=1.0" in repr(sgd)


def test_named_parameters_do_too():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    named = optim.SGD(model[0].named_parameters(), lr=0.1)
    named.add_param_group({"params": model[1].named_parameters(), "lr": 0.2})
    assert [group["params"] for group in named.param_groups] == [list(layer.parameters()) for layer in model]
    for bad in (("a", "b", "c"), (1, model[0].weight), ("a", 1)):
        with pytest.raises(TypeError, match="optimises Parameters, not"):
            optim.SGD([bad], lr=0.1)


def test_closures_frozen_parameters_and_zero_grad():
    p, frozen = Parameter([2.0]), Parameter([2.0], requires_grad=False)
    sgd = optim.SGD([p, frozen], lr=0.25)

    def closure():
        sgd.zero_grad()
        loss = (p * p * frozen).sum()
        loss.backward()
        return loss

    assert sgd.step(closure).item() == 8
    assert p.item() == 0
    assert frozen.item() == 2
    sgd.zero_grad(set_to_none=False)
    assert p.grad.item() == 0
    sgd.zero_grad()
    assert p.grad is None
    sgd.step()
    assert p.item() == 0


def test_bad_input_changes_nothing():
    p, q = Parameter([1.0]), Parameter([1.0])
    result = p * 2
    for params, error, said in [([], ValueError, "no parameters"), (p, TypeError, "Parameter"), ([p, p], ValueError, "twice"),
                                ([{"params": [p]}, {"params": [p, q]}], ValueError, "twice"), ([np.ones(3)], TypeError, "ndarray"),
                                ([result], ValueError, "leaves"), ([{"params": []}], ValueError, "no parameters"),
                                ([{"params": [p], "learning_rate": 1}], ValueError, "no setting 'learning_rate'"),
                                (3, TypeError, "iterable")]:
        with pytest.raises(error, match=said):
            optim.SGD(params)
    for options, said in [({"lr": -1}, "lr must be a number of at least 0, not -1"), ({"lr": "fast"}, "fast"),
                          ({"momentum": -0.1}, "momentum"), ({"weight_decay": float("nan")}, "weight_decay")]:
        with pytest.raises(ValueError, match=said):
            optim.SGD([p], **options)
    sgd = optim.SGD([p], lr=0.1)
    for group in ({"params": [q, p]}, {"params": [q], "lr": -1}, {"lr": 1}, [q]):
        with pytest.raises((ValueError, TypeError)):
            sgd.add_param_group(group)
    assert len(sgd.param_groups) == 1
    with pytest.raises(NotImplementedError, match="update"):
        p.grad = [1.0]
        optim.Optimizer([p], {}).step()


def test_state_is_saved_and_restored():
    p, q = Parameter(np.arange(3.0)), Parameter(np.arange(3.0))
    whole, half = optim.SGD([p], lr=0.01, momentum=0.9), optim.SGD([q], lr=0.01, momentum=0.9)
    run(whole, p, 6)
    run(half, q, 3)
    state = half.state_dict()
    assert state["param_groups"] == [{"params": [0], "lr": 0.01, "momentum": 0.9, "dampening": 0, "weight_decay": 0, "nesterov": False,
                                      "maximize": False}]
    assert list(state["state"]) == [0]
    again = optim.SGD([q], lr=1.0)
    again.load_state_dict(state)
    run(again, q, 3)
    np.testing.assert_array_equal(p.data, q.data)
    assert not np.array_equal(state["state"][0]["momentum_buffer"], again.state[q]["momentum_buffer"])  # it was copied


def test_counts_saved_by_pytorch_are_numbers_again():
    p = Parameter(np.ones(2, np.float32))
    other = Momentum([p])
    other.load_state_dict({"state": {0: {"step": np.float32(7), "velocity": np.zeros(2), "max": None}},
                           "param_groups": [{"params": [0], "lr": 0.5, "foreach": None}]})
    assert other.state[p]["step"] == 7
    assert other.state[p]["velocity"].dtype == np.float32
    assert set(other.state[p]) == {"step", "velocity"}
    assert other.param_groups[0]["lr"] == 0.5
    assert "foreach" not in other.param_groups[0]


def test_a_state_that_does_not_fit_changes_nothing():
    p = Parameter(np.ones(2))
    sgd = optim.SGD([p], lr=0.1, momentum=0.9)
    run(sgd, p, 1)
    before = sgd.state[p]["momentum_buffer"].copy()
    good = sgd.state_dict()
    group = good["param_groups"][0]
    for bad, said in [({"state": {0: {"momentum_buffer": np.ones(3)}}, "param_groups": [group]}, r"momentum_buffer.*\(3,\), not \(2,\)"),
                      ({"state": {}, "param_groups": [{**group, "params": [0, 1]}]}, r"\[1\].*\[2\]"),
                      ({"state": {4: {}}, "param_groups": [group]}, "4"), ({"state": {}, "param_groups": [{**group, "lr": -1}]}, "lr"),
                      ({"weights": 1}, "optimiser's state"), ([], "optimiser's state")]:
        with pytest.raises(ValueError, match=said):
            sgd.load_state_dict(bad)
    np.testing.assert_array_equal(sgd.state[p]["momentum_buffer"], before)
    assert sgd.param_groups[0]["lr"] == 0.1


def test_the_state_of_another_optimiser_is_refused():
    p = Parameter(np.ones((2, 3), np.float32))
    adam = optim.Adam([p])
    run(adam, p, 2)
    before, good = adam.state_dict(), adam.state_dict()["state"][0]
    group = before["param_groups"]
    for change, said in (({"exp_avg": "hello"}, "exp_avg must be an array of float32, not 'hello'"),
                         ({"exp_avg": None}, "exp_avg is missing"),
                         ({"exp_avg": 1.0}, r"exp_avg has shape \(\), not \(2, 3\)"), ({"exp_avg": [1.0]}, r"shape \(1,\), not"),
                         ({"exp_avg": np.ones((2, 3), complex)}, "exp_avg must be"), ({"exp_avg": np.ones((2, 3), int)}, "exp_avg must be"),
                         ({"exp_avg": {}}, "exp_avg must be"),
                         ({"more": np.ones((2, 3))}, "more is unknown here, where exp_avg, exp_avg_sq"),
                         ({"step": -5}, "step must be the number of steps so far, not -5"), ({"step": 1.5}, "step must"),
                         ({"step": "two"}, "step must be a number"), ({"step": float("nan")}, "step must"), ({"step": [1, 2]}, "step must"),
                         ({"step": None, "exp_avg": "x"}, "(?s)exp_avg must.*step is missing")):
        with pytest.raises(ValueError, match=said):
            adam.load_state_dict({"state": {0: {**good, **change}}, "param_groups": group})
    with pytest.raises(ValueError, match="parameter 0: its state is a dict"):
        adam.load_state_dict({"state": {0: [1]}, "param_groups": group})
    with pytest.raises(ValueError, match=r"(?s)lr must.*step must"):
        adam.load_state_dict({"state": {0: {**good, "step": -1}}, "param_groups": [{**group[0], "lr": -1}]})
    for name, value in good.items():
        np.testing.assert_array_equal(adam.state[p][name], value)
    for other, said in ((optim.SGD([p]), "exp_avg is unknown here, where momentum_buffer is remembered"),
                        (optim.Lion([p]), "exp_avg_sq is unknown"),
                        (optim.Adam([p], amsgrad=True), None), (optim.Adamax([p]), "(?s)exp_avg_sq is unknown.*exp_inf is missing")):
        if said:
            with pytest.raises(ValueError, match=said):
                other.load_state_dict(before)
        else:
            other.load_state_dict(before)  # amsgrad is a setting, and comes with the state


def test_the_state_of_lbfgs_is_checked_too():
    p, q = Parameter(np.ones(2)), Parameter(np.ones((2, 1)))
    lbfgs, again = (optim.LBFGS([p, q], lr=0.1, max_iter=3) for _ in range(2))

    def closure():
        lbfgs.zero_grad()
        loss = ((p - 2) ** 4).sum() + (q**2).sum()
        loss.backward()
        return loss

    lbfgs.step(closure)
    state = lbfgs.state_dict()
    again.load_state_dict(state)
    for change, said in (({"d": np.ones(3)}, r"d has shape \(3,\), not \(4,\)"), ({"n_iter": None}, "n_iter is missing"),
                         ({"old_dirs": 1}, "must be a list"), ({"exp_avg": np.ones(2)}, "exp_avg is unknown"),
                         ({"t": "x"}, "must be a number")):
        with pytest.raises(ValueError, match=said):
            again.load_state_dict({**state, "state": {0: {**state["state"][0], **change}}})


def test_settings_may_change_between_steps_and_saving():
    p = Parameter(np.ones(3))
    for make, name, values in ((lambda: optim.SGD([p], lr=0.1, momentum=0.9), "momentum", (0.9, 0)),
                               (lambda: optim.RMSprop([p]), "momentum", (0, 0.9)),
                               (lambda: optim.RMSprop([p]), "centered", (True, False)),
                               (lambda: optim.Adam([p]), "amsgrad", (False, True))):
        for first, second in (values, values[::-1]):
            optimizer, again = make(), make()
            optimizer.param_groups[0][name] = first
            run(optimizer, p, 2)
            optimizer.param_groups[0][name] = second
            again.load_state_dict(optimizer.state_dict())
            assert again.state[p].keys() == optimizer.state[p].keys()
            run(again, p, 1)


def test_parameters_of_a_model_are_named_in_errors():
    model = nn.Sequential(nn.Linear(2, 2))
    model(tensor(np.ones(2)))
    with pytest.raises(ValueError, match=r"0\.weight"):
        optim.SGD([*model.parameters(), model[0].weight])


def test_a_parameter_has_no_values_while_it_is_updated(monkeypatch):
    """Whoever looks then is told; and after an error it is as usable as before."""
    p = Parameter(np.ones(3))
    twin = p.detach()
    sgd, update, seen = optim.SGD([p], lr=0.5), optim.SGD.update, []

    def watched(self, array, g, state, group):
        seen.append(array.strides)  # what stands for an array has none, so this formula is not written down
        with pytest.raises(RuntimeError, match="being written"):
            p + 1
        if len(seen) == 3:
            raise KeyboardInterrupt
        update(self, array, g, state, group)

    monkeypatch.setattr(optim.SGD, "update", watched)
    p.grad = np.ones(3)
    sgd.step()
    assert (twin.data == 1).all()
    assert (p.data == 0.5).all()
    sgd.step()
    with pytest.raises(KeyboardInterrupt):
        sgd.step()
    assert (p.data == 0).all()


def test_gradients_that_others_look_at_are_not_clipped():
    p = Parameter(np.ones(3))
    p.grad = np.full(3, 8.0)
    kept = p.grad.data
    optim.clip_grad_value_([p], 2.0)
    optim.clip_grad_norm_([p], 1.0)
    assert (kept == 8).all()
    assert p.grad.data == pytest.approx(3**-0.5, abs=1e-6)
