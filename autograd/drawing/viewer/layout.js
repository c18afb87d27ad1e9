/* Where does everything stand?

The files of `autograd/drawing/layout/`, line by line and to the last pixel: read those; `parity.mjs` compares. `rows.py` there is
`rows.js` here, and `rank_of` is `rankOf`. A place is a spot where Python says `place`, and tuples are arrays. This is its
`__init__.py`.

Read next: `python.js`. */

import { measure } from './frames.js';
import { Layout } from './items.js';
import { arrange } from './order.js';
import { split } from './pieces.js';
import { placement } from './points.js';
import { range } from './python.js';
import { gather, rank } from './rows.js';

const SPACING = { cross: 24, flow: 32, wire: 12, pad: 12, title: 20 };

/** Where boxes and frames stand, and which way the wires take; `wrap` comes before `spacing` here. */
export function place(sizes, wires, frameOf, frames, direction = 'TB', wrap = 0, spacing = SPACING) {
  const layout = new Layout(sizes, wires, frameOf, frames, direction === 'LR', spacing, wrap);
  split(layout);
  gather(layout);
  const nesting = (frame) => layout.nesting[layout.level(frame)];
  const levels = [-1, ...range(frames.length)].sort((a, b) => nesting(a) - nesting(b));
  for (const level of levels) rank(layout, level);
  for (const level of levels) arrange(layout, level);
  for (const level of levels.slice().reverse()) measure(layout, level);
  return placement(layout, levels);
}
