/* What does Python have that JavaScript has not?

What the files that follow `autograd/drawing/layout/` need. Numbers are whole and below 2 ** 53. A spread list is never long where it
becomes arguments, of which an engine takes only so many.

Read next: `items.js`. */

/** `a // b` */
export const div = (a, b) => Math.floor(a / b);

/** `[0] * n` */
export const zeros = (n) => new Array(n).fill(0);

/** `[[] for _ in range(n)]` */
export const lists = (n) => Array.from({ length: n }, () => []);

/** `list(range(n))` */
export const range = (n) => Array.from({ length: n }, (_, i) => i);

/** `sum(numbers)` */
export const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

/** `max(*numbers, least)` */
export const most = (numbers, least) => numbers.reduce((a, b) => (b > a ? b : a), least);

/** `min(numbers)` */
export const least = (numbers) => numbers.reduce((a, b) => (b < a ? b : a));

/** `numbers.sort()` */
export const ascending = (numbers) => numbers.sort((a, b) => a - b);

/** How to sort tuples of up to three numbers. */
export const inTurn = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** `map.setdefault(key, []).append(value)` */
export const push = (map, key, value) => (map.has(key) ? map.get(key).push(value) : map.set(key, [value]));

/** `bisect_right(sorted, value)` */
export function bisect(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if (value < sorted[half]) high = half;
    else low = half + 1;
  }
  return low;
}
