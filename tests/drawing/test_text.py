"""Is a graph in words complete, narrow and short?"""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd import draw, ops, tensor
from autograd.drawing.measure import columns
from autograd.drawing.text import cut, written
from tests.drawing.fixtures import FIXTURES, LARGE, drawn, leaves
from tests.drawing.test_svg import HOSTILE
from tests.test_tape import inside, mlp


def operations(text):
    """How many operations the lines of a text account for: each its own, the counted ones, and those of closed groups."""
    rows = []
    for line in text.splitlines()[1:]:
        if found := re.match(r"([│ ├└─]*)(.*)", line):
            rows.append((len(found[1].replace("...", "")), found[2]))
    total = 0
    for (depth, row), (after, _) in zip(rows, [*rows[1:], (0, "")]):
        if row.startswith("..."):
            total += int((re.search(r"([\d,]+) operation", row) or re.search(r"([\d,]+) more", row))[1].replace(",", ""))
        elif re.match(r"%\d+: ", row):
            total += 1
        elif (ops := re.search(r"([\d,]+) ops?\b", row)) and after <= depth:
            total += int(ops[1].replace(",", ""))
    return total


@pytest.mark.parametrize("name", [*FIXTURES, *LARGE])
@pytest.mark.parametrize(("width", "max_lines"), [(60, 40), (100, 40), (200, 1000), (80, 12), (30, 5), (10, 3)])
@pytest.mark.parametrize("ascii", [False, True])
def test_v42_no_line_is_too_long_and_there_are_not_too_many(name, width, max_lines, ascii):
    text = drawn(name)[0].to_text(width, max_lines, ascii)
    lines = text.splitlines()
    assert lines and len(lines) <= max_lines
    assert all(columns(line) <= width and len(line) <= width for line in lines)
    assert "\x1b" not in text and not re.search(r"[\x00-\x09\x0b-\x1f]", text)
    assert text.isascii() or not ascii


@pytest.mark.parametrize("name", [*FIXTURES, *LARGE])
@pytest.mark.parametrize("max_lines", [6, 15, 40, 10**6])
def test_v42_every_operation_is_counted_once(name, max_lines):
    g = drawn(name)[0]
    assert operations(g.to_text(160, max_lines)) == sum(node.kind == "op" for node in g.graph.nodes)


def test_v42_what_is_left_out_is_counted():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    for _ in range(30):
        x = ops.tanh(x)
    lines = draw(x).to_text(80, 9).splitlines()
    assert len(lines) == 9 and lines[0].startswith("tape: 30 operations · 1 leaf")
    assert re.match(r"├─ x: f64\[2\] +parameter", lines[1]) and lines[-1].startswith("└─ %30: f64[2]")
    assert "... 24 more" in lines  # x and 3 operations before them, 3 after


def test_no_escape_codes_and_the_width_of_no_terminal():
    script = "from tests.drawing.test_text import drawn\nprint(drawn('mlp')[0])"
    out = {subprocess.run([sys.executable, "-c", script], capture_output=True, check=True,
                          env={"PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8", **env}).stdout.decode()
           for env in ({}, {"NO_COLOR": "1"}, {"COLUMNS": "20", "FORCE_COLOR": "1", "TERM": "xterm"})}
    (text,) = out
    assert "\x1b" not in text and text == drawn("mlp")[0].to_text(100) + "\n" == repr(drawn("mlp")[0]) + "\n"


def test_a_used_graph():
    loss, _ = mlp()
    loss.backward()
    text = draw(loss).to_text(120)
    assert re.search(r"%1: f32\[5,3\] +matmul .* freed", text) and "keeps" not in text


def test_modules_make_a_tree():
    lines = drawn("mlp")[0].to_text(100).splitlines()
    assert lines[0] == "tape: 6 operations · 6 leaves · 6.5 kB kept for the backward pass"
    assert re.match(r"├─ 0 Linear +f32\[8,64\] → f32\[8,32\] · 1 op", lines[1])
    assert re.match(r"│  └─ %1: f32\[8,32\] +linear f32\[8,64\] 0\.weight 0\.bias +keeps x +2\.0 kB$", lines[2])
    assert [re.split("  +", line)[0] for line in lines if line[0] in "├└"] == [
        "├─ 0 Linear", "├─ 1 ReLU", "├─ 2 Linear", "├─ 3 ReLU", "├─ 4 Linear", "└─ %6: f32"]


def test_numbers_of_a_circuit():
    text = drawn("circuit2")[0].to_text(80)
    assert re.search(r"w0: f64 +parameter +2\.00 +∂−0\.20$", text, re.MULTILINE)
    assert re.search(r"%8: f64 +divide 1 %7 +keeps b, y +16 B +0\.73 +∂1\.00$", text, re.MULTILINE)
    assert re.search(r"w0: f64 +parameter +2\.00 +d -0\.20$", drawn("circuit2")[0].to_text(80, ascii=True), re.MULTILINE)


def test_gradients_of_modules():
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 1, rng=1))
    loss = model(np.ones((2, 3))).sum()
    assert "∂" not in draw(loss).to_text(120)
    text = draw(loss, grads="compute").to_text(140)
    assert all("∂" in line for line in text.splitlines() if " Linear " in line)


def test_problems_are_told():
    x = tensor(np.array([-1.0, 2.0]), requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        g = draw(ops.log(x).sum(), values="stats", grads="compute")
    lines = g.to_text(60).splitlines()
    told = [line for line in lines if line.startswith("problem: ")]
    assert len(told) == len(g.problems()) and "log" in told[0] and "nan" in told[0]
    assert not [line for line in drawn("mlp")[0].to_text(60).splitlines() if "problem" in line]


def test_many_problems_are_counted():
    parts = leaves(**{f"p{i}": 1.0 for i in range(21)})  # too many for a circuit
    total = parts[0] * 0.0
    for p in parts[1:]:
        total = total + p * 0.0
    g = draw(total, grads="compute", values="stats")
    assert len(g.problems()) == 21
    lines = g.to_text(200, 40).splitlines()
    told = [line for line in lines if line.startswith("problem")]
    rest = re.fullmatch(r"\.\.\. (\d+) more problems", lines[-1])
    assert 0 < len(told) < 20 and int(rest[1]) + len(told) == 21 and len(lines) <= 40


def test_nested_modules():
    x = tensor(np.ones(2), requires_grad=True, name="x")
    with inside("a"), inside("a.b"):
        y = ops.exp(x)
        y = ops.tanh(y)
    with inside("c"):
        y = ops.relu(y)
        y = y * 2.0
    text = draw(y.sum()).to_text(100)
    assert [re.split("  +", line.strip("│├└─ "))[0] for line in text.splitlines()[1:]] == [
        "a Linear", "a.b Linear", "%1: f64[2]", "%2: f64[2]", "c Linear", "%3: f64[2]", "%4: f64[2]", "%5: f64"]


@settings(max_examples=60, deadline=None)
@given(HOSTILE, st.booleans())
def test_names_stay_on_one_line(name, ascii):
    x = tensor(np.ones(2), requires_grad=True, name=name)
    with inside(name):
        y = ops.tanh(x)
    text = draw(y * x).to_text(70, ascii=ascii)
    assert 4 <= len(text.splitlines()) <= 5 and len(text.split("\n")) == len(text.splitlines())
    assert all(columns(line) <= 70 for line in text.splitlines()) and (text.isascii() or not ascii)


@given(st.text(max_size=40), st.integers(0, 30), st.booleans())
def test_what_is_cut_fits(text, width, ascii):
    text = written(text, ascii)
    found = cut(text, width, ascii)
    assert columns(found) <= max(width, 0) and (found == text or columns(text) > width)
    assert found == text or width < 4 or found.endswith("..." if ascii else "…")


def test_ascii_signs():
    assert written("├─ a → b × ∂−0.39 · ∅ ⊥ …", True) == "|- a -> b x d -0.39 . not kept unreachable ..."
    assert written("é日", True) == "\\xe9\\u65e5" and written("a\x1b[31mb\n", False) == "a\ufffd[31mb\ufffd"


def test_a_long_name_leaves_room_for_the_numbers():
    x, w = (tensor(value, requires_grad=True, name=name) for value, name in ((2.0, "long" * 50), (3.0, "w")))
    lines = draw(x * w).to_text(80).splitlines()
    assert lines[1].startswith("├─ longlong") and "…  parameter" in lines[1] and lines[1].endswith("2.00  ∂3.00"), lines
    assert "multiply" in lines[3] and lines[3].endswith("6.00  ∂1.00")


def test_a_part_is_listed_alone():
    g = drawn("mlp")[0]
    lines = g.focus("4.weight", 1).to_text(120).splitlines()
    assert [line.split()[1] for line in lines[1:-1]] == ["4.weight:", "%5:"] and lines[-1] == "... 5 more operations around these"
    lines = g.path("4.weight").to_text(120).splitlines()
    assert [line.split()[1] for line in lines[1:-1]] == ["4.weight:", "%5:", "%6:"] and lines[-1].startswith("... 4 more")
    assert len(g.path("0.weight").to_text(80, 6).splitlines()) == 6
    for max_lines in (6, 40):  # what there is no room for is counted, too
        lines = g.path("0.weight").to_text(120, max_lines).splitlines()
        shown = sum(bool(re.match(r"[├└]─ %", line)) for line in lines)
        assert shown + sum(int(re.search(r"(\d+) more", line)[1]) for line in lines if line.startswith("... ")) == 6
