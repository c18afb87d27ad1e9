"""Is the operation named that cost a parameter its gradient?"""

import inspect

import numpy as np
import pytest

import nn
from autograd import Tape, drawing, grad, no_grad, ops, tensor
from autograd.drawing.cause import Cause, cuts, severed
from autograd.drawing.recorder import graph_of_module
from tests.drawing.fixtures import FIXTURES

X = np.linspace(-1, 1, 12).reshape(3, 4)


def leaves():
    return tensor(np.linspace(-2, 1, 8).reshape(4, 2), requires_grad=True, name="w"), tensor([1.0, -2.0], requires_grad=True, name="v")


def detached(w, v):
    h = X @ w
    h = h.detach()  # here
    return (h * v).sum()


def under_no_grad(w, v):
    with no_grad():
        h = X @ w  # here
    return (h * v).sum()


def cast_to_integers(w, v):
    h = X @ w
    h = h.astype(int)  # here
    return (h * v).sum()


def index(w, v):
    best = (X @ w).argmax(1)  # here
    return v[best].sum()


def condition(w, v):
    positive = X @ w > 0  # here
    return ops.where(positive, v, 0.0).sum()


def never_used(w, v):
    return (v * v).sum()


CASES = {detached: ("detach", "detach"), under_no_grad: ("no_grad", "matmul"), cast_to_integers: ("integer", "astype"),
         index: ("no derivative", "argmax"), condition: ("no derivative", "greater"), never_used: ("unused", "")}


def line_of(f):
    """'test_cause.py:12', the line with the comment 'here'; '' if there is none."""
    lines, start = inspect.getsourcelines(f)
    return next((f"test_cause.py:{start + i}" for i, line in enumerate(lines) if "# here" in line), "")


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_V32_the_cut_is_named_with_its_line(f):
    w, v = leaves()
    cause = drawing.why_no_grad(w, lambda: f(w, v))
    assert (cause.kind, cause.op, cause.line) == (*CASES[f], line_of(f))
    assert str(cause) == cause.text and cause.text.startswith("No gradient reaches w: ") and cause.line in cause.text
    assert 1 <= cause.text.count(". ") + 1 <= 3 and cause.text.endswith(".")
    assert drawing.why_no_grad(v, lambda: f(w, v)).kind == "flows"
    f(w, v).backward()
    assert w.grad is None and v.grad is not None, "the fixture cuts w off, and only w"


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_V32_with_a_record(f):
    w, v = leaves()
    with drawing.record() as record:
        loss = f(w, v)
    cause = drawing.why_no_grad(w, loss, record)
    assert (cause.kind, cause.op, cause.line) == (*CASES[f], line_of(f))
    with pytest.raises(ValueError, match="not seen in this recorded block"):
        drawing.why_no_grad(w, loss * 2.0, record)


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_V31_cuts_of_a_graph(f):
    """What `problems` asks."""
    w, v = leaves()
    with drawing.record() as record:
        loss = f(w, v)
    graph = record.graph(loss)
    found = severed(graph)
    if f is never_used:
        assert cuts(graph) == found == ()
    else:
        (leaf, cut, kind), = found
        assert graph.nodes[leaf].name == "w" and kind == CASES[f][0] and graph.nodes[cut].line == line_of(f)
        assert (cut, kind) in cuts(graph)


@pytest.mark.parametrize("name", [n for n in FIXTURES if n not in ("program", "resnet18")])
def test_V31_nothing_is_severed_in_healthy_graphs(name):
    with drawing.record("none", time=False, lines=False) as record:
        loss, keep = FIXTURES[name]()
    assert severed(record.graph(loss)) == ()
    for p in keep.parameters() if isinstance(keep, nn.Module) else [x for x in keep if x.is_leaf]:
        assert drawing.why_no_grad(p, loss).kind == drawing.why_no_grad(p, loss, record).kind == "flows"


@pytest.mark.parametrize("model", [nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.ReLU()), nn.LSTM(4, 3),
                                   nn.TransformerEncoderLayer(4, 2, 8), nn.GroupNorm(2, 4), nn.PReLU()], ids=lambda m: type(m).__name__)
def test_V31_nothing_is_severed_in_healthy_layers(model):
    assert severed(graph_of_module(model, (5, 4) if type(model).__name__ in ("Sequential", "GroupNorm", "PReLU") else (3, 5, 4))) == ()


def test_scope_of_the_cut():
    class Cutting(nn.Module):
        def __init__(self):
            self.fc = nn.Linear(4, 2)

        def forward(self, x):
            return ops.round(self.fc(x)).astype(int)

    model = nn.Sequential(nn.Linear(4, 4), Cutting(), nn.Linear(2, 1))
    model[2].to(np.float64)
    for name, p in list(model.named_parameters()):
        cause = drawing.why_no_grad(p, lambda: model(X.astype(np.float32)).sum())
        if name.startswith("2."):
            assert cause.kind == "flows"
        else:
            assert (cause.kind, cause.op, cause.scope) == ("integer", "astype", "1")
            assert name in str(cause) and "in 1" in str(cause)


@pytest.mark.parametrize(("f", "what"), [
    (lambda w, v: v.sum() * (X @ w).sum().item(), "item()"),
    (lambda w, v: ((X @ w).data * v).sum(), ".data"),
    (lambda w, v: tensor(X @ w).sum() + v.sum(), "Tensor(x)"),
    (lambda w, v: float((X @ w).sum()), "float()"),
    (lambda w, v: v.sum() * int((X @ w).sum()), "int()"),
    (lambda w, v: v.sum() * np.asarray((X @ w).detach()).sum(), "NumPy"),
])
def test_numbers_that_left_the_tape(f, what):
    w, v = leaves()
    cause = drawing.why_no_grad(w, lambda: f(w, v))
    assert (cause.kind, cause.op) == ("number", what)
    assert cause.line.startswith("test_cause.py:") and what in cause.text


def test_a_detach_in_the_library_and_one_in_two_places():
    w, v = leaves()

    def loss():
        h = X @ w
        first = h.detach()
        second = h.detach()  # the last one before the first use
        return (second * v + first).sum()

    cause = drawing.why_no_grad(w, loss)
    start = inspect.getsourcelines(loss)[1]
    assert cause.line == f"test_cause.py:{start + 3}" and "detached at" in str(cause) and "used by multiply" in str(cause)


def test_looking_at_a_value_is_no_cut():
    w, v = leaves()

    def loss():
        y = (X @ w).sum()
        return (y if y > -100 else -y) + float(y.detach()) * v.sum()

    assert drawing.why_no_grad(w, loss).kind == "flows"


def test_used_for_something_else():
    w, v = leaves()

    def loss():
        (X @ w).sum()
        return v.sum()

    cause = drawing.why_no_grad(w, loss)
    assert (cause.kind, cause.op) == ("unused", "matmul") and "does not depend" in cause.text


def test_the_leaf_itself_detached():
    w, v = leaves()
    for loss in (lambda: (w.detach()[0] * v).sum(), lambda: (w.detach()[0] * v).sum() + 0 * v[0]):
        cause = drawing.why_no_grad(w, loss)
        assert cause.kind == "detach" and cause.line.startswith("test_cause.py:")
        with drawing.record() as record:
            y = loss()
        assert drawing.why_no_grad(w, y, record).kind == "detach"


def test_the_first_of_two_cuts_and_the_one_that_counts():
    w, v = leaves()

    def loss():
        h = X @ w
        _ = h.argmax()  # a cut that leads nowhere
        h = h.detach()
        with no_grad():
            h = h * 2.0
        return (h * v).sum()

    assert drawing.why_no_grad(w, loss).kind == "detach"


def test_a_where_by_a_float():
    w, v = leaves()
    cause = drawing.why_no_grad(w, lambda: ops.where(w[0], v, 0.0).sum())
    assert (cause.kind, cause.op) == ("no derivative", "where") and "as condition" in cause.text


def test_replaced_leaves():
    model = nn.Sequential(nn.Linear(4, 2))
    old = model[0].weight
    model(X.astype(np.float32))
    model[0].weight = nn.Parameter(old.detach().numpy())
    x = X.astype(np.float32)
    assert drawing.why_no_grad(old, lambda: model(x).sum()).kind == "replaced"
    model[0].weight.name = "0.weight"
    assert drawing.why_no_grad(old, model(x).sum()).kind == "replaced"
    assert drawing.why_no_grad(model[0].weight, lambda: model(x).sum()).kind == "flows"
    w, v = leaves()
    loss = (w[0] * v).sum()
    with drawing.record() as record:
        loss = (w[0] * v).sum()
    w.requires_grad_(False)
    w.requires_grad_(True)
    assert drawing.why_no_grad(w, loss, record).kind == "replaced"


def test_from_the_loss_alone():
    w, v = leaves()
    cause = drawing.why_no_grad(w, ((X @ w) * v + w.sum(0)).sum())
    assert cause.kind == "flows" and str(cause) == "A gradient flows from the loss to w, through 2 paths."
    y = w.sum()
    for _ in range(70):
        y = y + y
    assert f"through {2**70:,} paths" in str(drawing.why_no_grad(w, y))
    cause = drawing.why_no_grad(w, (w.detach()[0] * v).sum())
    assert cause.kind in ("detach", "unknown")
    cause = drawing.why_no_grad(w, (w.detach() @ v).sum())
    assert cause.kind == "detach" and "it is used detached by matmul (%1)" in str(cause)
    h = ops.tanh(X @ w)
    cause = drawing.why_no_grad(w, (h.detach() * v).sum())
    assert cause.kind == "detach" and "the result of tanh" in str(cause)
    cause = drawing.why_no_grad(w, (v * v).sum())
    assert cause.kind == "unknown" and "why_no_grad(param, lambda" in str(cause)
    with no_grad():
        loss = (w * w).sum()
    cause = drawing.why_no_grad(w, loss)
    assert cause.kind == "unknown" and "has no graph" in str(cause)


def test_a_parameter_that_does_not_require_grad():
    frozen = tensor([1.0, 2.0])
    w, v = leaves()
    for loss in ((frozen * v).sum(), lambda: (frozen * v).sum()):
        cause = drawing.why_no_grad(frozen, loss)
        assert cause.kind == "requires_grad=False" and "requires_grad_()" in str(cause)
    del w


def test_the_question_disturbs_nothing():
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    from autograd import random

    random.seed(0)
    state = random.get_state()
    assert drawing.why_no_grad(model[0].weight, lambda: model(X.astype(np.float32)).sum()).kind == "flows"
    assert random.get_state() == state and model[0].weight.grad is None
    w, v = leaves()
    assert drawing.why_no_grad(w, lambda: (w * grad(lambda u: (u * u).sum())(np.ones(2))).sum()).kind == "flows"
    loss = (X @ w).sum()
    drawing.why_no_grad(v, loss)
    assert Tape.of(loss).kept_bytes
    loss.backward()
    assert isinstance(drawing.why_no_grad(w, loss), Cause)


def test_bad_input():
    w, v = leaves()
    with pytest.raises(TypeError, match="a Tensor, and not str"):
        drawing.why_no_grad("w", v.sum())
    with pytest.raises(TypeError, match="a function that computes it, and not float"):
        drawing.why_no_grad(w, 3.0)
    with pytest.raises(ZeroDivisionError):
        drawing.why_no_grad(w, lambda: 1 / 0)
    cause = drawing.why_no_grad(w, lambda: None)
    assert cause.kind == "number" and "NoneType" in str(cause)


@pytest.mark.parametrize("flat", [ops.round, ops.sign, ops.floor])
def test_a_gradient_that_is_zero_everywhere(flat):
    w, v = leaves()

    def loss():
        return (flat(X @ w) * v).sum()

    for cause in (drawing.why_no_grad(w, loss), drawing.why_no_grad(w, loss())):
        assert cause.kind == "flat" and cause.op == flat(w).node.op and "is zero everywhere" in str(cause)
    assert "test_cause.py" in drawing.why_no_grad(w, loss).line
    loss().backward()
    assert not np.any(w.grad.data)
    assert drawing.why_no_grad(v, loss).kind == "flows"
    assert drawing.why_no_grad(w, lambda: loss() + w.sum()).kind == "flows"  # another way has a slope


def test_a_loss_that_is_made_of_a_number():
    w, v = leaves()
    cause = drawing.why_no_grad(w, lambda: tensor(float((X @ w).sum()), requires_grad=True))
    assert cause.kind == "number" and cause.op == "float()" and "test_cause.py" in cause.line
    assert drawing.why_no_grad(w, lambda: v).kind == drawing.why_no_grad(w, lambda: tensor(3.0)).kind == "unused"
