/* How large is a frame?

`frames.py` of `autograd/drawing/layout/`, line by line.

Read next: `points.js`. */

import { along, headOf, lanes, shift } from './flow.js';
import { across } from './places.js';
import { div, most, sum } from './python.js';

export function measure(layout, level) {
  for (const part of layout.parts[layout.level(level)]) {
    across(layout, part);
    lanes(layout, part);
    along(layout, part, level);
  }
  pack(layout, level);
}

function pack(layout, level) {
  const parts = layout.parts[layout.level(level)], spacing = layout.spacing;
  const pad = level < 0 ? 0 : spacing.pad, head = headOf(layout, level);
  const side = pad + (layout.sideways && level >= 0 ? spacing.title : 0);
  const area = sum(parts.map((part) => (part.flow + spacing.flow) * (part.cross + spacing.cross)));
  let limit = 1;
  while (limit * limit < area) limit += div(limit, 8) + 1;
  limit = most(parts.map((part) => part.flow), limit);
  let flow = head, cross = side, width = 0, total = head;
  for (const part of parts) {
    const ported = part.entries.length + part.exits.length > 0;
    if (width && flow + part.flow - head > limit) [flow, cross, width] = [head, cross + width + spacing.cross, 0];
    move(layout, part, ported ? 0 : flow - head, cross);
    width = Math.max(width, part.cross);
    total = Math.max(total, flow - head + part.flow + (part.exits.length ? 0 : pad));
    flow = ported ? limit + head : flow + part.flow - head + spacing.flow;
  }
  cross += width + pad;
  if (level < 0) {
    layout.size = [total, cross];
    return;
  }
  const title = layout.frames[level][1] + 2 * pad;
  if (layout.sideways) {
    total = Math.max(total, title);
  } else if (cross < title) {
    for (const part of parts) move(layout, part, 0, div(title - cross, 2));
    cross = title;
  }
  for (const part of parts) {
    if (part.exits.length) {
      part.start[part.start.length - 1] = part.end[part.end.length - 1] = total;
      for (const i of part.exits) layout.y[i] = total;
    }
  }
  layout.flow[layout.count + level] = Math.max(total, head + pad);
  layout.cross[layout.count + level] = cross;
}

function move(layout, part, flow, cross) {
  shift(layout, part, 0, part.rows.length, flow, cross);
  for (const [key, [out, lane, back]] of part.bridges) part.bridges.set(key, [out + flow, lane + cross, back + flow]);
  for (const net of part.nets) {
    net.lane += cross;
    net.out += flow;
    for (const [t, y] of net.back) net.back.set(t, y + flow);
  }
}
