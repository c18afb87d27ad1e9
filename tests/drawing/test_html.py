"""Is the page one file that needs nothing, and does it know what Python knows? In a browser: test_browser.py."""

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import zlib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd.drawing.html as page_of
from autograd import draw
from autograd.drawing.labels import clean
from autograd.drawing.payload import ALPHABET, payload_of
from tests.drawing.fixtures import FIXTURES, LARGE, circuit2, drawn, mlp
from tests.drawing.viewer_cases import cases

HERE = Path(__file__).parent
VOID = {"meta", "br", "img", "input", "link", "hr"}


class Parts(HTMLParser):
    """A page as its parser sees it: tags with the names of their attributes, texts by tag, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.texts, self.attributes, self.open = [], {}, [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *sorted(name for name, _ in attributes)))
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)


def sent(page):
    """The payload of a page."""
    text = re.search(r'<script type="application/json" id="payload">"([^"]*)"</script>', page)[1]
    data = text.translate({after: before for before, after in ALPHABET.items()})
    return json.loads(zlib.decompress(base64.b64decode(data + "=" * (-len(data) % 4))))


@cache
def page(name, **options):
    """The drawing of a fixture, and its page."""
    drawing, result, _keep = drawn(name)
    if options:
        drawing = draw(result, **options)
    return drawing, page_of.html_of(drawing)


# ---- V38: one file that needs nothing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["circuit2", "mlp", "lstm", "resnet18", "wide"])
def test_V38_needs_nothing(name):
    _, text = page(name)
    for word in ("http", "//", "url(", "@import", "src=", "eval", "innerHTML", "import(", "XMLHttpRequest", "fetch(", "WebSocket"):
        assert word not in text.replace("http-equiv", ""), f"{word} at {text.replace('http-equiv', '').find(word)}"
    parts = Parts(text)
    policies = [value for tag, name, value in parts.attributes if tag == "meta" and name == "content" and "default-src" in value]
    assert policies and "default-src 'none'" in policies[0] and "unsafe-eval" not in policies[0]
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1 and text.count("<script") == 2
    assert f"script-src 'sha256-{base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()}'" in policies[0]
    assert not {name for _, name, _ in parts.attributes if name.startswith("on")}


@pytest.mark.parametrize("name", FIXTURES)
def test_V38_says_something_without_scripts(name):
    drawing, text = page(name)
    still = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    parts = Parts(still)
    assert ("svg", "aria-label", "class", "role", "style", "viewbox", "width") in parts.tags
    shown = " ".join(parts.texts["text"])
    assert all(clean(box.title) in shown for box in drawing.view.boxes)


def test_V45_the_still_picture_is_named():
    _, text = page("mlp")
    parts = Parts(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))
    boxes = [value for tag, name, value in parts.attributes if tag == "g" and name == "class" and value.startswith("box")]
    assert len(parts.texts["desc"]) == len(boxes) > 5
    assert ("svg", "role", "img") in parts.attributes
    assert any(name == "aria-label" and "6 operations" in value for tag, name, value in parts.attributes if tag == "svg")


def test_V19_size_and_V12_the_same_again():
    drawing, text = page("wide")
    assert len(text.encode()) <= 300_000
    assert text == page_of.html_of(drawing)
    assert page("mlp")[1] == page.__wrapped__("mlp")[1]


def test_the_still_picture_is_never_too_large(monkeypatch):
    drawing, _ = page("resnet18")
    everything = drawing.expand()
    monkeypatch.setattr(page_of, "LARGEST_STILL", 100)
    assert len(everything.view.boxes) > 100
    assert page_of.still_of(everything) == drawing.view
    assert page_of.still_of(drawing) is drawing.view


def test_steps_are_sent_where_there_are_numbers():
    assert len(payload_of(page("circuit2")[0])["steps"]) == 18
    assert payload_of(page("mlp")[0])["steps"] == []
    assert len(payload_of(page("mlp", grads="compute")[0])["steps"]) == 6 + 6 + 2
    assert payload_of(page("chain", grads="compute")[0])["steps"] == []


def test_the_payload_comes_back():
    drawing, text = page("resnet18")
    assert sent(text) == json.loads(json.dumps(payload_of(drawing)))


# ---- V14: names are text -----------------------------------------------------------------------------------------------

ODD = ["</script>", "<img src=x onerror=alert(1)>", "]]>", "-->", '"', "'", "\\", "&lt;", "{}|", "\\N", "\n", "\0", "\u202e", "\ud800"]
LABEL = st.one_of(st.sampled_from(ODD), st.text(max_size=30), st.text("<>&;\"'`=/ -!\\{}|\n\0\u2028", max_size=12))
LABELS = st.lists(LABEL, min_size=60, max_size=60)


def renamed(drawing, names):
    """The same drawing with other names, wherever a name can stand."""
    graph = drawing.graph
    nodes = tuple(node._replace(name=names[i], line=names[i + 7]) if node.kind != "op" else
                  node._replace(line=names[i], options=(("o", names[i + 3]),)) for i, node in enumerate(graph.nodes))
    scopes = tuple(scope._replace(path=names[k + 5], kind=names[k + 11]) for k, scope in enumerate(graph.scopes))
    return draw(graph._replace(nodes=nodes, scopes=scopes, title=names[0], notes=(names[1],)))


@given(LABELS)
def test_V14_a_page_gains_nothing_from_names(labels):
    result, keep = mlp()
    plain, odd = (page_of.html_of(renamed(draw(result), names)) for names in (["name"] * 60, labels))
    assert {tag for tag, *_ in Parts(odd).tags} == {tag for tag, *_ in Parts(plain).tags}
    assert {name for _, name, _ in Parts(odd).attributes} == {name for _, name, _ in Parts(plain).attributes}
    assert odd.count("<script") == plain.count("<script") == 2
    known = set(sent(odd)["strings"])
    joined = "\n".join(known)
    assert all(clean(label, 1000) in known or clean(label, 1000) in joined for label in labels[:12])
    assert Parts(odd).texts["title"][0] == (clean(labels[0], 200) or "Computation graph")
    del keep


# ---- V13, V39: the viewer knows what Python knows ----------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_V39_the_viewer(tmp_path):
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases(), ensure_ascii=False), encoding="utf-8")
    run = subprocess.run(["node", HERE / "viewer_test.mjs", file], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert f"of {len(FIXTURES) + len(LARGE)} graphs" in run.stdout


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_script_is_one_that_runs(tmp_path):
    file = tmp_path / "script.js"
    file.write_text(page_of.script(), encoding="utf-8")
    assert subprocess.run(["node", "--check", file], capture_output=True, timeout=60).returncode == 0


def test_modules_stand_in_order():
    order = page_of.modules()
    assert {path.stem for path in page_of.VIEWER.glob("*.js")} == set(order) and len(set(order)) == len(order)
    for i, name in enumerate(order):
        code = page_of.source(name)
        imported = [module for _, module in page_of.IMPORT.findall(code)]
        assert len(re.findall(r"^import ", code, re.MULTILINE)) == len(imported), f"{name}.js imports in a way that `bundled` does not know"
        assert len(re.findall(r"^export ", code, re.MULTILINE)) == len(page_of.EXPORT.findall(code)), f"{name}.js exports in such a way"
        assert set(imported) <= set(order[:i]), f"{name}.js must stand after {imported}"


def test_comments_are_taken_out_and_nothing_else():
    code = "/* a\n// b */ const x = 1; // c\n  const y = `${x / 2 / x}`; /* d */\n\n// e\nconst z = 'a' + \"b\";\n"
    assert page_of.without_comments(code) == "const x = 1;\nconst y = `${x / 2 / x}`;\nconst z = 'a' + \"b\";"


# ---- V41: in a notebook ------------------------------------------------------------------------------------------------


def test_V41_notebook():
    result, keep = circuit2()
    drawing = draw(result, title='a "title" & more')
    framed = page_of.notebook_html(drawing)
    (tag, *_), = Parts(framed).tags
    attributes = {name: value for _, name, value in Parts(framed).attributes}
    assert tag == "iframe" and set(attributes) == {"srcdoc", "sandbox", "style", "title"}
    assert attributes["srcdoc"] == page_of.html_of(drawing)
    assert attributes["sandbox"].split() == ["allow-scripts", "allow-downloads"] and "height" in attributes["style"]
    assert html.unescape(attributes["title"]) == 'a "title" & more'
    del keep
