"""Does the page work in a browser? (V40) Headless chromium opens it from a file, a driver clicks and types, and tells what it saw.

The driver is appended to a copy of the page, whose policy is told its hash and where to send the report; all else is as shipped.
"""

import base64
import hashlib
import http.server
import json
import shutil
import subprocess
import threading
import xml.etree.ElementTree as ElementTree

import pytest

from autograd import draw
from autograd.drawing.html import html_of, notebook_html
from tests.drawing.fixtures import circuit2, mlp, resnet18, wide

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

WATCH = """
window.wrong = [];
addEventListener('error', (event) => wrong.push(event.message));
addEventListener('unhandledrejection', (event) => wrong.push(String(event.reason && event.reason.stack)));
document.addEventListener('securitypolicyviolation', (event) => wrong.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
console.error = (...words) => wrong.push(words.join(' '));
"""

DRIVE = """
(async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const all = (css) => [...document.querySelectorAll(css)];
  const one = (css) => document.querySelector(css);
  const key = (name) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  const click = (made) => made.dispatchEvent(new MouseEvent('click', { bubbles: true }));
  const type = (words) => {
    const input = one('input[type=search]');
    input.focus();
    input.value = words;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const ids = () => all('.canvas .box').map((box) => box.dataset.id).sort();
  let report;
  try {
    for (let i = 0; i < 500 && !document.body.dataset.ready; i++) await wait(20);
    report = await (async () => { %s })();
  } catch (error) {
    report = { failed: error.stack };
  }
  const body = JSON.stringify({ ...report, wrong, ready: Number(document.body.dataset.ready) });
  await fetch('%s', { method: 'POST', mode: 'no-cors', body });
})();
"""


def driven(page, driver, report_to):
    """A copy of the page with the driver in it."""
    drive = DRIVE % (driver, report_to)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'" for code in (WATCH, drive))
    for before, after in (("script-src ", f"connect-src {report_to}; script-src {hashes} "), ("<style", f"<script>{WATCH}</script><style"),
                          ("</body>", f"<script>{drive}</script></body>")):
        assert before in page
        page = page.replace(before, after, 1)
    return page


class Inbox(http.server.BaseHTTPRequestHandler):
    """Takes the report."""

    def do_POST(self):
        self.server.report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *_):
        pass


def browse(tmp_path, page, driver, size="1200,800", address="", wrap=lambda page: page):
    """What the driver has to report of a page that is opened from a file."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Inbox) as server:
        server.report, server.arrived = None, threading.Event()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        file = tmp_path / "page.html"
        file.write_text(wrap(driven(page, driver, f"http://127.0.0.1:{server.server_port}/")), encoding="utf-8")
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
                   "--remote-debugging-port=0", f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={size}", file.as_uri() + address]
        chromium = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert server.arrived.wait(90), "the page has not reported within 90 s"
        finally:
            chromium.terminate()
            chromium.wait(20)
            server.shutdown()
        assert "failed" not in server.report, server.report["failed"]
        assert server.report["wrong"] == []
        return server.report


def test_V40_ten_thousand_nodes(tmp_path):
    """The page of 10,000 nodes is there quickly, and never has more than 2,000 elements in the picture."""
    result, keep = wide()
    report = browse(tmp_path, html_of(draw(result)), """
        const counts = [], boxes = [];
        const look = () => { counts.push(all('.canvas *').length); boxes.push(viewer.scene().view.boxes.length); };
        look();
        const start = performance.now();
        click(one('[aria-label="Open all"]'));
        const opening = performance.now() - start;
        await wait(500);
        look();
        for (let i = 0; i < 12; i++) { key('+'); await wait(40); look(); }
        for (let i = 0; i < 30; i++) { key('-'); await wait(10); }
        look();
        type('tanh');
        await wait(50);
        look();
        return { counts, boxes, opening, found: one('.search output').textContent, nodes: viewer.graph.nodes.length };""")
    most = max(report["counts"])
    print(f"10,000 nodes: ready after {report['ready']} ms, all opened in {report['opening']:.0f} ms, at most {most} elements")
    assert report["nodes"] > 10_000 and report["found"].endswith(" found") and not report["found"].startswith("0")
    assert most <= 2000
    assert max(report["boxes"]) > report["boxes"][0]
    assert report["ready"] < 20_000  # 2 s are asked for; ten times that is never a matter of a busy machine
    del keep


def test_V40_open_close_search_link(tmp_path):
    """Clicks open and close, nothing clicked moves, the search leads to what it finds, and the address says what is to be seen."""
    result, keep = resnet18()
    page = html_of(draw(result, title="ResNet"))
    act = """
        const at = (id) => {
          const { left, top } = one(`.canvas [data-id="${id}"] rect`).getBoundingClientRect();
          return [left, top];
        };
        const places = () => Object.fromEntries(all('.canvas .box').map((box) => [box.dataset.id, box.style.transform]));
        const before = places(), group = all('.canvas .box.group')[1], id = group.dataset.id, start = at(id);
        click(group);
        await wait(600);
        const opened = ids().length, frame = one(`.canvas .band-title[data-id="${id}"]`), open = at(id);
        click(frame);
        await wait(600);
        const after = places(), end = at(id);
        type('conv2');
        const count = one('.search output').textContent;
        key('Enter');
        await wait(50);
        const first = one('.panel h2').textContent, place = one('.search output').textContent;
        key('Enter');
        await wait(50);
        const second = one('.search output').textContent;
        const card = one('.panel').textContent;
        const select = one('select');
        select.value = 'bytes';
        select.dispatchEvent(new Event('change'));
        await wait(400);
        return { start, open, end, before, after, opened, count, first, place, second, card, hash: location.hash,
          shaded: all('.canvas .shaded').length, scale: one('.legend .scale').textContent, body: document.body.className, boxes: ids() };"""
    report = browse(tmp_path, page, act)
    assert report["before"] == report["after"]
    assert max(abs(a - b) for a, b in zip(report["start"], report["end"])) < 0.5
    assert max(abs(a - b) for a, b in zip(report["start"], report["open"])) <= 1.5  # the band begins a pixel inside its frame
    assert report["count"].endswith(" found") and report["place"].startswith("1 of ") and report["second"].startswith("2 of ")
    assert "conv2" in report["first"] and "conv2" in report["card"] and "gradient" in report["card"]
    assert report["shaded"] > 3 and "by-bytes" in report["body"] and "kept" in report["scale"] and "MB" in report["scale"]
    assert "open=" in report["hash"] and "color=bytes" in report["hash"] and "pick=n" in report["hash"]
    again = browse(tmp_path, page, "await wait(400); return { boxes: ids(), hash: location.hash, title: one('.panel h2').textContent };",
                   address=report["hash"])
    assert again["hash"] == report["hash"] and "conv2" in again["title"] and again["boxes"] == report["boxes"]
    del keep


def test_V40_keyboard(tmp_path):
    """The keyboard alone reaches each box that is to be seen, opens and closes, and gets out again."""
    result, keep = resnet18()
    report = browse(tmp_path, html_of(draw(result)), """
        one('.canvas').focus();
        await wait(50);
        const first = document.activeElement.dataset.id, seen = new Set();
        for (let i = 0; i < 500 && !seen.has(document.activeElement.dataset.id); i++) {
          seen.add(document.activeElement.dataset.id);
          key('ArrowRight');
        }
        const expected = viewer.scene().view.boxes.map((box) => box.id);
        const missed = expected.filter((id) => !seen.has(id));
        key('Home');
        const top = document.activeElement.dataset.id;
        key('ArrowDown');
        const below = document.activeElement.dataset.id;
        key('ArrowUp');
        const back = document.activeElement.dataset.id;
        while (!document.activeElement.classList.contains('group')) key('ArrowRight');
        const group = document.activeElement.dataset.id;
        key('Enter');
        await wait(50);
        const inside = document.activeElement.dataset.id, opened = !!one(`.band-title[data-id="${group}"]`);
        key('Escape');
        await wait(50);
        const closed = document.activeElement.dataset.id;
        key('?');
        await wait(20);
        const help = one('.panel').textContent;
        key('Escape');
        await wait(20);
        const hidden = one('.panel').hidden;
        key('/');
        const searching = document.activeElement.type;
        const named = (made) => made.getAttribute('aria-label') || made.textContent.trim();
        const unnamed = all('button, select, input, .canvas .box').filter((made) => !named(made)).length;
        const described = all('.canvas .box').every((box) => box.querySelector('title') && box.querySelector('desc') && box.role);
        return { first, missed, top, below, back, group, inside, opened, closed, help, hidden, searching, unnamed, described,
          label: one('.canvas').getAttribute('aria-label') };""")
    assert report["first"] == report["top"] == report["back"] != report["below"]
    assert report["missed"] == []
    assert report["opened"] and report["inside"] != report["group"] == report["closed"]
    assert "Esc" in report["help"] and report["hidden"] and report["searching"] == "search"
    assert report["unnamed"] == 0 and report["described"] and "110 operations" in report["label"]
    del keep


def test_V40_steps_and_export(tmp_path):
    """The numbers of the sigmoid neuron appear as they become known; the picture can be saved and is XML."""
    result, keep = circuit2()
    report = browse(tmp_path, html_of(draw(result)), """
        const texts = (role) => all(`.canvas .${role}`).map((text) => text.textContent);
        const full = [texts('value'), texts('gradient')];
        click(one('[aria-label="Step by step"]'));
        await wait(30);
        const start = [texts('value').length, texts('gradient').length];
        key('.');
        await wait(30);
        const second = one('.player .said').textContent, lit = all('.canvas .lit').length;
        const slider = one('.player input');
        slider.value = slider.max;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await wait(30);
        const end = [texts('value'), texts('gradient')], count = Number(slider.max) + 1;
        const blobs = [];
        const make = URL.createObjectURL;
        URL.createObjectURL = (blob) => { blobs.push(blob); return make(blob); };
        click(one('[aria-label="Save as SVG"]'));
        const svg = await blobs[0].text();
        key('Escape');
        await wait(30);
        return { full, start, second, lit, end, count, svg, left: one('.player').hidden, steps: viewer.graph.steps.length };""")
    assert report["full"] == report["end"]
    assert report["start"] == [5, 0]
    assert "forward 1 of 8" in report["second"] and report["lit"] == 3 and report["count"] == report["steps"] and report["left"]
    svg = ElementTree.fromstring(report["svg"])
    assert sum(text.get("class") == "gradient" for text in svg.iter("{http://www.w3.org/2000/svg}text")) == 13
    assert "var(--paper)" in report["svg"] and "<title" in report["svg"]
    del keep


def test_V14_labels_are_text(tmp_path):
    """A name that looks like a tag is a name."""
    result, keep = mlp()
    drawing = draw(result, title="<b>bold</b>")
    odd = ["</script><img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "]]>-->", '"><a href="x">', "a\u202eb", "\U0001f600" * 3]
    nodes = [node._replace(name=odd[i % len(odd)] + str(i), line=odd[0]) if node.kind != "op" else node
             for i, node in enumerate(drawing.graph.nodes)]
    graph = drawing.graph._replace(nodes=tuple(nodes))
    report = browse(tmp_path, html_of(draw(graph, title="<b>bold</b>")), """
        const tags = new Set(), names = new Set();
        viewer.reveal(0);
        key('?');
        await wait(50);
        for (const made of all('body *')) {
          tags.add(made.tagName.toLowerCase());
          for (const name of made.getAttributeNames()) names.add(name);
        }
        viewer.panel('');
        viewer.reveal(0);
        await wait(50);
        return { tags: [...tags], names: [...names], title: one('h1').textContent, card: one('.panel h2').textContent,
          boxes: all('.canvas .box title').map((title) => title.textContent) };""")
    assert not {"img", "a", "iframe"} & set(report["tags"]) and {"svg", "text", "header"} <= set(report["tags"])
    assert report["title"] == "<b>bold</b>"
    assert not {"onerror", "onload", "href", "src"} & set(report["names"])
    assert report["card"] == nodes[0].name
    assert any(nodes[1].name in title for title in report["boxes"])
    del keep


def test_V41_in_a_notebook(tmp_path):
    """In its frame in a notebook the page works as well, without a way to the notebook."""
    result, keep = circuit2()
    drawing = draw(result)

    def framed(page):
        shell = notebook_html(drawing)
        start, end = shell.index('srcdoc="') + 8, shell.index('" sandbox')
        return f"<!doctype html><body>{shell[:start]}{page.replace('&', '&amp;').replace(chr(34), '&quot;')}{shell[end:]}</body>"

    report = browse(tmp_path, html_of(drawing), """
        let reached = 'nothing';
        try { reached = String(window.parent.document.title); } catch { reached = 'nothing'; }
        viewer.go(3);
        await wait(300);
        return { reached, boxes: all('.canvas .box').length, height: innerHeight };""", wrap=framed)
    assert report["reached"] == "nothing" and report["boxes"] == 13 and report["height"] > 400
    del keep
