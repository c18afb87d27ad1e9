/* What can a reader do?

Open and close groups, search, walk along the wires, follow the steps, and give the address of what there is to see to somebody
else. Every function here takes a graph and says what follows; none knows of a page, so all of them are tested without one.

Read next: `overlay.js`. */

import { SMALL, frameTitleWidth, sizeOf, widthOf } from './measure.js';
import { place } from './layout.js';
import { viewOf } from './view.js';

/** More boxes than these are not opened at once: nobody could read them. */
export const MOST = 1500;

/* As in `svg.py`. */
const BOXES = { cross: 24, flow: 32, wire: 12, pad: 12, title: 20 };
const CIRCUIT = { ...BOXES, cross: 23, flow: 24 };
const ROW = 1400;

/** A scene: what is to be seen, and where it stands. The same options always give the same scene. */
export function sceneOf(graph, options) {
  const view = viewOf(graph, options);
  const wires = view.wires.map((wire) => [wire.source, wire.target, wire.slot]);
  const frames = view.frames.map((frame) => [frame.parent, frameTitleWidth(frame)]);
  const sizes = view.boxes.map((box) => sizeOf(box, view.style));
  const circuit = view.style === 'circuit';
  const wire = Math.max(BOXES.wire, ...view.wires.filter(({ label }) => label).map(({ label }) => widthOf(label, SMALL) + 6));
  return { view, sizes, placement: place(sizes, wires, view.boxes.map((box) => box.frame), frames, circuit ? 'LR' : view.direction,
    options.wrap ? ROW : 0, circuit ? CIRCUIT : { ...BOXES, wire }) };
}

/** Where a box or an open group stands: {x, y, width, height}, by its id; null if it is not to be seen. */
export function spot(scene, id) {
  const { view, placement } = scene;
  const box = view.boxes.findIndex((one) => one.id === id);
  const frame = box < 0 ? view.frames.findIndex((one) => one.id === id) : -1;
  return box >= 0 ? rectOf(placement.boxes[box]) : frame >= 0 ? rectOf(placement.frames[frame]) : null;
}

export const rectOf = ([x, y, width, height]) => ({ x, y, width, height });

// ---- open and closed

/** The groups from a group outwards. */
export function around(graph, k) {
  const found = [];
  for (; k >= 0; k = graph.groups[k].parent) found.push(k);
  return found;
}

/** With a group open, and those around it. */
export function opened(graph, open, k) {
  return new Set([...open, ...around(graph, k)]);
}

/** With a group closed. What is open in it stays so, for when it is opened again. */
export function shut(open, k) {
  return new Set([...open].filter((group) => group !== k));
}

/** With as many open as can be read, level by level. */
export function openedAll(graph, options) {
  let open = options.open;
  for (;;) {
    const view = viewOf(graph, { ...options, open });
    const closed = view.boxes.filter((box) => box.group >= 0).map((box) => box.group);
    const next = new Set([...open, ...closed]);
    if (!closed.length || viewOf(graph, { ...options, open: next }).boxes.length > MOST) return open;
    open = next;
  }
}

// ---- search

/** The nodes in whose name, operation, module, type or line a text occurs. */
export function found(graph, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  return graph.nodes.flatMap((node, i) => [node.name, node.op, node.type, node.line, node.path, node.scope].join('\n').toLowerCase().includes(wanted) ? [i] : []);
}

const indexes = new WeakMap();

/** Which boxes show a node: its own, the group it is hidden in, or each in which it is a chip. */
export function boxesOf(graph, scene, node) {
  if (!indexes.has(scene)) indexes.set(scene, indexOf(graph, scene.view.boxes));
  return indexes.get(scene)[node];
}

function indexOf(graph, boxes) {
  const found = graph.nodes.map(() => []), closed = new Map();
  boxes.forEach((box, i) => {
    if (box.group >= 0) closed.set(box.group, i);
    if (box.node >= 0) found[box.node].push(i);
    for (const chip of box.chips) if (chip.node >= 0 && !found[chip.node].includes(i)) found[chip.node].push(i);
  });
  graph.of.forEach((k, node) => {
    const hiding = found[node].length ? undefined : around(graph, k).find((outer) => closed.has(outer));
    if (hiding !== undefined) found[node].push(closed.get(hiding));
    else if (!found[node].length && graph.chips[node]) {
      for (const use of graph.nodes[node].uses) for (const outer of around(graph, graph.of[use])) if (closed.has(outer)) found[node].push(closed.get(outer));
    }
  });
  return found.map((list) => [...new Set(list)]);
}

/** The groups that have to be open for a node to be seen by itself: those around it, or around the first operation that uses it. */
export function revealed(graph, open, node) {
  const shown = graph.of[node] >= 0 || !graph.nodes[node].uses.length ? node : graph.nodes[node].uses[0];
  return graph.of[shown] < 0 ? open : opened(graph, open, graph.of[shown]);
}

// ---- along the wires

/** The boxes in the order in which they are read: row by row along the flow. */
export function readingOrder(scene) {
  const { view, placement } = scene;
  const [flow, cross] = view.direction === 'LR' ? [0, 1] : [1, 0];
  return view.boxes.map((_, i) => i).sort((a, b) => placement.boxes[a][flow] - placement.boxes[b][flow]
    || placement.boxes[a][cross] - placement.boxes[b][cross] || a - b);
}

/** The box that an arrow key leads to: with and against the flow along a wire, across it to the next and last one that is read. */
export function walked(scene, box, key) {
  const { view } = scene;
  const keys = view.direction === 'LR' ? ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp'] : ['ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft'];
  const order = readingOrder(scene);
  const way = keys.indexOf(key);
  if (key === 'Home' || box < 0) return order[0];
  if (key === 'End') return order[order.length - 1];
  if (way < 0) return box;
  if (way < 2) {
    const ends = view.wires.filter((wire) => (way ? wire.target : wire.source) === box).sort((a, b) => a.slot - b.slot);
    return ends.length ? (way ? ends[0].source : ends[0].target) : box;
  }
  const next = order.indexOf(box) + (way === 2 ? 1 : -1);
  return order[Math.max(0, Math.min(order.length - 1, next))];
}

// ---- steps

/** What is known after a step: {values, gradients} by node, which nodes to look at, and which of these acts. */
export function knownAfter(graph, step) {
  const known = { values: new Map(), gradients: new Map(), lit: new Set(graph.steps[step].lit), acting: graph.steps[step].node };
  for (const one of graph.steps.slice(0, step + 1)) {
    for (const [node, text] of one.values) known.values.set(node, text);
    for (const [node, text] of one.gradients) known.gradients.set(node, text);
  }
  return known;
}

// ---- an address for what there is to see

/** '#open=0-3.7&pick=n12&color=grad&step=4&at=0.85,-120,40': what differs from the first view. */
export function linkOf(graph, state) {
  const parts = [];
  const first = new Set(graph.options.open);
  if (state.open.size !== first.size || [...state.open].some((k) => !first.has(k))) parts.push(`open=${ranges(state.open)}`);
  if (state.picked) parts.push(`pick=${state.picked}`);
  if (state.color !== graph.options.color) parts.push(`color=${state.color}`);
  if (state.step >= 0) parts.push(`step=${state.step}`);
  if (state.camera) parts.push(`at=${+state.camera.k.toFixed(3)},${Math.round(state.camera.x)},${Math.round(state.camera.y)}`);
  return parts.length ? `#${parts.join('&')}` : '';
}

/** The state that an address names; what makes no sense in this graph is left out. */
export function stateOf(graph, hash) {
  const given = Object.fromEntries(hash.replace(/^#/, '').split('&').map((part) => part.split('=')));
  const picked = /^([ng])(\d+)$/.exec(given.pick || '');
  const exists = picked && +picked[2] < (picked[1] === 'n' ? graph.nodes : graph.groups).length;
  const at = (given.at || '').split(',').map(Number);
  const step = Number(given.step);
  return {
    open: given.open === undefined ? new Set(graph.options.open) : spread(given.open, graph.groups.length),
    color: ['kind', 'grad', 'value', 'time', 'bytes', 'dtype'].includes(given.color) ? given.color : graph.options.color,
    picked: exists ? given.pick : '',
    step: given.step !== undefined && Number.isInteger(step) && step >= 0 && step < graph.steps.length ? step : -1,
    camera: at.length === 3 && at.every(Number.isFinite) && at[0] > 0 ? { k: at[0], x: at[1], y: at[2] } : null,
  };
}

/** {0, 1, 2, 3, 7} as '0-3.7'. */
function ranges(numbers) {
  const found = [];
  for (const n of [...numbers].sort((a, b) => a - b)) {
    const last = found[found.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else found.push([n, n]);
  }
  return found.map(([a, b]) => a === b ? `${a}` : `${a}-${b}`).join('.');
}

function spread(text, count) {
  const found = new Set();
  for (const part of text.split('.')) {
    const [a, b = a] = part.split('-').map(Number);
    for (let n = a; n <= b && n < count; n++) found.add(n);
  }
  return found;
}
