/* Where does a reader look?

A camera is {x, y, k}: the place p of the picture is seen at k p + (x, y) of the screen. Nothing here knows of a page.

Read next: `explorer.js`. */

export const NEAREST = 4;
export const FARTHEST = 0.004;

/** The whole picture in the middle of the screen, but no larger than life. */
export function fitted(width, height, screen, margin = 24) {
  const k = Math.max(FARTHEST, Math.min(1, (screen.width - 2 * margin) / Math.max(1, width), (screen.height - 2 * margin) / Math.max(1, height)));
  return { k, x: Math.round((screen.width - k * width) / 2), y: Math.round((screen.height - k * height) / 2) };
}

/** The whole scene, if it can be read so; else its beginning. */
export function opening(scene, screen) {
  const { width, height } = scene.placement, whole = fitted(width, height, screen);
  if (whole.k >= 0.75) return whole;
  const k = 0.9, margin = 24;
  const middle = (length, room) => k * length < room ? Math.round((room - k * length) / 2) : margin;
  const [first] = scene.placement.boxes, across = scene.view.direction === 'LR' ? 1 : 0;
  const near = (start, length, room) => Math.round(room / 2 - k * (start + length / 2));
  return { k, x: across ? middle(width, screen.width) : near(first[0], first[2], screen.width), y: across ? near(first[1], first[3], screen.height) : middle(height, screen.height) };
}

/** Nearer or farther; what is at the point (x, y) of the screen stays there. */
export function zoomed(camera, factor, x, y) {
  const k = Math.max(FARTHEST, Math.min(NEAREST, camera.k * factor));
  return { k, x: x - (x - camera.x) * k / camera.k, y: y - (y - camera.y) * k / camera.k };
}

/** Moved so that what stood at `before` and now stands at `after` is seen where it was. */
export function anchored(camera, before, after) {
  return { k: camera.k, x: camera.x + camera.k * (before.x - after.x), y: camera.y + camera.k * (before.y - after.y) };
}

/** The part of the picture that is seen: {x, y, width, height}. */
export function seen(camera, screen) {
  return { x: -camera.x / camera.k, y: -camera.y / camera.k, width: screen.width / camera.k, height: screen.height / camera.k };
}

/** Moved, as little as can be, so that a rectangle is seen; and not so far away that it cannot be read. */
export function showing(camera, rect, screen, margin = 48) {
  const k = Math.max(camera.k, 0.6);
  const at = k === camera.k ? camera : { k, x: screen.width / 2 - k * (rect.x + rect.width / 2), y: screen.height / 2 - k * (rect.y + rect.height / 2) };
  const into = (start, length, room) => {
    if (length > room - 2 * margin) return start < margin || start > room - margin ? margin - start : 0;
    return start < margin ? margin - start : start + length > room - margin ? room - margin - start - length : 0;
  };
  return { k, x: at.x + into(k * rect.x + at.x, k * rect.width, screen.width), y: at.y + into(k * rect.y + at.y, k * rect.height, screen.height) };
}

/** Do two rectangles touch? */
export const touch = (a, b) => a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
