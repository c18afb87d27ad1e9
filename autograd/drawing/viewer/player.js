/* What happens, step by step?

The bar below the picture: play, step, back, and a slider through the steps that `steps.py` has written, with the words of each.

Read next: `gestures.js`. */

import { button, icon } from './card.js';
import { element, refill } from './element.js';

const PAUSE = 1400;

/** The player of a graph's steps, an element with `show(step)`. `go(step)` is called with the step to show, or -1 to leave. */
export function player(graph, go) {
  const last = graph.steps.length - 1;
  let now = -1, timer = 0;

  const stop = () => {
    clearInterval(timer);
    timer = 0;
    paint();
  };
  const play = () => {
    if (timer) return stop();
    if (now >= last) go(0);
    timer = setInterval(() => now < last ? go(now + 1) : stop(), PAUSE);
    paint();
  };
  const step = (by) => {
    stop();
    go(Math.max(0, Math.min(last, now + by)));
  };

  const start = button('play', 'Play', play);
  const slider = element('input', { type: 'range', min: 0, max: last, value: 0, 'aria-label': 'step', oninput: () => {
    stop();
    go(Number(slider.value));
  } });
  const title = element('p'), words = element('strong');
  const frame = element('footer', { class: 'player', hidden: true },
    element('div', { class: 'keys' }, button('back', 'One step back', () => step(-1)), start, button('next', 'One step on', () => step(1))), slider,
    element('div', { class: 'said', 'aria-live': 'polite' }, title, words), button('close', 'Leave the steps', () => {
      stop();
      go(-1);
    }));
  const paint = () => {
    refill(start, icon(timer ? 'pause' : 'play'));
    start.setAttribute('aria-label', timer ? 'Pause' : 'Play');
    start.title = timer ? 'Pause' : 'Play';
  };
  const show = (shown) => {
    now = shown;
    frame.hidden = shown < 0;
    if (shown < 0) return;
    slider.value = shown;
    title.textContent = `${shown + 1} of ${last + 1} · ${graph.steps[shown].title}`;
    words.textContent = graph.steps[shown].text;
  };
  return { frame, show, play, step };
}
