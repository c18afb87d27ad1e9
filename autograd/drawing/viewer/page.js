/* What is on the page?

A bar with the title, the search and the tools; the stage with the picture, the minimap and the zoom; a panel beside it; the legend;
and the player of the steps. They are made once, here, and tell the viewer what was asked for.

Read next: `keys.js`. */

import { button, icon } from './card.js';
import { element, refill } from './element.js';
import { listen } from './gestures.js';
import { MEASURES } from './legend.js';
import { minimap } from './minimap.js';
import { player } from './player.js';

/** The parts of the page of a viewer, by name. */
export function pageOf(graph, viewer) {
  const parts = { canvas: canvasOf(graph), map: minimap((x, y) => viewer.moveTo(x, y)), player: player(graph, (step) => viewer.go(step)) };
  parts.search = element('input', { type: 'search', placeholder: 'Search', spellcheck: 'false', autocomplete: 'off',
    'aria-label': 'search names, operations, modules and types', oninput: () => viewer.look(parts.search.value) });
  parts.count = element('output', { 'aria-live': 'polite' });
  const colors = Object.entries(MEASURES).filter(([color]) => color === 'kind' || graph.paint[color]);
  parts.select = element('select', { 'aria-label': 'colour by', title: 'Colour by', onchange: () => viewer.change({ color: parts.select.value }) },
    ...colors.map(([color, words]) => element('option', { value: color }, `Colour: ${words}`)));
  parts.toggles = {
    problems: button('warn', 'Problems', () => viewer.panel('problems'), {}, 'Problems'),
    steps: graph.steps.length > 0 && button('steps', 'Step by step', () => viewer.go(viewer.state.step < 0 ? 0 : -1), {}, 'Steps'),
    help: button('help', 'Keys', () => viewer.panel('help')),
  };
  if (graph.problems.length) parts.toggles.problems.append(element('b', {}, graph.problems.length));
  parts.toast = element('div', { class: 'float toast', role: 'status', hidden: true });
  parts.stage = element('div', { class: 'stage' }, parts.canvas, parts.map.frame, parts.toast, element('div', { class: 'float zoom' },
    button('plus', 'Nearer', () => viewer.zoom(1.3)), button('minus', 'Farther', () => viewer.zoom(1 / 1.3)), button('fit', 'See everything', () => viewer.fit())));
  parts.side = element('aside', { class: 'panel', hidden: true });
  parts.legend = element('div', { class: 'legend' });
  refill(document.body, element('div', { class: 'app' }, barOf(graph, viewer, parts), parts.stage, parts.side, parts.legend, parts.player.frame));
  listen(parts.canvas, () => viewer.camera, (camera) => viewer.move(camera));
  parts.canvas.addEventListener('click', (event) => viewer.click(event.target));
  return parts;
}

function barOf(graph, viewer, { search, count, select, toggles }) {
  const groups = graph.groups.length > 0;
  return element('header', { class: 'bar' },
    element('div', { class: 'heading' }, element('h1', {}, graph.title || 'Computation graph'), element('p', { title: graph.caption }, graph.caption)),
    element('div', { class: 'search' }, icon('search'), search, count),
    element('div', { class: 'tools' }, select, groups && button('open', 'Open all', () => viewer.openAll()),
      groups && button('shut', 'Close all', () => viewer.closeAll()), element('span', { class: 'split' }), toggles.steps, toggles.problems),
    element('div', { class: 'tools more' }, button('moon', 'Light or dark', () => viewer.turn()), button('save', 'Save as SVG', () => viewer.save()), toggles.help));
}

/** The SVG element that the picture is drawn in: the one that stood there, without what was in it. */
function canvasOf(graph) {
  const canvas = document.querySelector('#still svg').cloneNode(false);
  for (const name of canvas.getAttributeNames()) canvas.removeAttribute(name);
  const label = `${graph.title || 'Computation graph'}: ${graph.caption}. Arrow keys walk along the wires, Enter opens, question mark for help.`;
  for (const [name, value] of Object.entries({ class: 'canvas', role: 'application', tabindex: 0, 'aria-roledescription': 'graph', 'aria-label': label })) {
    canvas.setAttribute(name, value);
  }
  return canvas;
}
