/* What does each key do?

Tab goes into the picture, where one box has the keyboard; arrows walk from there. Keys for the whole page work anywhere but where
something is typed.

Read next: `viewer.js`. */

import { walked } from './explorer.js';

/** Listen to the keyboard for a viewer. */
export function listenToKeys(viewer) {
  const { canvas, search } = viewer.parts;
  canvas.addEventListener('keydown', (event) => answer(event, inPicture(event.key, viewer)));
  search.addEventListener('keydown', (event) => answer(event, inSearch(event, viewer)));
  document.addEventListener('keydown', (event) => answer(event, onPage(event, viewer)));
  canvas.addEventListener('focusin', (event) => {
    canvas.setAttribute('tabindex', -1);  /* so that Shift+Tab leaves the picture */
    if (event.target === canvas && canvas.matches(':focus-visible')) viewer.focus(viewer.current());
  });
  canvas.addEventListener('focusout', () => canvas.setAttribute('tabindex', 0));
}

function answer(event, action) {
  if (!action || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
}

function inPicture(key, viewer) {
  const id = document.activeElement.dataset.id || viewer.state.current;
  if (key.startsWith('Arrow') || key === 'Home' || key === 'End') {
    return () => viewer.glide(() => viewer.focus(walked(viewer.scene(), viewer.current(), key)));
  }
  if (key === 'Enter' && id) return () => viewer.enter(id);
  return key === 'i' && id && 'ng'.includes(id[0]) ? () => viewer.pick(id) : null;
}

function inSearch(event, viewer) {
  const { search, canvas } = viewer.parts;
  if (event.key === 'Enter' && viewer.state.hits.length) return () => viewer.next(event.shiftKey ? -1 : 1);
  return event.key !== 'Escape' ? null : () => {
    search.value = '';
    viewer.look('');
    canvas.focus();
  };
}

function onPage({ key, target }, viewer) {
  const { player, search, canvas } = viewer.parts, typing = target.matches('input, select');
  if (typing && key !== 'Escape' && !(target.type === 'range' && ' ,.?0+-'.includes(key))) return null;
  const steps = viewer.graph.steps.length > 0, stepping = viewer.state.step >= 0, arrows = stepping && !typing && !canvas.contains(target);
  const step = (by) => () => player.step(by), zoom = (factor) => () => viewer.zoom(factor);
  return {
    '/': () => search.select(), '?': () => viewer.panel('help'), '+': zoom(1.3), '=': zoom(1.3), '-': zoom(1 / 1.3), 0: () => viewer.fit(),
    Escape: () => viewer.back(), ',': stepping && step(-1), '.': steps && step(1), ' ': stepping && !target.matches('button') && player.play,
    ArrowLeft: arrows && step(-1), ArrowRight: arrows && step(1),
  }[key];
}
