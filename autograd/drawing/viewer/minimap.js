/* Where is that on the whole?

A small picture of all boxes, with a window where the reader looks. It is there only when there is more than can be seen.

Read next: `legend.js`. */

import { seen } from './camera.js';
import { element, shape } from './element.js';

const WIDTH = 180, HEIGHT = 120;

/** The minimap, an element with a `show(scene, camera, screen)`. `go(x, y)` looks at a place of the picture. */
export function minimap(go) {
  const boxes = shape('path'), sight = shape('rect', { rx: 2 }), map = shape('svg', { 'aria-hidden': 'true' }, boxes, sight);
  const frame = element('div', { class: 'float minimap', hidden: true }, map);
  let scale = 1, last = null;

  const jump = (event) => {
    const edge = map.getBoundingClientRect();
    go((event.clientX - edge.left) / scale, (event.clientY - edge.top) / scale);
  };
  frame.addEventListener('pointerdown', (event) => {
    frame.setPointerCapture(event.pointerId);
    jump(event);
  });
  frame.addEventListener('pointermove', (event) => { if (event.buttons) jump(event); });

  const show = (scene, camera, screen) => {
    const { width, height } = scene.placement, view = seen(camera, screen);
    frame.hidden = view.x <= 0 && view.y <= 0 && view.x + view.width >= width && view.y + view.height >= height;
    if (frame.hidden) return;
    scale = Math.min(WIDTH / Math.max(1, width), HEIGHT / Math.max(1, height));
    if (scene !== last) {
      last = scene;
      const least = 1.5 / scale;
      map.setAttribute('width', Math.max(24, Math.ceil(width * scale)));
      map.setAttribute('height', Math.max(24, Math.ceil(height * scale)));
      boxes.setAttribute('d', scene.placement.boxes.map(([x, y, w, h]) => `M${x} ${y}h${Math.max(w, least)}v${Math.max(h, least)}h-${Math.max(w, least)}Z`).join(''));
      boxes.setAttribute('transform', `scale(${scale})`);
    }
    for (const [name, value] of Object.entries(view)) sight.setAttribute(name, value * scale);
  };
  return { frame, show };
}
