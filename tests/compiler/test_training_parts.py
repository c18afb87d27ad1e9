"""What a training loop is made of, beside the model and the optimiser: does it do in a compiled function what it does in an eager one?

Averages of weights, clipping, accumulation, loss scaling: every bit of what they return and change. What decides by values is refused.
"""

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd.tracer import TraceError
from nn import functional as F
from nn.training.metrics import TopK
from nn.training.precision import Mixed, Precision

RNG = np.random.default_rng(0)
BATCHES = [(RNG.standard_normal((5, 6)).astype(np.float32), RNG.integers(0, 3, 5)) for _ in range(7)]


class Setting:
    """A model with batch normalisation, and an optimiser."""

    def __init__(self, **options):
        self.model = nn.Sequential(nn.Linear(6, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3, rng=1))
        self.parameters = list(self.model.parameters())
        self.optimizer = optim.Adam(self.parameters, lr=0.1, **options)
        self.others = []

    def loss(self, x, y):
        self.optimizer.zero_grad()
        return F.cross_entropy(self.model(x), y)

    def values(self):
        """All that training changes."""
        states = [self.model.state_dict(), *(other.state_dict() for other in self.others)]
        grads = [p.grad.data for p in self.parameters if p.grad is not None]
        return [np.array(value) for state in states for value in state.values()] + [np.array(g) for g in grads]


def averaging(function, use_buffers):
    def make(s):
        average = optim.AveragedModel(s.model, function, use_buffers)
        s.others.append(average)

        def step(x, y):
            loss = s.loss(x, y)
            loss.backward()
            s.optimizer.step()
            average.update_parameters(s.model)
            return loss.detach()

        return step

    return make


def the_average_is_used(s):
    average = optim.AveragedModel(s.model, optim.get_ema_avg_fn(0.5))
    s.others.append(average)

    def step(x, y):
        s.loss(x, y).backward()
        s.optimizer.step()
        average.update_parameters(s.model)
        with autograd.no_grad():
            return average(x)

    return step


def clipping(clip, norm_matters):
    def make(s):
        def step(x, y):
            loss = s.loss(x, y)
            loss.backward()
            norm = clip(s.parameters)
            s.optimizer.step()
            return loss.detach() * norm if norm_matters else loss.detach()

        return step

    return make


def accumulation(s):
    gather = optim.GradientAccumulation(s.optimizer, 3, max_norm=0.5)

    def step(x, y):
        loss = F.cross_entropy(s.model(x), y)
        loss.backward()
        gather.step()
        return loss.detach()

    return step


def weights_of_batches(s):
    precision = Precision()

    def step(x, y):
        loss = s.loss(x, y)
        precision.backward(loss, 3.0)
        precision.gather(s.parameters, 6.0)
        s.optimizer.step()
        return loss.detach()

    return step


def a_step_that_is_skipped(s):
    s.optimizer.skip_nonfinite = True

    def step(x, y):
        loss = s.loss(x, y)
        loss.backward()
        s.optimizer.step()
        return loss.detach()

    return step


PARTS = {
    "mean of weights": averaging(None, False), "moving average": averaging(optim.get_ema_avg_fn(0.9), True),
    "average of one's own": averaging(lambda averaged, current, n: averaged + 0.5 * (current - averaged), False),
    "the average is used": the_average_is_used,
    "clip by norm": clipping(lambda params: optim.clip_grad_norm_(params, 0.1), True),
    "clip by the largest": clipping(lambda params: optim.clip_grad_norm_(params, 0.1, np.inf), True),
    "clip by value": clipping(lambda params: optim.clip_grad_value_(params, 0.01), False),
    "total norm": clipping(lambda params: optim.clip_grad_norm_(iter(params), np.inf), False),
    "accumulation": accumulation, "weights of batches": weights_of_batches, "steps that are skipped": a_step_that_is_skipped,
}


@pytest.mark.parametrize("name", PARTS)
def test_a_replay_does_the_same(name):
    results = []
    for compiled in (False, True):
        s = Setting()
        step = PARTS[name](s)
        step = autograd.compile(step) if compiled else step
        outputs = [np.array(step(x, y).data) for x, y in BATCHES]
        results.append(outputs + s.values())
    for eager, replayed in zip(*results, strict=True):
        np.testing.assert_array_equal(eager, replayed)


@pytest.mark.filterwarnings("ignore:Adam skipped")
def test_a_replay_skips_what_is_not_finite():
    s = Setting()
    step = autograd.compile(a_step_that_is_skipped(s))
    for x, y in BATCHES[:3]:
        step(x, y)
    before = [p.data.copy() for p in s.parameters]
    with np.errstate(all="ignore"):
        step(BATCHES[0][0] * np.float32(np.inf), BATCHES[0][1])
    assert len(s.optimizer.skipped) == 1
    for p, kept in zip(s.parameters, before):
        np.testing.assert_array_equal(p.data, kept)
    assert s.optimizer.state[s.parameters[0]]["step"] == 3


@pytest.mark.filterwarnings("ignore:overflow")
def test_mixed_precision_decides_outside():
    """Compiled up to the backward pass; the scale is found outside, and the program follows it."""
    results = []
    for compiled in (False, True):
        s, precision = Setting(), Mixed(scale=2.0**20, growth=2)

        def backward(x, y, s=s, precision=precision):
            s.optimizer.zero_grad()
            loss = F.cross_entropy(precision.call(s.model, (x,)), y)
            precision.backward(loss)
            return loss.detach()

        run, scales = autograd.compile(backward) if compiled else backward, []
        outputs = []
        for x, y in BATCHES:
            outputs.append(np.array(run(x, y).data))
            if precision.gather(s.parameters, 1.0):
                s.optimizer.step()
            scales.append(precision.scale)
        results.append([*outputs, *s.values(), np.array(scales), np.array(precision.skipped)])
    assert results[0][-1] > 0
    assert len(set(results[0][-2])) > 2
    for eager, replayed in zip(*results, strict=True):
        np.testing.assert_array_equal(eager, replayed)


def test_what_decides_by_values_is_refused():
    s = Setting()
    mixed, metric, before = Mixed(), TopK(1), s.values()

    def scaled(x, y):
        mixed.backward(s.loss(x, y))
        return mixed.gather(s.parameters, 1.0)

    def measured(x, y):
        metric.update(s.model(x).data, y)

    def statistics(x, y):
        optim.update_bn([x], s.model)

    def closure(x, y):
        optim.LBFGS(s.parameters).step(lambda: s.loss(x, y))

    def again(x, y):
        s.optimizer.step(lambda: s.loss(x, y))

    for function, error, said in ((scaled, TypeError, "mixed precision decides.*call gather"), (measured, TraceError, r"\.data asks"),
                                  (statistics, TraceError, "memory is written"), (closure, TypeError, "LBFGS.step.*Compile that"),
                                  (again, TypeError, "call the closure first")):
        with pytest.raises(error, match=said):
            function = autograd.compile(function)
            for batch in BATCHES[:2]:  # the first call may be done as it is
                function(*batch)
    assert metric.sums["count"] == 0
    for value, kept in zip(s.values()[:4], before[:4]):
        np.testing.assert_array_equal(value, kept)


def test_a_metric_looks_at_what_is_returned():
    results = []
    for compiled in (False, True):
        s, metric = Setting(), TopK(1)

        def step(x, y, s=s):
            s.optimizer.zero_grad()
            outputs = s.model(x)
            F.cross_entropy(outputs, y).backward()
            s.optimizer.step()
            return outputs.detach()

        step = autograd.compile(step) if compiled else step
        for x, y in BATCHES:
            metric.update(step(x, y).data, y)
        results.append(metric.value())
    assert results[0] == results[1]
    assert metric.sums["count"] == 35
