/* How large is a box?

Text is measured by counting, as in `measure.py`, which this follows line by line: the page finds the same sizes as Python.

Read next: `layout.js`. */

const WIDE = [[0x1100, 0x115F], [0x231A, 0x231B], [0x23E9, 0x23EC], [0x2E80, 0x303E], [0x3041, 0xA4CF], [0xA960, 0xA97F], [0xAC00, 0xD7A3],
  [0xF900, 0xFAFF], [0xFE30, 0xFE6F], [0xFF00, 0xFF60], [0xFFE0, 0xFFE6], [0x1F000, 0x1FAFF], [0x20000, 0x3FFFD]];
export const TITLE = 13;
export const LINE = 11;
export const SMALL = 10;
export const PAD_X = 10;
export const PAD_Y = 6;
export const CORNER = 14;
export const GATE = 34;
export const TAIL = 30;
export const WORD = 12;
export const FRAME_TITLE = 12;
const LONGEST = 60;

/** A label as it is drawn: not too long. The texts of the payload hold no control characters. */
export function clean(text, longest = LONGEST) {
  const letters = Array.from(text);
  return letters.length <= longest ? text : letters.slice(0, longest - 1).join('') + '…';
}

/** How many cells of a monospaced font a text takes. */
export function columns(text) {
  let cells = 0;
  for (const letter of text) {
    const c = letter.codePointAt(0);
    cells += c > 127 && WIDE.some(([low, high]) => low <= c && c <= high) ? 2 : 1;
  }
  return cells;
}

/** The width of a text at a font size, in pixels, rounded up. */
export const widthOf = (text, size) => Math.floor((columns(text) * size * 61 + 99) / 100);

const even = (length) => length + length % 2;

/** What is written in a box, from top to bottom: rows {kind, text, size, height, pad, number}. */
export function rowsOf(box) {
  const row = (kind, text, size, height, pad, number = 0) => ({ kind, text: clean(text), size, height, pad, number });
  return [
    row('title', box.title, TITLE, 18, ['parameter', 'group', 'loss'].includes(box.kind) ? CORNER : 0),
    ...box.lines.map((line) => row('line', line, LINE, 15, 0)),
    ...(box.value ? [row('value', box.value, LINE, 15, 0)] : []),
    ...(box.gradient ? [row('gradient', box.gradient, LINE, 15, 0)] : []),
    ...box.chips.map((chip, i) => row('chip', chip.text, LINE, 19, 9, i)),
    ...box.badges.map((badge, i) => row('badge', `! ${badge}`, LINE, 19, 9, i)),
  ];
}

/** Width, height and tail of a box. */
export function sizeOf(box, style) {
  if (style === 'circuit') {
    const title = widthOf(clean(box.title), WORD);
    const width = box.ops || box.kind === 'group' || box.kind === 'more' ? Math.max(GATE, even(title + 10)) : even(title + 6);
    return [width, GATE, Math.max(TAIL, 12 + Math.max(widthOf(clean(box.value), WORD), widthOf(clean(box.gradient), WORD)))];
  }
  const rows = rowsOf(box);
  const width = Math.max(...rows.map((row) => widthOf(row.text, row.size) + 2 * row.pad)) + 2 * PAD_X;
  return [even(Math.max(width, 44)), even(rows.reduce((sum, row) => sum + row.height, 0) + 2 * PAD_Y), 0];
}

/** The width of the band with the title of an open group. */
export function frameTitleWidth(frame) {
  const label = frame.label ? widthOf(clean(frame.label), LINE) + 10 : 0;
  return even(widthOf(clean(frame.title), FRAME_TITLE) + label + 2 * PAD_X);
}
