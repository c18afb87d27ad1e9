/* Where across the flow does everything stand?

`places.py` of `autograd/drawing/layout/`, line by line.

Read next: `flow.js`. */

import { DEEP, HIGH } from './items.js';
import { div, lists, push, range, sum, zeros } from './python.js';

export function across(layout, part) {
  const x = layout.x, rows = part.rows;
  const [up, down] = pulls(layout, part), line = lines(layout, part, up, down);
  const straight = new Set([...line.keys(), ...[...line.values()].map(([a]) => a)]);
  const packed = [];
  for (const row of rows) {
    const starts = zeros(row.length);
    for (let k = 1; k < row.length; k++) starts[k] = starts[k - 1] + apart(layout, row[k - 1], row[k]);
    row.forEach((item, k) => { x[item] = starts[k]; });
    packed.push([row, starts]);
  }
  const size = sum(rows.map((row) => row.length));
  for (let sweep = 0; sweep < (size < 400 ? 8 : 4); sweep++) {
    const towards = sweep % 2 ? down : up;
    for (const [row, starts] of sweep % 2 ? packed.slice().reverse() : packed) {
      const wishes = row.map((i) => (towards.has(i) ? middle(towards.get(i).map(([o, d]) => x[o] + d)) : x[i]));
      const weights = row.map((i) => (!towards.has(i) ? 1 : straight.has(i) && i < layout.thin ? 256 : 16));
      settled(wishes, weights, starts).forEach((spot, k) => { x[row[k]] = spot; });
    }
  }
  straighten(layout, packed, up, down, line);
  const [left, right] = layout.extent(rows);
  for (const row of rows) for (const item of row) x[item] -= left;
  part.cross = right - left;
}

function apart(layout, a, b) {
  const thin = (a >= layout.thin ? 1 : 0) + (b >= layout.thin ? 1 : 0);
  const between = [layout.spacing.cross, div(layout.spacing.cross + layout.spacing.wire, 2), layout.spacing.wire][thin];
  return layout.cross[a] - div(layout.cross[a], 2) + between + div(layout.cross[b], 2);
}

function pulls(layout, part) {
  const up = [new Map(), new Map(), new Map()], down = [new Map(), new Map()];
  for (const net of part.nets) {
    let shift = layout.offset(net.origin, net.source, true), previous = net.origin, high = 0;
    const port = net.origin >= layout.thin ? 1 : 0;
    for (const [target, mark] of net.targets) {
      if (layout.inLane(net, target)) continue;
      const near = layout.rankOf[target] === layout.rankOf[net.origin] + 1;
      const delta = (near ? shift : 0) - layout.offset(target, net.source, false);
      const hop = layout.hop(net, target);
      push(up[mark & DEEP ? 1 + port : 0], target, [hop, delta]);
      push(down[mark & HIGH && (near || hop === net.way[net.way.length - 1]) ? 1 : 0], hop, [target, -delta]);
      high = near || !(mark & HIGH) ? high : 1;
    }
    for (const item of net.way) {
      up[0].set(item, [[previous, shift]]);
      push(down[previous === net.origin ? high : 1], previous, [item, -shift]);
      [previous, shift] = [item, 0];
    }
  }
  return [new Map([...up[0], ...up[1], ...up[2]]), new Map([...down[0], ...down[1]])];
}

function lines(layout, part, up, down) {
  const line = new Map();
  for (const row of part.rows) {
    const kept = [];
    for (const a of row) {
      for (const [b, delta] of down.get(a) ?? []) {
        const thin = a >= layout.thin && b >= layout.thin;
        if (up.get(b)[0][0] !== a || !(thin || (down.get(a).length === 1 && up.get(b).length === 1))) continue;
        while (kept.length && thin && layout.at[b] < kept[kept.length - 1][0] && !kept[kept.length - 1][2]) line.delete(kept.pop()[1]);
        if (!kept.length || layout.at[b] > kept[kept.length - 1][0]) {
          kept.push([layout.at[b], b, thin]);
          line.set(b, [a, -delta]);
        }
      }
    }
  }
  return line;
}

function straighten(layout, packed, up, down, line) {
  const block = new Map(), inner = new Map(), members = [];
  for (const [row] of packed) {
    for (const i of row) {
      if (line.has(i)) {
        const [a, delta] = line.get(i);
        block.set(i, block.get(a));
        inner.set(i, inner.get(a) + delta);
        members[block.get(i)].push(i);
      } else {
        block.set(i, members.length);
        inner.set(i, 0);
        members.push([i]);
      }
    }
  }
  const left = lists(members.length), right = lists(members.length);
  for (const [row, starts] of packed) {
    for (let k = 1; k < row.length; k++) {
      const p = row[k - 1], q = row[k], distance = starts[k] - starts[k - 1] + inner.get(p) - inner.get(q);
      right[block.get(p)].push([block.get(q), distance]);
      left[block.get(q)].push([block.get(p), distance]);
    }
  }
  const order = range(members.length).filter((b) => !left[b].length), missing = left.map((pairs) => pairs.length);
  for (const b of order) {
    for (const [c] of right[b]) {
      missing[c] -= 1;
      if (!missing[c]) order.push(c);
    }
  }
  const wish = members.map((items) => middle(items.map((i) => layout.x[i] - inner.get(i))));
  const low = wish.slice(), high = wish.slice(), backwards = order.slice().reverse();
  for (const b of order) for (const [a, distance] of left[b]) low[b] = Math.max(low[b], low[a] + distance);
  for (const b of backwards) for (const [c, distance] of right[b]) high[b] = Math.min(high[b], high[c] - distance);
  const x = low.map((p, b) => div(p + high[b], 2));
  const pulled = members.map((items, b) => items.flatMap((i) => balanced(up.get(i) ?? [], down.get(i) ?? [])
    .filter(([o]) => block.get(o) !== b).map(([o, d]) => [block.get(o), inner.get(o) + d - inner.get(i)])));
  for (let sweep = 0; sweep < (block.size < 400 ? 8 : 4); sweep++) {
    for (const b of sweep % 2 ? order : backwards) {
      if (pulled[b].length) {
        let want = middle(pulled[b].map(([o, d]) => x[o] + d));
        if (want > x[b]) for (const [c, distance] of right[b]) want = Math.min(want, x[c] - distance);
        if (want < x[b]) for (const [a, distance] of left[b]) want = Math.max(want, x[a] + distance);
        x[b] = want;
      }
    }
  }
  for (const [i, b] of block) layout.x[i] = x[b] + inner.get(i);
}

function middle(places) {
  const n = places.length;
  return n === 1 ? places[0] : div(2 * sum(places) + n, 2 * n);
}

function balanced(up, down) {
  if (up.length > 1 && down.length <= 1) return up;
  return down.length > 1 && up.length <= 1 ? down : [...up, ...down];
}

export function settled(wishes, weights, starts) {
  if (wishes.length === 1) return wishes;
  const blocks = [];
  wishes.forEach((wish, i) => {
    let spot = wish - starts[i], total = spot * weights[i], heavy = weights[i], n = 1;
    while (blocks.length && blocks[blocks.length - 1][0] > spot) {
      const [, t, h, m] = blocks.pop();
      [total, heavy, n] = [total + t, heavy + h, n + m];
      spot = div(2 * total + heavy, 2 * heavy);
    }
    blocks.push([spot, total, heavy, n]);
  });
  if (blocks.length === wishes.length) return wishes;
  const levels = blocks.flatMap(([spot, , , n]) => new Array(n).fill(spot));
  return levels.map((level, i) => level + starts[i]);
}
