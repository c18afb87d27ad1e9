// Does the viewer know what Python knows? (V13, V39) Usage: node viewer_test.mjs [FILE with what `viewer_cases.py` has written]
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { anchored, fitted, opening, seen, showing, zoomed } from "../../autograd/drawing/viewer/camera.js";
import * as explorer from "../../autograd/drawing/viewer/explorer.js";
import { legendOf } from "../../autograd/drawing/viewer/legend.js";
import { graphOf } from "../../autograd/drawing/viewer/payload.js";
import { description, titleOf } from "../../autograd/drawing/viewer/shapes.js";
import { clean, frameTitleWidth } from "../../autograd/drawing/viewer/measure.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

function written() {
  const file = join(mkdtempSync(join(tmpdir(), "viewer-")), "cases.json");
  const local = join(root, ".venv-test/bin/python");
  execFileSync(process.env.PYTHON ?? (existsSync(local) ? local : "python3"), ["-m", "tests.drawing.viewer_cases", file], { cwd: root, stdio: "inherit" });
  return file;
}

const cases = JSON.parse(readFileSync(process.argv[2] ?? written(), "utf8"));
let checks = 0;

function same(found, expected, what) {
  checks += 1;
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  if (Array.isArray(found) && Array.isArray(expected)) {
    const k = expected.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(found[i]));
    assert.deepEqual(found[k], expected[k], `${what}: item ${k} (${found.length} here, ${expected.length} in Python)`);
  }
  assert.deepEqual(found, expected, what);
}

const boxRow = (b) => [b.id, b.kind, b.title, b.lines, b.chips.map((c) => [c.node, c.kind, c.text, c.slot]), b.frame, b.node, b.group, b.ops, b.value, b.gradient,
  b.badges, b.about, b.shade];

function compare(name, graph, { options, view, sizes, titles, placement, legend, words }) {
  const what = `${name} ${JSON.stringify({ ...options, open: options.open.join("."), only: undefined })}`;
  const scene = explorer.sceneOf(graph, { ...options, open: new Set(options.open) });
  same(scene.view.boxes.map(boxRow), view.boxes, `${what}: boxes`);
  same(scene.view.frames.map((f) => [f.id, f.group, f.title, f.label, f.parent]), view.frames, `${what}: frames`);
  same(scene.view.wires.map((w) => [w.source, w.target, w.slot, w.label, w.count]), view.wires, `${what}: wires`);
  same([scene.view.style, scene.view.direction, scene.view.outputs], [view.style, view.direction, view.outputs], `${what}: view`);
  same(legendOf(scene.view).map(([key, , words]) => [key, words]), legend, `${what}: legend`);
  same(scene.view.boxes.map((box) => [titleOf(box), description(box)]), words, `${what}: what is said of boxes`);
  same(scene.sizes, sizes, `${what}: sizes`);
  same(scene.view.frames.map(frameTitleWidth), titles, `${what}: titles`);
  for (const key of ["boxes", "frames", "wires", "width", "height"]) same(scene.placement[key], placement[key], `${what}: placement of ${key}`);
}

/** Open and close each group: what was there stands where it was, and what was clicked does not move on the screen. */
function openAndClose(name, graph) {
  const first = { ...graph.options, open: new Set() };
  const before = explorer.sceneOf(graph, first);
  for (const box of before.view.boxes.filter((one) => one.group >= 0).slice(0, graph.nodes.length > 2000 ? 1 : 5)) {
    const open = explorer.opened(graph, first.open, box.group);
    const after = explorer.sceneOf(graph, { ...first, open });
    const again = explorer.sceneOf(graph, { ...first, open: explorer.shut(open, box.group) });
    same(again.placement, before.placement, `${name}: ${box.title} opened and closed`);
    const [a, b] = [explorer.spot(before, box.id), explorer.spot(after, box.id)];
    assert.ok(a && b, `${name}: ${box.title} is to be seen, open and closed`);
    const camera = { k: 0.8, x: 17, y: -40 }, moved = anchored(camera, a, b);
    const off = Math.hypot(camera.k * a.x + camera.x - moved.k * b.x - moved.x, camera.k * a.y + camera.y - moved.k * b.y - moved.y);
    assert.ok(off < 1e-9, `${name}: ${box.title} moves ${off} pixels`);
    assert.ok(after.view.boxes.reduce((sum, one) => sum + one.ops, 0) === before.view.boxes.reduce((sum, one) => sum + one.ops, 0), `${name}: operations are counted`);
    checks += 3;
  }
  const all = explorer.openedAll(graph, first);
  const opened = explorer.sceneOf(graph, { ...first, open: all });
  assert.ok(opened.view.boxes.length <= explorer.MOST || !all.size, `${name}: no more is opened than can be read`);
  checks += 1;
}

/** Each node that is found can be shown; in what is shown, the keyboard reaches every box; arrows along wires follow them. */
function walkAndReveal(name, graph) {
  const options = graph.options;
  for (const i of graph.nodes.keys()) {
    if (i % (graph.nodes.length > 2000 ? 1999 : graph.nodes.length > 60 ? 7 : 1)) continue;
    const open = explorer.revealed(graph, options.open, i);
    const scene = explorer.sceneOf(graph, { ...options, open });
    const boxes = explorer.boxesOf(graph, scene, i);
    assert.ok(boxes.length > 0, `${name}: node ${i} is found`);
    assert.ok(boxes.some((at) => scene.view.boxes[at].node === i || scene.view.boxes[at].chips.some((chip) => chip.node === i)), `${name}: node ${i} is revealed`);
    checks += 2;
  }
  const scene = explorer.sceneOf(graph, options), reached = new Set();
  const across = scene.view.direction === "LR" ? "ArrowDown" : "ArrowRight", along = scene.view.direction === "LR" ? "ArrowRight" : "ArrowDown";
  if (scene.view.boxes.length > 2000) return;
  for (let box = explorer.walked(scene, -1, "Home"); !reached.has(box); box = explorer.walked(scene, box, across)) reached.add(box);
  assert.equal(reached.size, scene.view.boxes.length, `${name}: the keyboard reaches every box`);
  for (const { source, target } of scene.view.wires) {
    const next = explorer.walked(scene, source, along);
    assert.ok(scene.view.wires.some((wire) => wire.source === source && wire.target === next), `${name}: the arrow follows a wire`);
    assert.notEqual(explorer.walked(scene, target, along === "ArrowRight" ? "ArrowLeft" : "ArrowUp"), target, `${name}: and goes back`);
  }
  checks += 1;
}

/** What is known grows from step to step, and in the end it is what the picture says. */
function stepThrough(name, graph) {
  let values = 0, gradients = 0;
  for (const i of graph.steps.keys()) {
    const known = explorer.knownAfter(graph, i);
    assert.ok(known.values.size >= values && known.gradients.size >= gradients, `${name}: nothing is forgotten`);
    [values, gradients] = [known.values.size, known.gradients.size];
    if (graph.steps[i].node >= 0) assert.ok(known.lit.has(graph.steps[i].node), `${name}: the acting node is lit in step ${i}`);
    checks += 1;
  }
  if (!graph.steps.length) return;
  const known = explorer.knownAfter(graph, graph.steps.length - 1);
  graph.nodes.forEach((node, i) => {
    if (node.values) assert.equal(known.values.get(i), node.value, `${name}: the value of ${node.name}`);
    if (node.gradients && graph.options.style === "circuit") assert.equal(known.gradients.get(i), node.gradient, `${name}: the gradient of ${node.name}`);
    checks += 1;
  });
}

function links(name, graph) {
  const state = { open: new Set([...graph.groups.keys()].filter((k) => k % 3)), picked: "n1", color: "dtype", step: graph.steps.length ? 1 : -1,
    camera: { k: 0.75, x: -120, y: 33 } };
  assert.deepEqual(explorer.stateOf(graph, explorer.linkOf(graph, state)), state, `${name}: an address is read back`);
  const first = { open: new Set(graph.options.open), picked: "", color: graph.options.color, step: -1, camera: null };
  assert.equal(explorer.linkOf(graph, first), "", `${name}: the first view needs no address`);
  for (const odd of ["", "#", "#open=", "#open=9999999", "#pick=n99999999", "#at=1,x,2", "#step=-4", "#color=<script>", "#open=3-1.a-b", "#%E0%A4%A"]) {
    const read = explorer.stateOf(graph, odd);
    assert.deepEqual([read.picked, read.step, read.color, read.camera], ["", -1, graph.options.color, null], `${name}: ${odd} is harmless`);
    assert.ok([...read.open].every((k) => k < graph.groups.length), `${name}: ${odd} opens nothing that is not there`);
  }
  checks += 12;
}

function cameras() {
  const screen = { width: 800, height: 600 };
  const near = zoomed({ k: 1, x: 10, y: 20 }, 2, 100, 50);
  assert.deepEqual([(100 - near.x) / near.k, (50 - near.y) / near.k], [90, 30], "what is under the pointer stays there");
  assert.deepEqual(fitted(400, 300, screen), { k: 1, x: 200, y: 150 }, "nothing is enlarged to fit");
  const whole = seen(fitted(8000, 3000, screen), screen);
  assert.ok(whole.x <= 0 && whole.y <= 0 && whole.width >= 8000 && whole.height >= 3000, "all of it is seen");
  const rect = { x: 5000, y: 40, width: 100, height: 50 }, shown = seen(showing({ k: 1, x: 0, y: 0 }, rect, screen), screen);
  assert.ok(shown.x <= rect.x && shown.x + shown.width >= rect.x + rect.width, "it is seen then");
  assert.deepEqual(showing({ k: 1, x: 0, y: 0 }, { x: 300, y: 200, width: 90, height: 50 }, screen), { k: 1, x: 0, y: 0 }, "what is seen does not move");
  const scene = { placement: { width: 300, height: 9000, boxes: [[100, 0, 100, 50]] }, view: { direction: "TB" } };
  assert.ok(opening(scene, screen).k >= 0.75, "a large graph begins where it can be read");
  assert.equal(clean("x".repeat(61)), "x".repeat(59) + "…", "long labels are cut");
  checks += 7;
}

cameras();
for (const [name, { payload, cases: each, found }] of Object.entries(cases)) {
  const graph = graphOf(payload);
  for (const one of each) compare(name, graph, one);
  for (const [word, nodes] of Object.entries(found)) same(explorer.found(graph, word), nodes, `${name}: search for ${word}`);
  openAndClose(name, graph);
  walkAndReveal(name, graph);
  stepThrough(name, graph);
  links(name, graph);
}
assert.ok(checks > 100, "there was something to check");
console.log(`${checks} checks of ${Object.keys(cases).length} graphs`);
