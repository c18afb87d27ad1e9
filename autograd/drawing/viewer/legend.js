/* What must a reader know to read this picture?

As in `legend.py`: what is in the picture is explained, and nothing else. The scale of a colour has its numbers beside it.

Read next: `card.js`. */

import { element, refill, shape } from './element.js';
import { KINDS, outline } from './shapes.js';

const STATES = { '0': 'exactly zero', '·': 'not computed', '∅': 'not kept', '⊥': 'does not reach the result' };
export const MEASURES = { kind: 'kind', grad: 'gradient', value: 'value', time: 'time', bytes: 'bytes kept', dtype: 'dtype' };

/** The entries for what is in a view: [key, sample in words or '', meaning]. */
export function legendOf(view) {
  const kinds = new Set(view.boxes.map((box) => box.kind)), circuit = view.style === 'circuit';
  const shown = Object.keys(KINDS).filter((kind) => kinds.has(kind) && (!circuit || ['loss', 'group', 'more'].includes(kind)));
  const chips = new Set(view.boxes.flatMap((box) => box.chips.map((chip) => chip.kind)));
  const gradients = new Set(view.boxes.filter((box) => box.gradient).map((box) => box.gradient.replace(/^∂/, '')));
  return [
    ...shown.map((kind) => [kind, '', KINDS[kind]]),
    ...(circuit ? [] : Object.keys(KINDS).filter((kind) => chips.has(kind)).map((kind) => [`chip ${kind}`, '', `${KINDS[kind]} used here`])),
    ...(view.frames.length ? [['frame', '', 'open group']] : []),
    ...(view.boxes.some((box) => box.value) ? [['value', '2.00', 'value']] : []),
    ...([...gradients].some((text) => !(text in STATES)) ? [['gradient', '∂0.20', 'gradient of the result']] : []),
    ...Object.keys(STATES).filter((mark) => gradients.has(mark)).map((mark) => [`gradient ${mark}`, `∂${mark}`, `gradient ${STATES[mark]}`]),
    ...(view.boxes.some((box) => box.value === '∅') ? [['value ∅', '∅', 'value not kept']] : []),
    ...(view.wires.some((wire) => wire.label) ? [['slot', 'a', 'which operand']] : []),
    ...(view.wires.some((wire) => wire.count > 1) ? [['count', '×2', 'wires that it stands for']] : []),
    ...(view.boxes.some((box) => box.badges.length) ? [['badge', '!', 'problem']] : []),
  ];
}

/** Fill the legend for a view, coloured in some way. */
export function fillLegend(made, graph, view, color) {
  const paint = graph.paint[color];
  const entries = legendOf(view).map(([key, mark, words]) => element('span', { 'data-entry': key }, sample(key, mark, view.style === 'circuit'), words));
  const scale = color === 'kind' ? [] : [element('span', { class: 'scale', 'data-entry': 'color' }, ...(paint ? scaleOf(paint, color) : [`no ${MEASURES[color]} known`]))];
  refill(made, ...scale, ...entries);
}

function scaleOf({ scale }, color) {
  if (color === 'dtype') return scale.flatMap((dtype, i) => [swatches([i % 8]), dtype]);
  return [MEASURES[color], element('b', {}, scale[0]), swatches([0, 1, 2, 3, 4, 5, 6, 7]), element('b', {}, scale[1])];
}

function swatches(shades) {
  return shape('svg', { width: 11 * shades.length + 2, height: 14, 'aria-hidden': 'true' }, ...shades.map((shade, i) =>
    shape('g', { class: `op shade${shade}` }, shape('rect', { class: 'shape', x: 1 + 11 * i, y: 1, width: 11, height: 12 }))));
}

function sample(key, mark, circuit) {
  if (mark && key !== 'badge') return element('i', { class: `mono ${key.split(' ')[0]}` }, mark);
  const kind = key.replace('chip ', '');
  const rect = (role, x, y, width, height, rx) => shape('rect', { class: role, x, y, width, height, rx });
  const inside = key === 'badge' ? [rect('shape', 6, 2, 14, 14, 7), shape('text', { x: 13, y: 13, 'text-anchor': 'middle', 'font-size': 11 }, '!')]
    : key === 'frame' ? [rect('frame', 1, 1, 24, 16, 4)] : circuit ? [rect('shape', 5, 1, 16, 16, 8), rect('shape', 8, 4, 10, 10, 5)]
      : outline(kind, [1, 1, 24, 16], 6);
  return shape('svg', { width: 26, height: 18, 'aria-hidden': 'true' }, shape('g', { class: kind }, ...inside));
}
