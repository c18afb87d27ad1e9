/* Where does a wire cross the border of a frame?

`pieces.py` of `autograd/drawing/layout/`, line by line.

Read next: `rows.js`. */

import { DEEP, HIGH, Net } from './items.js';
import { lists, range, zeros } from './python.js';

export function split(layout) {
  layout.nesting = nestingOf(layout);
  const [incoming, depth, height, reading] = read(layout.count, layout.wires);
  Object.assign(layout, { incoming, reading, pieces: lists(layout.wires.length) });
  const nets = new Map();

  const piece = (level, w, a, b) => {
    const [source, target] = layout.wires[w], key = (level + 1) * layout.count + source;
    if (!nets.has(key)) {
      nets.set(key, new Net(source, a));
      layout.out[a].push(nets.get(key));
    }
    const net = nets.get(key);
    if (!net.targets.has(b)) {
      net.targets.set(b, 0);
      layout.into[b].push(net);
    }
    net.targets.set(b, net.targets.get(b) | (depth[target] === depth[source] + 1 ? DEEP : 0)
      | (height[source] === height[target] + 1 ? HIGH : 0));
    return [net, b];
  };

  for (const box of range(layout.count).sort((a, b) => layout.reading[a] - layout.reading[b])) {
    for (const w of layout.incoming[box]) {
      const source = layout.wires[w][0], inward = [];
      let a = source, b = box;
      while (layout.around[a] !== layout.around[b]) {
        const outer = layout.around[a], inner = layout.around[b];
        if (layout.nesting[layout.level(outer)] >= layout.nesting[layout.level(inner)]) {
          layout.pieces[w].push(piece(outer, w, a, port(layout, outer, source, true)));
          a = layout.count + outer;
        } else {
          inward.push(piece(inner, w, port(layout, inner, source, false), b));
          b = layout.count + inner;
        }
      }
      layout.pieces[w].push(piece(layout.around[a], w, a, b), ...inward.reverse());
    }
  }
}

function port(layout, frame, source, out) {
  const key = layout.portKey(frame, source, out);
  if (!layout.ports.has(key)) layout.ports.set(key, layout.item(frame));
  return layout.ports.get(key);
}

function nestingOf(layout) {
  const nesting = [...layout.frames.map(() => -1), 0];
  for (let frame of range(layout.frames.length)) {
    const way = [];
    while (nesting[layout.level(frame)] < 0) {
      way.push(frame);
      frame = layout.frames[frame][0];
    }
    for (const inner of way.reverse()) nesting[inner] = nesting[layout.level(layout.frames[inner][0])] + 1;
  }
  return nesting;
}

function read(count, wires) {
  const incoming = lists(count), used = new Array(count).fill(false);
  for (const w of range(wires.length).sort((a, b) => wires[a][2] - wires[b][2])) {
    incoming[wires[w][1]].push(w);
    used[wires[w][0]] = true;
  }
  const order = [], state = zeros(count);
  for (const output of [...range(count).filter((i) => !used[i]), ...range(count)]) {
    const stack = [output];
    while (stack.length) {
      const box = stack[stack.length - 1];
      if (state[box] === 0) {
        state[box] = 1;
        for (let k = incoming[box].length - 1; k >= 0; k--) {
          const operand = wires[incoming[box][k]][0];
          if (state[operand] === 0) stack.push(operand);
        }
      } else {
        stack.pop();
        if (state[box] === 1) {
          state[box] = 2;
          order.push(box);
        }
      }
    }
  }
  const depth = zeros(count), height = zeros(count), reading = zeros(count);
  order.forEach((box, i) => {
    reading[box] = i;
    for (const w of incoming[box]) depth[box] = Math.max(depth[box], depth[wires[w][0]] + 1);
  });
  for (const box of order.reverse()) {
    for (const w of incoming[box]) height[wires[w][0]] = Math.max(height[wires[w][0]], height[box] + 1);
  }
  return [incoming, depth, height, reading];
}
