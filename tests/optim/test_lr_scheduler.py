"""What do schedulers do beyond PyTorch's numbers (which are in `test_peer.py`)? Other settings, warm-up, resuming, bad input."""

from math import cos, pi

import numpy as np
import pytest

import optim
from nn import Parameter
from optim import lr_scheduler as s


def sgd(**options):
    return optim.SGD([{"params": [Parameter([1.0])]}, {"params": [Parameter([1.0])], "lr": 0.2}], lr=0.1, **options)


def values(scheduler, steps, read):
    seen = [read()]
    for _ in range(steps):
        scheduler.step()
        seen.append(read())
    return seen


def test_warm_up_and_cosine():
    optimizer = sgd()
    scheduler = s.WarmupCosine(optimizer, warmup_iters=4, total_iters=10, start_factor=0.2, eta_min=0.01)
    seen = values(scheduler, 12, scheduler.get_last_lr)
    for t, lrs in enumerate(seen):
        for base, lr in zip((0.1, 0.2), lrs):
            expected = base * (0.2 + 0.8 * t / 4) if t < 4 else 0.01 + (base - 0.01) * (1 + cos(pi * min(t - 4, 6) / 6)) / 2
            assert lr == pytest.approx(expected, abs=1e-15)
    assert seen[4] == [0.1, 0.2]
    assert seen[-1] == [0.01, 0.01]
    assert s.WarmupCosine(sgd(), 0, 5).get_last_lr() == [0.1, 0.2]


@pytest.mark.parametrize("param", ["weight_decay", "momentum"])
def test_any_setting_can_be_scheduled(param):
    optimizer = sgd(weight_decay=0.5, momentum=0.5)
    scheduler = s.StepLR(optimizer, 2, 0.5, param=param)
    assert values(scheduler, 4, lambda: optimizer.param_groups[1][param]) == [0.5, 0.5, 0.25, 0.25, 0.125]
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.2]
    schedule = s.Schedule(optimizer, param, lambda t: min(0.9, 0.3 * t))
    assert values(schedule, 4, lambda: optimizer.param_groups[0][param]) == [0.0, 0.3, 0.6, 0.3 * 3, 0.9]
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_betas_are_scheduled_by_name():
    adam = optim.Adam([Parameter([1.0])])
    first, second = s.Schedule(adam, "momentum", lambda t: 0.5 + t / 10), s.ExponentialLR(adam, 0.5, param="beta2")
    for scheduler in (first, second):
        scheduler.step()
    assert adam.param_groups[0]["betas"] == (0.6, 0.4995)
    cycle = s.OneCycleLR(adam, 0.1, 10)
    assert adam.param_groups[0]["betas"] == (0.95, 0.4995)
    cycle.step()
    assert adam.param_groups[0]["betas"][0] < 0.95


def test_two_schedulers_of_one_optimizer_multiply():
    optimizer = sgd()
    both = s.ExponentialLR(optimizer, 0.5), s.StepLR(optimizer, 2, 0.1)
    for _ in range(2):
        for scheduler in both:
            scheduler.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1 * 0.25 * 0.1, rel=1e-15)


@pytest.mark.parametrize("make", [lambda o, last: s.ExponentialLR(o, 0.9, last), lambda o, last: s.CosineAnnealingLR(o, 20, 0.001, last),
                                  lambda o, last: s.LinearLR(o, 0.5, 1.0, 9, last),
                                  lambda o, last: s.WarmupCosine(o, 3, 12, last_epoch=last),
                                  lambda o, last: s.LambdaLR(o, lambda t: 1 / (1 + t), last),
                                  lambda o, last: s.OneCycleLR(o, 0.1, 30, last_epoch=last),
                                  lambda o, last: s.CyclicLR(o, 0.01, 0.1, 4, last_epoch=last)])
def test_going_on_by_last_epoch(make):
    """With the optimiser's state alone: the scheduler is made with last_epoch, and goes on where the other one stopped."""
    optimizer = sgd(momentum=0.9)
    scheduler = make(optimizer, -1)
    for _ in range(5):
        scheduler.step()
    again = sgd(momentum=0.9)
    again.load_state_dict(optimizer.state_dict())
    resumed = make(again, 4)
    for _ in range(5):
        np.testing.assert_allclose(resumed.get_last_lr(), scheduler.get_last_lr(), rtol=1e-13)
        scheduler.step()
        resumed.step()


def test_fractions_of_an_epoch():
    optimizer = sgd()
    scheduler = s.CosineAnnealingWarmRestarts(optimizer, 2, 2)
    for epoch in (0, 0.5, 1.75, 2, 5.5, 6, 13.99):
        scheduler.step(epoch)
        start, length = next((a, n) for a, n in ((6, 8), (2, 4), (0, 2)) if epoch >= a)
        assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1 * (1 + cos(pi * (epoch - start) / length)) / 2, abs=1e-15)
    with pytest.raises(ValueError, match="at least 0"):
        scheduler.step(-1)


def test_schedulers_nest():
    optimizer = sgd()
    inner = s.SequentialLR(optimizer, [s.ConstantLR(optimizer, 0.5, 2), s.ExponentialLR(optimizer, 0.5)], [2])
    chain = s.ChainedScheduler([s.StepLR(optimizer, 1, 0.5), s.StepLR(optimizer, 1, 0.5)])
    outer = s.SequentialLR(optimizer, [inner, chain], [4])
    assert np.allclose(values(outer, 6, lambda: optimizer.param_groups[0]["lr"]), [0.05, 0.05, 0.1, 0.05, 0.1, 0.025, 0.00625])
    other = sgd()
    copy = s.SequentialLR(other, [s.SequentialLR(other, [s.ConstantLR(other, 0.5, 2), s.ExponentialLR(other, 0.5)], [2]),
                                  s.ChainedScheduler([s.StepLR(other, 1, 0.5), s.StepLR(other, 1, 0.5)])], [4])
    copy.load_state_dict(outer.state_dict())
    other.load_state_dict(optimizer.state_dict())
    copy.step()
    outer.step()
    assert copy.get_last_lr() == outer.get_last_lr()


def test_states_hold_no_functions_and_take_pytorchs():
    optimizer = sgd()
    scheduler = s.LambdaLR(optimizer, lambda t: 0.5**t)
    scheduler.step()
    state = scheduler.state_dict()
    assert state == {"param": "lr", "last_epoch": 1, "base_lrs": [0.1, 0.2], "_last_lr": [0.05, 0.1], "lr_lambdas": [None, None]}
    many = s.MultiStepLR(sgd(), [1])
    many.load_state_dict({"milestones": {3: 2, 5: 1}, "gamma": 0.5, "base_lrs": [0.1, 0.2], "last_epoch": 2, "_step_count": 3,
                          "_get_lr_called_within_step": False, "_last_lr": [0.1, 0.2]})
    assert many.milestones == [3, 3, 5]
    many.step()
    assert many.get_last_lr() == [0.025, 0.05]


def test_bad_input():
    optimizer, other = sgd(), sgd()
    for make, error, said in [
        (lambda: s.StepLR([1], 2), TypeError, "optimiser"), (lambda: s.StepLR(optimizer, 0), ValueError, "step_size"),
        (lambda: s.StepLR(optimizer, 2, param="momentums"), ValueError, "no number 'momentums'"),
        (lambda: s.StepLR(optimizer, 2, param="nesterov"), ValueError, "no number"),
        (lambda: s.ExponentialLR(optimizer, 0.9, last_epoch=3), ValueError, "load the state of the optimiser"),
        (lambda: s.LambdaLR(optimizer, [abs]), ValueError, "1 values, but the optimiser has 2"),
        (lambda: s.LambdaLR(optimizer, 0.5), TypeError, "function"),
        (lambda: s.Schedule(optimizer, "lr", 0.5), TypeError, "function"), (lambda: s.LinearLR(optimizer, 0.0), ValueError, "start_factor"),
        (lambda: s.ConstantLR(optimizer, 1.5), ValueError, "factor"), (lambda: s.WarmupCosine(optimizer, 5, 5), ValueError, "total_iters"),
        (lambda: s.CyclicLR(optimizer, 0.1, 1.0, mode="square"), ValueError, "square"),
        (lambda: s.CyclicLR(optim.Adagrad([Parameter([1.0])]), 0.1, 1.0), ValueError, "cycle_momentum=False"),
        (lambda: s.OneCycleLR(optimizer, 0.1), ValueError, "total_steps"),
        (lambda: s.OneCycleLR(optimizer, 0.1, 0), ValueError, "total_steps"),
        (lambda: s.OneCycleLR(optimizer, 0.1, 5, anneal_strategy="exp"), ValueError, "exp"),
        (lambda: s.ReduceLROnPlateau(optimizer, factor=1.0), ValueError, "factor"),
        (lambda: s.ReduceLROnPlateau(optimizer, "least"), ValueError, "least"),
        (lambda: s.ReduceLROnPlateau(optimizer).step(), TypeError, "validation_loss"),
        (lambda: s.SequentialLR(optimizer, [s.StepLR(optimizer, 1)], [1]), ValueError, "0 milestones"),
        (lambda: s.ChainedScheduler([]), ValueError, "no schedulers"), (lambda: s.ChainedScheduler([optimizer]), TypeError, "SGD"),
        (lambda: s.ChainedScheduler([s.ReduceLROnPlateau(optimizer)]), ValueError, "measure"),
        (lambda: s.SequentialLR(other, [s.StepLR(optimizer, 1), s.StepLR(other, 1)], [1]), ValueError, "same optimiser"),
        (lambda: s.StepLR(optimizer, 2).load_state_dict({"gamma": 1}), ValueError, "not the state of a StepLR"),
        (lambda: s.LRScheduler(optimizer), NotImplementedError, "get_lr"),
    ]:
        with pytest.raises(error, match=said):
            make()
    assert [group["lr"] for group in (*optimizer.param_groups, *other.param_groups)] == [0.1, 0.2, 0.1, 0.2]
    once = s.OneCycleLR(sgd(momentum=0.9), 0.1, 2)
    once.step()
    once.step()
    with pytest.raises(ValueError, match="total_steps=2"):
        once.step()


def test_print_outs():
    optimizer = sgd()
    step = s.StepLR(optimizer, 1, 0.5)
    step.step()
    assert repr(step) == "StepLR(lr: 0.05, 0.1 at step 1)"
    assert repr(s.ChainedScheduler([step])) == "ChainedScheduler(StepLR(lr: 0.05, 0.1 at step 1))"


LATER = {
    "StepLR": (lambda o: s.StepLR(o, 1), 0.7),
    "CosineAnnealingLR": (lambda o: s.CosineAnnealingLR(o, 2, eta_min=1.0), 1.0),
    "LambdaLR": (lambda o: s.LambdaLR(o, lambda t: 0.5**t), 1.75),
    "MultiplicativeLR": (lambda o: s.MultiplicativeLR(o, lambda t: 0.5), 3.5),
    "WarmupCosine": (lambda o: s.WarmupCosine(o, 4, 8), 3.5),
    "CosineAnnealingWarmRestarts": (lambda o: s.CosineAnnealingWarmRestarts(o, 4), 3.5),
    "Schedule": (lambda o: s.Schedule(o, "lr", lambda t: 0.1 * t), 0.2),
    "SequentialLR": (lambda o: s.SequentialLR(o, [s.StepLR(o, 9), s.LinearLR(o, 0.5)], [2]), 3.5),
    "ChainedScheduler": (lambda o: s.ChainedScheduler([s.StepLR(o, 1), s.ExponentialLR(o, 0.5)]), 0.35),
    "Chained in a sequence": (lambda o: s.SequentialLR(o, [s.StepLR(o, 9), s.ChainedScheduler([s.LinearLR(o, 0.5)])], [2]), 3.5),
}


@pytest.mark.parametrize("name", LATER)
def test_groups_that_are_added_later_follow(name):
    make, expected = LATER[name]
    optimizer, whole = optim.SGD([Parameter([1.0])], lr=1.0), optim.SGD([Parameter([1.0])], lr=1.0)
    scheduler, alone = make(optimizer), make(whole)
    scheduler.step()
    optimizer.add_param_group({"params": [Parameter([1.0])], "lr": 7.0})
    scheduler.step()
    alone.step()
    alone.step()
    first, second = (group["lr"] for group in optimizer.param_groups)
    assert first == alone.get_last_lr()[0]
    assert second == pytest.approx(expected, rel=1e-12)
    assert scheduler.get_last_lr() == [first, second]
    assert optimizer.param_groups[1]["initial_lr"] == 7


def test_groups_that_are_added_later_and_cannot_follow():
    for make in (lambda o: s.CyclicLR(o, 0.1, 1.0), lambda o: s.OneCycleLR(o, 1.0, 10),
                 lambda o: s.LambdaLR(o, [lambda t: 0.5, lambda t: 0.6])):
        optimizer = sgd(momentum=0.9)
        scheduler = make(optimizer)
        scheduler.step()
        optimizer.add_param_group({"params": [Parameter([1.0])], "lr": 7.0})
        before = scheduler.state_dict()
        with pytest.raises(ValueError, match=r"make (the|a new) scheduler"):
            scheduler.step()
        assert scheduler.state_dict() == before
    optimizer = optim.SGD([Parameter([1.0])], lr=1.0)
    plateau = s.ReduceLROnPlateau(optimizer, patience=0, min_lr=0.05)
    plateau.step(1)
    optimizer.add_param_group({"params": [Parameter([1.0])], "lr": 7.0})
    plateau.step(1)
    assert plateau.get_last_lr() == pytest.approx([0.1, 0.7])
