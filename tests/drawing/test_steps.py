"""Do the steps show what the engine does, in its order and with its numbers? (V27)"""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tape, checkpoint, draw, ops, tensor, trace
from autograd.backward import reachable
from autograd.drawing import from_json, to_json
from autograd.drawing.capture import graph_of
from autograd.drawing.steps import steps_of
from autograd.node import FREED, Extra
from autograd.primitive import REGISTRY
from tests.drawing import fixtures
from tests.drawing.fixtures import leaves

CIRCUITS = ["circuit1", "circuit2", "circuit3", "square"]
UNARY = {"exp": ops.exp, "tanh": ops.tanh, "sigmoid": ops.sigmoid, "neg": lambda x: -x, "square": ops.square, "relu": ops.relu,
         "half": lambda x: x / 2.0, "less": lambda x: 1.5 - x, "cube": lambda x: x**3, "sin": ops.sin}
BINARY = {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "max": ops.maximum, "hypot": ops.hypot,
          "div": lambda a, b: a / (b * b + 1.0)}
PROGRAMS = st.lists(st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=9)


def computed(choices, dtype="float64"):
    values = [tensor(np.asarray(x, dtype)[()], requires_grad=True, name=name) for name, x in zip("pqr", (0.5, -0.75, 1.25))]
    for op, i, j in choices:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(UNARY[op](a) if op in UNARY else BINARY[op](a, b))
    return values


def kinds(steps):
    return [step.kind for step in steps]


def total_uses(nodes, roots):
    """How many contributions each node gets, by the nodes themselves."""
    found = dict.fromkeys(roots, 1)
    for node in nodes:
        if node.pullback is not None:
            for slot, parent in enumerate(node.inputs):
                if parent is not None and node.pullback.active >> slot & 1:
                    found[parent] = found.get(parent, 0) + 1
    return found


# ---- how many, and in which order ---------------------------------------------------------------------------------


@given(PROGRAMS)
def test_v27_how_many(choices):
    values = computed(choices)
    loss = values[-1]
    tape = Tape.of(loss)
    leaves_, order = reachable([loss.node])
    steps = steps_of(graph_of(tape))
    additions = sum(n - 1 for n in total_uses([*leaves_, *order], [loss.node]).values())
    assert len(steps) == len(tape.ops) + len(order) + additions + 2
    assert kinds(steps).count("forward") == len(tape.ops) and kinds(steps).count("backward") == len(order)
    assert kinds(steps).count("add") == additions and steps[0].kind == "start" and steps[-1].kind == "end"


def test_v27_a_value_used_k_times_is_added_k_minus_1_times():
    for k in range(1, 6):
        x, y = leaves(x=2, y=3)
        result = x * y
        for _ in range(k - 1):
            result = result + x * 3.0
        adds = [step for step in draw(result).steps() if step.kind == "add"]
        assert len(adds) == k - 1 and all(step.lit[0] == 0 and "∂x" in step.text for step in adds)
        if k > 1:
            assert adds[-1].gradients[0][1] == f"∂{3 + 3 * (k - 1)}.00"


def test_v27_two_outputs_and_one_that_is_used():
    x, = leaves(x=2)
    y = x * 3.0
    z = y * y
    steps = draw(y, z).steps()  # the gradient of y starts with its own 1, and gets two contributions from z
    assert kinds(steps) == ["start", "forward", "forward", "backward", "add", "add", "backward", "end"]
    assert steps[3].gradients == ((1, "∂1.00"), (2, "∂1.00"))
    assert [step.gradients for step in steps[4:6]] == [((1, "∂7.00"),), ((1, "∂13.00"),)]
    assert "1.00 + 6.00 = 7.00" in steps[4].text and steps[6].gradients == ((0, "∂39.00"),)


class Watch:
    """Writes down what arrives at each node of an engine's pass, and in which order."""

    def __init__(self, nodes):
        self.order = []
        for node in nodes:
            node.extra = Extra()
            node.extra.hooks[0] = lambda g, node=node: self.order.append((node, float(g.item())))


@given(PROGRAMS)
def test_v27_the_order_and_the_numbers_are_the_engines(choices):
    loss = computed(choices)[-1]
    tape = Tape.of(loss)
    graph = graph_of(tape)
    entries = (*tape.leaves, *tape.ops)
    nodes = [tape.node(entry.name) for entry in entries]
    steps = steps_of(graph)
    watch = Watch([node for node in nodes if node.pullback is not None])
    loss.backward()
    assert [nodes[step.node] for step in steps if step.kind == "backward"] == [node for node, _ in watch.order]
    for node, g in watch.order:  # when an operation sends, its own gradient is complete
        i = nodes.index(node)
        assert graph.nodes[i].gradient.first[0] == g or np.isnan(g)


# ---- what they say ------------------------------------------------------------------------------------------------


def exact(graph, step):
    """The rule of each operand that gets something, run on exact numbers; and the names its text may use."""
    node = graph.nodes[step.node]
    p = next(p for p in REGISTRY.values() if p.name == node.op and p.module.startswith("autograd."))
    values = {"g": node.gradient.first[0], "y": node.value.first[0] if node.value else None}
    for operand in node.operands:
        values[operand.label] = graph.nodes[operand.source].value.first[0] if operand.source >= 0 else (
            float(operand.text) if operand.text != "const" else None)
    return {slot: p.rules[node.operands[slot].label](**{n: np.float64(values[n]) for n in p.needs[node.operands[slot].label]})
            for slot, _ in step.sent}


def close(a, b):
    return a == b or np.isclose(a, b, rtol=1e-12, atol=1e-300) or (np.isnan(a) and np.isnan(b))


def checked_numbers(graph):
    """Each number that is sent is what the rule says; and what arrives is the sum of what was sent, to 1e-12."""
    arrived = dict.fromkeys(graph.outputs, 1.0)
    for step in steps_of(graph):
        if step.kind == "backward":
            expected = exact(graph, step)
            for slot, number in step.sent:
                source = graph.nodes[step.node].operands[slot].source
                assert close(number, expected[slot]), (step.text, number, expected[slot])
                arrived[source] = arrived[source] + number if source in arrived else number
    assert all(close(total, graph.nodes[i].gradient.first[0]) for i, total in arrived.items())
    return len(arrived)


@pytest.mark.parametrize("name", CIRCUITS)
def test_v27_the_numbers_obey_the_rules(name):
    result, _keep = fixtures.FIXTURES[name]()
    graph = draw(result).graph
    assert checked_numbers(graph) == len(graph.nodes)
    assert checked_numbers(from_json(to_json(graph))) == len(graph.nodes)  # and they are all in the file


@given(PROGRAMS)
def test_v27_the_numbers_of_random_circuits(choices):
    values = computed(choices)
    with np.errstate(all="ignore"):
        checked_numbers(graph_of(Tape.of(values[-1])))


NUMBER = r"\(?−?\d+(?:\.\d+)?(?:e[+−]\d+)?\)?"


def value_of(text):
    """What a printed expression comes to."""
    return eval(text.replace("−", "-").replace("·", "*").replace("^", "**").replace(" / ", "/"), {name: getattr(np, name) for name in
                ("exp", "log", "sin", "cos", "tanh", "maximum", "hypot", "square")} | {"relu": lambda x: max(x, 0),
                "sigmoid": lambda x: 1 / (1 + np.exp(-x))})


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_printed_numbers_fit_together(name):
    """'0.20 · (−1.00) = −0.20' is true of the printed numbers, as far as two decimals go."""
    result, _keep = fixtures.FIXTURES[name]()
    checks = 0
    for step in draw(result).steps():
        for part in re.split(r"[;:] ", step.text)[1:]:
            sides = part.split(" = ")
            if len(sides) > 2 and re.fullmatch(r"[\d\s·().+−/^]+|\w+\([\d\s.,−]+\)", sides[-2]) and "with" not in part:
                assert value_of(sides[-2]) == pytest.approx(value_of(sides[-1]), abs=0.06), part
                checks += 1
    assert checks >= 2


def test_the_words_of_the_course():
    result, _keep = fixtures.circuit2()
    steps = draw(result).steps()
    assert [step.text for step in steps][1:3] == ["×: y = w0 · x0 = 2.00 · (−1.00) = −2.00", "×: y = w1 · x1 = (−3.00) · (−2.00) = 6.00"]
    assert steps[-2].text == "×: ∂w0 = ∂y · x0 = 0.20 · (−1.00) = −0.20; ∂x0 = ∂y · w0 = 0.20 · 2.00 = 0.39"
    assert steps[9].text == "1/x: ∂b = −∂y · y / b = −1.00 · 0.73 / 1.37 = −0.53" and steps[9].title == "backward 1 of 8: 1/x"
    assert steps[-1].text == "Done: ∂w0 = −0.20, ∂x0 = 0.39, ∂w1 = −0.39, ∂x1 = −0.59, ∂w2 = 0.20."
    result, _keep = fixtures.circuit3()
    text = draw(result).steps()[7].text
    assert text.startswith("max: ∂z = 2.00 (∂y where a was taken") and "; ∂w = 0 (∂y where b was taken" in text and "b = w = −1.00" in text


def test_names_that_collide():
    x, y, a = leaves(x=2, y=5, a=4)
    steps = draw((x * y) * a).steps()
    assert steps[1].text == "×: out = x · y = 2.00 · 5.00 = 10.00"
    assert steps[2].text == "×: y = %1 · a = 10.00 · 4.00 = 40.00"  # the operand that multiply calls a is not the leaf a
    assert steps[4].text == "×: ∂x = ∂out · y = 4.00 · 5.00 = 20.00; ∂y = ∂out · x = 4.00 · 2.00 = 8.00"


def test_float32_is_added_as_the_engine_adds():
    def additions(dtype):
        x = tensor(np.asarray(1, dtype)[()], requires_grad=True, name="x")
        y = x * dtype(0.003)
        for c in (0.003, 0.003, 65536):
            y = y + x * dtype(c)
        return [step.gradients[0][1] for step in draw(y).steps() if step.kind == "add"]

    assert additions(np.float64) == ["∂65536.00", "∂65536.01", "∂65536.01"]
    assert additions(np.float32) == ["∂65536.00", "∂65536.00", "∂65536.00"]  # each is lost by itself


# ---- how what is known grows --------------------------------------------------------------------------------------


@given(PROGRAMS)
def test_at_the_end_all_is_known(choices):
    graph = draw(computed(choices)[-1]).graph
    values, gradients, order = {}, {}, []
    for step in steps_of(graph):
        assert not (set(dict(step.values)) & set(values))  # a value becomes known once
        values.update(step.values)
        gradients.update(step.gradients)
        order += [i for i, _ in step.values]
    view = draw(graph).view
    assert order == list(range(len(graph.nodes)))
    if graph.style == "circuit":
        assert {box.node: box.value for box in view.boxes} == values
        assert {box.node: box.gradient for box in view.boxes} == gradients


def test_nothing_is_used_before_it_is_known():
    result, _keep = fixtures.circuit2()
    graph = draw(result).graph
    values, gradients = set(), set()
    for step in steps_of(graph):
        if step.kind == "forward":
            assert all(o.source in values for o in graph.nodes[step.node].operands if o.source >= 0)
        if step.kind == "backward":
            assert step.node in gradients | {i for i, _ in step.gradients}
        values |= {i for i, _ in step.values}
        gradients |= {i for i, _ in step.gradients}
        assert step.kind in ("start", "end") or step.node in step.lit or step.kind == "add"
    assert values == gradients == set(range(len(graph.nodes)))


def test_what_is_not_reached():
    x, = leaves(x=2)
    flag = tensor(1.0, requires_grad=True, name="flag")
    result = ops.where(flag, x * x, x)  # no gradient goes to a condition
    graph = draw(result).graph
    steps = steps_of(graph)
    position = graph.position("flag")
    assert position not in {i for step in steps[:-1] for i, _ in step.gradients}
    assert dict(steps[-1].gradients)[position] == "∂⊥" and "∂flag = ⊥" in steps[-1].text and position not in steps[-1].lit


# ---- other graphs -------------------------------------------------------------------------------------------------


def test_arrays_tell_shapes_and_rms():
    result, _model = fixtures.mlp()
    steps = draw(result, grads="compute", values="stats").steps()
    assert len(steps) == 6 + 6 + 0 + 2
    assert "∂4.bias = sum(rows(∂y), 0) = f32[10] rms " in steps[8].text
    assert steps[9].text.startswith("relu: ∂x = ∂y · (y > 0) = f32[8,16] rms")
    bare = draw(result).steps()
    assert kinds(bare) == kinds(steps) and bare[8].text.startswith("linear: ∂x = ∂y @ 4.weight = f32[8,16];")


@pytest.mark.parametrize("name", [n for n in fixtures.FIXTURES if n != "program"])
def test_v27_of_every_fixture(name):
    result, _keep = fixtures.FIXTURES[name]()
    tape = Tape.of(result)
    ends, order = reachable([result.node])
    steps = steps_of(graph_of(tape))
    additions = sum(n - 1 for n in total_uses([*ends, *order], [result.node]).values())
    assert len(steps) == len(tape.ops) + len(order) + additions + 2
    assert all(step.text and step.title and "None" not in step.text and "<lambda>" not in step.text for step in steps)


def test_a_leaf_alone_and_a_checkpoint():
    x, w = leaves(x=0.5, w=1.5)
    steps = draw(x).steps()
    assert kinds(steps) == ["start", "end"] and steps[-1].gradients == ((0, "∂1.00"),)
    steps = draw(checkpoint(lambda x, w: ops.tanh(x * w))(x, w) * x).steps()
    assert kinds(steps) == ["start", *["forward"] * 2, *["backward"] * 2, "add", "end"]
    assert steps[4].text == "checkpoint: ∂x += 0.45; ∂w = 0.15" and steps[5].text == "+=: ∂x = 0.64 + 0.45 = 1.08"


def test_used_graphs_and_programs():
    result, _keep = fixtures.circuit2()
    expected = kinds(draw(result).steps())
    result.backward()
    assert result.node.saved is FREED
    steps = draw(result).steps()
    assert kinds(steps) == expected and "∂w0 = −0.20" in steps[-1].text
    program = draw(trace(lambda x: ops.exp(x) * x, 1.0)).steps()
    assert kinds(program) == ["start", "forward", "forward", "end"] and not any(step.gradients for step in program[:-1])


# ---- pictures and text --------------------------------------------------------------------------------------------


SVG = "{http://www.w3.org/2000/svg}"


def drawn(picture):
    """Per box: the texts of class value and gradient; and which boxes are lit."""
    shown, lit = {}, set()
    for group in ElementTree.fromstring(picture).iter(f"{SVG}g"):
        if "box" in group.get("class", "").split():
            texts = {t.get("class"): (t.text or "").strip() for t in group.iter(f"{SVG}text") if t.get("class") in ("value", "gradient")}
            shown[group.get("data-id")] = texts
            if "lit" in group.get("class").split():
                lit.add(group.get("data-id"))
    return shown, lit


def test_the_pictures(tmp_path):
    result, _keep = fixtures.circuit2()
    steps = draw(result).steps()
    paths = steps.save(tmp_path / "steps")
    assert [path.name for path in paths] == [f"{k:03}.svg" for k in range(18)] == sorted(p.name for p in (tmp_path / "steps").iterdir())
    pictures = [path.read_text("utf-8") for path in paths]
    assert len({re.search(r'viewBox="[^"]*"', picture)[0] for picture in pictures}) == 1
    values, gradients = {}, {}
    for step, picture in zip(steps, pictures):
        values.update(step.values)
        gradients.update(step.gradients)
        shown, lit = drawn(picture)
        assert lit == {f"n{i}" for i in step.lit}
        for i in range(13):
            assert shown[f"n{i}"].get("value", "") == values.get(i, "") and shown[f"n{i}"].get("gradient", "") == gradients.get(i, "")
    places = [re.findall(r'<text class="title" x="(\d+)" y="(\d+)"', picture) for picture in pictures]
    assert places[0] and all(place == places[0] for place in places)  # nothing moves
    assert steps.pictures() == pictures


def test_lit_modules():
    result, _model = fixtures.mlp()
    steps = draw(result, max_nodes=3).collapse().steps()
    k = next(k for k, step in enumerate(steps) if step.kind == "forward")
    assert any(name.startswith("g") for name in drawn(steps.pictures()[k])[1])


def test_steps_is_a_sequence():
    x, = leaves(x=3)
    steps = draw(x * x).steps()
    assert len(steps) == 5 == len(list(steps)) and steps[3].kind == "add" and steps[-1].kind == "end" and len(steps[1:3]) == 2
    assert repr(steps) == steps.text() and len(steps.text().splitlines()) == 5
    assert steps.text().splitlines()[3] == "3  += ∂x             +=: ∂x = 3.00 + 3.00 = 6.00"
    with pytest.raises(IndexError):
        steps[5]
