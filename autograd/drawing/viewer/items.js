/* What has a place?

`items.py` of `autograd/drawing/layout/`, line by line.

Read next: `pieces.js`. */

import { div, least, lists, most, zeros } from './python.js';

export const FAR = 2 ** 40;
export const DEEP = 1;
export const HIGH = 2;

export class Part {
  constructor(items) {
    this.items = items;
    this.nets = [];
    this.rows = [];
    this.entries = [];
    this.exits = [];
    this.start = [];
    this.end = [];
    this.lanes = 0;
    this.bridges = new Map();
    this.flow = this.cross = 0;
  }
}

export class Net {
  constructor(source, origin) {
    this.source = source;
    this.origin = origin;
    this.part = null;
    this.targets = new Map();
    this.way = [];
    this.long = false;
    this.lane = this.out = -1;
    this.back = new Map();
  }
}

export class Layout {
  constructor(sizes, wires, frameOf, frames, sideways, spacing, wrap) {
    Object.assign(this, { wires, frames, sideways, spacing, wrap });
    this.count = sizes.length;
    this.thin = sizes.length + frames.length;

    this.around = [...frameOf, ...frames.map(([parent]) => parent)];
    this.flow = [...sizes.map((size) => size[sideways ? 0 : 1]), ...zeros(frames.length)];
    this.cross = [...sizes.map((size) => size[sideways ? 1 : 0]), ...zeros(frames.length)];
    this.tail = [...sizes.map((size) => size[2] ?? 0), ...zeros(frames.length)];
    this.rankOf = zeros(this.thin);
    this.at = zeros(this.thin);
    this.x = zeros(this.thin);
    this.y = zeros(this.thin);
    this.into = lists(this.thin);
    this.out = lists(this.thin);
    this.above = lists(this.thin);
    this.below = lists(this.thin);

    this.incoming = [];
    this.reading = [];

    this.pieces = [];
    this.ends = zeros(wires.length);

    this.nesting = [];
    this.parts = [];

    this.ports = new Map();
    this.size = [0, 0];
  }

  /** The page is last in lists of frames: at -1 in Python, at their length here. */
  level(frame) {
    return frame < 0 ? this.frames.length : frame;
  }

  /** A tuple (frame, source, whether out) as a key. */
  portKey(frame, source, out) {
    return (frame * this.count + source) * 2 + (out ? 1 : 0);
  }

  item(level) {
    this.around.push(level);
    for (const list of [this.flow, this.cross, this.tail, this.rankOf, this.at, this.x, this.y]) list.push(0);
    for (const list of [this.above, this.below, this.into, this.out]) list.push([]);
    return this.x.length - 1;
  }

  inLane(net, target) {
    const distance = this.rankOf[target] - this.rankOf[net.origin];
    return distance < 1 || (net.long && distance > 1);
  }

  hop(net, target) {
    const distance = this.rankOf[target] - this.rankOf[net.origin];
    return distance === 1 ? net.origin : net.way[distance - 2];
  }

  offset(item, source, out) {
    if (this.count <= item && item < this.thin) {
      return this.x[this.ports.get(this.portKey(item - this.count, source, out))] - div(this.cross[item], 2);
    }
    return 0;
  }

  leaves(net) {
    return this.x[net.origin] + this.offset(net.origin, net.source, true);
  }

  extent(rows) {
    const starts = rows.flat().map((i) => [this.x[i] - div(this.cross[i], 2), this.cross[i]]);
    return [least(starts.map(([start]) => start)), most(starts.map(([start, cross]) => start + cross), -FAR)];
  }
}
