/* How does a hand move the picture?

One finger or the mouse drags it, two fingers and the wheel make it larger and smaller. A drag is no click: what follows a
movement of more than a few pixels is swallowed.

Read next: `page.js`. */

import { zoomed } from './camera.js';

const STILL = 5;

/** Listen on a canvas. `camera()` says where the reader looks, `move(camera)` changes it. */
export function listen(canvas, camera, move) {
  const fingers = new Map();
  let travelled = 0;

  const at = (event) => {
    const edge = canvas.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  };
  const spread = () => {
    const [a, b] = fingers.values();
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button) return;
    if (!fingers.size) travelled = 0;
    fingers.set(event.pointerId, at(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const next = at(event);
    const before = fingers.size === 2 ? spread() : null;
    fingers.set(event.pointerId, next);
    travelled += Math.hypot(next.x - last.x, next.y - last.y);
    if (travelled <= STILL) return;
    if (!canvas.hasPointerCapture(event.pointerId)) canvas.setPointerCapture(event.pointerId);
    if (before) {
      const after = spread();
      const nearer = zoomed(camera(), after.length / before.length, before.x, before.y);
      move({ ...nearer, x: nearer.x + after.x - before.x, y: nearer.y + after.y - before.y });
    } else if (fingers.size === 1) {
      move({ ...camera(), x: camera().x + next.x - last.x, y: camera().y + next.y - last.y });
    }
  });
  for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener('click', (event) => {
    if (travelled > STILL) event.stopImmediatePropagation();
    travelled = 0;
  }, true);
  canvas.addEventListener('wheel', (event) => {
    if (window.parent !== window && !document.hasFocus() && !event.ctrlKey) return;  /* a notebook is scrolled past */
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const { x, y } = at(event);
    move(zoomed(camera(), Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), x, y));
  }, { passive: false });
}
