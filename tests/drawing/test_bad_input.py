"""What does drawing say to what it cannot draw, cannot write, or does not know?"""

import sys
from html.parser import HTMLParser

import numpy as np
import pytest

import nn
from autograd import Tape, draw, no_grad, tensor, trace
from autograd.drawing import Drawing, from_json


@pytest.fixture
def g():
    x = tensor([1.0, 2.0], requires_grad=True, name="x")
    return draw((x * x).sum())


@pytest.mark.parametrize("what, error, said", [
    (lambda: draw(), ValueError, "something to draw"), (lambda: draw(np.ones(3)), TypeError, "ndarray"),
    (lambda: draw(3.0), TypeError, "float"), (lambda: draw("loss"), TypeError, "str"),
    (lambda: draw(tensor(1.0)), ValueError, "nothing it was computed from requires grad"),
    (lambda: draw((tensor(1.0, requires_grad=True) * 2.0).detach()), ValueError, "detached"),
    (lambda: draw(trace(lambda x: x, np.ones(2))), ValueError, "empty"),
    (lambda: draw(Tape.of(tensor(1.0, requires_grad=True))), ValueError, "empty"),
    (lambda: draw(None), TypeError, "return its result"), (lambda: draw([]), TypeError, "return its result"),
    (lambda: draw(nn.Linear, np.ones(2)), TypeError, r"draw\(Linear\(...\), x\)"), (lambda: draw(np.sin), TypeError, "ufunc.*trace"),
    (lambda: draw(Tape.of(tensor(1.0, requires_grad=True) * 2), 3), TypeError, "Tape with something else: give it alone")])
def test_without_a_graph(what, error, said):
    with pytest.raises(error, match=said):
        what()


def test_under_no_grad():
    x = tensor(2.0, requires_grad=True)
    with no_grad():
        y = x * x
    with pytest.raises(ValueError, match="no_grad"):
        draw(y)


@pytest.mark.parametrize("options, said", [
    ({"colour": "grad"}, "there is no option 'colour'.*color"), ({"color": "red"}, "'kind', 'grad'"),
    ({"theme": "pink"}, "'light', 'dark'"),
    ({"direction": "up"}, "'LR', 'TB'"), ({"values": "all"}, "'stats'"), ({"grads": "yes"}, "'compute'")])
def test_unknown_options(options, said):
    x = tensor(2.0, requires_grad=True)
    with pytest.raises(ValueError, match=said):
        draw(x * x, **options)


def test_unknown_names(g):
    for call in (g.focus, g.path, g.expand, g.collapse):
        with pytest.raises((KeyError, ValueError), match="no_such"):
            call("no_such")
    assert g.find("no_such") == []


def test_paths_that_cannot_be_written(g, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="cannot be written"):
        g.save(tmp_path / "file" / "g.svg")
    with pytest.raises(OSError, match="cannot be written"):
        g.save(tmp_path / ("x" * 300 + ".svg"))
    with pytest.raises(ValueError, match="suffix"):
        g.save(tmp_path / "g")
    with pytest.raises(ValueError, match="suffix"):
        g.save(tmp_path / "g.jpeg")


def test_a_module_with_the_wrong_input():
    model = nn.Sequential(nn.Linear(4, 2, rng=0))
    with pytest.raises(ValueError, match="Linear"):
        draw(model, np.ones((3, 5), np.float32))
    with pytest.raises(TypeError):
        draw(model)


def test_an_unknown_engine(g):
    with pytest.raises(ValueError, match="'builtin'"):
        g.to_svg(engine="cairo")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{\"format\": 2}", "not json", '{"format": 1, "nodes": 3}'])
def test_what_is_no_graph(text):
    with pytest.raises(ValueError, match="no graph"):
        from_json(text)


def test_a_drawing_never_changes(g):
    before = g.to_svg(engine="builtin"), g.options, g.graph
    assert isinstance(g.color("bytes").with_options(theme="dark").expand().collapse(), Drawing)
    g.to_html(), g.steps(), g.memory(), g.problems()
    assert (g.to_svg(engine="builtin"), g.options, g.graph) == before


HOSTILE = ['a"b', "<script>alert(1)</script>", "two\nlines", "\u202eright to left", "😀", "&amp;", "]]>", "-->", "{|}", "\\N", "\0", "'",
           "`${x}`"]


class Tags(HTMLParser):
    """The elements of a page with their attributes' names."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, *(name for name, _ in attributes)))


@pytest.mark.parametrize("name", HOSTILE)
def test_strange_names(name):
    x, plain = tensor([1.0], requires_grad=True, name=name), tensor([1.0], requires_grad=True, name="plain")
    g = draw(x * 2.0)
    for form in ("to_html", "to_svg", "to_dot", "to_text", "to_json"):
        assert getattr(g, form)()
    assert Tags(g.to_html()).found == Tags(draw(plain * 2.0).to_html()).found
    assert from_json(g.to_json()) == g.graph


def test_a_drawing_is_drawn_again(g):
    assert draw(g).to_text() == g.to_text() and draw(g, theme="dark").graph is g.graph


@pytest.mark.parametrize("call, said", [
    (lambda g: g.focus(3), "by its name.*not by int"), (lambda g: g.path("x", tensor(1.0)), "by its name.*not by Tensor"),
    (lambda g: g.diff(tensor(1.0)), "another drawing, and not with Tensor"), (lambda g: draw(g, max_nodes="all"), "whole number"),
    (lambda g: draw(g, title=3), "a title is a text")])
def test_what_is_of_another_type(g, call, said):
    with pytest.raises(TypeError, match=said):
        call(g)


def test_part_of_a_wire_is_no_distance(g):
    with pytest.raises(ValueError, match="whole number"):
        g.focus("x", 1.5)


def test_without_the_package_of_graphviz(g, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ModuleNotFoundError, match="pip install graphviz"):
        g.to_graphviz()


def test_what_has_no_operations_has_no_backward_pass():
    with pytest.raises(ValueError, match="no backward pass: it has no operations"):
        draw(tensor(2.0, requires_grad=True)).backward_view()
