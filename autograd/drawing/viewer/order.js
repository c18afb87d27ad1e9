/* What stands beside what?

`order.py` of `autograd/drawing/layout/`, line by line.

Read next: `places.js`. */

import { FAR } from './items.js';
import { ascending, bisect, div, inTurn, sum } from './python.js';

export function arrange(layout, level) {
  for (const part of layout.parts[layout.level(level)]) {
    firstOrder(layout, part);
    sweep(layout, part);
    for (const row of part.rows) {
      for (const item of row) if (layout.count <= item && item < layout.thin) orderPorts(layout, item);
    }
  }
}

function firstOrder(layout, part) {
  part.entries.sort((a, b) => layout.at[a] - layout.at[b]);
  part.exits.sort((a, b) => layout.at[a] - layout.at[b]);
  const seen = new Set();
  for (const output of [...part.exits, ...part.items.filter((i) => !layout.below[i].length)]) {
    const stack = [output];
    while (stack.length) {
      const item = stack[stack.length - 1];
      if (!seen.has(item)) {
        seen.add(item);
        for (let k = layout.above[item].length - 1; k >= 0; k--) {
          if (!seen.has(layout.above[item][k])) stack.push(layout.above[item][k]);
        }
      } else {
        stack.pop();
        if (layout.at[item] >= 0) {
          layout.at[item] = -1;
          part.rows[layout.rankOf[item]].push(item);
        }
      }
    }
  }
  if (part.entries.length) part.rows[0] = part.entries;
  if (part.exits.length) part.rows[part.rows.length - 1] = part.exits;
  number(layout, part.rows);
}

function number(layout, rows) {
  for (const row of rows) row.forEach((item, i) => { layout.at[item] = i; });
}

function sweep(layout, part) {
  const rows = part.rows, size = sum(rows.map((row) => row.length));
  const low = part.entries.length ? 1 : 0, high = rows.length - (part.exits.length ? 1 : 0);
  let best = rows.map((row) => row.slice()), fewest = crossings(layout, rows), idle = 0;
  for (let turn = 0; turn < (size < 400 ? 24 : size < 4000 ? 8 : 4); turn++) {
    if (fewest === 0 || idle === 4) break;
    if (turn % 2 === 0) for (let r = low; r < high; r++) sort(layout, rows[r], layout.above);
    else for (let r = high - 1; r >= low; r--) sort(layout, rows[r], layout.below);
    if (size < 400) swap(layout, rows, low, high);
    const found = crossings(layout, rows);
    idle += 1;
    if (found < fewest) [best, fewest, idle] = [rows.map((row) => row.slice()), found, 0];
  }
  part.rows = best;
  number(layout, best);
}

function sort(layout, row, towards) {
  if (row.length < 2) return;
  const at = layout.at, key = new Map();
  for (const i of row) {
    if (towards[i].length) key.set(i, div(sum(towards[i].map((o) => at[o])) * 1000, towards[i].length));
  }
  if (key.size < 2) return;
  const sorted = [...key.keys()].sort((a, b) => key.get(a) - key.get(b));
  let next = 0;
  row.forEach((item, i) => { if (key.has(item)) row[i] = sorted[next++]; });
  row.forEach((item, i) => { at[item] = i; });
}

function swap(layout, rows, low, high) {
  const at = layout.at;
  for (let round = 0; round < 4; round++) {
    let better = false;
    for (const row of rows.slice(low, high)) {
      const spots = (items) => ascending(items.map((o) => at[o]));
      const joined = new Map(row.map((i) => [i, [spots(layout.above[i]), spots(layout.below[i])]]));
      for (let i = 0; i < row.length - 1; i++) {
        const a = row[i], b = row[i + 1], found = between(joined.get(a), joined.get(b));
        if (found && between(joined.get(b), joined.get(a)) < found) {
          [row[i], row[i + 1]] = [b, a];
          [at[b], at[a]] = [i, i + 1];
          better = true;
        }
      }
    }
    if (!better) break;
  }
}

function between(a, b) {
  let total = 0;
  a.forEach((left, k) => {
    for (const spot of left) {
      for (const other of b[k]) {
        if (other >= spot) break;
        total += 1;
      }
    }
  });
  return total;
}

function crossings(layout, rows) {
  const at = layout.at;
  let total = 0;
  for (const row of rows.filter((one) => one.length > 1)) {
    const passed = [];
    for (const item of row) {
      for (const spot of ascending(layout.below[item].map((o) => at[o]))) {
        const before = bisect(passed, spot);
        total += passed.length - before;
        passed.splice(before, 0, spot);
      }
    }
  }
  return total;
}

function orderPorts(layout, item) {
  const frame = item - layout.count, port = (net, out) => layout.ports.get(layout.portKey(frame, net.source, out));
  const come = layout.into[item].map((net) =>
    [layout.inLane(net, item) ? FAR : layout.at[layout.hop(net, item)], layout.reading[net.source], port(net, false)]);
  const go = layout.out[item].map((net) => {
    const next = [...net.targets.keys()].filter((t) => layout.rankOf[t] === layout.rankOf[item] + 1);
    const near = [...net.way.slice(0, 1), ...next].map((t) => layout.at[t]);
    return [near.length ? div(sum(near) * 1000, near.length) : FAR, layout.reading[net.source], port(net, true)];
  });
  for (const ports of [come.sort(inTurn), go.sort(inTurn)]) ports.forEach((entry, i) => { layout.at[entry[2]] = i; });
}
