"""Do `autograd.misc` and the runner of the published code do what they say?

Read next: `programs.py`.
"""

import hashlib
import json
import os
import re
from collections import OrderedDict, namedtuple
from pathlib import Path

import numpy as onp
import pytest

import autograd.numpy as np
from autograd import grad, hessian_vector_product, jacobian, tensor
from autograd.misc import const_graph, flatten
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd, unflatten_optimizer
from autograd.util import func, subval, subvals
from tests.hips import published

Pair = namedtuple("Pair", "a b")
TREE = {"z": onp.arange(4.0).reshape(2, 2), "a": [1.5, Pair(onp.float32(2.0), onp.ones(2))], "none": None}


def test_flatten_and_back():
    vector, unflatten = flatten(TREE)
    onp.testing.assert_array_equal(vector, [1.5, 2, 1, 1, 0, 1, 2, 3])
    again = unflatten(10 * vector)
    assert list(again) == ["z", "a", "none"] and isinstance(again["a"][1], Pair) and again["none"] is None
    assert again["a"][1].a.dtype == onp.float32 and again["z"].tolist() == [[0, 10], [20, 30]]
    again["z"][0, 0] = 5.0
    assert vector[4] == 0.0
    assert flatten([])[0].shape == (0,) and flatten([])[1](onp.zeros(0)) == []
    with pytest.raises(ValueError, match=r"8 numbers is needed, and shape \(2,\)"):
        unflatten(onp.zeros(2))
    with pytest.raises(TypeError, match="a tree of numbers"):
        flatten(["text"])


def test_both_directions_are_differentiated():
    def f(tree):
        vector, unflatten = flatten(tree)
        return np.sum(vector ** 2) + np.sum(unflatten(vector * 2.0)["b"])

    g = grad(f)({"b": onp.array([1.0, 2.0]), "a": 3.0})
    assert g["b"].tolist() == [4.0, 6.0] and float(g["a"]) == 6.0
    f2, unflatten, start = flatten_func(lambda p, k: {"y": p["x"] ** 2 * k}, {"x": onp.array([1.0, 2.0])})
    onp.testing.assert_array_equal(f2(start, 3.0), [3.0, 12.0])
    onp.testing.assert_array_equal(jacobian(f2)(start, 3.0), onp.diag([6.0, 12.0]))
    assert unflatten(start)["x"].tolist() == [1.0, 2.0]
    scalar, _, start = flatten_func(lambda p: p["x"] ** 3 + p["y"] ** 2, {"x": 2.0, "y": 1.0})
    onp.testing.assert_array_equal(hessian_vector_product(scalar)(start, onp.ones(2)), [12.0, 2.0])


def test_optimizers_find_the_bottom():
    start = OrderedDict(a=onp.array([5.0, -1.0]), b=(2.0,))
    before = {"a": start["a"].copy()}

    def loss(p, i):
        return np.sum((p["a"] - 1.0) ** 2) + (p["b"][0] + 3.0) ** 2

    for optimize, options in ((sgd, {}), (adam, {"step_size": 0.3, "num_iters": 300}), (rmsprop, {"step_size": 0.05, "num_iters": 300})):
        fitted = optimize(grad(loss), start, **options)
        onp.testing.assert_allclose(flatten(fitted)[0], [1.0, 1.0, -3.0], atol=0.05)
        assert isinstance(fitted["b"], tuple) and (start["a"] == before["a"]).all()


@pytest.mark.parametrize("optimize, expected", [
    (lambda g, x, **k: sgd(g, x, step_size=0.5, mass=0.5, **k), [1.0, 0.5, 0.0]),
    (lambda g, x, **k: adam(g, x, step_size=0.1, **k), [1.0, 0.9, 0.8004122287]),
    (lambda g, x, **k: rmsprop(g, x, step_size=0.1, gamma=0.5, **k), [1.0, 1.0 - 0.2 / onp.sqrt(2.5), None]),
])
def test_the_first_steps(optimize, expected):
    """On x^2, from 1: the callback is told x, the number of the iteration and the gradient, before each step."""
    told = []
    optimize(lambda x, i: 2 * x, 1.0, num_iters=3, callback=lambda x, i, g: told.append((float(x), i, float(g))))
    assert [i for _, i, _ in told] == [0, 1, 2] and all(g == 2 * x for x, _, g in told)
    for (x, _, _), should in zip(told, expected):
        assert should is None or x == pytest.approx(should, rel=1e-6)


def test_an_optimizer_of_ones_own():
    @unflatten_optimizer
    def one_step(grad, x, callback=None, rate=0.1):
        return x - rate * grad(x, 0)

    assert one_step(grad(lambda p, i: p["x"] ** 2), {"x": 2.0}, rate=0.25) == {"x": 1.0}
    assert one_step.__name__ == "one_step"


def test_a_gradient_through_an_optimizer():
    def after(step):
        return sgd(grad(lambda x, i: x ** 2), 1.0, step_size=step, mass=0.0, num_iters=2)

    assert float(grad(after)(0.1)) == pytest.approx(-4 * (1 - 0.2))  # (1 - 2 step)^2


def test_the_fixed_point_of_a_system():
    """x = tanh(A x + b), by b, to second order, against the implicit function theorem."""
    a = onp.array([[0.2, -0.3], [0.1, 0.4]])

    def found(b):
        return fixed_point(lambda b: lambda x: np.tanh(np.dot(a, x) + b), b, onp.zeros(2), lambda x, y: np.max(np.abs(x - y)), 1e-13)

    b = onp.array([0.3, -0.2])
    x = found(b)
    slope = onp.diag(1 - x ** 2)
    exact = onp.linalg.solve(onp.eye(2) - slope @ a, slope)
    onp.testing.assert_allclose(jacobian(found)(b), exact, rtol=1e-10)
    step = 1e-5
    onp.testing.assert_allclose(jacobian(jacobian(found))(b)[..., 0],
                                (jacobian(found)(b + [step, 0]) - jacobian(found)(b - [step, 0])) / (2 * step), rtol=1e-6, atol=1e-9)

    def tree(p):
        return fixed_point(lambda p: lambda x: p["half"] * (x + p["of"] / x), p, 1.0, lambda x, y: abs(x - y), 1e-13)

    assert float(grad(tree)({"half": 0.5, "of": 4.0})["of"]) == pytest.approx(0.25)


def test_a_function_is_recorded_once():
    calls = []

    def f(scale, x, power=1):
        calls.append(1)
        return scale * x ** power

    replayed = const_graph(f, 3.0, power=2)
    assert not calls
    assert [float(replayed(x)) for x in (1.0, 2.0, 3.0)] == [3.0, 12.0, 27.0] and len(calls) == 1
    assert float(grad(replayed)(2.0)) == 12.0
    assert float(replayed(tensor(2.0))._array) == 12.0


def test_small_functions():
    assert subval((1, 2, 3), 1, "b") == (1, "b", 3) and subvals([1, 2], [(0, 5), (1, 6)]) == (5, 6) and func(len) is len


# ---- the published code -------------------------------------------------------------------------------------------


def test_every_published_file_is_frozen():
    frozen = json.loads(published.FROZEN.read_text(encoding="utf-8"))
    assert set(frozen) == {p.name for p in published.PUBLISHED}
    for name, record in frozen.items():
        assert re.fullmatch("[0-9a-f]{64}", record["sha256"])
        assert record["found"] or name == "docs/updateguide.md", name  # which prints nothing
    assert not {p.path for p in published.PUBLISHED} & set(published.NOT_RUN)


SCRIPT = """
import autograd.numpy as np
from autograd import grad
for i in range(9):
    print('loss', grad(np.sin)(0.1 * i))
raise SystemExit(3)
"""


def test_a_file_is_run_and_compared(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    entry = published.Published("script.py", 4, r"loss (.*)")
    right = [float(onp.cos(0.1 * i)) for i in range(4)]
    record = {"script.py": {"sha256": hashlib.sha256(script.read_bytes()).hexdigest(), "found": right}}
    assert published.outcome(entry, tmp_path, record) == ""
    assert "ended with" in published.outcome(published.Published("script.py"), tmp_path, record)
    record["script.py"]["sha256"] = "0"
    assert "not the file" in published.outcome(entry, tmp_path, record)
    assert "not there" in published.outcome(published.Published("other.py"), tmp_path, {})


def test_what_counts_in_an_output():
    entry = published.Published("script.py", keep=r"loss (.*)", count=3)
    assert published.found(entry, "step 7 loss -1.5e-3\nloss 2, 4 and 5") == [-1.5e-3, 2.0, 4.0]
    assert published.found(published.Published("script.py", keep="op (.*)"), "op sin\nop add") == ["sin", "add"]
    assert published.difference(entry, [1.0, 2.0], [1.0, 2.0 + 1e-10]) == ""
    assert "number 1 is 2.0 instead of 2.1" in published.difference(entry, [1.0, 2.0], [1.0, 2.1])
    assert "2 numbers instead of 1" in published.difference(entry, [1.0, 2.0], [1.0])
    assert "part 0 is 'sin' instead of 'cos'" in published.difference(entry, ["sin"], ["cos"])


def test_the_blocks_of_a_document_are_run(tmp_path):
    document = tmp_path / "page.md"
    blocks = ['x = 2.0\nprint "x is", max(x, 1', "unknown(x)", ">>> x * 2\n4.0"]
    document.write_text("Text.\n" + "".join(f"```python\n{block}\n```\n" for block in blocks))
    code, output, errors = published.run(published.Published("page.md"), tmp_path)
    assert (code, output) == (0, "x is 2.0\n4.0\n") and "left out: NameError" in errors


# The folder with the sources of autograd 1.9: then its files themselves are run, too. It takes minutes.
SOURCE = os.environ.get("HIPS_AUTOGRAD_SOURCE")


@pytest.mark.parametrize("entry", published.PUBLISHED if SOURCE else [], ids=lambda entry: entry.name)
def test_published_code(entry):
    if entry.needs:
        pytest.importorskip(entry.needs)
    assert published.outcome(entry, Path(SOURCE), json.loads(published.FROZEN.read_text(encoding="utf-8"))) == ""
