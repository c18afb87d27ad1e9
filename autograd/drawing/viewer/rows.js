/* What comes after what?

`rows.py` of `autograd/drawing/layout/`, line by line.

Read next: `order.js`. */

import { FAR, Part } from './items.js';
import { least, lists, most, range, sum } from './python.js';

export function gather(layout) {
  const first = firstMet(layout), inside = lists(layout.frames.length + 1);
  for (const item of range(first.length).sort((a, b) => first[a] - first[b])) {
    inside[layout.level(layout.around[item])].push(item);
  }
  layout.parts = inside.map((items) => hanging(layout, items, first));
}

function firstMet(layout) {
  const first = [...layout.reading, ...new Array(layout.x.length - layout.count).fill(FAR)];
  for (let i = 0; i < layout.count; i++) {
    let frame = layout.around[i];
    while (frame >= 0 && first[layout.count + frame] > first[i]) {
      first[layout.count + frame] = first[i];
      frame = layout.frames[frame][0];
    }
  }
  return first;
}

function hanging(layout, items, first) {
  const parts = [], seen = new Set(), passed = new Set(), ported = [];
  for (const item of items) {
    if (seen.has(item)) continue;
    seen.add(item);
    const found = [item];
    for (const other of found) {
      for (const net of [...layout.out[other], ...layout.into[other]]) {
        for (const end of passed.has(net) ? [] : [net.origin, ...net.targets.keys()]) {
          if (!seen.has(end)) {
            seen.add(end);
            found.push(end);
          }
        }
        passed.add(net);
      }
    }
    if (found.some((i) => i >= layout.thin)) for (const i of found) ported.push(i);
    else parts.push(found);
  }
  return [...(ported.length ? [ported] : []), ...parts].map((part) =>
    new Part(part.sort((a, b) => first[a] - first[b] || a - b)));
}

export function rank(layout, level) {
  for (const part of layout.parts[layout.level(level)]) {
    ranks(layout, part);
    ways(layout, part);
  }
}

function ranks(layout, part) {
  const { rankOf, into, out } = layout;
  part.entries = part.items.filter((i) => i >= layout.thin && !into[i].length);
  part.exits = part.items.filter((i) => i >= layout.thin && !out[i].length);
  const order = forward(layout, part.items), turn = new Map(order.map((item, i) => [item, i])), loose = new Map();
  for (const i of order) {
    const before = into[i].filter((net) => turn.get(net.origin) < turn.get(i));
    const own = before.filter((net) => net.targets.size === 1);
    const port = i >= layout.thin;
    rankOf[i] = before.length ? most(before.map((net) => rankOf[net.origin] + 1), 0)
      : part.entries.length && (into[i].length || !port) ? 1 : 0;
    loose.set(i, !port && before.length === into[i].length && own.length >= Math.min(1, before.length) && before.every((net) =>
      loose.get(net.origin) && (net.targets.size === 1 || !into[net.origin].length)));
  }
  let last = most(order.map((i) => rankOf[i]), 0);
  if (part.exits.length) {
    last = most(order.filter((i) => i < layout.thin || !into[i].length).map((i) => rankOf[i]), 0) + 1;
    for (const i of part.exits) rankOf[i] = last;
  }
  for (const i of order.reverse()) {
    if (loose.get(i)) {
      const users = out[i].flatMap((net) => [...net.targets.keys()].filter((t) => turn.get(t) > turn.get(i)));
      if (users.length) rankOf[i] = least(users.map((t) => rankOf[t])) - 1;
    }
  }
  part.rows = lists(last + 1);
}

function forward(layout, items) {
  const missing = new Map(items.map((i) => [i, layout.into[i].length]));
  const head = items.filter((i) => !missing.get(i));
  for (const i of head) {
    for (const net of layout.out[i]) {
      for (const target of net.targets.keys()) {
        missing.set(target, missing.get(target) - 1);
        if (!missing.get(target)) head.push(target);
      }
    }
  }
  if (head.length === items.length) return head;
  const core = items.filter((i) => missing.get(i) > 0);
  const left = new Map(core.map((i) => [i, sum(layout.out[i].map((net) =>
    [...net.targets.keys()].filter((t) => missing.get(t) > 0).length))]));
  const rest = core.filter((i) => !left.get(i));
  for (const i of rest) {
    for (const net of layout.into[i]) {
      if (left.has(net.origin)) {
        left.set(net.origin, left.get(net.origin) - 1);
        if (!left.get(net.origin)) rest.push(net.origin);
      }
    }
  }
  return [...head, ...core.filter((i) => left.get(i) > 0), ...rest.reverse()];
}

function ways(layout, part) {
  const rankOf = layout.rankOf;
  part.nets = part.items.flatMap((i) => layout.out[i]);
  const length = part.nets.map((net) => sum([...net.targets.keys()].map((t) => Math.max(0, rankOf[t] - rankOf[net.origin] - 1))));
  let total = sum(length);
  const limit = 8 * part.items.length + 400;
  for (const k of range(length.length).sort((a, b) => length[b] - length[a])) {
    if (total <= limit) break;
    part.nets[k].long = true;
    total -= length[k];
  }
  for (const net of part.nets) {
    if (!net.long) {
      let previous = net.origin;
      const far = most([...net.targets.keys()].map((t) => rankOf[t]), 0);
      for (let r = rankOf[net.origin] + 1; r < far; r++) {
        const item = layout.item(layout.around[net.origin]);
        rankOf[item] = r;
        net.way.push(item);
        join(layout, previous, item);
        previous = item;
      }
    }
  }
  for (const i of part.items) {
    for (const net of layout.out[i]) net.part = part;
    for (const net of layout.into[i]) {
      if (!layout.inLane(net, i)) join(layout, layout.hop(net, i), i);
    }
  }
}

function join(layout, a, b) {
  layout.below[a].push(b);
  layout.above[b].push(a);
}
