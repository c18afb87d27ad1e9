"""Is the first operation that made a NaN named, forward and backward?

Read next: `test_broken_programs.py`.
"""

import re
import warnings

import numpy as np
import pytest

import nn
from autograd import checkpoint, detect_anomaly, grad, ops, tensor, trace
from autograd.anomaly import AnomalyError
from autograd.node import get_mode

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf(*values):
    return tensor(np.array(values), requires_grad=True)


def message(run):
    with pytest.raises(AnomalyError) as caught, detect_anomaly():
        run()
    return str(caught.value)


def test_the_first_operation_forward_is_named_and_not_what_follows():
    x = leaf(0.0, 1.0, 2.0)

    def run():
        y = ops.log(x)  # here
        return (y * y).sum().exp()

    text = message(run)
    assert text.startswith("log made the first infinity: 1 of 3 elements")
    assert "operand x   f64[3] from 0 to 2, 1 zero" in text
    line = int(re.search(r"test_anomaly.py, line (\d+)", text)[1])
    with open(__file__, encoding="utf-8") as file:
        assert "# here" in file.readlines()[line - 1]


def test_nan_and_infinity_are_told_apart():
    assert message(lambda: ops.sqrt(leaf(-1.0, 4.0))).startswith("sqrt made the first NaN: 1 of 2")
    assert message(lambda: ops.exp(leaf(1000.0))).startswith("exp made the first infinity: 1 of 1")
    inf = leaf(np.inf)
    assert message(lambda: inf - inf).startswith("subtract made the first NaN")


def test_what_came_in_is_nobodys_fault():
    """A mask of -inf, or NaN for missing data, is the user's own."""
    x = leaf(1.0, 2.0)
    with detect_anomaly():
        masked = ops.where(np.array([True, False]), x, -np.inf)
        assert np.isfinite(ops.softmax(masked).data).all()
        missing = tensor(np.array([np.nan, 1.0]))
        assert np.isnan((missing * x).data[0])


def test_the_first_rule_backward_is_named():
    x = leaf(0.0, 1.0)

    def run():
        y = ops.sqrt(x)  # there
        (y * 3.0).sum().backward()

    text = message(run)
    assert "the gradient of sqrt (%" in text and "to x made the first infinity: 1 of 2" in text
    assert "rule        dx = g / (2 * y)" in text and "operand g   f64[2] from 3 to 3" in text
    assert "operand x   f64[2] from 0 to 1, 1 zero" in text
    line = int(re.search(r"computed at .*test_anomaly.py, line (\d+)", text)[1])
    with open(__file__, encoding="utf-8") as file:
        assert "# there" in file.readlines()[line - 1]
    assert x.grad is None


def test_a_guarded_logarithm_is_no_anomaly_of_the_backward_pass():
    x = leaf(0.0, 1.0)
    with detect_anomaly(inf=False):
        ops.where(x > 0, ops.log(x), 0.0).sum().backward()
    assert x.grad.data.tolist() == [0.0, 1.0]


def test_it_names_the_module():
    class Broken(nn.Module):
        def forward(self, x):
            return ops.log(x - x)

    text = message(lambda: nn.Sequential(nn.Linear(2, 2), Broken())(tensor(np.ones((1, 2)))))
    assert "in module   1 (Broken)" in text


def test_functions_under_grad_are_watched_too():
    assert "log made the first infinity" in message(lambda: grad(lambda x: np.sum(np.log(x)))(np.array([0.0, 1.0])))
    assert "gradient of power" in message(lambda: grad(lambda x: np.sum(x ** 0.5))(np.array([0.0, 1.0])))


def test_a_recorded_backward_pass_is_watched():
    assert message(lambda: grad(grad(lambda x: x ** 1.5))(0.0))


def test_inside_checkpoint():
    def run():
        x = leaf(0.0)
        checkpoint(lambda x: ops.sqrt(x) * 2.0)(x).backward()

    text = message(run)
    assert "holds the first infinity" in text and "checkpoint" in text


def test_lists_of_operands():
    x = leaf(1.0)
    assert message(lambda: ops.stack([x, ops.log(x - 1.0)])).startswith("log made the first infinity")


def test_off_is_off():
    x = leaf(0.0)
    with pytest.raises(AnomalyError), detect_anomaly():
        ops.log(x)
    assert get_mode().observer is None
    assert np.isinf(ops.log(x).data)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        ops.log(x)
    assert seen


def test_one_watches_at_a_time():
    with pytest.raises(RuntimeError, match="Tracer"):
        trace(lambda x: detect_anomaly().__enter__(), 1.0)
    with detect_anomaly(), pytest.raises(RuntimeError, match="one at a time"):
        detect_anomaly().__enter__()


def test_integers_and_empty_arrays():
    with detect_anomaly():
        ops.argmax(tensor([1, 2, 3]))
        ops.sum(leaf())


def test_complex_numbers():
    assert "absolute values from 0 to" in message(lambda: ops.log(tensor(np.array([0j, 1j]), requires_grad=True)))
