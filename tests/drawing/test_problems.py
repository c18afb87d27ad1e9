"""Is what goes wrong reported, with the right name, and nothing else? (V31 of the drawing design)"""

import numpy as np
import pytest

import nn
from autograd import Tape, draw, drawing, no_grad, ops, random, tensor
from autograd.drawing.capture import graph_of
from autograd.drawing.graph import GraphIR, GraphNode, from_json, to_json
from autograd.drawing.problems import CAST, DEAD, DETACHED, EXPLODING, FROZEN, LEGEND, UNREACHABLE, VANISHING, Problem, finite, problems_of
from nn.models.inception import Inception
from tests.drawing.fixtures import FIXTURES, Unrolled

NOISE = np.random.default_rng(0)


def captured(result, values="stats", grads="compute"):
    return graph_of(Tape.of(result), values, grads)


def found(graph, *kinds):
    return [(p.kind, p.name) for p in problems_of(graph) if not kinds or p.kind in kinds]


def noise(*shape):
    return np.random.default_rng(1).normal(size=shape).astype(np.float32)


# ---- V31: what goes wrong -------------------------------------------------------------------------------------------


class Dead(nn.Module):
    """The second layer of three never fires."""

    def __init__(self):
        self.one, self.two, self.three = (nn.Linear(4, 4, rng=i) for i in range(3))
        with no_grad():
            self.two.bias -= 100.0

    def forward(self, x):
        return self.three(ops.relu(self.two(ops.tanh(self.one(x))))).sum()


def test_v31_a_dead_layer():
    model = Dead()
    graph = captured(model(noise(8, 4)))
    dead = [p for p in problems_of(graph) if p.kind == DEAD]
    assert [p.name for p in dead] == ["one.weight", "one.bias", "two.weight", "two.bias", "three.weight"]
    relu = next(node for _, node in graph.ops if node.op == "relu")
    assert all(f"relu ({relu.name})" in p.text and "100 % of its inputs are <= 0" in p.text for p in dead[:4])
    assert "other operand is 0" in dead[4].text or "sends 0" in dead[4].text
    assert {p.kind for p in problems_of(graph)} == {DEAD}
    assert problems_of(from_json(to_json(graph))) == problems_of(graph)


def test_v31_dead_after_backward():
    model = Dead()
    loss = model(noise(8, 4))
    loss.backward()
    dead = [p for p in problems_of(captured(loss, grads="kept")) if p.kind == DEAD]
    assert [p.name for p in dead] == ["one.weight", "one.bias", "two.weight", "two.bias", "three.weight"]
    assert all("exactly zero" in p.text for p in dead)


@pytest.mark.parametrize(("f", "said"), [
    (lambda w, v: ops.floor(w) * v, "floor (%1) is flat"), (lambda w, v: w * 0.0 + v, "multiply (%1) sends 0"),
    (lambda w, v: ops.maximum(w, 50.0) * v, "maximum (%1) sends 0"), (lambda w, v: w - w * 1.0 + v, "cancels"),
    (lambda w, v: (w - w.mean()) * 1.0 + 0.0 * v, "cancels"),
])
def test_v31_what_made_it_zero(f, said):
    w, v = (tensor(noise(3), requires_grad=True, name=name) for name in "wv")
    dead = [p for p in problems_of(captured(f(w, v).sum())) if p.kind == DEAD and p.name == "w"]
    assert len(dead) <= 1 and (not dead or said in dead[0].text)  # rounding may leave more than nothing of a mean
    assert dead or "mean" in f.__code__.co_names


class Parts(nn.Module):
    """Four layers, and a way to use them."""

    def __init__(self, use):
        self.one, self.two, self.three, self.spare = (nn.Linear(4, 4, rng=i) for i in range(4))
        self.use = use

    def forward(self, x):
        return self.use(self, x).sum()


def module_graph(use, change=lambda model: None):
    model = Parts(use)
    change(model)
    return draw(model, tensor(noise(8, 4)), values="stats", grads="compute").graph


def everything(m, x):
    return m.spare(ops.tanh(m.three(ops.tanh(m.two(ops.tanh(m.one(x)))))))


def test_v31_all_is_well():
    assert found(module_graph(everything)) == []


def test_v31_an_unused_parameter():
    graph = module_graph(lambda m, x: m.three(ops.tanh(m.two(ops.tanh(m.one(x))))))
    assert found(graph) == [(UNREACHABLE, "spare.weight"), (UNREACHABLE, "spare.bias")]
    assert all(p.node == -1 and "do not depend" in p.text for p in problems_of(graph))


def test_v31_a_frozen_parameter():
    graph = module_graph(everything, lambda m: m.two.weight.requires_grad_(False))
    assert found(graph) == [(FROZEN, "two.weight")]
    assert graph.nodes[problems_of(graph)[0].node].name == "two.weight"
    graph = module_graph(lambda m, x: everything(m, x).detach(), lambda m: [p.requires_grad_(False) for p in m.parameters()])
    assert {kind for kind, _ in found(graph)} == {FROZEN} and len(found(graph)) == 8


def test_v31_detached_in_the_middle():
    graph = module_graph(lambda m, x: m.spare(m.three(ops.tanh(m.two(ops.tanh(m.one(x)))).detach())))
    assert found(graph) == [(DETACHED, name) for name in ("one.weight", "one.bias", "two.weight", "two.bias")]
    assert all(graph.nodes[p.node].op == "detach" for p in problems_of(graph))

    def under_no_grad(m, x):
        with no_grad():
            h = ops.tanh(m.one(x))
        return m.spare(m.three(m.two(h)))

    graph = module_graph(under_no_grad)
    assert found(graph) == [(DETACHED, "one.weight"), (DETACHED, "one.bias")] and "no_grad()" in problems_of(graph)[0].text


def test_v31_an_integer_cast():
    graph = module_graph(lambda m, x: m.spare(m.three(m.two((m.one(x) * 10.0).astype(int).astype(np.float32)))))
    assert found(graph) == [(CAST, "one.weight"), (CAST, "one.bias")] and "integers" in problems_of(graph)[0].text


def test_v31_in_a_recording():
    model = Parts(lambda m, x: m.spare(m.three(ops.tanh(m.two(ops.tanh(m.one(x)))).detach())))
    with drawing.record(time=False) as record:
        loss = model(tensor(noise(8, 4)))
        loss.backward()
    problems = problems_of(record.graph(loss))
    assert [(p.kind, p.name) for p in problems] == [(DETACHED, name) for name in ("one.weight", "one.bias", "two.weight", "two.bias")]
    assert all("test_problems.py:" in p.text for p in problems)


def test_v31_no_derivative():
    x, y = (tensor(noise(3), requires_grad=True, name=name) for name in "xy")
    problems = problems_of(captured(ops.where(x, y, 0.0).sum()))
    assert [(p.kind, p.name) for p in problems] == [(UNREACHABLE, "x")] and "where (%1)" in problems[0].text


def test_a_gradient_far_from_the_others():
    ws = [tensor(noise(3), requires_grad=True, name=f"w{i}") for i in range(5)]
    for factor, kind in ((1e-5, VANISHING), (1e5, EXPLODING)):
        loss = sum((w * w).sum() for w in ws[:4]) + (ws[4] * ws[4] * factor).sum()
        problems = problems_of(captured(loss))
        assert [(p.kind, p.name) for p in problems] == [(kind, "w4")] and "median of 5 parameters" in problems[0].text
    assert not problems_of(captured((ws[0] * 1e9).sum() + (ws[1] * ws[1]).sum() + ws[2].sum()))  # of three nobody knows which is odd


def test_the_order_and_the_words():
    x = tensor([-1.0, 0.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        graph = captured(ops.sqrt(x).sum() + ops.relu(-ops.square(x)).sum())
    problems = problems_of(graph)
    ranks = [list(LEGEND).index(p.kind) for p in problems]
    assert ranks == sorted(ranks) and len(problems) >= 3
    assert all(isinstance(p, Problem) and p.text.endswith((".", ".)")) and p.text[0] != " " for p in problems)
    assert all(kind == kind.lower() and sentence for kind, sentence in LEGEND.items())
    assert problems_of(GraphIR("tape", (GraphNode("x", "input", "input"),), (0,))) == ()


def test_which_constants_are_finite():
    assert [finite(text) for text in ("1", "-2.5", "inf", "nan", "-inf", "(1+2j)", "True", "None", "const", "f32[3]")] == [
        True, True, False, False, False, True, True, True, False, False]


# ---- V31: healthy models --------------------------------------------------------------------------------------------

def classified(model, x, classes=10):
    return nn.CrossEntropyLoss()(model(tensor(x)), np.arange(len(x)) % classes)


def sequential(*layers):
    return nn.Sequential(*layers)


def perceptron(activation, norm=None, drop=None):
    def build():
        layers = []
        for i, (a, b) in enumerate(((20, 32), (32, 32), (32, 16))):
            layers += [nn.Linear(a, b, rng=i), *([norm(b)] if norm else []), activation(), *([drop()] if drop else [])]
        return classified(sequential(*layers, nn.Linear(16, 10, rng=9)), noise(16, 20))

    return build


def mse(y):
    return ((y - noise(*y.shape)) ** 2).mean()


HEALTHY = {
    "MLP": perceptron(nn.ReLU),
    "LeNet": lambda: classified(nn.models.LeNet5(rng=0), noise(4, 1, 32, 32)),
    "ResNet-20": lambda: classified(nn.models.resnet20(rng=0), noise(2, 3, 16, 16)),
    "Inception": lambda: mse(Inception(16, 8, 4, 8, 2, 4, 4, rng=0)(tensor(noise(2, 16, 8, 8)))),
    "LSTM": lambda: mse(nn.LSTM(5, 8, 2, rng=0)(tensor(noise(6, 3, 5)))[0]),
    "LSTM cell": lambda: mse(Unrolled()(noise(5, 2, 3))),
    "Transformer": lambda: mse(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, rng=0)(tensor(noise(3, 6, 16)))),
    "BatchNorm": perceptron(nn.ReLU, nn.BatchNorm1d),
    "LayerNorm": perceptron(nn.GELU, nn.LayerNorm),
    "Dropout": perceptron(nn.ReLU, drop=nn.Dropout),
    "sigmoid": perceptron(nn.Sigmoid),
    "tanh": perceptron(nn.Tanh),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_v31_healthy_models_have_no_problems(name):
    random.seed(0)
    loss = HEALTHY[name]()
    graph = captured(loss)
    assert problems_of(graph) == ()
    assert sum(node.kind == "parameter" for node in graph.nodes) >= 4
    assert all(node.gradient is not None for node in graph.nodes)  # it was looked at
    loss.backward()
    assert problems_of(captured(loss, grads="kept")) == ()


@pytest.mark.parametrize("name", [name for name in FIXTURES if name != "resnet18"])
def test_the_graphs_of_the_tests_have_none(name):
    result, _alive = FIXTURES[name]()
    graph = draw(result, values="stats", grads="compute").graph
    assert {p.kind for p in problems_of(graph)} <= ({DEAD} if name == "circuit3" else set())  # there max sends 0 to w


def test_rounding_before_a_normalisation_is_no_problem_after_a_step():
    """The gradients of the last step are still there when a model is drawn, and those of results are not."""
    model = nn.Sequential(nn.Linear(4, 8, rng=0), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3, rng=1))
    x = np.random.default_rng(0).normal(size=(16, 4)).astype(np.float32)
    nn.CrossEntropyLoss()(model(x), np.arange(16) % 3).backward()
    graph = draw(model, x).graph
    assert 0 < graph.nodes[graph.position("0.bias")].gradient.rms < 1e-6 and problems_of(graph) == ()
