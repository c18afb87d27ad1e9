/* How is a graph explored?

This is where the page begins. It holds the state (what is open, chosen, searched, coloured; which step it is; where the reader
looks), and after every change draws what follows from it. The parts of the page are told what to show, and tell what was asked for.

Read next: `payload.js`. */

import { anchored, fitted, opening, showing, zoomed } from './camera.js';
import { button, groupCard, helpList, icon, nodeCard, problemList } from './card.js';
import { PLAIN, Picture, whole, withBounds } from './draw.js';
import { element, learn, refill } from './element.js';
import { around, boxesOf, found, knownAfter, linkOf, opened, openedAll, revealed, sceneOf, shut, spot, stateOf, walked } from './explorer.js';
import { listen } from './gestures.js';
import { MEASURES, fillLegend } from './legend.js';
import { minimap } from './minimap.js';
import { unpacked } from './payload.js';
import { player } from './player.js';

class Viewer {
  constructor(graph, theme) {
    this.graph = graph;
    this.theme = theme;
    this.scenes = new Map();
    this.state = { ...stateOf(graph, location.hash), hits: [], hit: -1, panel: '', current: '' };
    this.build();
    this.arrive();
    window.addEventListener('hashchange', () => {
      Object.assign(this.state, stateOf(graph, location.hash));
      this.arrive();
    });
    new ResizeObserver(() => this.render()).observe(this.stage);
  }

  /** Look at what the address names; without one, at the beginning. */
  arrive() {
    const { state } = this;
    if (state.picked) state.panel = 'card';
    this.camera = opening(this.scene(), this.screen());
    this.render();
    if (state.camera) this.move(state.camera);
    else if (state.picked) this.keepInSight(this.standing().picked);
  }

  // ---- the page

  build() {
    const { graph } = this;
    this.canvas = element('div');
    this.search = element('input', { type: 'search', placeholder: 'Search', 'aria-label': 'search names, operations, modules and types', spellcheck: 'false',
      autocomplete: 'off', oninput: () => this.look(this.search.value), onkeydown: (event) => this.searchKey(event) });
    this.count = element('output', { 'aria-live': 'polite' });
    const colors = Object.entries(MEASURES).filter(([color]) => color === 'kind' || graph.paint[color]);
    this.select = element('select', { 'aria-label': 'colour by', title: 'Colour by', onchange: () => this.change({ color: this.select.value }) },
      ...colors.map(([color, words]) => element('option', { value: color }, `Colour: ${words}`)));
    const groups = graph.groups.length > 0;
    this.toggles = {
      problems: button('warn', 'Problems', () => this.panel('problems'), {}, 'Problems'),
      steps: graph.steps.length > 0 && button('steps', 'Step by step', () => this.go(this.state.step < 0 ? 0 : -1), {}, 'Steps'),
      help: button('help', 'Keys', () => this.panel('help')),
    };
    if (graph.problems.length) this.toggles.problems.append(element('b', {}, graph.problems.length));
    const bar = element('header', { class: 'bar' },
      element('div', { class: 'heading' }, element('h1', {}, graph.title || 'Computation graph'), element('p', {}, graph.caption)),
      element('div', { class: 'search' }, icon('search'), this.search, this.count),
      element('div', { class: 'tools' }, this.select,
        groups && button('open', 'Open all', () => this.openAll()), groups && button('shut', 'Close all', () => this.closeAll()),
        groups && element('span', { class: 'split' }), this.toggles.steps, this.toggles.problems),
      element('div', { class: 'tools more' }, button('moon', 'Light or dark', () => this.turn()), button('save', 'Save as SVG', () => this.save()), this.toggles.help));
    this.canvas = document.querySelector('#still svg').cloneNode(false);
    for (const name of [...this.canvas.getAttributeNames()]) this.canvas.removeAttribute(name);
    for (const [name, value] of Object.entries({ class: 'canvas', role: 'application', tabindex: 0, 'aria-roledescription': 'graph',
      'aria-label': `${graph.title || 'Computation graph'}: ${graph.caption}. Arrow keys walk along the wires, Enter opens, question mark for help.` })) {
      this.canvas.setAttribute(name, value);
    }
    this.map = minimap((x, y) => this.moveTo(x, y));
    this.toast = element('div', { class: 'float toast', role: 'status', hidden: true });
    this.stage = element('div', { class: 'stage' }, this.canvas, this.map.frame, this.toast,
      element('div', { class: 'float zoom' }, button('plus', 'Nearer', () => this.zoom(1.3)), button('minus', 'Farther', () => this.zoom(1 / 1.3)),
        button('fit', 'See everything', () => this.fit())));
    this.side = element('aside', { class: 'panel', hidden: true });
    this.legend = element('div', { class: 'legend' });
    this.player = player(graph, (step) => this.go(step));
    this.picture = new Picture(this.canvas);
    refill(document.body, element('div', { class: 'app' }, bar, this.stage, this.side, this.legend, this.player.frame));
    this.listen();
  }

  listen() {
    listen(this.canvas, () => this.camera, (camera) => this.move(camera));
    this.canvas.addEventListener('click', (event) => this.click(event.target));
    this.canvas.addEventListener('keydown', (event) => this.canvasKey(event));
    this.canvas.addEventListener('focusin', (event) => {
      this.canvas.setAttribute('tabindex', -1);
      if (event.target === this.canvas && this.canvas.matches(':focus-visible')) this.focus(this.current());
    });
    this.canvas.addEventListener('focusout', () => this.canvas.setAttribute('tabindex', 0));
    document.addEventListener('keydown', (event) => this.pageKey(event));
  }

  // ---- what is shown

  options(open = this.state.open) {
    return { ...this.graph.options, open, color: this.state.color };
  }

  /** The scene for what is open; the same as before, if it was shown before. */
  scene(open = this.state.open) {
    const key = `${this.state.color}:${[...open].sort((a, b) => a - b).join()}`;
    if (!this.scenes.has(key)) {
      if (this.scenes.size > 20) this.scenes.clear();
      this.scenes.set(key, withBounds(sceneOf(this.graph, this.options(open))));
    }
    return this.scenes.get(key);
  }

  screen() {
    return { width: Math.max(1, this.stage.clientWidth), height: Math.max(1, this.stage.clientHeight) };
  }

  /** What stands out. */
  standing() {
    const { graph, state } = this, scene = this.scene();
    const id = Number(state.picked.slice(1));
    const picked = new Set(state.picked[0] === 'n' ? boxesOf(graph, scene, id) : scene.view.boxes.flatMap((box, i) => box.id === state.picked ? [i] : []));
    const near = new Set(picked.size === 1 ? scene.view.wires.flatMap((wire, i) => picked.has(wire.source) || picked.has(wire.target) ? [i] : []) : []);
    return { ...PLAIN, picked, near, hits: new Set(state.hits.flatMap((node) => boxesOf(graph, scene, node))), shaded: state.color !== 'kind',
      current: state.current, known: state.step >= 0 ? knownAfter(graph, state.step) : null };
  }

  render() {
    const { graph, state } = this, scene = this.scene(), screen = this.screen();
    document.body.className = `drawing drawing-${this.theme}${state.color === 'kind' ? '' : ` by-${state.color}`}`;
    this.picture.show(scene, this.camera, screen, this.standing());
    this.map.show(scene, this.camera, screen);
    if (this.legendOf !== scene) fillLegend(this.legend, graph, scene.view, state.color);
    this.legendOf = scene;
    this.select.value = state.color;
    this.player.show(state.step);
    for (const [name, toggle] of Object.entries(this.toggles)) {
      if (toggle) toggle.setAttribute('aria-pressed', String(name === 'steps' ? state.step >= 0 : state.panel === name));
    }
    this.fillPanel();
    this.link();
  }

  fillPanel() {
    const { graph, state } = this, close = () => this.panel('');
    const key = state.panel && `${state.panel} ${state.picked} ${state.open.has(Number(state.picked.slice(1)))}`;
    if (key === this.panelKey) return;
    this.panelKey = key;
    const k = Number(state.picked.slice(1)), copy = (text) => this.copy(text);
    this.side.hidden = !state.panel || (state.panel === 'card' && !state.picked);
    if (this.side.hidden) return;
    const go = (node) => this.reveal(node);
    refill(this.side, ...(state.panel === 'help' ? helpList(graph, close) : state.panel === 'problems' ? problemList(graph, go, close)
      : state.picked[0] === 'n' ? nodeCard(graph, k, go, close, copy) : groupCard(graph, k, state.open.has(k), () => this.toggle(k), close, copy)));
    this.side.scrollTop = 0;
  }

  /** The address of what there is to see. (A page in a notebook has none.) */
  link() {
    clearTimeout(this.linking);
    this.linking = setTimeout(() => {
      try {
        const hash = linkOf(this.graph, { ...this.state, camera: this.moved ? this.camera : null });
        if (location.hash !== hash) history.replaceState(null, '', location.href.split('#')[0] + hash);
      } catch { /* not allowed here */ }
    }, 200);
  }

  // ---- what changes

  change(next) {
    Object.assign(this.state, next);
    this.render();
  }

  /** Look elsewhere; at once, or with the next frame. */
  move(camera, now = false) {
    this.moved = this.moved || camera.x !== this.camera.x || camera.y !== this.camera.y || camera.k !== this.camera.k;
    this.camera = camera;
    if (now) return this.render();
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.render();
    });
  }

  /** Change something, and let what stays on the page move to its new place. */
  glide(action) {
    this.canvas.classList.add('moving');
    clearTimeout(this.gliding);
    this.gliding = setTimeout(() => this.canvas.classList.remove('moving'), 320);
    action();
  }

  /** Other groups are open; what is named `id` stays where it is on the screen. */
  reopen(open, id, next = {}) {
    const before = spot(this.scene(), id), after = spot(this.scene(open), id);
    this.glide(() => {
      this.state = { ...this.state, open, ...next };
      this.move(before && after ? anchored(this.camera, before, after) : this.camera, true);
    });
  }

  toggle(k) {
    const { graph, state } = this, id = `g${k}`;
    const focused = this.canvas.contains(document.activeElement);
    if (state.open.has(k)) this.reopen(shut(state.open, k), id, { picked: id, current: id });
    else {
      const open = opened(graph, state.open, k);
      const inside = this.scene(open).view.boxes.find((box) => box.frame >= 0 && around(graph, this.scene(open).view.frames[box.frame].group).includes(k));
      this.reopen(open, id, { picked: id, current: inside ? inside.id : '' });
    }
    if (focused) this.settle();
  }

  openAll() {
    const open = openedAll(this.graph, this.options());
    this.glide(() => this.change({ open }));
    const left = this.scene().view.boxes.filter((box) => box.group >= 0).length;
    if (left) this.say(`${left} parts stay closed: more than that could not be read at once.`);
    this.fit();
  }

  closeAll() {
    this.glide(() => this.change({ open: new Set(), picked: '' }));
    this.camera = opening(this.scene(), this.screen());
    this.render();
  }

  pick(picked, panel = 'card') {
    this.change({ picked, panel: picked ? panel : this.state.panel === 'card' ? '' : this.state.panel });
    if (picked) this.keepInSight(this.standing().picked);
  }

  /** Move, if need be, so that the first of these boxes is seen. */
  keepInSight(boxes) {
    const [first] = boxes;
    if (first === undefined) return;
    this.move(showing(this.camera, this.scene().rects[first], this.screen()), true);
  }

  /** Open what hides a node, choose it and look at it. */
  reveal(node) {
    const open = revealed(this.graph, this.state.open, node);
    this.glide(() => this.change({ open, picked: `n${node}`, current: `n${node}`, panel: this.state.panel === 'problems' ? 'problems' : 'card' }));
    this.keepInSight(this.standing().picked);
  }

  go(step) {
    this.change({ step });
    if (step >= 0) {
      const { acting } = knownAfter(this.graph, step);
      if (acting >= 0) this.keepInSight(boxesOf(this.graph, this.scene(), acting));
    }
  }

  panel(name) {
    this.change({ panel: this.state.panel === name ? '' : name, ...(this.state.panel === 'card' && !name ? { picked: '' } : {}) });
    if (this.state.panel && name !== 'card') this.side.querySelector('h2').focus({ preventScroll: true });
  }

  zoom(factor) {
    const { width, height } = this.screen();
    this.glide(() => this.move(zoomed(this.camera, factor, width / 2, height / 2)));
  }

  fit() {
    const { width, height } = this.scene().placement;
    this.glide(() => this.move(fitted(width, height, this.screen())));
  }

  moveTo(x, y) {
    const { width, height } = this.screen();
    this.move({ k: this.camera.k, x: width / 2 - this.camera.k * x, y: height / 2 - this.camera.k * y });
  }

  turn() {
    const dark = this.theme === 'dark' || (this.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
    this.theme = dark ? (this.graph.options.theme === 'cs231n' ? 'cs231n' : 'light') : 'dark';
    this.render();
  }

  say(text) {
    refill(this.toast, text).hidden = false;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.toast.hidden = true; }, 4000);
  }

  copy(text) {
    const done = () => this.say(`Copied: ${text}`), failed = () => this.say(text);
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, failed);
    else failed();
  }

  /** The picture as it is now, complete, as a file. */
  save() {
    const { graph, state } = this, sheet = document.getElementById('sheet').textContent;
    const svg = whole(this.scene(), { ...this.standing(), picked: new Set(), hits: new Set() }, sheet, document.body.className, graph.caption);
    const file = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml' }));
    const name = `${(graph.title || 'graph').replace(/[^\w.-]+/g, '-')}${state.step >= 0 ? `-step${state.step}` : ''}.svg`;
    element('a', { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10000);
  }

  // ---- what is asked for

  look(text) {
    const hits = found(this.graph, text);
    this.count.textContent = text.trim() ? `${hits.length} found` : '';
    this.change({ hits, hit: -1 });
  }

  searchKey(event) {
    const { hits, hit } = this.state;
    if (event.key === 'Enter' && hits.length) {
      const next = (hit + (event.shiftKey ? -1 : 1) + hits.length) % hits.length;
      this.state.hit = next;
      this.reveal(hits[next]);
      this.count.textContent = `${next + 1} of ${hits.length}`;
    } else if (event.key === 'Escape') {
      this.search.value = '';
      this.look('');
      this.canvas.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  click(target) {
    const chip = target.closest('[data-node]'), one = target.closest('[data-id]');
    if (chip) return this.pick(`n${chip.dataset.node}`);
    if (!one) return this.pick('');
    this.state.current = one.dataset.id;
    this.enter(one.dataset.id);
  }

  /** Open or close a group, choose anything else. */
  enter(id) {
    const kind = id[0], number = Number(id.slice(1));
    if (kind === 'g') this.toggle(number);
    else if (kind === 'n') this.pick(id);
    else this.say(this.scene().view.boxes.find((box) => box.id === id)?.about || '');
  }

  current() {
    const boxes = this.scene().view.boxes, at = boxes.findIndex((box) => box.id === this.state.current);
    return at >= 0 ? at : walked(this.scene(), -1, 'Home');
  }

  /** Go to a box with the keyboard. */
  focus(at) {
    if (at === undefined) return;
    this.state.current = this.scene().view.boxes[at].id;
    this.move(showing(this.camera, this.scene().rects[at], this.screen()), true);
    this.settle();
  }

  /** Put the keyboard where `current` is. */
  settle() {
    const made = this.picture.drawn.boxes.get(this.state.current);
    if (made) made.focus({ preventScroll: true });
    else if (this.state.current) this.focus(this.current());
  }

  canvasKey(event) {
    const { key } = event, id = document.activeElement.dataset.id || this.state.current;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key.startsWith('Arrow') || key === 'Home' || key === 'End') this.glide(() => this.focus(walked(this.scene(), this.current(), key)));
    else if (key === 'Enter' && id) this.enter(id);
    else if (key === 'i' && id && 'ng'.includes(id[0])) this.pick(id);
    else if (key === 'Escape') this.back();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Back: the panel is closed, then the steps are left, then the group around is closed. */
  back() {
    const { state } = this, box = this.scene().view.boxes[this.current()];
    if (state.panel) return this.panel('');
    if (state.step >= 0) return this.go(-1);
    const k = box && box.frame >= 0 ? this.scene().view.frames[box.frame].group : -1;
    if (k >= 0) this.toggle(k);
    else this.pick('');
  }

  pageKey(event) {
    const { key } = event, typing = event.target.matches('input, select'), stepping = this.state.step >= 0;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing && !(event.target.type === 'range' && ' ,.?0+-'.includes(key)) && key !== 'Escape') return;
    const arrows = stepping && !typing && !this.canvas.contains(event.target);
    const actions = {
      '/': () => this.search.select(), '?': () => this.panel('help'), '+': () => this.zoom(1.3), '=': () => this.zoom(1.3), '-': () => this.zoom(1 / 1.3),
      '0': () => this.fit(), Escape: () => this.back(), ',': stepping && (() => this.player.step(-1)), '.': this.graph.steps.length && (() => this.player.step(1)),
      ' ': stepping && !event.target.matches('button') && (() => this.player.play()),
      ArrowLeft: arrows && (() => this.player.step(-1)), ArrowRight: arrows && (() => this.player.step(1)),
    };
    if (!actions[key]) return;
    event.preventDefault();
    actions[key]();
  }
}

async function main() {
  const still = document.getElementById('still');
  learn(still.querySelector('svg'));
  const graph = await unpacked(JSON.parse(document.getElementById('payload').textContent));
  window.viewer = new Viewer(graph, document.body.dataset.theme);
  document.body.dataset.ready = Math.round(performance.now());
}

main();
