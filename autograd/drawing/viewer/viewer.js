/* How is a graph explored?

This is where the page begins. It holds the state (what is open, chosen, searched, coloured; which step it is; where the reader
looks), and after every change draws what follows from it. The parts of the page are told what to show, and tell what was asked for.

Read next: `payload.js`. */

import { anchored, fitted, opening, showing, zoomed } from './camera.js';
import { groupCard, helpList, nodeCard, problemList } from './card.js';
import { PLAIN, Picture, whole, withBounds } from './draw.js';
import { element, learn, refill } from './element.js';
import { around, boxesOf, found, knownAfter, linkOf, opened, openedAll, revealed, sceneOf, shut, spot, stateOf, walked } from './explorer.js';
import { listenToKeys } from './keys.js';
import { fillLegend } from './legend.js';
import { pageOf } from './page.js';
import { unpacked } from './payload.js';

class Viewer {
  constructor(graph, theme) {
    this.graph = graph;
    this.theme = theme;
    this.scenes = new Map();
    this.state = { ...stateOf(graph, location.hash), hits: [], hit: -1, panel: '', current: '' };
    this.parts = pageOf(graph, this);
    this.picture = new Picture(this.parts.canvas);
    listenToKeys(this);
    this.last = this.screen();
    this.arrive();
    window.addEventListener('hashchange', () => {
      Object.assign(this.state, stateOf(graph, location.hash));
      this.arrive();
    });
    new ResizeObserver(() => this.render()).observe(this.parts.stage);
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
    return { width: Math.max(1, this.parts.stage.clientWidth), height: Math.max(1, this.parts.stage.clientHeight) };
  }

  /** What stands out. */
  standing() {
    const { graph, state } = this, scene = this.scene();
    const id = Number(state.picked.slice(1));
    const picked = new Set(state.picked[0] === 'n' ? boxesOf(graph, scene, id) : scene.view.boxes.flatMap((box, i) => box.id === state.picked ? [i] : []));
    const near = new Set(picked.size === 1 ? scene.view.wires.flatMap((wire, i) => picked.has(wire.source) || picked.has(wire.target) ? [i] : []) : []);
    const known = state.step >= 0 ? knownAfter(graph, state.step) : null, shown = (nodes) => new Set(nodes.flatMap((node) => boxesOf(graph, scene, node)));
    if (known) Object.assign(known, { boxes: shown([...known.lit]), actors: shown(known.acting >= 0 ? [known.acting] : []) });
    return { ...PLAIN, picked, near, known, hits: shown(state.hits), shaded: state.color !== 'kind', current: state.current,
      node: state.picked[0] === 'n' ? id : -1 };
  }

  render() {
    const { graph, state } = this, scene = this.scene();
    document.body.className = `drawing drawing-${this.theme}${state.color === 'kind' ? '' : ` by-${state.color}`}`;
    this.fillPanel();
    this.parts.player.show(state.step);
    if (this.explained !== scene) fillLegend(this.parts.legend, graph, scene.view, state.color);
    this.explained = scene;
    this.parts.select.value = state.color;
    for (const [name, toggle] of Object.entries(this.parts.toggles)) {
      if (toggle) toggle.setAttribute('aria-pressed', String(name === 'steps' ? state.step >= 0 : state.panel === name));
    }
    const screen = this.screen();
    if (!this.moved && (screen.width !== this.last.width || screen.height !== this.last.height)) this.camera = opening(scene, screen);
    this.last = screen;
    this.picture.show(scene, this.camera, screen, this.standing());
    this.parts.map.show(scene, this.camera, screen);
    this.link();
  }

  fillPanel() {
    const { graph, state } = this, close = () => this.panel('');
    const key = state.panel && `${state.panel} ${state.picked} ${state.open.has(Number(state.picked.slice(1)))}`;
    if (key === this.panelKey) return;
    this.panelKey = key;
    const k = Number(state.picked.slice(1)), copy = (text) => this.copy(text);
    this.parts.side.hidden = !state.panel || (state.panel === 'card' && !state.picked);
    if (this.parts.side.hidden) return;
    const go = (node) => this.reveal(node);
    refill(this.parts.side, ...(state.panel === 'help' ? helpList(graph, close) : state.panel === 'problems' ? problemList(graph, (problem) => this.visit(problem), close)
      : state.picked[0] === 'n' ? nodeCard(graph, k, go, close, copy) : groupCard(graph, k, state.open.has(k), () => this.toggle(k), close, copy)));
    this.parts.side.scrollTop = 0;
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
    this.parts.canvas.classList.add('moving');
    clearTimeout(this.gliding);
    this.gliding = setTimeout(() => this.parts.canvas.classList.remove('moving'), 320);
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
    const focused = this.parts.canvas.contains(document.activeElement);
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
    this.begin();
  }

  closeAll() {
    this.glide(() => this.change({ open: new Set(), picked: '' }));
    this.begin();
  }

  /** Look at the beginning, where it can be read. */
  begin() {
    this.glide(() => this.move(opening(this.scene(), this.screen()), true));
  }

  pick(picked, panel = 'card') {
    this.glide(() => this.change({ picked, panel: picked ? panel : this.state.panel === 'card' ? '' : this.state.panel }));
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

  /** Look at what has a problem: a node, or a parameter that is in no graph. */
  visit({ node, name }) {
    const box = this.scene().view.boxes.findIndex(({ id, title }) => id[0] === 'u' && title === name);
    if (node >= 0) this.reveal(node);
    else if (box >= 0) this.glide(() => this.focus(box));
  }

  go(step) {
    if (step < 0 || this.state.step < 0) this.glide(() => this.change({ step }));
    else this.change({ step });
    if (step >= 0) {
      const { acting } = knownAfter(this.graph, step);
      if (acting >= 0) this.keepInSight(boxesOf(this.graph, this.scene(), acting));
    }
  }

  panel(name) {
    this.glide(() => this.change({ panel: this.state.panel === name ? '' : name, ...(this.state.panel === 'card' && !name ? { picked: '' } : {}) }));
    if (this.state.panel && name !== 'card') this.parts.side.querySelector('h2').focus({ preventScroll: true });
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
    refill(this.parts.toast, text).hidden = false;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.parts.toast.hidden = true; }, 4000);
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
    this.parts.count.textContent = text.trim() ? `${hits.length} found` : '';
    this.change({ hits, hit: -1 });
  }

  /** The next thing that was found, or with -1 the one before. */
  next(by) {
    const { hits, hit } = this.state, next = hit < 0 && by < 0 ? hits.length - 1 : (hit + by + hits.length) % hits.length;
    this.state.hit = next;
    this.reveal(hits[next]);
    this.parts.count.textContent = `${next + 1} of ${hits.length}`;
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

  /** Back: the panel is closed, then the steps are left, then the group around is closed. */
  back() {
    const { state } = this, box = this.scene().view.boxes[this.current()];
    if (state.panel) return this.panel('');
    if (state.step >= 0) return this.go(-1);
    const k = box && box.frame >= 0 ? this.scene().view.frames[box.frame].group : -1;
    if (k >= 0) this.toggle(k);
    else this.pick('');
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
