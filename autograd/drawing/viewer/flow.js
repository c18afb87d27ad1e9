/* Where along the flow does everything stand?

`flow.py` of `autograd/drawing/layout/`, line by line.

Read next: `frames.js`. */

import { settled } from './places.js';
import { div, inTurn, least, lists, most, range, zeros } from './python.js';

export function lanes(layout, part) {
  const starts = lists(part.rows.length + 1), stops = lists(part.rows.length + 2);
  for (const net of part.nets) {
    const heights = [...net.targets.keys()].filter((t) => layout.inLane(net, t)).map((t) => layout.rankOf[t]);
    if (heights.length) {
      const gaps = [layout.rankOf[net.origin] + 1, ...heights];
      starts[least(gaps)].push([net, most(gaps, 0)]);
    }
  }
  const free = [], edge = part.cross + layout.spacing.wire;
  starts.forEach((nets, gap) => {
    for (const lane of stops[gap]) free.push(lane);
    for (const [net, last] of nets) {
      if (!free.length) {
        free.push(edge + layout.spacing.wire * part.lanes);
        part.lanes += 1;
      }
      net.lane = free.pop();
      stops[last + 1].push(net.lane);
    }
  });
  part.cross += layout.spacing.wire * part.lanes;
}

export function along(layout, part, level) {
  const bend = bends(layout, part), wire = layout.spacing.wire, rows = part.rows;
  const out = zeros(rows.length), back = zeros(rows.length);
  for (const net of part.nets) {
    const aside = [...net.targets.keys()].filter((t) => layout.inLane(net, t));
    if (aside.length) net.out = out[layout.rankOf[net.origin]] += wire;
    for (const t of aside) net.back.set(t, back[layout.rankOf[t]] += wire);
  }
  const head = headOf(layout, level);
  let y = part.entries.length ? 0 : head;
  rows.forEach((row, r) => {
    y += back[r];
    part.start.push(y);
    const length = most(row.map((i) => layout.flow[i]), 0);
    for (const i of row) {
      const room = length - layout.flow[i];
      layout.y[i] = y + (!layout.above[i].length ? room : !layout.below[i].length ? 0 : div(room, 2));
    }
    y = most(row.map((i) => layout.y[i] + layout.flow[i] + layout.tail[i]), y);
    part.end.push(y);
    y += out[r];
    if (r + 1 < rows.length) {
      const entry = r === 0 && part.entries.length, exit = r + 2 === rows.length && part.exits.length;
      if (entry || exit) y += entry ? head : layout.spacing.pad;
      if (bend[r + 1] || !(entry || exit)) y += slope(layout, bend[r + 1]);
    }
  });
  part.flow = y;
  for (const net of part.nets) {
    net.out += part.end[layout.rankOf[net.origin]];
    for (const [t, distance] of net.back) net.back.set(t, part.start[layout.rankOf[t]] - distance);
  }
  if (level < 0 && layout.wrap > 0 && layout.wrap < part.flow && !part.lanes) fold(layout, part);
}

function slope(layout, bend) {
  return Math.max(layout.spacing.flow, Math.min(div(bend, 4), 3 * layout.spacing.flow));
}

export function headOf(layout, level) {
  return level < 0 ? 0 : layout.spacing.pad + (layout.sideways ? 0 : layout.spacing.title);
}

// ---- wires

function bends(layout, part) {
  const bend = zeros(part.rows.length + 1);
  for (const net of part.nets) {
    let x = layout.leaves(net);
    net.way.forEach((item, k) => {
      const r = layout.rankOf[net.origin] + 1 + k;
      bend[r] = Math.max(bend[r], Math.abs(x - layout.x[item]));
      x = layout.x[item];
    });
    for (const t of net.targets.keys()) {
      if (t >= layout.count && !layout.inLane(net, t)) {
        const r = layout.rankOf[t];
        bend[r] = Math.max(bend[r], Math.abs(comes(layout, net, t) - layout.x[t] - layout.offset(t, net.source, false)));
      }
    }
  }
  for (const box of part.items) {
    if (box < layout.count && layout.incoming[box].length) {
      const r = layout.rankOf[box];
      bend[r] = Math.max(bend[r], ends(layout, box));
    }
  }
  return bend;
}

function ends(layout, box) {
  const x = layout.x[box], near = div(3 * layout.cross[box], 8), side = div(layout.cross[box], 4);
  const nets = layout.incoming[box].map((w) => layout.pieces[w][layout.pieces[w].length - 1][0]);
  const come = nets.map((net, k) => [comes(layout, net, box), k, 0]).sort(inTurn);
  const n = come.length;
  let bend = 0;
  const wishes = come.map(([c]) => (Math.abs(c - x) <= near ? c : n === 1 ? x : c < x ? x - side : x + side));
  const weights = come.map(([c]) => (Math.abs(c - x) <= near ? 256 : 1));
  const gap = Math.max(0, Math.min(layout.spacing.wire, div(div(layout.cross[box], 2) - 2, Math.max(1, n - 1))));
  const first = x - div(layout.cross[box], 2) + 1, last = first + layout.cross[box] - 2;
  settled(wishes, weights, range(n).map((i) => gap * i)).forEach((wish, i) => {
    const [c, k] = come[i], end = Math.max(first + i * gap, Math.min(last - (n - 1 - i) * gap, wish));
    layout.ends[layout.incoming[box][k]] = end;
    if (!layout.inLane(nets[k], box)) bend = Math.max(bend, Math.abs(c - end));
  });
  return bend;
}

function comes(layout, net, target) {
  if (layout.inLane(net, target)) return net.lane;
  const hop = layout.hop(net, target);
  return hop === net.origin ? layout.leaves(net) : layout.x[hop];
}

function passes(layout, net, row) {
  const distance = row - layout.rankOf[net.origin];
  return distance ? layout.x[net.way[distance - 1]] : layout.leaves(net);
}

// ---- a long picture

function fold(layout, part) {
  const wire = layout.spacing.wire, rows = part.rows, passing = lists(rows.length + 1);
  for (const net of part.nets) {
    const r = layout.rankOf[net.origin];
    for (let k = r; k <= r + net.way.length; k++) passing[k + 1].push(net);
  }
  let cross = 0, first = 0, top = part.start[0], r = 0;
  part.flow = 0;
  while (r < rows.length) {
    r = first + 1;
    while (r < rows.length && part.end[r] - part.start[first] <= layout.wrap) r += 1;
    if (r < rows.length) {
      let cut = r;
      for (let k = r; k > first + div(r - first, 2); k--) if (passing[k].length < passing[cut].length) cut = k;
      r = cut;
    }
    const [left, right] = layout.extent(rows.slice(first, r));
    shift(layout, part, first, r, top - part.start[first], cross - left);
    const edge = cross + right - left;
    const nets = passing[r].map((net) => [-passes(layout, net, r - 1), net.source, net]).sort(inTurn);
    top = wire * nets.length + layout.spacing.flow;
    nets.forEach(([, source], k) => {
      part.bridges.set(r * layout.count + source, [part.end[r - 1] + wire * (k + 1), edge + wire * (k + 1), wire * (k + 1)]);
    });
    part.flow = Math.max(part.flow, part.end[r - 1] + wire * nets.length);
    part.cross = edge;
    [cross, first] = [edge + wire * nets.length + layout.spacing.cross, r];
  }
}

export function shift(layout, part, first, stop, flow, cross) {
  for (let r = first; r < stop; r++) {
    part.start[r] += flow;
    part.end[r] += flow;
    for (const i of part.rows[r]) {
      layout.y[i] += flow;
      layout.x[i] += cross;
      if (i < layout.count) for (const w of layout.incoming[i]) layout.ends[w] += cross;
    }
  }
}
