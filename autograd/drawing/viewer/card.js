/* What is there to say about one thing?

The card of the chosen node or group, the list of problems, and the help. Everything is text from the graph; what can be clicked
calls back with what was meant.

Read next: `player.js`. */

import { element, shape } from './element.js';

const ICONS = {
  close: 'M4 4l8 8M12 4l-8 8', plus: 'M8 3v10M3 8h10', minus: 'M3 8h10', fit: 'M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5l3 3', open: 'M5 6l3-3 3 3M5 10l3 3 3-3', shut: 'M5 2.5l3 3 3-3M5 13.5l3-3 3 3',
  warn: 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.3v.4', moon: 'M13.2 9.8A5.6 5.6 0 1 1 6.2 2.8a4.6 4.6 0 0 0 7 7z', save: 'M8 2v8M4.5 6.8L8 10.2l3.5-3.4M3 13.5h10',
  help: 'M5.8 6.2a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.7M8 12.3v.3', steps: 'M2.5 13h3.6V9.6h3.7V6.2h3.7V3', copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  play: 'M5 3l8 5-8 5z', pause: 'M5.5 3v10M10.5 3v10', back: 'M10 3.5L5.5 8l4.5 4.5', next: 'M6 3.5L10.5 8 6 12.5',
};

/** A small picture for a button. */
export function icon(name) {
  return shape('svg', { class: name === 'play' ? 'icon full' : 'icon', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, shape('path', { d: ICONS[name] }));
}

/** A button with a picture, words that may be hidden where there is no room, and a name for those who listen. */
export function button(name, label, onclick, more = {}, words = '') {
  return element('button', { type: 'button', title: label, 'aria-label': label, onclick, ...more }, icon(name), words && element('span', {}, words));
}

/** '98 kB', as in Python. */
export function bytesText(n) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = n, i = 0;
  for (; size >= 999.5 && i < 4; i++) size /= 1024;
  return `${i === 0 || size >= 9.95 ? Math.round(size) : size.toFixed(1)} ${units[i]}`;
}

function timeText(seconds) {
  return seconds >= 1 ? `${seconds.toFixed(1)} s` : seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(1)} ms` : `${Math.round(seconds * 1e6)} µs`;
}

const figure = (x) => String(x).replace('-', '−');
const heading = (words) => element('h3', {}, words);

/** What is known about an array: its elements, if they are few, and what they amount to. */
function stats(known, role) {
  if (!known || known.size === 1) return [];
  const odd = [[known.nans, 'NaN'], [known.infs, 'infinite'], [known.zeros, 'zero']].filter(([n]) => n).map(([n, word]) => `${n} ${word}`);
  const rows = [['elements', known.first], ['range', `${figure(known.minimum)} … ${figure(known.maximum)}`], ['mean', figure(known.mean)],
    ['rms', figure(known.rms)], ['of these', odd.join(', ')]];
  return [heading(role), pairs(rows.map(([name, words]) => [name, words && element('span', { class: role }, words)]))];
}

const single = (known, role) => known && known.size === 1 && element('span', { class: role }, known.first);

function pairs(rows) {
  const shown = rows.filter(([, words]) => words);
  return shown.length ? element('dl', {}, ...shown.flatMap(([name, words]) => [element('dt', {}, name), element('dd', {}, words)])) : null;
}

/** A row of buttons, one for each node, at most twelve. */
function links(graph, title, nodes, go) {
  const some = [...new Set(nodes)];
  if (!some.length) return [];
  const more = some.length > 12 && element('span', { class: 'more' }, `and ${some.length - 12} more`);
  return [heading(title), element('div', { class: 'links' }, ...some.slice(0, 12).map((i) => {
    const node = graph.nodes[i];
    return element('button', { type: 'button', onclick: () => go(i) }, node.kind === 'op' ? `${node.name} ${node.op}` : node.name);
  }), more)];
}

const STATES = { zero: 'exactly zero', 'not computed': 'not computed', 'not kept': 'not kept after backward()', unreachable: 'the result does not depend on it' };

/** The card of a node. `go(node)` chooses another one, `copy(text)` copies. */
export function nodeCard(graph, i, go, close, copy) {
  const node = graph.nodes[i], rules = graph.ops.get(node.op).rules;
  const wrong = graph.problems.filter((problem) => problem.node === i);
  const gradient = single(node.gradients, 'gradient') || (!node.gradients && element('span', { class: 'gradient' }, `${node.gradient} ${STATES[node.state] || ''}`));
  return [
    top(node.kind === 'op' ? [node.op, ...node.options].join(' ') : node.name, [node.kind === 'op' ? node.name : node.kind, node.type].join(' · '), close),
    ...wrong.map((problem) => element('p', { class: 'wrong' }, problem.text)),
    node.error && element('p', { class: 'wrong' }, node.error),
    pairs([['value', single(node.values, 'value')], ['gradient', gradient], ['takes', bytesText(node.bytes)], ['backward', node.kept], ['module', node.path && `${node.path} ${node.scope}`], ['line', node.line],
      ['time', node.seconds !== null && timeText(node.seconds)], ['pull-back', node.backward !== null && timeText(node.backward)],
      ['constants', node.operands.filter(({ source }) => source < 0).map(({ label, text }) => `${label || 'operand'} = ${text}`).join(', ')]]),
    ...stats(node.values, 'value'), ...stats(node.gradients, 'gradient'),
    ...(rules.length ? [heading(rules.length > 1 ? 'local rules' : 'local rule'), element('code', { class: 'rule' }, rules.join('\n'))] : []),
    ...links(graph, 'operands', node.operands.map(({ source }) => source).filter((source) => source >= 0), go),
    ...links(graph, node.uses.length > 1 ? `used ${node.uses.length} times` : 'used by', node.uses, go),
    element('div', { class: 'actions' }, button('copy', 'Copy the path', () => copy([node.path, node.name].filter(Boolean).join(' ')), {}, 'Copy path')),
  ];
}

/** The card of a group. */
export function groupCard(graph, k, isOpen, toggle, close, copy) {
  const group = graph.groups[k], nodes = graph.nodes.filter((node, i) => node.kind === 'op' && within(graph, graph.of[i], k));
  const kept = nodes.reduce((sum, node) => sum + node.keptBytes, 0);
  const inside = new Set(nodes);
  const wrong = graph.problems.filter((problem) => problem.node >= 0 && inside.has(graph.nodes[problem.node]));
  return [
    top(group.title, group.label || group.kind, close),
    ...wrong.slice(0, 6).map((problem) => element('p', { class: 'wrong' }, problem.text)),
    ...group.lines.map((line) => element('p', {}, line)),
    pairs([['operations', String(group.ops)], ['keeps', kept && bytesText(kept)]]),
    element('div', { class: 'actions' }, button(isOpen ? 'shut' : 'open', isOpen ? 'Close it' : 'Open it', toggle, {}, isOpen ? 'Close' : 'Open'),
      button('copy', 'Copy the path', () => copy(group.title), {}, 'Copy path')),
  ];
}

function within(graph, k, outer) {
  while (k >= 0 && k !== outer) k = graph.groups[k].parent;
  return k === outer;
}

/** The list of what is wrong. */
export function problemList(graph, go, close) {
  const items = graph.problems.map((problem) => element('li', {}, element('button', { type: 'button', onclick: () => go(problem) },
    element('strong', {}, [problem.kind, problem.name].filter(Boolean).join(': ')), element('span', {}, problem.text))));
  return [top('Problems', items.length ? `${items.length} found` : '', close),
    items.length ? element('ul', { class: 'list' }, ...items) : element('p', {}, 'None found: no NaN, no infinite number, no gradient that is dead, vanishes or explodes.')];
}

const KEYS = [['Tab', 'into the picture, and out of it'], ['← → ↑ ↓', 'along the wires, and from box to box'], ['Enter', 'open a module, or see what is known of a box'],
  ['Esc', 'back: close the card, then the module around'], ['/', 'search; Enter goes to the next one'], ['+ −', 'nearer and farther'], ['0', 'see everything'],
  ['Space', 'play the steps, and pause'], [', .', 'one step back, one step on'], ['?', 'this help']];

/** How to use the page. */
export function helpList(graph, close) {
  return [top('Keys', 'Drag to move, turn the wheel to zoom, click to open.', close),
    element('dl', { class: 'keys' }, ...KEYS.flatMap(([keys, words]) => [element('dt', {}, ...keys.split(' ').map((key) => element('kbd', {}, key))), element('dd', {}, words)])),
    ...(graph.notes.length ? [heading('notes'), ...graph.notes.map((note) => element('p', {}, note))] : [])];
}

function top(title, below, close) {
  return element('header', {}, element('div', {}, element('h2', { tabindex: -1 }, title), below && element('p', {}, below)), button('close', 'Close', close));
}
