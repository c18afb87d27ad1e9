"""Does a graph come back from a file as it was, and is anything else refused? How are numbers written? (V09 of the drawing design)"""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd.drawing
from autograd import Tape, tensor
from autograd.drawing import reader
from autograd.drawing.capture import graph_of
from autograd.drawing.graph import (
    KNOWN,
    NOT_COMPUTED,
    STATES,
    ZERO,
    GraphIR,
    GraphNode,
    Operand,
    Scope,
    Stats,
    from_json,
    is_circuit,
    to_json,
)
from autograd.drawing.numerals import gradient_text, number, scientific, short, value_text
from autograd.listing import Kept, Listing
from tests.drawing.fixtures import FIXTURES

SCHEMA = json.loads((Path(autograd.drawing.__file__).parent / "schema.json").read_text(encoding="utf-8"))

# ---- random graphs ------------------------------------------------------------------------------------------------

TEXT = st.one_of(st.text(max_size=12), st.sampled_from(["", "\0", "</script>", "\u2028", '"\\', "😀", "\ud800", "‮abc", "nan", "%1"]))
SIZE = st.integers(0, 2**70)
REAL = st.floats(allow_nan=False) | st.just(math.nan) | st.integers(-5, 5)
ELEMENT = REAL | st.booleans() | st.builds(complex, REAL, REAL).map(reader.comparable)
STATS = st.builds(Stats, SIZE, REAL, REAL, REAL, REAL, SIZE, SIZE, SIZE, st.lists(ELEMENT, max_size=8).map(tuple))
KEPT = st.builds(Kept, TEXT, SIZE, st.integers(0, 5))


@st.composite
def graphs(draw):
    """A GraphIR with everything that one may hold."""
    scopes = [Scope(draw(TEXT), draw(TEXT), draw(st.integers(0, 3)), draw(st.integers(-1, i - 1))) for i in range(draw(st.integers(0, 3)))]

    def node(i, kind):
        operands = () if kind != "op" else tuple(
            Operand(draw(st.integers(-1, i - 1)), draw(TEXT), draw(TEXT)) for _ in range(draw(st.integers(0, 3))))
        state = draw(st.sampled_from(STATES))
        return GraphNode(
            draw(TEXT), kind, draw(TEXT), operands, tuple(draw(st.lists(st.integers(0, 9), max_size=3))), draw(TEXT), draw(TEXT),
            tuple(draw(st.lists(st.tuples(TEXT, TEXT), max_size=2))), draw(SIZE), tuple(draw(st.lists(KEPT, max_size=2))),
            draw(st.booleans()), draw(st.booleans()), draw(st.integers(-1, len(scopes) - 1)), draw(st.none() | STATS),
            draw(st.none() | STATS) if state in (KNOWN, ZERO) else None, state, draw(st.none() | REAL), draw(st.none() | REAL),
            draw(TEXT), draw(TEXT), draw(st.just(()) | st.just(tuple(draw(st.none() | STATS) for _ in operands))))

    nodes = [node(i, draw(st.sampled_from(["parameter", "input", "constant", "op"]))) for i in range(draw(st.integers(0, 5)))]
    outputs = draw(st.lists(st.integers(0, len(nodes) - 1), max_size=2)) if nodes else []
    rules = draw(st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT, max_size=2), max_size=2))
    unreached = tuple(node(0, "parameter") for _ in range(draw(st.integers(0, 2))))
    return GraphIR(draw(TEXT), tuple(nodes), tuple(outputs), tuple(scopes), rules, unreached, draw(TEXT),
                   tuple(draw(st.lists(TEXT, max_size=2))))


# ---- JSON Schema, as much of it as the shipped schema uses ----------------------------------------------------------

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def faults(value, schema):
    """What is wrong with a value, by the schema: a list of sentences."""
    known = {"$schema", "title", "description", "$defs", "$ref", "type", "properties", "required", "additionalProperties", "items",
             "prefixItems", "minItems", "maxItems", "minimum", "enum", "const", "anyOf"}
    assert schema.keys() <= known, f"this validator does not know {schema.keys() - known}"
    if "$ref" in schema:
        return faults(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        return [] if any(not faults(value, option) for option in schema["anyOf"]) else [f"{value!r} is none of the choices"]
    if "const" in schema and (value != schema["const"] or isinstance(value, bool)):
        return [f"{value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{value!r} is not in {schema['enum']}"]
    kind = schema.get("type")
    right = {"integer": type(value) is int, "number": type(value) in (int, float)}.get(kind, kind is None or type(value) is TYPES.get(kind))
    if not right:
        return [f"{value!r} is no {kind}"]
    found = []
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{value} is below {schema['minimum']}")
    if isinstance(value, dict):
        found += [f"{name!r} is missing" for name in schema.get("required", ()) if name not in value]
        rest = schema.get("additionalProperties", True)
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, rest)
            found += [f"{name!r} is unknown"] if inner is False else [] if inner is True else faults(item, inner)
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
            found.append(f"{len(value)} items")
        inner = schema.get("prefixItems") or [schema["items"]] * len(value)
        found += [fault for item, s in zip(value, inner) for fault in faults(item, s)]
    return found


# ---- V09 ----------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(graphs())
def test_v09_a_graph_comes_back_as_it_was(graph):
    text = to_json(graph)
    again = from_json(text)
    assert again == graph and to_json(again) == text and again._fields == graph._fields
    assert from_json(text.encode()) == graph  # UTF-8 can hold it
    assert faults(json.loads(text), SCHEMA) == []
    for node, other in zip(again.nodes, graph.nodes):
        assert type(node) is GraphNode and type(node.operands) is tuple and node.value == other.value
        assert [str(x) for x in (node.value.first if node.value else ())] == [str(x) for x in (other.value.first if other.value else ())]


@pytest.mark.parametrize("name", FIXTURES)
def test_v09_real_graphs_come_back(name):
    result, _alive = FIXTURES[name]()
    looked = ("auto", "auto") if name == "resnet18" else ("stats", "compute")
    graph = graph_of(result if isinstance(result, Listing) else Tape.of(result), *looked)
    text = to_json(graph)
    assert from_json(text) == graph and faults(json.loads(text), SCHEMA) == []
    assert len(text.splitlines()) >= len(graph.nodes)


def test_v09_the_schema_has_every_field():
    for name, kind in {"stats": Stats, "operand": Operand, "kept": Kept, "scope": Scope, "node": GraphNode}.items():
        entry = SCHEMA["$defs"][name]
        assert tuple(entry["properties"]) == kind._fields, name
        assert set(entry["required"]) == set(kind._fields) - set(kind._field_defaults), name
        assert entry["additionalProperties"] is False
    assert set(SCHEMA["properties"]) == {"format", *GraphIR._fields}
    assert SCHEMA["$defs"]["node"]["properties"]["state"]["enum"] == list(STATES)


def test_v09_the_validator_refuses():
    result, _alive = FIXTURES["circuit1"]()
    good = json.loads(to_json(graph_of(Tape.of(result))))
    for break_it in (lambda d: d.pop("nodes"), lambda d: d.update(format=2), lambda d: d.update(more=1), lambda d: d["outputs"].append("x"),
                     lambda d: d["nodes"][0].update(state="gone"), lambda d: d["nodes"][0].update(shape=[-1]),
                     lambda d: d["nodes"][0].update(options=[["a"]]), lambda d: d["nodes"][-1]["value"].update(rms=None)):
        broken = json.loads(json.dumps(good))
        break_it(broken)
        assert faults(broken, SCHEMA)
        with pytest.raises(ValueError, match="no graph that autograd"):
            from_json(json.dumps(broken))


JUNK = st.recursive(st.none() | st.booleans() | st.integers(-3, 3) | st.just(10**400) | st.floats() | st.sampled_from(
    ["", "nan", "op", "known", "w"]), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["re", "im", "name", "kind", "op", "source", "size", "path", "first"]), inner, max_size=3), max_leaves=4)


@settings(max_examples=80)
@given(st.data(), graphs())
def test_v09_what_is_changed_is_read_or_refused(data, graph):
    """Somewhere in the JSON something else: a graph comes out that is as declared, or a ValueError, and nothing else."""
    tree = json.loads(to_json(graph))
    at, key = {"": tree}, ""
    while isinstance(at[key], (dict, list)) and at[key] and (key == "" or data.draw(st.integers(0, 3))):
        at = at[key]
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
    if data.draw(st.booleans()):
        at[key] = data.draw(JUNK)
    elif key == "":
        return
    else:
        del at[key]
    try:
        again = from_json(json.dumps(tree))
    except ValueError as error:
        assert "no graph that autograd.drawing wrote" in str(error)
    else:
        written = to_json(again)
        assert from_json(written) == again and faults(json.loads(written), SCHEMA) == []


@settings(max_examples=100)
@given(st.data())
def test_v09_cut_and_garbled_text_is_refused_or_read(data):
    text = to_json(graph_of(Tape.of(FIXTURES["circuit2"]()[0])))
    a = data.draw(st.integers(0, len(text)))
    b = data.draw(st.integers(a, min(len(text), a + 30)))
    garbled = text[:a] + data.draw(st.text(st.sampled_from('[]{},:"01-eE. nutrlfNaI\\'), max_size=6)) + text[b:]
    try:
        again = from_json(garbled)
    except ValueError:
        return
    assert from_json(to_json(again)) == again


def file(**parts):
    return json.dumps({"format": 1, "kind": "tape", "nodes": [], "outputs": [], **parts})


def op(**parts):
    return {"name": "x", "kind": "op", "op": "", **parts}


@pytest.mark.parametrize(("text", "said"), [
    ("", "Expecting value"), ("[]", "is a list"), ("{}", "format is None"), ('{"format": 2}', "format is 2"),
    ('{"format": 1}', "needs 'kind'"),
    ('{"format": true}', "format is True"), ("[" * 100_000, "recursion"), (None, "NoneType, and no text"), ("NaN", "is a float"),
    (file(nodes=3), "nodes: 3 is no list"), (file(outputs=[0]), "outputs"), (file(nodes=[op(kind="what")]), "of kind 'what'"),
    (file(nodes=[op(operands=[{"source": 0}])]), "before it"), (file(nodes=[op(scope=0)]), "scope 0"),
    (file(nodes=[op(more=1)]), "no 'more'"),
    (file(nodes=[op(shape=[-2])]), r"shape \(-2,\)"), (file(nodes=[op(sent=[None])]), "sends 1 gradients"),
    (file(scopes=[{"path": "a", "kind": "b", "parent": 0}]), "scope 0"), (file(title=1), "title: 1 is no str"),
])
def test_v09_refusals_say_why(text, said):
    with pytest.raises(ValueError, match=said) as caught:
        from_json(text)
    assert "no graph that autograd.drawing wrote" in str(caught.value)


def test_statistics_of_numbers_that_are_none():
    s = Stats.of(np.array([1.0, -3.0, np.nan, np.inf, -np.inf, 0.0]))
    assert (s.size, s.minimum, s.maximum, s.nans, s.infs, s.zeros) == (6, -3.0, 1.0, 1, 2, 1) and not s.finite and not s.all_zero
    assert s.rms == pytest.approx(math.sqrt(10 / 3)) and s.mean == pytest.approx(-2 / 3)
    assert s == Stats.of(np.array([1.0, -3.0, np.nan, np.inf, -np.inf, 0.0]))
    assert Stats.of(np.full(3, complex(np.nan, 1))) == Stats.of(np.full(3, complex(np.nan, 1)))
    assert Stats.of(np.array([1e300, 1e300])).rms == pytest.approx(1e300) and Stats.of(np.array([5e-324])).rms == 5e-324
    assert Stats.of(np.longdouble(2)).first == (2.0,) and type(Stats.of(np.longdouble(2)).first[0]) is float
    assert Stats.of(np.zeros((0,))).size == 0 and not Stats.of(np.zeros((0,))).all_zero and Stats.of(np.zeros(9)).all_zero
    assert Stats.of(np.array([True, False])).first == (True, False) and Stats.of(np.arange(9)).first == ()
    assert Stats.of(np.array([3 + 4j])).rms == 5.0


def test_what_is_a_circuit():
    x = tensor(1.0, requires_grad=True)
    y = x
    for _ in range(40):
        y = y + 1.0
    for result, circuit in ((y, True), (y + 1.0, False), (tensor([[2.0]], requires_grad=True) * 3.0, True),
                            (tensor([2.0, 1.0], requires_grad=True) * 3.0, False)):
        tape = Tape.of(result)
        graph = graph_of(tape)
        assert is_circuit(len(tape.ops), (*tape.leaves, *tape.ops)) == (graph.style == "circuit") == circuit
        assert (graph.nodes[0].gradient is not None) == circuit


# ---- numerals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "text"), [
    (-0.388, "−0.39"), (2, "2"), (2.0, "2.00"), (0.0, "0.00"), (-0.0, "0.00"), (1e-300, "1.00e-300"), (-1e-5, "−1.00e-05"), (0.005, "0.01"),
    (0.0049, "4.90e-03"), (99_999.99, "99999.99"), (99_999.999, "1.00e+05"), (123456.0, "1.23e+05"), (math.nan, "nan"), (math.inf, "inf"),
    (-math.inf, "−inf"), (True, "True"), (-7, "−7"), (123_456_789, "123456789"), (-(2**62), "−4.61e+18"),
    (1 - 2j, "1.00−2.00j"), (1e-9 + 0j, "1.00e-09+0.00j"),
    (complex(math.nan, -math.inf), "nan−infj"), (np.float32(0.1), "0.10"), (np.array([[5.0]]), "5.00"), (np.uint8(200), "200"),
])
def test_numbers_read_well(value, text):
    assert number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_hide_nothing(value):
    text = number(value)
    read = float(text.replace("−", "-"))
    assert read == pytest.approx(value, abs=0.005, rel=0.005) and (read == 0) == (value == 0)
    assert re.fullmatch(r"−?\d+\.\d\d(e[+-]\d+)?", text)


@pytest.mark.parametrize(("value", "text"), [
    (1, "1"), (0.5, "0.5"), (-3.0, "−3"), (-0.0, "0"), (1e-300, "1e-300"), ("2.0", "2"), ("f32[3]", "f32[3]"), ("const", "const"),
    (True, "True"), (np.bool_(False), "False"), (math.nan, "nan"), (-math.inf, "−inf"), (2j, "0.00+2.00j"),
    (10**400, str(10**400)), (123456.0, "1.235e+05"),
    (None, "None"),
])
def test_constants_are_short(value, text):
    assert short(value) == text


def test_arrays_in_few_letters():
    def of(*values):
        return Stats.of(np.array(values))

    assert value_text(None) == "∅" and value_text(None, "·") == "·" and value_text(of(3.0)) == "3.00" and value_text(of(3)) == "3"
    assert value_text(of(3e-3, 3e-3)) == "rms 3.0e-03" and value_text(of(0.0, 0.0)) == "rms 0" and value_text(of()) == "empty"
    assert value_text(of(1.0, np.nan, np.nan)) == "2 nan" and value_text(of(np.inf, 1.0)) == "1 inf"
    assert value_text(of(np.nan, -np.inf)) == "1 nan 1 inf" and value_text(of(np.nan)) == "nan"
    assert scientific(-2e-5) == "−2.0e-05" and scientific(0.0) == "0"
    node = GraphNode("x", "input", "input")
    assert [gradient_text(node._replace(state=state)) for state in STATES[1:]] == ["∂0", "∂·", "∂∅", "∂⊥"] and node.state == NOT_COMPUTED
    assert gradient_text(node._replace(state=KNOWN, gradient=of(-0.5))) == "∂−0.50"
