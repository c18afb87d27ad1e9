"""Are the numbers in a picture right, and is what is missing told apart? (V05, V06, V24 and V25 of the drawing design)"""

import gc
import random as python_random
import sys
import threading
import weakref

import numpy as np
import pytest

import nn
import optim
from autograd import Tape, checkpoint, grad, no_grad, ops, primitive, random, tensor
from autograd.drawing import gradients, values
from autograd.drawing.capture import graph_of
from autograd.drawing.graph import KNOWN, NOT_COMPUTED, NOT_KEPT, UNREACHABLE, ZERO, Stats
from autograd.drawing.values import measured
from autograd.tape import history
from tests.drawing.fixtures import FIXTURES, circuit2, leaves, mlp

SMALL = {name: make for name, make in FIXTURES.items() if name != "resnet18"}


def captured(*results, values="stats", grads="auto"):
    return graph_of(Tape.of(*results), values, grads)


def states(graph):
    return {node.name: node.state for node in graph.nodes}


def random_graph(seed):
    """A random computation: its leaves, all results, and one or two scalars at the end."""
    choose, numbers = python_random.Random(seed), np.random.default_rng(seed)
    dtype = choose.choice([np.float64, np.float64, np.float32])
    xs = [tensor(numbers.normal(size=shape).astype(dtype), requires_grad=True, name=f"x{i}")
          for i, shape in enumerate([(3, 4), (4,), (3, 1), (4, 4), ()])]
    mask = numbers.random((3, 4)) > 0.5
    unary = [ops.tanh, ops.exp, ops.relu, ops.sigmoid, ops.square, lambda a: -a, lambda a: a + 1.0, lambda a: 2.0 * a, ops.softmax,
             lambda a: a - a.mean(), lambda a: a * a, lambda a: ops.clip(a, -1.0, 1.0), lambda a: a.astype(np.float32).astype(dtype),
             lambda a: ops.concatenate([a[1:], a[:1]]), lambda a: ops.where(mask, a, 0.0), checkpoint(lambda a: ops.tanh(a) * a),
             lambda a: a[:, np.array([0, 0, 3, 1])], lambda a: nn.functional.dropout(a, 0.3), ops.sign, lambda a: a @ xs[3],
             lambda a: ops.cumsum(a, 1), lambda a: a.T.reshape(3, 4)]
    binary = [ops.add, ops.subtract, ops.multiply, ops.maximum, ops.minimum, lambda a, b: a / (b * b + 1.0), ops.hypot]
    known = [xs[0] + xs[1], xs[0] * xs[2], xs[0] @ xs[3], xs[0] * xs[4]]
    for _ in range(choose.randint(3, 14)):
        known.append(choose.choice(unary)(choose.choice(known)) if choose.random() < 0.6 else
                     choose.choice(binary)(choose.choice(known), choose.choice(known)))
    return xs, known, [known[-1].sum() + (known[-2] * known[-1]).mean(), *([known[-3].sum()] if choose.random() < 0.3 else [])]


# ---- nothing is changed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grads", ["auto", "compute", "kept", "none"])
def test_v05_capturing_changes_nothing(grads):
    random.seed(1)
    x, y = tensor([2.0, 3.0], requires_grad=True, name="x"), tensor([1.0, -1.0], requires_grad=True, name="y")
    y.grad = tensor([5.0, 5.0])
    z = (x * y).retain_grad()
    seen = []
    z.register_hook(seen.append)
    x.register_hook(seen.append)
    loss = (nn.functional.dropout(ops.exp(z), 0.5) + x).sum()
    before, saved = random.get_state(), [node.saved for node in history([loss.node])]
    data = [t.data.tobytes() for t in (x, y, z, loss)]
    graph = captured(loss, grads=grads)
    assert x.grad is None and y.grad.tolist() == [5.0, 5.0] and z.grad is None and not seen and random.get_state() == before
    assert [node.saved for node in history([loss.node])] == saved and [t.data.tobytes() for t in (x, y, z, loss)] == data
    loss.backward()  # still possible, and now the hooks are called
    assert len(seen) == 2 and z.grad is not None
    assert graph.position("x") == 0


def test_v05_a_captured_graph_keeps_nothing_alive():
    loss, model = mlp()
    arrays = [weakref.ref(array) for node in history([loss.node]) if node.saved for array in node.saved if isinstance(array, np.ndarray)]
    nodes = [weakref.ref(node) for node in history([loss.node])]
    assert len(arrays) > 5
    graph = captured(loss, grads="compute")
    del loss, model
    gc.collect()
    assert not any(ref() for ref in nodes)
    assert sum(ref() is not None for ref in arrays) == 0
    assert len(graph.nodes) == len(nodes)


def test_v06_a_used_graph_has_its_structure():
    loss, _model = mlp()
    before = captured(loss, values="none", grads="none")
    loss.backward()
    after = captured(loss)
    assert all(node.freed for _, node in after.ops) and not any(node.freed for _, node in before.ops)
    assert [(n.name, n.op, [o.source for o in n.operands], n.shape, n.dtype, n.scope) for n in after.nodes] == [
        (n.name, n.op, [o.source for o in n.operands], n.shape, n.dtype, n.scope) for n in before.nodes]
    assert after.kept_bytes == 0 < before.kept_bytes and after.scopes == before.scopes
    for name, make in SMALL.items():
        result, _alive = make()
        if hasattr(result, "backward"):
            result.sum().backward()
            assert len(captured(result, grads="compute").nodes) > 1, name


# ---- gradients ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(50))
def test_v25_computed_gradients_are_the_engine_s(seed):
    random.seed(seed)
    xs, results, outputs = random_graph(seed)
    for x in xs[:3]:
        x.grad = tensor(np.asarray(x.data) * 7)
    grads, state = [x.grad.data.tobytes() if x.grad is not None else None for x in xs], random.get_state()
    nodes = history([y.node for y in outputs])
    found = gradients.gradients_of(nodes, [y.node for y in outputs], compute=True)
    assert [x.grad.data.tobytes() if x.grad is not None else None for x in xs] == grads and random.get_state() == state
    graph = captured(*outputs, grads="compute")
    for x in xs:
        x.grad = None
    for y in results:
        y.retain_grad()
    total = outputs[0]
    for y in outputs[1:]:
        total = total + y
    total.backward()
    compared = 0
    for t in (*xs, *results):
        if t.node in found.known:
            ours = np.asarray(found.known[t.node])
            assert ours.dtype == t.grad.dtype and ours.tobytes() == t.grad.data.tobytes()
            compared += 1
        else:
            assert t.grad is None
    assert compared >= 3
    for i, x in enumerate(xs):
        if x.node in found.known:
            assert graph.nodes[graph.position(f"x{i}")].gradient == Stats.of(x.grad.data)


def test_v25_a_pass_of_our_own_leaves_the_graph_as_it_was():
    loss, model = mlp()
    twice = [captured(loss, grads="compute") for _ in range(2)]
    assert twice[0] == twice[1]
    loss.backward()
    assert all(Stats.of(p.grad.data) == twice[0].nodes[twice[0].position(name)].gradient for name, p in model.named_parameters())


def test_several_outputs_count_as_their_sum():
    x, = leaves(x=3)
    graph = captured(x * x, x * 4.0, x * x)
    assert graph.nodes[0].gradient.first == (16.0,)


# ---- V24: the five states -----------------------------------------------------------------------------------------


def test_v24_known_and_zero():
    x, y = leaves(x=2, y=3)
    graph = captured(x * y + ops.relu(x) * y)
    assert graph.nodes[0].state == graph.nodes[1].state == KNOWN
    assert [node.state for _, node in graph.ops] == [KNOWN] * 4
    dead, = leaves(dead=-1)
    graph = captured(ops.relu(dead))
    assert states(graph) == {"dead": ZERO, "%1": KNOWN} and graph.nodes[0].gradient.first == (0.0,)


@pytest.mark.parametrize("grads", ["auto", "kept", "none"])
def test_v24_not_computed_before_backward(grads):
    loss, _model = mlp()
    assert set(states(captured(loss, grads=grads)).values()) == {NOT_COMPUTED}
    assert all(node.gradient is None for node in captured(loss, grads=grads).nodes)


def test_v24_zeroed_buffers_are_no_gradients():
    loss, model = mlp()
    sgd = optim.SGD(model.parameters(), lr=0.1)
    loss.backward()
    sgd.zero_grad(set_to_none=False)
    loss = model(np.ones((1, 64), np.float32)).sum()
    assert set(states(captured(loss, grads="kept")).values()) == {NOT_COMPUTED}


def test_v24_not_kept_after_backward():
    loss, model = mlp()
    loss.backward()
    graph = captured(loss, grads="kept")
    assert {node.state for _, node in graph.ops} == {NOT_KEPT}
    assert {node.state for node in graph.nodes if node.kind == "parameter"} == {KNOWN}
    model.zero_grad()
    assert set(states(captured(loss, grads="kept")).values()) == {NOT_KEPT}


def test_v24_a_used_circuit_shows_what_is_left():
    loss, _parts = circuit2()
    loss.backward()
    graph = captured(loss)
    assert [node.state for node in graph.nodes] == [KNOWN] * 5 + [NOT_KEPT] * 7 + [KNOWN]
    assert graph.nodes[-1].gradient.first == (1.0,) and "retain_graph" in graph.notes[0]


def test_v24_retained_gradients_prove_that_a_pass_was_here():
    x, y = leaves(x=2, y=3)
    a = x * y
    b = ops.exp(a).retain_grad()
    loss = b * 2.0 + x
    loss.backward(retain_graph=True)
    found = {node.name: node.state for node in captured(loss, grads="kept").nodes}
    assert found == {"x": KNOWN, "y": KNOWN, "%1": NOT_KEPT, "%2": KNOWN, "%3": NOT_COMPUTED, "%4": NOT_COMPUTED}


def test_v24_a_shared_trunk_that_another_loss_has_used_up():
    x, y = leaves(x=2, y=3)
    trunk = x * y
    one, two = ops.exp(trunk), ops.tanh(trunk) * 2.0
    two.backward()
    graph = captured(one, grads="compute")
    assert states(graph) == {"x": KNOWN, "y": KNOWN, "%1": KNOWN, "%2": KNOWN}  # of x and y: what is in .grad
    assert graph.nodes[graph.position("%1")].gradient.first == (float(np.exp(6.0)),)
    both = captured(one, two, grads="compute")
    assert states(both)["%1"] == NOT_KEPT  # one of its two contributions can be computed, and is not shown for the whole


def test_v24_unreachable():
    x, y = leaves(x=2, y=3)
    index = tensor([0.0, 1.0], requires_grad=True, name="index")
    chosen = ops.where(index, x, y)
    for grads in ("compute", "kept", "none"):
        assert states(captured(chosen.sum(), grads=grads))["index"] == UNREACHABLE
    index.grad = tensor([1.0, 1.0])  # of something else
    assert states(captured(chosen.sum(), grads="kept"))["index"] == UNREACHABLE
    unused, = leaves(unused=1)
    inside = checkpoint(lambda a, b: (a + b * 0.0).detach() + b)(unused, x)
    graph = captured(inside * 2.0, grads="compute")
    assert states(graph)["x"] == KNOWN and "unused" not in states(graph)


def test_v24_no_gradient_is_zero_unless_it_is():
    for name, make in SMALL.items():
        result, _alive = make()
        if hasattr(result, "backward"):
            tape, computed = Tape.of(result), gradients.gradients_of(history([result.node]), [result.node], compute=True)
            for grads in ("auto", "kept", "compute"):
                for node in graph_of(tape, "none", grads).nodes:
                    if node.state == ZERO:
                        assert not np.any(computed.known[tape.node(node.name)]), (name, node.name)
                    assert (node.gradient is None) == (node.state not in (KNOWN, ZERO))


def test_nothing_is_not_zero():
    x = tensor(np.ones((0, 3)), requires_grad=True, name="x")
    graph = captured((x * 2.0).sum(), grads="compute")
    assert graph.nodes[0].state == KNOWN and graph.nodes[0].value.size == 0


def test_a_rule_that_fails_costs_a_gradient_and_not_the_picture():
    def refuse(g):
        raise RuntimeError("no such thing")

    odd = primitive(lambda x: x * 1.0, x=refuse, name="odd")
    x, y = leaves(x=1, y=2)
    graph = captured(odd(x) + y)
    assert states(graph) == {"x": NOT_COMPUTED, "y": KNOWN, "%1": KNOWN, "%2": KNOWN}
    assert "no such thing" in graph.notes[0]


def test_functional_gradients_leave_none():
    assert grad(lambda x: captured(x * x).nodes[0].gradient.first[0] * x)(3.0) == 6.0


# ---- values -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_values_are_those_that_were_computed(seed):
    random.seed(seed)
    xs, results, outputs = random_graph(seed)
    tape = Tape.of(*outputs)
    names = {tape.node(e.name): e.name for e in (*tape.leaves, *tape.ops)}
    expected = {names[t.node]: t.data.copy() for t in (*xs, *results) if t.node in names}
    state = random.get_state()
    found = measured(tape, "stats", "none").values
    assert all(found[name] == Stats.of(value) for name, value in expected.items())
    kept = {name: value for name, value in expected.items() if name.startswith("x")}
    del results
    again = measured(tape, "stats", "none").values  # most Tensors are gone: computed again
    assert all(again[name] == Stats.of(expected[name]) for name in again if name in expected)
    assert kept.keys() <= again.keys() and len(again) >= 0.7 * len(found) and random.get_state() == state


def test_what_was_kept_comes_before_what_has_been_written_since():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    loss = (w * w).sum()
    with no_grad():
        w += 10.0
    graph = captured(loss, grads="compute")
    assert graph.nodes[0].value.first == (1.0, 2.0) and graph.nodes[0].gradient.first == (2.0, 4.0)


def test_values_are_looked_for_only_when_wanted(monkeypatch):
    def refuse():
        raise AssertionError("the heap was searched")

    loss, _model = mlp()
    monkeypatch.setattr(values.gc, "get_objects", refuse)
    for wanted in ("auto", "none"):
        assert all(node.value is None for node in captured(loss, values=wanted, grads="compute").nodes)
    x, = leaves(x=2)
    assert captured(x * x, values="none", grads="none").nodes[0].value is None


def test_half_made_tensors_are_skipped():
    from autograd.tensor import Tensor

    half = Tensor.__new__(Tensor)
    x, = leaves(x=2)
    graph = captured(x + 1.0)
    assert graph.nodes[0].value.first == (2.0,) and half is not None


def test_missing_values_are_marked_and_said():
    x, y = leaves(x=1, y=2)
    graph = captured((x + 1.0 + 1.0) * 0.0 + y, values="auto")
    assert [node.name for node in graph.nodes if node.value is None] == ["%1", "%2", "%3"] and "not kept" in graph.notes[0]
    assert not captured(x + 1.0 + 1.0, values="none").notes


@pytest.mark.parametrize("options", [{"values": "all"}, {"grads": "yes"}, {"grads": True}])
def test_unknown_choices_are_refused(options):
    loss, _parts = circuit2()
    with pytest.raises(ValueError, match=r"none of the choices: 'auto'"):
        captured(loss, **options)


def test_drawing_disturbs_no_other_thread():
    """A tuple that another thread is in the middle of making cannot be finished while somebody else holds it."""
    stop, failed = threading.Event(), []

    def make_tuples():
        try:
            while not stop.is_set():
                tuple(x for x in range(2000))
        except SystemError as error:
            failed.append(error)

    interval = sys.getswitchinterval()
    other = threading.Thread(target=make_tuples)
    try:
        sys.setswitchinterval(1e-5)
        other.start()
        x, = leaves(x=2)
        for _ in range(5):
            assert captured(x + 1.0).nodes[0].value.first == (2.0,)
    finally:
        stop.set()
        other.join()
        sys.setswitchinterval(interval)
    assert not failed
