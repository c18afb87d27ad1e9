"""Is the operation named that made the first NaN or infinity, forward and backward? (V29 and V30 of the drawing design)"""

import numpy as np
import pytest

import nn
from autograd import Tape, drawing, ops, tensor
from autograd.drawing.capture import graph_of
from autograd.drawing.graph import from_json, to_json
from autograd.drawing.problems import BACKWARD, CARRIER, FURTHER, MIXERS, ORIGIN, problems_of
from autograd.primitive import REGISTRY

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def leaf(*values, name="x", dtype=np.float64):
    return tensor(np.array(values, dtype), requires_grad=True, name=name)


def captured(result, values="stats", grads="compute"):
    return graph_of(Tape.of(result), values, grads)


def ops_of(graph, *kinds):
    return [graph.nodes[p.node].op for p in problems_of(graph) if p.kind in kinds]


# ---- V29 ----------------------------------------------------------------------------------------------------------


def log_of_minus_one():
    x = leaf(-1.0, 2.0)
    return (ops.log(x * 1.0) * 2.0).sum(), "log", [x]


def zero_by_zero():
    x, y = leaf(0.0, 1.0), leaf(0.0, 2.0, name="y")
    return ((x * 2.0) / (y * 2.0) + 1.0).sum(), "divide", [x, y]


def exp_of_a_thousand():
    x = leaf(1000.0, 1.0, dtype=np.float32)
    return (ops.exp(x + 0.0) * 2.0).sum(), "exp", [x]


def infinity_minus_infinity():
    x = leaf(np.inf, 1.0)
    return ((x * 2.0) - (x * 3.0)).sum(), "subtract", [x]


def overflow_minus_overflow():
    x = leaf(1e200, 1.0)
    y = x * x
    return (y - ops.square(x) * 1.0).sum(), "multiply", [x]


def softmax_without_shift():
    x = leaf(1000.0, 1.0, 0.0, dtype=np.float32)
    e = ops.exp(x)
    return -ops.log((e / e.sum())[1]) * 1.0, "exp", [x]


FORWARD = [log_of_minus_one, zero_by_zero, exp_of_a_thousand, infinity_minus_infinity, overflow_minus_overflow, softmax_without_shift]


@pytest.mark.parametrize("make", FORWARD)
def test_v29_the_origin_is_named(make):
    result, op, alive = make()
    graph = captured(result)
    assert ops_of(graph, ORIGIN) == [op] and len(alive) >= 1
    origin = next(p for p in problems_of(graph) if p.kind == ORIGIN)
    assert origin.name == graph.nodes[origin.node].name and op in origin.text and ("nan" in origin.text or "inf" in origin.text)
    broken = {i for i, node in enumerate(graph.nodes) if node.value is not None and not node.value.finite and i > origin.node}
    marked = {p.node for p in problems_of(graph) if p.kind in (CARRIER, FURTHER)}
    assert marked == broken and broken
    assert problems_of(from_json(to_json(graph))) == problems_of(graph)  # from the numbers in the graph alone


@pytest.mark.parametrize("make", FORWARD)
def test_v29_recordings_name_it_too(make):
    with drawing.record(time=False) as record:
        result, op, _alive = make()
    graph = record.graph(result)
    assert ops_of(graph, ORIGIN) == [op]
    origin = next(p for p in problems_of(graph) if p.kind == ORIGIN)
    assert f"at {graph.nodes[origin.node].line}" in origin.text and "test_origins.py" in origin.text


def test_v29_one_origin_even_if_there_are_two():
    x, y = leaf(-1.0), leaf(-2.0, name="y")
    graph = captured(ops.log(x) + ops.sqrt(y))
    assert ops_of(graph, ORIGIN) == ["log"] and ops_of(graph, FURTHER) == ["sqrt"] and ops_of(graph, CARRIER) == ["add"]


def test_v29_data_that_is_not_finite_is_named():
    x, y = leaf(np.nan, 1.0), leaf(1.0, 2.0, name="y")
    graph = captured((x * y).sum())
    problem = problems_of(graph)[0]
    assert (problem.kind, problem.name) == (ORIGIN, "x") and "given" in problem.text
    y = leaf(np.inf, 2.0, name="y")
    assert [(p.kind, p.name) for p in problems_of(captured((y * 2.0).sum()))][:1] == [(ORIGIN, "y")]


def test_v29_what_is_not_known_is_said():
    x = leaf(-1.0, 2.0)
    graph = captured(ops.log(x * 3.0) * 1.0)
    i = next(i for i, node in graph.ops if node.op == "multiply")
    blind = graph._replace(nodes=tuple(node._replace(value=None) if j == i else node for j, node in enumerate(graph.nodes)))
    assert "value of multiply (%1) is not known" in next(p for p in problems_of(blind) if p.kind == ORIGIN).text
    assert not ops_of(captured(ops.log(x), values="none", grads="none"), ORIGIN, CARRIER)


def test_v29_masks_are_no_mistake():
    scores = leaf(1.0, 2.0, 3.0)
    mask = np.array([0.0, -np.inf, 0.0])
    for masked in (scores + mask, ops.where(np.array([True, False, True]), scores, -np.inf), ops.where(np.isinf(mask), -np.inf, scores)):
        assert not problems_of(captured((ops.softmax(masked) * np.arange(3.0)).sum()))
    padded = np.pad(scores, (0, 1), constant_values=-np.inf)
    assert not problems_of(captured((ops.softmax(padded) * np.arange(4.0)).sum()))
    assert {p.name for p in REGISTRY.values()} >= MIXERS
    nothing = scores + np.full(3, -np.inf)
    graph = captured((nothing - nothing.max()).sum())
    assert ops_of(graph, ORIGIN) == ["subtract"]  # all masked: NaN comes of it


def test_v29_a_transformer_with_a_mask_is_healthy():
    layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, rng=0)
    x = tensor(np.random.default_rng(0).normal(size=(2, 5, 8)))
    mask = ops.where(np.tril(np.ones((5, 5), bool)), 0.0, -np.inf)
    target = np.random.default_rng(1).normal(size=(2, 5, 8))
    for given in (mask, ~np.tril(np.ones((5, 5), bool))):
        assert not problems_of(captured(((layer(x, src_mask=given) - target) ** 2).mean()))


# ---- V30 ----------------------------------------------------------------------------------------------------------


def sqrt_of_zero():
    x = leaf(0.0, 4.0)
    return ops.sqrt(x * 1.0).sum() * 2.0, "sqrt", [x]


def where_lets_it_through():
    x = leaf(0.0, 1.0, 4.0)
    return (ops.where(x.data >= 0, ops.sqrt(x * 1.0), 0.0) * 3.0).sum(), "sqrt", [x]


def norm_of_zero():
    x = leaf(0.0, 0.0)
    return ops.sqrt((x * x).sum()) + 1.0, "sqrt", [x]


def root_as_a_power():
    x = leaf(0.0, 2.0)
    return ((x + 0.0) ** 0.5).sum(), "power", [x]


def two_consumers():
    """Both take x: one sends a finite gradient, the other does not."""
    x = leaf(0.0, 2.0)
    y = x * 1.0
    return (ops.exp(y) + ops.sqrt(y) + ops.tanh(y)).sum(), "sqrt", [x]


def two_operands():
    """The rule of one operand is to blame, and not that of the other."""
    x, y = leaf(0.0, 1.0), leaf(1.0, 2.0, name="y")
    return (ops.power(x, x * 1.0 + 0.5) + y).sum(), "power", [x, y]


BACKWARD_CASES = [sqrt_of_zero, where_lets_it_through, norm_of_zero, root_as_a_power, two_consumers, two_operands]


@pytest.mark.parametrize("make", BACKWARD_CASES)
def test_v30_the_origin_is_named(make):
    result, op, _alive = make()
    graph = captured(result)
    assert ops_of(graph, BACKWARD) == [op] and not ops_of(graph, ORIGIN, CARRIER, FURTHER)
    problem = next(p for p in problems_of(graph) if p.kind == BACKWARD)
    assert problem.name == graph.nodes[problem.node].name and op in problem.text and "∂" in problem.text
    assert problems_of(from_json(to_json(graph))) == problems_of(graph)


@pytest.mark.parametrize("make", BACKWARD_CASES)
def test_v30_recordings_name_it_too(make):
    with drawing.record(time=False) as record:
        result, op, _alive = make()
        result.backward()
    assert ops_of(record.graph(result), BACKWARD) == [op]


def test_v30_where_helps_where_nothing_flows():
    """A cotangent that is exactly zero stays zero (`autograd/invalid.py`), in the picture too."""
    x = leaf(0.0, 1.0, 4.0)
    assert not ops_of(captured((ops.where(x.data > 0, ops.sqrt(x * 1.0), 0.0) * 3.0).sum()), BACKWARD, ORIGIN)


def test_v30_numpy_s_norm_has_a_gradient_at_zero():
    x = leaf(0.0, 0.0)
    assert not ops_of(captured(np.linalg.norm(x)), BACKWARD, ORIGIN)


def test_v30_a_sum_that_overflows():
    x = leaf(1.0, dtype=np.float32)
    y = x * 1.0
    graph = captured((y * np.float32(3e38) + y * np.float32(3e38)).sum())
    problem = next(p for p in problems_of(graph) if p.kind == BACKWARD)
    assert problem.name == "%1" and "2 finite gradients" in problem.text


def test_v30_afterwards_less_is_known():
    x = leaf(0.0, 4.0)
    result = ops.sqrt(x * 1.0).sum()
    result.backward()
    problem = next(p for p in problems_of(captured(result, grads="kept")) if p.kind == BACKWARD)
    assert problem.name == "x" and "grads='compute'" in problem.text
