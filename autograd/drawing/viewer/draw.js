/* How does a scene come onto the page?

Only what the reader looks at is in the document. Where that is too much to read anyway, boxes are no more than rectangles, all of
one kind in one path; so the document stays small, however large the graph is. A box that is in the scene before and after a
change is the same element, which moves.

Read next: `minimap.js`. */

import { seen, touch } from './camera.js';
import { shape } from './element.js';
import { rectOf } from './explorer.js';
import { GATE, TAIL } from './measure.js';
import { bandShape, boxInside, circuitWire, description, frameShape, gateInside, outputWire, textSize, titleOf, wireShape } from './shapes.js';

/** So many elements may be on the page; more than these are drawn as a crowd. */
export const ROOM = 1800;

/** What a picture looks like with nothing chosen, found or known. */
export const PLAIN = { picked: new Set(), hits: new Set(), near: new Set(), known: null, shaded: false, current: '', node: -1 };

export class Picture {
  /** A picture in an SVG element. */
  constructor(canvas) {
    this.canvas = canvas;
    this.layers = Object.fromEntries(['frames', 'crowd', 'wires', 'bands', 'boxes'].map((name) => [name, shape('g', { class: `layer-${name}` })]));
    this.world = shape('g', { class: 'world' }, ...Object.values(this.layers));
    canvas.append(this.world);
    this.drawn = { frames: new Map(), wires: new Map(), bands: new Map(), boxes: new Map() };
    this.scene = null;
  }

  /** Show a scene as a camera sees it on a screen of this size; `look` says what stands out. */
  show(scene, camera, screen, look) {
    if (scene !== this.scene) this.begin(scene);
    this.world.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.k})`;
    const area = seen(camera, screen);
    const boxes = scene.rects.flatMap((rect, i) => touch(rect, area) ? [i] : []);
    const wires = scene.bounds.flatMap((rect, i) => rect && touch(rect, area) ? [i] : []);
    const cost = boxes.reduce((sum, i) => sum + this.costs[i], 0) + 4 * wires.length + 8 * scene.view.frames.length;
    const crowded = cost > ROOM;
    const special = (i) => look.picked.has(i) || look.current === scene.view.boxes[i].id;
    this.crowd(scene, crowded ? boxes : [], crowded ? wires : [], look);
    this.frames(scene.view.frames.flatMap((_, i) => touch(rectOf(scene.placement.frames[i]), area) ? [i] : []).slice(0, 100));
    this.sync('wires', crowded ? [] : wires, (i) => i, (i) => this.wire(i));
    this.sync('boxes', crowded ? boxes.filter(special).slice(0, 40) : boxes, (i) => scene.view.boxes[i].id, () => shape('g'), (made, i) => this.box(made, i, look));
    for (const [i, made] of this.drawn.wires) for (const part of made.children) part.classList.toggle('near', look.near.has(i));
    this.canvas.classList.toggle('choosing', look.hits.size > 0);
    this.canvas.classList.toggle('stepping', look.known !== null);
  }

  /** Another scene: wires and frames are drawn anew, boxes keep their elements. */
  begin(scene) {
    this.scene = scene;
    this.depths = [];
    for (const { parent } of scene.view.frames) this.depths.push(parent >= 0 ? this.depths[parent] + 1 : 0);
    this.costs = scene.view.boxes.map((box) => 6 + box.lines.length + 4 * (box.chips.length + box.badges.length));
    for (const name of ['frames', 'wires', 'bands']) {
      this.layers[name].replaceChildren();
      this.drawn[name].clear();
    }
    this.layers.boxes.setAttribute('font-size', textSize(scene.view.style));
    this.layers.boxes.setAttribute('text-anchor', scene.view.style === 'circuit' ? 'start' : 'middle');
    this.crowdKey = '';
  }

  /** Make a layer hold what is wanted, in order, and nothing else. */
  sync(layer, wanted, keyOf, make, fill = () => {}) {
    const drawn = this.drawn[layer], keys = new Set(wanted.map(keyOf));
    for (const [key, made] of drawn) {
      if (!keys.has(key)) {
        made.remove();
        drawn.delete(key);
      }
    }
    for (const i of wanted) {
      let made = drawn.get(keyOf(i));
      if (made) made.classList.remove('fresh');
      else {
        made = make(i);
        if (!made) continue;
        made.classList.add('fresh');
        drawn.set(keyOf(i), made);
        this.layers[layer].append(made);
      }
      fill(made, i);
    }
  }

  frames(wanted) {
    const { view, placement } = this.scene;
    this.sync('frames', wanted, (i) => i, (i) => frameShape(view.frames[i], placement.frames[i], this.depths[i]));
    this.sync('bands', wanted, (i) => i, (i) => bandShape(view.frames[i], placement.frames[i], this.depths[i]));
  }

  wire(i) {
    const { view, placement } = this.scene;
    if (i >= view.wires.length) {
      const output = view.outputs[i - view.wires.length];
      const tail = Math.max(TAIL, this.scene.sizes[output][2]);
      return shape('g', {}, outputWire(placement.boxes[output], tail));
    }
    const wire = view.wires[i], points = placement.wires[i];
    if (view.style !== 'circuit') return wireShape(i, wire, points);
    const drawn = circuitWire(i, points, view.boxes[wire.target], placement.boxes[wire.target]);
    return drawn && shape('g', {}, drawn);
  }

  /** Fill the element of a box, where something has changed, and mark it. */
  box(made, i, look) {
    const { view, placement } = this.scene;
    const [x, y, w, h] = placement.boxes[i], known = look.known;
    let box = view.boxes[i];
    if (known && box.node >= 0 && (box.value || box.gradient)) {
      const unknown = view.style === 'circuit' ? '' : '\u00a0';  /* a row keeps its place in a box */
      box = { ...box, value: box.value && (known.values.get(box.node) || unknown), gradient: box.gradient && (known.gradients.get(box.node) || unknown) };
    }
    const key = JSON.stringify([box, w, h, look.shaded]);
    if (made.dataset.key !== key) {
      made.dataset.key = key;
      made.replaceChildren(shape('title', {}, titleOf(box)), shape('desc', {}, description(box)),
        ...(view.style === 'circuit' ? gateInside(box, w, h) : boxInside(box, w, h)),
        shape('rect', { class: 'ring', x: -2, y: -2, width: w + 4, height: h + 4, rx: view.style === 'circuit' && box.ops ? GATE / 2 + 2 : 5 }));
      made.setAttribute('class', `box ${box.kind}${look.shaded && box.shade >= 0 ? ` shaded shade${box.shade}` : ''} ${made.classList.contains('fresh') ? 'fresh' : ''}`);
      made.dataset.id = box.id;
      made.setAttribute('role', 'button');
      if (box.group >= 0) made.setAttribute('aria-expanded', 'false');
    }
    made.style.transform = `translate(${x}px, ${y}px)`;
    made.setAttribute('tabindex', look.current === box.id ? 0 : -1);
    for (const chip of made.querySelectorAll('.chip[data-node]')) {
      const node = Number(chip.dataset.node);
      chip.classList.toggle('chosen', node === look.node || (known !== null && known.lit.has(node)));
    }
    made.classList.toggle('picked', look.picked.has(i));
    made.classList.toggle('hit', look.hits.has(i));
    made.classList.toggle('lit', known !== null && known.boxes.has(i));
    made.classList.toggle('acting', known !== null && known.actors.has(i));
    made.classList.toggle('known', known !== null && (box.node < 0 || known.values.has(box.node)));
  }

  /** Many boxes as a few paths: one for each look, and one for the wires. */
  crowd(scene, boxes, wires, look) {
    const sum = (numbers) => numbers.reduce((total, i) => total + i, numbers.length);
    const key = boxes.length ? [sum(boxes), sum(wires), look.shaded, ...look.hits].join() : '';
    if (key === this.crowdKey) return;
    this.crowdKey = key;
    const looks = new Map(), found = [];
    for (const i of boxes) {
      const { kind, shade } = scene.view.boxes[i], [x, y, w, h] = scene.placement.boxes[i];
      const name = `${kind}${look.shaded && shade >= 0 ? ` shade${shade}` : ''}`;
      const path = `M${x} ${y}h${w}v${h}h-${w}Z`;
      looks.set(name, (looks.get(name) || '') + path);
      if (look.hits.has(i)) found.push(path);
    }
    const lines = wires.filter((i) => i < scene.placement.wires.length && scene.placement.wires[i].length > 1)
      .map((i) => `M${scene.placement.wires[i].map((point) => point.join(' ')).join('L')}`).join('');
    this.layers.crowd.replaceChildren(...(lines ? [shape('path', { class: 'wire faint', d: lines })] : []),
      ...[...looks].map(([name, d]) => shape('g', { class: name }, shape('path', { class: 'shape', d }))),
      ...(found.length ? [shape('path', { class: 'found', d: found.join('') })] : []));
  }
}

/** A scene with the rectangles of its boxes and wires, which say what is in sight. */
export function withBounds(scene) {
  const { view, placement } = scene, circuit = view.style === 'circuit';
  const bounds = placement.wires.map((points) => points.length > 1 && boundsOf(points));
  scene.rects = placement.boxes.map((place, i) => circuit ? { ...rectOf(place), width: place[2] + scene.sizes[i][2] } : rectOf(place));
  scene.bounds = circuit ? [...bounds, ...view.outputs.map((output) => scene.rects[output])] : bounds;
  return scene;
}

function boundsOf(points) {
  let [left, top] = points[0], [right, bottom] = points[0];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A scene as an SVG element of its own, complete, with its style sheet: what is exported. */
export function whole(scene, look, sheet, classes, label) {
  const { placement } = scene, margin = 16;
  const width = placement.width + 2 * margin, height = placement.height + 2 * margin;
  const svg = shape('svg', { class: classes, role: 'img', 'aria-label': label, viewBox: `${-margin} ${-margin} ${width} ${height}`, width: '100%' });
  svg.style.maxWidth = `${width}px`;
  svg.append(shape('style', {}, sheet), shape('rect', { class: 'paper', x: -margin, y: -margin, width, height }));
  const picture = new Picture(svg);
  picture.begin(scene);
  picture.frames(scene.view.frames.map((_, i) => i));
  picture.sync('wires', scene.bounds.map((_, i) => i), (i) => i, (i) => picture.wire(i));
  picture.sync('boxes', scene.view.boxes.map((_, i) => i), (i) => i, () => shape('g'), (made, i) => picture.box(made, i, look));
  for (const ring of svg.querySelectorAll('.ring, .hold, .minus')) ring.remove();
  for (const moved of svg.querySelectorAll('[data-key], [tabindex], [role="button"]')) {
    for (const name of ['data-key', 'tabindex', 'role', 'aria-expanded']) moved.removeAttribute(name);
  }
  return svg;
}
