"""Would the tests notice? Every rule of every primitive, made wrong by a ten-thousandth, must be caught; so must broken promises.

Read next: `test_engine.py`.
"""

import contextlib

import numpy as np
import pytest

from autograd import ops
from autograd.check import GradientError
from autograd.primitive import REGISTRY, Primitive
from autograd.tensor import Tensor
from autograd.testing import LAWS, examples, hold, laid_out, run
from autograd.testing.cases import Case, cases_of
from autograd.testing.laws import law, require, twin
from autograd.testing.strategies import LAYOUTS

RULES = [(p, slot) for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.") for slot in p.needs]


@contextlib.contextmanager
def unregistered():
    """Primitives declared inside are forgotten."""
    before = dict(REGISTRY)
    try:
        yield
    finally:
        REGISTRY.clear()
        REGISTRY.update(before)


def changed(p, forward=None, rules=None, definition=None):
    """The primitive p with some of its parts exchanged."""
    with unregistered():
        return Primitive(forward or p.forward, {**p.rules, **(rules or {})}, name=p.name, broadcasts=p.broadcasts, linear=p.linear,
                         domain=p.domain, residuals=p.residuals, definition=definition or p.definition, operator=p.operator,
                         sequence=p.sequence, module=p.module)


def slightly_wrong(rule, names):
    """The rule times 1.0001; or plus 0.0001 where it is zero."""

    def wrong(*values):
        g = rule(*values)
        zero = not np.any(g._array if isinstance(g, Tensor) else g)
        return g + 1e-4 if zero else g * (1 + 1e-4)

    return eval(f"lambda {', '.join(names)}: wrong({', '.join(names)})", {"wrong": wrong})


def catches(name, f, like, error=AssertionError):
    """Does the law, by one of the cases of `like`, raise?"""
    for case in cases_of(like):
        with contextlib.suppress(error):
            run(LAWS[name], Case(f, case.name, case.arguments, case.order, case.tolerance), round(25 / LAWS[name].share), shrink=False)
            continue
        return True
    return False


@pytest.mark.parametrize("p, slot", RULES, ids=[f"{p.name}-{slot}" for p, slot in RULES])
def test_a_wrong_rule_is_caught(p, slot):
    mutant = changed(p, rules={slot: slightly_wrong(p.rules[slot], p.needs[slot])})
    assert catches("gradient", mutant, p, GradientError), f"the rule of {p.name} for {slot}, times 1.0001, passes the gradient law"


FUSED = [p for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.") and p.definition is not None]


@pytest.mark.parametrize("p", FUSED, ids=[p.name for p in FUSED])
def test_a_wrong_definition_is_caught(p):
    mutant = changed(p, definition=lambda *args, **kwargs: p.definition(*args, **kwargs) * (1 + 1e-4))
    assert catches("definition", mutant, p), f"the definition of {p.name}, times 1.0001, passes the definition law"


# ---- one offence against each of the other laws -------------------------------------------------------------------


def offence(broken, **rules):
    """A primitive like ops.tanh or ops.multiply, with something broken."""
    with unregistered():
        return Primitive(broken, rules, name="broken", module="autograd.tests", broadcasts=len(rules) == 2)


def tanh(x):
    return np.tanh(x)


def test_a_rule_that_is_wrong_only_when_recorded_is_caught():
    f = offence(tanh, x=lambda g, y: g * (1 - (y * y if not isinstance(y, Tensor) else y.detach() * y)))
    assert not catches("gradient", f, ops.tanh)
    assert catches("second_order", f, ops.tanh)


def test_a_rule_that_gives_another_gradient_when_recorded_is_caught():
    f = offence(tanh, x=lambda g, y: g * (1 - y * y) * (1 if not isinstance(g, Tensor) else 1 + 1e-9))
    assert catches("one_rule", f, ops.tanh)


def test_a_forward_that_differs_on_tensors_is_caught():
    with unregistered():
        f = Primitive(tanh, {"x": lambda g, y: g * (1 - y * y)}, name="broken", module="autograd.tests", operator="-")
    assert catches("one_rule", f, ops.tanh)


def test_a_rule_that_is_not_linear_is_caught():
    f = offence(tanh, x=lambda g, y: g * (1 - y * y) + 1e-6 * g * g)
    assert catches("linear", f, ops.tanh)
    assert catches("adjoint", f, ops.tanh)


def test_float64_hidden_by_the_cast_is_caught():
    f = offence(tanh, x=lambda g, y: g * (np.float64(1) - y * y))
    assert catches("type", f, ops.tanh)


def test_a_float64_result_is_caught():
    f = offence(lambda x: np.tanh(np.asarray(x, np.float64))[()], x=lambda g, y: g * (1 - y * y))
    assert catches("type", f, ops.tanh)


def test_a_forward_that_writes_to_its_argument_is_caught():
    def clumsy(x):
        y = np.tanh(x)
        if np.ndim(x) and x.flags.writeable:
            x *= 1.5
        return y

    assert catches("type", offence(clumsy, x=lambda g, y: g * (1 - y * y)), ops.tanh)


def test_a_rule_that_writes_to_its_cotangent_is_caught():
    def clumsy(g, y):
        if isinstance(g, np.ndarray) and g.flags.writeable:
            np.multiply(g, 1 - y * y, out=g)
            return +g
        return g * (1 - y * y)

    assert catches("type", offence(tanh, x=clumsy), ops.tanh)


def test_a_wrong_answer_for_another_layout_is_caught():
    def careless(g, x):
        y = ops.tanh(x)
        return g * (1 - y * y) if isinstance(x, Tensor) or x.size < 2 or x.flags.c_contiguous else g * y

    assert catches("layout", offence(tanh, x=careless), ops.tanh)


def test_a_wrong_answer_for_a_repeated_cotangent_is_caught():
    def careless(g, y):
        return g * (1 - y * y) if isinstance(g, Tensor) or np.ndim(g) < 1 or g.strides[0] else g * y

    assert catches("layout", offence(tanh, x=careless), ops.tanh)


def test_an_array_that_no_rule_names_is_caught():
    f = offence(tanh, x=lambda g, y: g * (1 - y * y))
    record = f.compile()

    def greedy(x):
        y = record(x)
        if isinstance(y, Tensor) and y.node is not None:
            y.node.scope = x._array
        return y

    assert not catches("memory", f, ops.tanh)
    f.record = greedy
    assert catches("memory", f, ops.tanh)


def test_an_array_held_by_the_forward_function_is_caught():
    held = []

    def hoarder(x):
        held.append(x)
        return np.tanh(x)

    assert catches("memory", offence(hoarder, x=lambda g, y: g * (1 - y * y)), ops.tanh)


def test_a_cycle_is_caught():
    def snake(x):
        y = ops.tanh(x)
        if isinstance(y, Tensor) and y.node is not None:
            y.register_hook(lambda g: y and None)
        return y

    snake.__module__ = "autograd.tests"
    assert catches("memory", snake, ops.tanh)


def test_a_wrong_subgradient_is_caught():
    f = offence(lambda x: np.maximum(x, 0), x=lambda g, x: g * (x > 0) + 2 * g * (x == 0))
    assert not catches("gradient", f, ops.relu)
    assert catches("kinks", f, ops.relu)


def test_a_value_that_is_not_numpys_is_caught():
    with unregistered():
        f = Primitive(lambda x: np.argmax(x) + 1, {"x": None}, name="argmax", module="autograd.ops.tests")
    assert catches("value", f, ops.isnan)


def test_a_constant_baked_into_a_program_is_caught():
    def baked(x):
        return x * np.sum(x._array if isinstance(x, Tensor) else x)

    baked.__module__ = "autograd.tests"
    assert catches("replay", baked, ops.tanh)


def test_a_rule_that_is_right_for_real_numbers_only_is_caught():
    f = offence(np.abs, x=lambda g, x: g * ops.sign(x))
    assert not catches("gradient", f, ops.absolute)
    assert catches("complex_numbers", f, ops.absolute)


def test_a_result_that_becomes_wider_is_caught():
    wide = {
        "the result": offence(lambda x: np.asarray(np.exp(x), np.float64)[()], x=lambda g, y: g * y),
        "on the way": offence(lambda x: np.asarray(np.exp(np.asanyarray(x, np.float64)), x.dtype)[()], x=lambda g, y: g * y),
        "in the rule": offence(np.exp, x=lambda g, y: g * np.float64(1) * y),
    }
    for what, f in wide.items():
        assert catches("dtypes", f, ops.exp), what


def test_examples_that_several_laws_share_stay_as_they_were_drawn():
    def clumsy(x):
        if np.ndim(x):
            x *= 1.5
        return np.tanh(x)

    (case, *_), f = cases_of(ops.tanh), offence(clumsy, x=lambda g, y: g * (1 - y * y))
    drawn = examples(case)
    before = [args[0].copy() for args, _ in drawn]
    with pytest.raises(AssertionError):
        hold(LAWS["type"], Case(f, case.name, case.arguments, case.order, case.tolerance), drawn)
    assert all(np.array_equal(args[0], x) for (args, _), x in zip(drawn, before))
    hold(LAWS["type"], case, drawn)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_copy_of_an_example_lies_in_memory_as_it_does(layout):
    x = laid_out(np.arange(24.0).reshape(2, 3, 4), layout)
    y = twin(x)
    assert np.array_equal(x, y) and x.strides == y.strides and not np.shares_memory(x, y) and y.flags.writeable


def test_every_law_can_fail():
    """The offences above are one for each law, and no law is left out."""
    with open(__file__) as source:
        text = source.read()
    missing = [name for name in LAWS if f'catches("{name}"' not in text]
    assert not missing, f"no test shows that these laws can fail: {missing}"


def test_a_law_of_ones_own():
    before = dict(LAWS)
    try:
        @law
        def positive(call, tolerance, order):
            """The result is positive."""
            require(np.all(call.value(call.inputs) > 0), "not positive")

        assert not catches("positive", ops.exp, ops.exp) and catches("positive", ops.tanh, ops.tanh)
    finally:
        LAWS.clear()
        LAWS.update(before)
