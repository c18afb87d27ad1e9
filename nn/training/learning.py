"""Do the steps of the optimiser lead down?

A step should change a weight by about a thousandth of its size (CS231n, Neural Networks Part 3, ratio of weights:updates). What is told
here is what no healthy run does: steps after which the loss on the very same batch is far larger, steps of nothing, and gradients that
pile up because nobody forgets them.

Read next: `problem.py`.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from nn.training.examination import Examination, norm, undisturbed
from nn.training.finding import Finding

RISE = 5.0
"""After a step the loss of the same batch may be so many times what it was, before the learning rate is called too high."""
TINY = 1e-8
"""A step that changes no weight by more than this share of it changes nothing, in float32."""


def learning_rate(seen: Examination) -> Iterator[Finding]:
    """Steps that lead up, or nowhere."""
    if not seen.optimizers or not seen.losses_after or not all(np.isfinite(g).all() for g in seen.gradients.values()):
        return
    rates = [max(float(group.get("lr", 1)), float(group.get("initial_lr", 0))) for optimizer in seen.optimizers
             for group in optimizer.param_groups]
    after, before = seen.losses_after[-1], seen.value
    ratio = float(np.median(list(seen.ratios.values()))) if seen.ratios else float("nan")
    leapt = ratio > 1 and after > 2 * abs(before)
    if not np.isfinite(after) or leapt or (after > RISE * abs(before) and after > before + 2 and not ratio < 1e-3):
        yield Finding("learning rate", "optimizer", f"After {len(seen.losses_after)} step{'s' if len(seen.losses_after) > 1 else ''} the "
                      f"loss on the same batch is {after:.4g}; it was {before:.4g}. The step changed weights by {ratio:.2g} of their size "
                      f"(0.001 is usual): the learning rate, {max(rates):.3g}, is too high.",
                      "a tenth of it, or a hundredth; nn.training.lr_range_test finds one.")
    elif max(rates) == 0 or (seen.ratios and max(seen.ratios.values()) < TINY and max(rates) < 1e-5):
        largest = max(seen.ratios.values(), default=0.0)
        yield Finding("learning rate", "optimizer", f"The step changed no weight by more than {largest:.2g} of its size "
                      f"(0.001 is usual): the learning rate, {max(rates):.3g}, is too low.",
                      "nn.training.lr_range_test finds one that learns.")


# ---- forgotten zero_grad ------------------------------------------------------------------------------------------------

LAST: weakref.WeakKeyDictionary[Any, dict[str, tuple[Any, Any, Any]]] = weakref.WeakKeyDictionary()
"""By optimiser, from the last visit: for each parameter its values, the gradient that was there, and the one of the batch then."""


def piled_up(seen: Examination) -> Iterator[Finding]:
    """Gradients that were there at the last visit are still in those that are there now, though the parameters have moved on."""
    if not seen.optimizers:
        return
    now = {name: (seen.parameters[name].data, there, seen.gradient(seen.parameters[name])) for name, there in seen.before.items()}
    last = LAST.get(seen.optimizers[0], {})
    LAST[seen.optimizers[0]] = now
    old = new = moved = fresh = piled = 0.0
    for name, (values, there, _) in now.items():
        old_values, before, gradient = last.get(name, (None, None, None))
        if before is not None and gradient is not None and there.shape == before.shape:
            moved += norm(values - old_values)
            old, new = old + norm(before) ** 2, new + norm(there) ** 2
            fresh += norm(there - gradient) ** 2
            piled += norm(there - before - gradient) ** 2
    if moved and old and new and piled < 0.25 * min(fresh, old):
        yield forgotten("since the doctor was here last the gradients have grown by that of a batch, though the parameters were updated")


def forgotten(how: str) -> Finding:
    return Finding("forgotten zero_grad", "optimizer", f"Gradients pile up: {how}. Each step then uses the sum of all gradients so far.",
                   "optimizer.zero_grad() before each backward(), or after each step().")


def tried(seen: Examination, step: Callable[[], Any]) -> Iterator[Finding]:
    """Run the user's own training step twice from the same state, and see what it leaves behind."""
    held = [p for p, _ in seen.held]
    left: list[dict[int, Any]] = []
    changed = False
    with undisturbed(seen.model, seen.criterion, held):
        for p in held:
            p.zero_grad()
        for _ in range(2):
            with undisturbed(seen.model, seen.criterion, held), optimizers_undisturbed(seen.optimizers, held):
                before = {id(p): p.data for p in held}
                step()
                changed = changed or any(not np.array_equal(p.data, before[id(p)]) for p in held)
                grads = [p.grad for p in held]
            for p, grad in zip(held, grads):  # all is put back but the gradients
                p.grad = grad
            left.append({id(p): grad.numpy().copy() for p, grad in zip(held, grads) if grad is not None})
    size = sum(norm(g) for g in left[0].values())
    if not changed:
        yield Finding("no step", "optimizer", "The training step changed no parameter.", "loss.backward(), then optimizer.step().")
    elif size and sum(norm(left[1].get(key, 0) - 2 * g) for key, g in left[0].items()) <= 1e-3 * size:
        yield forgotten("run twice from the same parameters, your training step leaves twice the gradient")


@contextmanager
def optimizers_undisturbed(optimizers: Iterable[Any], held: list[Any]) -> Iterator[None]:
    """Put back what optimisers remember, and their settings."""
    kept = [(optimizer, vars(optimizer).copy(), copy.deepcopy(optimizer.state, {id(p): p for p in held}),
             [dict(group) for group in optimizer.param_groups]) for optimizer in optimizers]
    try:
        yield
    finally:
        for optimizer, attributes, state, groups in kept:
            vars(optimizer).clear()
            vars(optimizer).update({**attributes, "state": state})
            for group, settings in zip(optimizer.param_groups, groups):
                group.clear()
                group.update(settings)


CHECKS = (learning_rate, piled_up)
