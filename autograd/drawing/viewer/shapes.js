/* What does a box look like, and a wire?

The same outlines, marks and paths as in `shapes.py` and `wires.py`, but around the point (0, 0): a box that moves is not drawn
again. What has which colour is said by classes (`style.py`).

Read next: `draw.js`. */

import { shape } from './element.js';
import { FRAME_TITLE, GATE, LINE, PAD_X, PAD_Y, SMALL, WORD, clean, rowsOf, widthOf } from './measure.js';

const FOLD = 9, BEND = 8, HEAD = 6;
const DOTS = { 'stroke-dasharray': '1 3', 'stroke-linecap': 'round' }, DASHES = { 'stroke-dasharray': '6 4' }, HEAVY = { 'stroke-width': 2 };
const half = (n) => Math.floor(n / 2);

export const KINDS = { input: 'input', parameter: 'parameter', constant: 'constant', op: 'operation', loss: 'result', group: 'closed group', more: 'left out' };

function rect([x, y, width, height], rx, more = {}) {
  return shape('rect', { class: 'shape', x, y, width, height, rx: rx || null, ...more });
}

function text(x, y, words, role, more = {}) {
  return shape('text', { class: role || null, x, y, ...more }, clean(words));
}

/** The border of a kind, and the mark in its corner. */
export function outline(kind, place, fold = FOLD) {
  const [x, y, w, h] = place, right = x + w;
  if (kind === 'input') return [rect(place, Math.min(half(h), 11))];
  if (kind === 'parameter') {
    return [shape('path', { class: 'shape', d: `M${x} ${y}H${right - fold}L${right} ${y + fold}V${y + h}H${x}Z` }),
      shape('path', { class: 'mark', d: `M${right - fold} ${y}V${y + fold}H${right}Z` })];
  }
  if (kind === 'constant' || kind === 'more') return [rect(place, 2, kind === 'more' ? DASHES : DOTS)];
  if (kind === 'loss') {
    return [rect(place, 2, HEAVY), rect([x + 4, y + 4, w - 8, h - 8], 0),
      shape('path', { class: 'mark', d: `M${right - 4} ${y + 4}v${fold}l-${fold} -${fold}Z` })];
  }
  if (kind === 'group') {
    return [rect(place, 4), rect([x + 3, y + 3, w - 6, h - 6], 2),
      shape('path', { class: 'mark', d: `M${right - 14} ${y + 9}h3v-3h2v3h3v2h-3v3h-2v-3h-3Z` })];
  }
  return [rect(place, 2)];
}

/** Everything in a box of this width and height. */
export function boxInside(box, w, h) {
  const middle = half(w), parts = outline(box.kind, [0, 0, w, h]);
  let top = PAD_Y;
  for (const row of rowsOf(box)) {
    parts.push(rowShape(row, box, middle, top));
    top += row.height;
  }
  return parts;
}

function rowShape(row, box, middle, top) {
  const base = top + Math.floor((10 * row.height + 7 * row.size) / 20);
  if (row.kind !== 'chip' && row.kind !== 'badge') return text(middle, base, row.text, row.kind === 'line' ? 'muted' : row.kind);
  const width = widthOf(row.text, row.size) + 2 * row.pad, place = [middle - half(width), top + 2, width, row.height - 3];
  if (row.kind === 'badge') return shape('g', { class: 'badge' }, rect(place, 7), text(middle, base, row.text));
  const chip = box.chips[row.number];
  return shape('g', { class: `chip ${chip.kind}`, 'data-node': chip.node >= 0 ? chip.node : null }, ...outline(chip.kind, place, 6),
    text(middle, base, row.text));
}

/** In a circuit: is it drawn round, and not as a name? */
export const isGate = (box) => box.ops > 0 || box.kind === 'group' || box.kind === 'more';

/** A gate or a name, with the value above and the gradient below the beginning of its wire. */
export function gateInside(box, w, h) {
  const level = half(h), parts = [];
  if (isGate(box)) {
    parts.push(rect([0, 0, w, h], half(h), box.kind === 'loss' ? HEAVY : box.kind === 'more' ? DASHES : {}));
    if (box.kind === 'loss' || box.kind === 'group') parts.push(rect([4, 4, w - 8, h - 8], half(h) - 4));
    parts.push(text(half(w), level + 4, box.title, '', { 'text-anchor': 'middle' }));
  } else {
    parts.push(text(w - 5, level + 4, box.title, 'title', { 'text-anchor': 'end' }));
  }
  if (box.value) parts.push(text(w + 5, level - 5, box.value, 'value'));
  if (box.gradient) parts.push(text(w + 5, level + 14, box.gradient, 'gradient'));
  if (box.badges.length) {
    const left = isGate(box) ? w - 12 : half(w) - 7;
    parts.push(shape('g', { class: 'badge' }, rect([left, -8, 14, 14], 7), text(left + 7, 3, '!', '', { 'text-anchor': 'middle' })));
  }
  return parts;
}

/** Everything about a box, with each label that was cut at full length. */
export function titleOf(box) {
  const cut = [box.title, ...box.lines, ...box.chips.map((chip) => chip.text)].filter((label) => clean(label) !== label);
  return [box.about || box.title, ...cut.filter((label) => !box.about.includes(label)), ...box.badges].join(' · ');
}

/** What is drawn, in words, for a reader who listens. */
export function description(box) {
  return [[`${KINDS[box.kind] || box.kind} ${box.title}`, ...box.lines].join(', '), ...box.chips.map((chip) => `uses ${chip.kind} ${chip.text}`),
    box.value && `value ${box.value}`, box.gradient && `gradient ${box.gradient.replace(/^∂/, '')}`, box.ops > 1 && `stands for ${box.ops} operations`,
    ...box.badges.map((badge) => `problem: ${badge}`)].filter(Boolean).join('; ');
}

/** An open group: the frame around what is in it. */
export function frameShape(frame, [x, y, width, height], depth) {
  return shape('g', { class: 'open' }, shape('title', {}, `${frame.title} ${frame.label}`),
    shape('rect', { class: depth % 2 ? 'frame odd' : 'frame', x, y, width, height, rx: 6 }));
}

/** The title of an open group, which closes it. It stands above the wires. */
export function bandShape(frame, [x, y, w], depth) {
  const end = PAD_X + widthOf(clean(frame.title), FRAME_TITLE);
  const used = end + (frame.label ? 10 + widthOf(clean(frame.label), LINE) : 0), closes = frame.group >= 0;
  const made = shape('g', { class: depth % 2 ? 'band-title odd-title' : 'band-title', 'data-id': frame.id, 'font-size': LINE, tabindex: -1,
    role: closes ? 'button' : null, 'aria-expanded': closes ? 'true' : null, 'aria-label': `open group ${frame.title} ${frame.label}` },
  shape('rect', { class: 'hold', x: 1, y: 1, width: w - 2, height: 19, rx: 5 }), text(PAD_X, 14, frame.title, 'band'),
  frame.label && text(end + 10, 14, frame.label, 'muted'), closes && w > used + 30 && shape('path', { class: 'minus', d: `M${w - 20} 10.5h9` }),
  shape('rect', { class: 'ring', x: 2, y: 2, width: w - 4, height: 17, rx: 4 }));
  made.style.transform = `translate(${x}px, ${y}px)`;
  return made;
}

// ---- wires

const same = (a, b) => a[0] === b[0] && a[1] === b[1];
const root = (n) => Math.floor(Math.sqrt(n));

/** The point so far from a on the way to b, or b, if that is nearer. */
function nearer(a, b, distance) {
  const dx = b[0] - a[0], dy = b[1] - a[1], length = root(dx * dx + dy * dy);
  return length <= distance ? b : [a[0] + Math.floor(dx * distance / length), a[1] + Math.floor(dy * distance / length)];
}

/** A path with rounded corners through these points. */
export function rounded(points) {
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let i = 1; i + 1 < points.length; i++) {
    const corner = points[i], before = middle(points[i - 1], corner), after = middle(points[i + 1], corner);
    const into = nearer(corner, before, BEND), out = nearer(corner, after, BEND);
    path += `L${into[0]} ${into[1]}Q${corner[0]} ${corner[1]} ${out[0]} ${out[1]}`;
  }
  const end = points[points.length - 1];
  return `${path}L${end[0]} ${end[1]}`;
}

const middle = (a, b) => [half(a[0] + b[0]), half(a[1] + b[1])];

/** A wire between boxes, with its head, and near it which operand it is and how many wires it stands for. */
export function wireShape(number, wire, points) {
  if (points.length < 2) return null;
  const end = points[points.length - 1], before = [...points].reverse().find((point) => !same(point, end)) || end;
  const words = [wire.label, wire.count > 1 ? `×${wire.count}` : ''].filter(Boolean).join(' ');
  return shape('g', { 'data-wire': number, 'font-size': SMALL },
    shape('path', { class: 'wire', d: rounded([...points.slice(0, -1), nearer(end, before, HEAD - 1)]) }),
    shape('path', { class: 'head', d: head(before, end) }), words && labelShape(words, before, end));
}

function head([bx, by], [x, y]) {
  const dx = x - bx, dy = y - by, length = Math.max(1, root(dx * dx + dy * dy));
  const mx = x - Math.floor(dx * HEAD / length), my = y - Math.floor(dy * HEAD / length);
  const sx = Math.floor(dy * 7 / (2 * length)), sy = Math.floor(dx * 7 / (2 * length));
  return `M${x} ${y}L${mx + sx} ${my - sy}L${mx - sx} ${my + sy}Z`;
}

function labelShape(words, [x0, y0], [x, y]) {
  if (Math.abs(x - x0) > Math.abs(y - y0)) {
    return text(x > x0 ? x - HEAD - 3 : x + HEAD + 3, y - 4, words, 'muted slot', x > x0 ? { 'text-anchor': 'end' } : {});
  }
  return text(x + 5, y > y0 ? y - 5 : y + SMALL + 2, words, 'muted slot');
}

/** A wire of a circuit: straight, from corner to corner, up to the round edge of a gate. */
export function circuitWire(number, points, target, [x, y, , h]) {
  if (points.length < 2) return null;
  const level = points[points.length - 1][1];
  const end = [isGate(target) ? x + inset(level - y - half(h)) : x, level];
  return shape('path', { class: 'wire', 'data-wire': number, d: straight([...points.slice(0, -1), end]) });
}

/** The wire of a result, which leads nowhere. */
export const outputWire = ([x, y, w, h], tail) => shape('path', { class: 'wire', d: `M${x + w} ${y + half(h)}h${tail}` });

function inset(off) {
  const radius = GATE / 2;
  return radius - root(radius * radius - Math.min(off * off, radius * radius));
}

function straight(points) {
  return points.reduce((path, [x, y], i) => i === 0 ? `M${x} ${y}` : path + (y === points[i - 1][1] ? `H${x}` : `L${x} ${y}`), '');
}

export const textSize = (style) => style === 'circuit' ? WORD : LINE;
