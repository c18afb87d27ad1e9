/* Which way does a wire take?

`points.py` of `autograd/drawing/layout/`, line by line.

Read next: `camera.js`. */

import { div, range } from './python.js';

export function placement(layout, levels) {
  const corner = [...layout.frames, 0].map(() => [0, 0]);
  const spot = (i) => {
    const [flow, cross] = corner[layout.level(layout.around[i])];
    return [flow + layout.y[i], cross + layout.x[i] - div(layout.cross[i], 2)];
  };
  for (const level of levels.slice(1)) corner[level] = spot(layout.count + level);
  const places = range(layout.thin).map((i) => {
    const [flow, cross] = spot(i);
    return layout.sideways ? [flow, cross, layout.flow[i], layout.cross[i]] : [cross, flow, layout.cross[i], layout.flow[i]];
  });
  const wires = layout.pieces.map((pieces, w) => {
    const points = [];
    for (const [net, target] of pieces) {
      const end = target < layout.count ? layout.ends[w] : layout.x[target] + layout.offset(target, net.source, false);
      const [flow, cross] = corner[layout.level(layout.around[target])];
      for (const [a, b] of route(layout, net, target, end)) points.push([flow + a, cross + b]);
    }
    const line = simple(points);
    return layout.sideways ? line : line.map(([y, x]) => [x, y]);
  });
  const [width, height] = layout.sideways ? layout.size : [layout.size[1], layout.size[0]];
  return { boxes: places.slice(0, layout.count), frames: places.slice(layout.count), wires, width, height };
}

function route(layout, net, target, end) {
  const { part, origin } = net;
  let x = layout.leaves(net), r = layout.rankOf[origin];
  const points = [[layout.y[origin] + layout.flow[origin], x], [part.end[r], x]];
  if (layout.inLane(net, target)) {
    const back = net.back.get(target);
    points.push([net.out, x], [net.out, net.lane], [back, net.lane], [back, end]);
  } else {
    for (const item of net.way.slice(0, layout.rankOf[target] - r - 1)) {
      r = layout.rankOf[item];
      points.push(...bridge(layout, net, r, x, layout.x[item]), [part.start[r], layout.x[item]], [part.end[r], layout.x[item]]);
      x = layout.x[item];
    }
    points.push(...bridge(layout, net, r + 1, x, end));
  }
  return [...points, [part.start[layout.rankOf[target]], end], [layout.y[target], end]];
}

function bridge(layout, net, row, a, b) {
  const bridge = net.part.bridges.get(row * layout.count + net.source);
  if (!bridge) return [];
  const [out, lane, back] = bridge;
  return [[out, a], [out, lane], [back, lane], [back, b]];
}

function simple(points) {
  const line = [];
  for (const p of points) {
    while (line.length > 1) {
      const [a, b] = line.slice(-2);
      if ((b[0] - a[0]) * (p[1] - b[1]) !== (b[1] - a[1]) * (p[0] - b[0])) break;
      line.pop();
    }
    const last = line[line.length - 1];
    if (!last || last[0] !== p[0] || last[1] !== p[1]) line.push(p);
  }
  return line;
}
