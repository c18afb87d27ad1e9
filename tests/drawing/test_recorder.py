"""Does a record say what happened, and does it only watch?"""

import gc
import json
import subprocess
import sys
import time
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
import optim
from autograd import Tape, checkpoint, draw, drawing, grad, hessian, jvp, no_grad, ops, primitive, random, tensor, trace
from autograd.drawing.cuts import cuts, severed
from autograd.drawing.graph import KNOWN, NOT_COMPUTED, NOT_KEPT, UNREACHABLE, ZERO, from_json, to_json
from autograd.drawing.recorder import Record, graph_of_module, graph_of_record
from autograd.node import MODE, Mode, Observer, get_mode
from tests.drawing.fixtures import FIXTURES


def leaf(*shape, name=None, seed=0):
    return tensor(np.random.default_rng(seed).normal(size=shape), requires_grad=True, name=name)


def by_op(graph, op):
    return next(node for _, node in graph.ops if node.op == op)


# ---- the engine tells, and is not disturbed -------------------------------------------------------------------------


class Listener(Observer):
    def __init__(self):
        self.steps, self.ends = [], []

    def pulled(self, node, g, sent, seconds):
        self.steps.append((node, g, sent, seconds))

    def arrived(self, cotangents):
        self.ends.append(dict(cotangents))


def listened(f, observer):
    mode = get_mode()
    token = MODE.set(Mode(mode.recording, mode.scope, observer))
    try:
        return f()
    finally:
        MODE.reset(token)


def test_an_observer_is_told_of_each_step():
    x, listener = tensor(3.0, requires_grad=True), Listener()
    y = x * x
    z = y * 2.0
    listened(z.backward, listener)
    assert [step[0] for step in listener.steps] == [z.node, y.node]
    assert [float(step[1]) for step in listener.steps] == [1.0, 2.0]
    assert [[None if s is None else float(s) for s in step[2]] for step in listener.steps] == [[2.0, None], [6.0, 6.0]]
    assert all(step[3] >= 0 for step in listener.steps)
    assert [{node: float(g) for node, g in end.items()} for end in listener.ends] == [{x.node: 12.0}]
    assert float(x.grad) == 12.0


def test_who_watches_makes_no_graph_of_the_backward_pass():
    """A tracer needs the backward pass on Tensors; others get it as it is."""
    x = tensor(2.0, requires_grad=True)
    with drawing.record() as record:
        (x**3).backward()
        assert grad(lambda v: v * v)(3.0) == 6.0
        assert isinstance(grad(lambda v: v * v)(np.array(3.0)), np.floating)
    assert x.grad.node is None
    assert [node.op for _, node in record.graph().ops] == ["power", "multiply", "multiply"]
    assert listened(lambda: get_mode().traced, Observer()) is False


SMALL = [name for name in FIXTURES if name != "resnet18"]


@pytest.mark.parametrize("name", SMALL)
def test_gradients_are_the_same_to_the_last_bit(name):
    def run(watch):
        random.seed(0)
        result, keep = FIXTURES[name]()
        parameters = list(keep.parameters()) if isinstance(keep, nn.Module) else keep
        if result is None or not isinstance(result, autograd.Tensor):
            return []
        if watch:
            with drawing.record():
                result.sum().backward()
        else:
            result.sum().backward()
        return [p.grad.numpy() for p in parameters if p.requires_grad and p.is_leaf and p.grad is not None]

    mine, theirs = run(True), run(False)
    assert len(mine) == len(theirs)
    for a, b in zip(mine, theirs):
        assert a.tobytes() == b.tobytes()


@given(st.integers(0, 2**31), st.sampled_from(["tanh", "index", "concatenate", "broadcast", "matmul"]))
def test_forward_and_gradients_of_random_values(seed, kind):
    def run(watch):
        w, x = leaf(3, 4, seed=seed), np.random.default_rng(seed + 1).normal(size=(4, 3))

        def compute():
            y = {"tanh": lambda: ops.tanh(w * w), "index": lambda: w[[0, 1, 1]] + w[0] + w[2:], "matmul": lambda: w @ x @ w,
                 "concatenate": lambda: ops.concatenate([w, w, w * 2]), "broadcast": lambda: w + w[0] * w[:, :1]}[kind]()
            loss = (y * y).sum() + w.sum()
            loss.backward()
            return loss.detach().numpy().tobytes(), w.grad.numpy().tobytes()

        if not watch:
            return compute()
        with drawing.record():
            return compute()

    assert run(True) == run(False)


def test_derivatives_of_any_order_inside():
    def f(v):
        return (ops.tanh(v) * v).sum()

    x, v = np.array([0.5, -1.0]), np.array([1.0, 2.0])
    expected = hessian(f)(x), jvp(f, (x,), (v,))[1], grad(lambda u: (grad(f)(u) ** 2).sum())(x)
    with drawing.record():
        found = hessian(f)(x), jvp(f, (x,), (v,))[1], grad(lambda u: (grad(f)(u) ** 2).sum())(x)
    for a, b in zip(found, expected):
        assert type(a) is type(b)
        assert a.tobytes() == b.tobytes()
    w = tensor(2.0, requires_grad=True)
    with drawing.record() as record:
        (w**3).backward(create_graph=True)
        w.grad.backward()
    assert float(w.grad) == 12.0 + 12.0
    assert len(record) == 3  # the power, and two operations of its gradient


def test_tracing_inside_and_outside():
    def f(x):
        return (x * x).sum()

    with drawing.record() as record:
        program = trace(grad(f), np.ones(2))
    assert len(record) == 0
    np.testing.assert_array_equal(program(np.array([1.0, 3.0])), [2, 6])

    def with_record(x):
        with drawing.record() as inner:
            y = grad(f)(x)
        seen.append(inner)
        return y

    seen = []
    program = trace(with_record, np.ones(2))
    np.testing.assert_array_equal(program(np.array([1.0, 3.0])), [2, 6])
    assert len(seen[0]) >= len(program.ops)


def test_what_is_refused_while_tracing_is_not_refused_here():
    program = trace(lambda x: x * 2.0, np.ones(2))
    mask = np.array([[True, False], [True, True]])
    q = leaf(2, 3)
    plain = nn.functional.scaled_dot_product_attention(q, q, q, mask)
    with drawing.record() as record:
        np.testing.assert_array_equal(program(np.ones(2)), [2, 2])
        with pytest.raises((ValueError, IndexError)):
            nn.functional.cross_entropy(leaf(2, 3), np.array([0, 7]))
        watched = nn.functional.scaled_dot_product_attention(q, q, q, mask)
    assert [node.op for _, node in record.graph(watched).ops] == [entry.op for entry in Tape.of(plain).ops]


def test_nested_records_both_see():
    w = leaf(3)
    with drawing.record() as outer:
        with drawing.record() as inner:
            y = w * w
        z = y.sum()
        z.backward()
    assert [node.op for _, node in inner.graph().ops] == ["multiply"]
    assert [node.op for _, node in outer.graph().ops] == ["multiply", "sum"]
    assert by_op(outer.graph(), "multiply").state == KNOWN


# ---- V05: it only watches ---------------------------------------------------------------------------------------------


def test_V05_nothing_is_kept_alive():
    w = leaf(50, 50, name="w")
    dead = []
    gc.disable()
    try:
        with drawing.record() as record:
            y = ops.tanh(w @ np.ones((50, 50)))
            z = (y > 0) * y
            dead += [weakref.ref(y._array), weakref.ref(z._array), weakref.ref(z.node)]
            del y, z
            assert all(reference() is None for reference in dead), "not even inside of the block"
            loss = (w * w).sum()
            loss.backward()
            dead += [weakref.ref(loss), weakref.ref(loss.node), weakref.ref(w._array), weakref.ref(w.grad._array), weakref.ref(w.node)]
        graph = record.graph()
        del loss, w
        assert all(reference() is None for reference in dead)
    finally:
        gc.enable()
    assert len(graph.nodes) == len(record.graph().nodes) == 8
    assert not any(isinstance(value, np.ndarray) for seen in record.witness.seen for value in (seen.value, seen.gradient, seen.mark))


def test_V05_state_is_unchanged():
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    x = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    runs = []
    for watch in (False, True):
        state = {name: value.copy() for name, value in model.state_dict().items()}
        random.seed(3)
        if watch:
            with drawing.record():
                y = model(x)
                y.sum().backward()
        else:
            y = model(x)
            y.sum().backward()
        runs.append([y.detach().numpy().tobytes(), random.get_state(), {n: v.tobytes() for n, v in model.state_dict().items()},
                     [p.grad.numpy().tobytes() for p in model.parameters()]])
        model.load_state_dict(state)
        for p in model.parameters():
            p.zero_grad()
    assert runs[0] == runs[1]
    assert get_mode().observer is None


def test_V05_the_forward_function_that_is_timed_draws_nothing():
    noisy = primitive(lambda x: x + random.generator().normal(), x=lambda g: g, name="noisy")
    results = []
    for watch in (False, True):
        random.seed(0)
        if watch:
            with drawing.record(time=True):
                results.append(float(noisy(tensor(1.0)) + noisy(tensor(1.0))))
        else:
            results.append(float(noisy(tensor(1.0)) + noisy(tensor(1.0))))
    assert results[0] == results[1]


def test_V05_drawing_a_record_and_a_module_leaves_grad_alone():
    model = nn.Linear(3, 2)
    y = model(np.ones((1, 3), np.float32)).sum()
    y.backward()
    before = [p.grad.numpy().tobytes() for p in model.parameters()]
    draw(model, (1, 3), grads="compute").to_json()
    assert [p.grad.numpy().tobytes() for p in model.parameters()] == before


def test_a_checkpointed_call_runs_as_often_as_without():
    calls = []

    def f(x):
        calls.append(1)
        return ops.tanh(x) * x

    counts = []
    for watch in (False, True):
        calls.clear()
        w = leaf(3, name="w")
        if watch:
            with drawing.record() as record:
                loss = checkpoint(f)(w).sum()
                assert record.graph(loss).kept_bytes == Tape.of(loss).kept_bytes
                loss.backward()
        else:
            loss = checkpoint(f)(w).sum()
            loss.backward()
        counts.append((len(calls), w.grad.numpy().tobytes()))
    assert counts[0] == counts[1]
    assert [node.op for _, node in record.graph(loss).ops] == ["tanh", "multiply", "sum"]
    assert record.graph(loss).nodes[0].state == KNOWN


# ---- what is in it --------------------------------------------------------------------------------------------------


def test_everything_is_recorded_also_without_a_gradient():
    w, x = leaf(2, 3, name="w"), np.ones((4, 2))
    with drawing.record() as record:
        h = x @ w
        with no_grad():
            scaled = h * 2.0
        best = h.argmax(1)
        whole = h.astype(int)
        picked = h[np.arange(4), best]
        loss = (h * scaled + whole).sum() + picked.sum() + (h > 0).any() * 1.0
    graph = record.graph()
    assert [(node.op, node.active) for _, node in graph.ops] == [
        ("matmul", True), ("multiply", False), ("argmax", False), ("cast_away", False), ("stack", False), ("subscript", True),
        ("multiply", True), ("add", True), ("sum", True), ("sum", True), ("add", True), ("greater", False), ("any", False),
        ("multiply", False), ("add", True)]
    node = by_op(graph, "subscript")
    assert [graph.nodes[o.source].op for o in node.operands] == ["matmul", "stack"], "an index that was computed is an operand"
    assert by_op(graph, "multiply").line.startswith("test_recorder.py:")
    matmul = by_op(graph, "matmul")
    assert [(graph.nodes[o.source].name, o.label) for o in matmul.operands] == [("c0", "a"), ("w", "b")]
    assert (matmul.shape, matmul.dtype, matmul.type, matmul.bytes) == ((4, 3), "float64", "f64[4,3]", 96)
    assert matmul.value.first == () and matmul.value.size == 12
    np.testing.assert_allclose(matmul.value.mean, (x @ w.detach().numpy()).mean())
    assert graph.rules["matmul"] and from_json(to_json(graph)) == graph
    assert graph.outputs == (len(graph.nodes) - 1,)
    assert graph_of_record(record, loss, title="mine") == record.graph(loss, title="mine")
    assert [graph.nodes[i].op for i in record.graph(picked).outputs] != []


def test_booleans_that_are_scalars_are_told_apart():
    a, b = tensor(1.0, requires_grad=True), tensor(2.0, requires_grad=True)
    with drawing.record() as record:
        p, q = a > 0, b > 0
        ops.where(p, a, b)
        ops.where(q, a, b)
    first, second = [node for _, node in record.graph().ops if node.op == "where"]
    assert record.graph().nodes[first.operands[0].source].name == "%1"
    assert record.graph().nodes[second.operands[0].source].name == "%2"
    assert p.item() is True and bool(q)


def test_ids_that_are_used_again_confuse_nothing():
    w = leaf(8, name="w")
    with drawing.record("none", time=False, lines=False) as record:
        for _ in range(300):
            (w * 2.0).sum()  # each array is freed before the next is made, at the same address
    graph = record.graph()
    ops_of = [node for _, node in graph.ops]
    assert len(ops_of) == 600
    for i, node in enumerate(ops_of[1::2]):
        assert node.operands[0].source == 1 + 2 * i


def test_detached_values_are_operations():
    w = leaf(3, name="w")
    with drawing.record() as record:
        h = w * w
        d = h.detach()
        loss = (d * h + d).sum()
    graph = record.graph(loss)
    twin = by_op(graph, "detach")
    assert not twin.active and graph.nodes[twin.operands[0].source].op == "multiply"
    assert sum(node.op == "detach" for _, node in graph.ops) == 1
    assert twin.value == by_op(graph, "multiply").value


def test_names_are_those_of_the_tape():
    def compute():
        return (ops.tanh(w @ v) * u).sum()

    w, v, u = leaf(2, 3, name="w"), leaf(3, 2), leaf(2, 2, name="w")
    with drawing.record() as record:
        loss = compute()
    tape = Tape.of(loss)
    graph = record.graph(loss)
    assert [node.name for node in graph.nodes] == [entry.name for entry in (*tape.leaves, *tape.ops)]
    assert [(node.kind, node.op) for node in graph.nodes if node.kind != "op"] == [(e.op, e.op) for e in tape.leaves]
    mine = draw(tape).graph
    for a, b in zip(graph.nodes, mine.nodes):
        assert (a.name, a.kind, a.op, a.operands, a.shape, a.type, a.options, a.bytes, a.kept, a.active) == (
            b.name, b.kind, b.op, b.operands, b.shape, b.type, b.options, b.bytes, b.kept, b.active)


def test_frozen_parameters_and_buffers_have_their_paths():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3)).eval()
    nn.freeze(model[0])
    with drawing.record() as record:
        y = model(np.ones((2, 3), np.float32))
    names = {node.name: (node.kind, node.active) for node in record.graph(y).nodes if node.kind != "op"}
    assert names["0.weight"] == ("parameter", False)
    assert names["1.weight"] == ("parameter", True)
    assert names["1.running_mean"][0] == "constant"


def test_a_leaf_that_was_written_to_is_another_value():
    model = nn.Linear(3, 1, rng=0)
    sgd = optim.SGD(model.parameters(), lr=0.1)
    x = np.ones((2, 3), np.float32)
    with drawing.record() as record:
        for _ in range(2):
            sgd.zero_grad()
            loss = model(x).sum()
            loss.backward()
            sgd.step()
    graph = record.graph()
    assert [node.name for node in graph.nodes if node.kind == "parameter"] == ["weight", "bias", "weight.2", "bias.2"]
    first, second = (graph.nodes[graph.position(name)].value for name in ("weight", "weight.2"))
    np.testing.assert_allclose(second.mean, first.mean - 0.1 * 2, rtol=1e-5)


def test_gradients_and_their_states():
    w, dead, spare = leaf(3, name="w"), leaf(3, name="dead"), leaf(3, name="spare")
    with drawing.record() as record:
        hidden = w * 2.0
        loss = (hidden * hidden).sum() + ops.relu(-(dead * dead) - 1.0).sum()
        spare * 1.0
        constant = ops.ones_like(hidden)
        loss.backward()
        later = (w * 3.0).sum() * constant
    graph = record.graph()
    states = {node.name: node.state for node in graph.nodes}
    assert (states["w"], states["dead"], states["spare"]) == (KNOWN, ZERO, UNREACHABLE)
    doubled = by_op(graph, "multiply")
    np.testing.assert_allclose(doubled.gradient.mean, (2 * hidden.detach().numpy()).mean())  # of both uses, summed
    np.testing.assert_allclose(graph.nodes[graph.position("w")].gradient.mean, w.grad.numpy().mean())
    assert record.graph(later).nodes[-1].state == NOT_COMPUTED
    with drawing.record("none") as record:
        (w * 2.0).sum().backward()
    assert {node.state for node in record.graph().nodes} == {NOT_KEPT}
    with drawing.record() as record:
        y = (w * 2.0).sum()
    y.backward()
    assert {node.state for node in record.graph().nodes} == {NOT_COMPUTED}
    assert by_op(record.graph(), "multiply").freed is True or by_op(record.graph(), "multiply").kept == ()


def test_the_origin_of_a_nan_in_the_backward_pass_can_be_told():
    x = tensor([0.0, 4.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"), drawing.record() as record:
        loss = ops.sqrt(x * x).sum()
        loss.backward()
    graph = record.graph(loss)
    root = by_op(graph, "sqrt")
    assert root.gradient.finite and root.sent[0].nans + root.sent[0].infs == 1
    assert all(node.sent == () for _, node in graph.ops if node.op == "sum")


def test_outputs_are_what_nobody_used():
    w = leaf(3, name="w")
    with drawing.record() as record:
        a = w * 2.0
        b = a.sum()
        c = a.max()
    graph = record.graph()
    assert [graph.nodes[i].op for i in graph.outputs] == ["sum", "max"]
    assert [graph.nodes[i].op for i in record.graph([b, c]).outputs] == ["sum", "max"]
    assert len(record.graph(b).nodes) == 3
    assert draw(record, b).graph == record.graph(b)
    assert draw(record).graph == graph
    assert len(record) == 3 and repr(record) == "<record of 3 operations>"


def test_constants_that_are_written_to_are_two():
    buffer, w = tensor(np.ones(3)), leaf(3, name="w")
    with drawing.record() as record:
        a = w * buffer
        with buffer.writing() as values:
            values[:] = 5
        b = a * buffer
    assert [node.value.mean for node in record.graph(b).nodes if node.kind == "constant"] == [1.0, 5.0]


def test_bad_input():
    with pytest.raises(ValueError, match="'stats', 'none'"):
        drawing.record("all")
    w = leaf(3)
    with drawing.record() as record:
        y = w * w
    with pytest.raises(RuntimeError, match="of one block"), record:
        pass
    with pytest.raises(ValueError, match="not seen in this recorded block"):
        record.graph(y * y)
    with pytest.raises(TypeError, match="is a Tensor, not float"):
        record.graph(1.0)
    assert get_mode().observer is None
    with pytest.raises(ZeroDivisionError), drawing.record() as record:
        _ = w * w
        1 / 0  # noqa: B018
    assert get_mode().observer is None and len(record) == 1


def test_an_empty_record():
    with drawing.record() as record:
        pass
    assert record.graph().nodes == () and len(record) == 0


# ---- V26: bytes and times -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n in SMALL if n not in ("program", "second_order")])
def test_V26_bytes_are_the_engines(name):
    with drawing.record("none", time=False, lines=False) as record:
        loss, keep = FIXTURES[name]()
    graph = record.graph(loss)
    assert graph.kept_bytes == Tape.of(loss).kept_bytes
    assert [node.kept for _, node in graph.ops if node.active] == [entry.kept for entry in Tape.of(loss).ops]
    for _, node in graph.ops:
        assert node.bytes == np.prod(node.shape, dtype=int) * np.dtype(node.dtype).itemsize
    del keep


def test_V26_times_are_within_the_wall_time():
    model = nn.Sequential(nn.Linear(64, 64, rng=0), nn.Tanh(), nn.Linear(64, 64, rng=1))
    x = np.ones((32, 64), np.float32)
    start = time.perf_counter()
    with drawing.record() as record:
        loss = (model(x) ** 2).mean()
        loss.backward()
    wall = time.perf_counter() - start
    nodes = [node for _, node in record.graph().ops]
    assert all(node.seconds > 0 and node.backward_seconds > 0 for node in nodes)
    assert sum(node.seconds + node.backward_seconds for node in nodes) <= wall
    with drawing.record(time=False, lines=False) as record:
        (model(x) ** 2).mean().backward()
    assert all(node.seconds is None and node.backward_seconds is None and node.line == "" for _, node in record.graph().ops)


def test_freed_is_said_of_what_a_backward_pass_has_used_up():
    w = leaf(3, name="w")
    with drawing.record() as record:
        loss = (w * w).sum()
        loss.backward()
    node = by_op(record.graph(), "multiply")
    assert node.freed and node.kept_bytes == 0 and sum(kept.bytes for kept in node.kept) == 48


# ---- a module -------------------------------------------------------------------------------------------------------


class Two(nn.Module):
    def __init__(self):
        self.body, self.spare, self.norm = nn.Linear(3, 3), nn.Linear(2, 2), nn.BatchNorm1d(3)

    def forward(self, x, mask, scale=1.0):
        return {"y": self.norm(self.body(x)) * mask, "z": scale * x}


def test_a_module_is_drawn_with_its_inputs():
    model = Two()
    graph = graph_of_module(model, (4, 3), np.ones((4, 3), np.float32), scale=tensor(2.0))
    assert graph.kind == "module" and graph.title == "Two"
    assert [node.name for node in graph.nodes if node.kind == "input"] == ["x", "mask", "scale"]
    assert [node.name for node in graph.nodes if node.kind == "parameter"] == [
        "body.weight", "body.bias", "norm.weight", "norm.bias"]
    assert [(node.name, node.state, node.shape) for node in graph.unreached] == [
        ("spare.weight", UNREACHABLE, (2, 2)), ("spare.bias", UNREACHABLE, (2,))]
    assert len(graph.outputs) == 2
    assert {graph.path(node.scope) for _, node in graph.ops} == {"", "body", "norm"}
    assert all(node.value is not None for node in graph.nodes)
    assert all(node.line == "" and node.seconds is None for node in graph.nodes)
    assert all(node.value is None for node in graph_of_module(model, (4, 3), np.ones((4, 3), np.float32), values="none").nodes)
    assert draw(model, (4, 3), np.ones((4, 3), np.float32)).graph.title == "Two"
    assert from_json(to_json(graph)) == graph


def test_a_module_is_as_before():
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Dropout(0.5, rng=0))
    model.train()
    handle = model[0].register_forward_hook(lambda module, args, output: None)
    before = {name: value.copy() for name, value in model.state_dict().items()}
    random.seed(0)
    states = random.get_state(), model[3].rng.bit_generator.state
    draw(model, (5, 3), grads="compute")
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert states == (random.get_state(), model[3].rng.bit_generator.state)
    assert model.training and all(p.grad is None for p in model.parameters())
    assert [len(module._hooks) for module in model.modules()] == [0, 1, 0, 0, 0]
    handle.remove()
    with no_grad():
        assert all(node.active for _, node in graph_of_module(nn.Linear(3, 2), (1, 3)).ops)
    assert get_mode().observer is None
    outer = Record()
    with outer:
        graph_of_module(model, (5, 3))
    assert len(outer) == 0, "a picture is nothing that happened"


def test_gradients_of_a_module():
    model = nn.Linear(3, 2, rng=0)
    x = np.ones((1, 3), np.float32)
    assert {node.state for node in graph_of_module(model, x).nodes} == {NOT_COMPUTED}
    computed = graph_of_module(model, x, grads="compute")
    weight = computed.nodes[computed.position("weight")]
    assert weight.state == KNOWN and weight.gradient.mean == 1.0 and model.weight.grad is None
    model(x).sum().backward()
    kept = graph_of_module(model, x, grads="kept")
    assert kept.nodes[kept.position("weight")].gradient in (None, weight.gradient)
    small = nn.Linear(1, 1, rng=0)
    assert any(node.state == KNOWN for node in graph_of_module(small, (1, 1)).nodes), "circuits show gradients"


def test_a_module_raises_its_own_errors():
    with pytest.raises(ValueError, match="takes 3 features"):
        draw(nn.Linear(3, 2), (1, 4))
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        draw(Two(), (1, 3))

    class Silent(nn.Module):
        def forward(self, x):
            return 3

    with pytest.raises(ValueError, match="returned no Tensor"):
        draw(Silent(), (1, 3))

    class Failing(nn.Module):
        def __init__(self):
            self.norm = nn.BatchNorm1d(3)

        def forward(self, x):
            self.norm(x)
            raise KeyError("on purpose")

    model = Failing()
    with pytest.raises(KeyError, match="on purpose"):
        draw(model, (2, 3))
    assert not model.norm.running_mean.data.any() and get_mode().observer is None


def test_a_frozen_and_a_shared_module():
    class Shared(nn.Module):
        def __init__(self):
            self.a = nn.Linear(3, 3)
            self.b = nn.Linear(3, 3)
            nn.freeze(self.b)

        def forward(self, x):
            return self.a(self.b(self.a(x)))

    graph = graph_of_module(Shared(), (2, 3))
    nodes = {node.name: node for node in graph.nodes}
    assert nodes["b.weight"].kind == "parameter" and not nodes["b.weight"].active and nodes["a.weight"].active
    assert [graph.path(node.scope) for _, node in graph.ops] == ["a", "b", "a#1"]
    assert sum(operand.source == graph.position("a.weight") for _, node in graph.ops for operand in node.operands) == 2


def test_the_same_graph_in_every_process():
    script = ("from tests.drawing.test_recorder import Two; import nn, numpy as np; from autograd import draw, drawing, tensor\n"
              "m = nn.Sequential(nn.Linear(3, 3, rng=0), nn.Tanh()); print(draw(m, (2, 3)).to_json())\n"
              "w = tensor([1.0, 2.0], requires_grad=True, name='w')\n"
              "with drawing.record(time=False) as r: y = (w > 1) * w\n"
              "print(draw(r, y).to_json())")
    texts = {subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, check=True,
                            capture_output=True, text=True).stdout for seed in ("1", "2")}
    assert len(texts) == 1


# ---- V33: on_error ----------------------------------------------------------------------------------------------------


class Plain(nn.Module):
    """A layer that checks nothing itself, so that the operation fails."""

    def __init__(self, n_in, n_out):
        self.weight = nn.Parameter(np.full((n_in, n_out), 0.5, np.float32))

    def forward(self, x):
        return x @ self.weight


@pytest.mark.parametrize(("layer", "op"), [(Plain, "matmul"), (nn.Linear, "Linear")])
def test_V33_a_mismatch_in_layer_7_of_10(layer, op, capsys, tmp_path):
    model = nn.Sequential(*(layer(5 if i == 6 else 4, 4) for i in range(10)))
    x = np.ones((2, 4), np.float32)
    try:
        model(x)
    except ValueError as error:
        expected = error
    with pytest.raises(ValueError) as caught, drawing.on_error(tmp_path / "failure.json") as block:
        model(x)
    assert type(caught.value) is type(expected) and str(caught.value) == str(expected)
    assert caught.value.__notes__ == [] if hasattr(caught.value, "__notes__") else True
    graph = block.drawing.graph
    assert [graph.path(node.scope) for _, node in graph.ops] == ["0", "1", "2", "3", "4", "5", "6"]
    bad = [node for node in graph.nodes if node.error]
    assert len(bad) == 1 and bad[0] is graph.nodes[-1]
    assert bad[0].op == op and graph.path(bad[0].scope) == "6"
    assert bad[0].error == f"ValueError: {expected}"
    assert graph.nodes[bad[0].operands[0].source].name == "%6"
    assert graph.outputs == (len(graph.nodes) - 1,)
    assert from_json((tmp_path / "failure.json").read_text()) == graph
    assert severed(graph) == () and cuts(graph) == (), "that there is no gradient has nothing to do with cuts"
    printed = capsys.readouterr().out
    assert "failed" in printed and op in printed


def test_V33_the_very_exception_object_goes_on(capsys):
    class Own(Exception):
        pass

    original = Own("mine")
    cause = original.__cause__ = KeyError("why")
    w = leaf(3, name="w")

    def step(h):
        raise original

    with pytest.raises(Own) as caught, drawing.on_error() as block:
        step(w * 2.0)
    assert caught.value is original and original.__cause__ is cause and original.args == ("mine",)
    node = block.drawing.graph.nodes[-1]
    assert (node.op, node.error) == ("step", "Own: mine")
    assert node.line.startswith("test_recorder.py:")
    assert get_mode().observer is None
    with drawing.on_error() as block:
        _ = w * 2.0
    assert block.drawing is None
    with pytest.raises(KeyboardInterrupt), drawing.on_error() as block:
        raise KeyboardInterrupt
    assert block.drawing is None


def test_on_error_shows_a_failing_step_of_the_backward_pass(capsys):
    wrong = primitive(lambda x: x * 2.0, x=lambda g: g[:1], name="wrong")
    w = leaf(3, name="w")
    with pytest.raises(ValueError, match="in the gradient of wrong"), drawing.on_error(show=False) as block:
        wrong(w * 1.0).sum().backward()
    nodes = [node for node in block.drawing.graph.nodes if node.error]
    assert [node.op for node in nodes] == ["wrong"] and "in the gradient of" in nodes[0].error
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("fails", "op", "labels"), [
    (lambda w: ops.concatenate([w * 2.0, np.ones((2, 2))]), "joined", ["xs[0]", "xs[1]"]),
    (lambda w: ops.sum(w * 3.0, axis=4), "sum", ["x"]),
    (lambda w: w + "a", "add", ["a", "b"]),
    (lambda w: (w * 2.0) @ np.ones(5), "matmul", ["a", "b"]),
])
def test_on_error_knows_the_operands_of_what_failed(fails, op, labels):
    with pytest.raises(Exception) as caught, drawing.on_error(show=False) as block:
        fails(leaf(3, name="w"))
    node = block.drawing.graph.nodes[-1]
    assert node.op == op and [operand.label for operand in node.operands] == labels
    assert str(caught.value) in node.error
    assert json.loads(block.drawing.to_json())


def test_on_error_that_cannot_draw_says_so_and_lets_the_exception_go_on(capsys, tmp_path):
    with pytest.raises(ZeroDivisionError), drawing.on_error(tmp_path / "failure.unknown"):
        1 / 0  # noqa: B018
    assert "could not be drawn" in capsys.readouterr().err
