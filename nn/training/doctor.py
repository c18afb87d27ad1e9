"""What is wrong with this training script?

    print(doctor(model, criterion, optimizer, (inputs, targets)))

takes one training step on a batch, looks closely, and puts everything back. Each finding names the place and the mend:

    1. softmax twice, at loss
       CrossEntropyLoss takes scores and applies log-softmax itself, but is given probabilities. ...
       Mend: leave the softmax out of the model.

What it looks at stands in the lists `CHECKS` of five files: `ownership.py` (who knows the parameters?), `batch.py` (data and modes),
`criterion.py` (loss, outputs, targets), `signal_flow.py` (units and gradients) and `learning.py` (updates). A check is a function from an
`Examination` to `Finding`s. Thresholds are such that healthy scripts hear nothing.

Read next: `finding.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nn.module import Module
from nn.training import batch as material
from nn.training import criterion as fit
from nn.training import learning, ownership, signal_flow
from nn.training.examination import Examination, optimizers_of
from nn.training.finding import Diagnosis, Finding
from nn.training.pairs import arguments

CHECKS = (*fit.CHECKS[:2], *material.CHECKS, *ownership.CHECKS, *fit.CHECKS[2:], *signal_flow.CHECKS, *learning.CHECKS)
"""In the order in which findings of the same gravity are listed: causes before what follows from them."""

KINDS = (
    "error", "loss not finite", "not finite", "integer inputs", "not normalised", "constant inputs", "constant targets",
    "duplicate samples", "batch of one", "mode", "moving norm", "lazy", "detached", "hidden", "not in optimizer", "twice in optimizer",
    "foreign parameter",
    "frozen in optimizer", "no gradient", "not scalar", "broadcasting", "targets", "one class", "softmax twice", "sigmoid twice",
    "softmax axis", "no log", "relu before loss", "initial loss", "dead units", "saturated", "symmetric units", "vanishing gradient",
    "exploding gradient", "gradient not finite", "useless bias", "learning rate", "forgotten zero_grad", "no step")
"""All kinds of findings."""


def doctor(model: Module, loss: Callable[..., Any], optimizer: Any, batch: Any, steps: int = 1,
           step: Callable[[], Any] | None = None) -> Diagnosis:
    """What is wrong with a model, its loss, its optimiser, and a batch of its data.

    model:      called with the inputs, in the mode that it is in: call `model.train()` first
    loss:       called with the outputs and the targets
    optimizer:  an optimiser, a list of them, or None
    batch:      (inputs, targets); inputs may be a tuple of arguments
    steps:      how many updates are tried on the batch
    step:       your own training step on such a batch, a function without arguments; it is run twice from the same state

    Returns a `Diagnosis`. Nothing is changed: parameters, buffers, modes, gradients, the optimiser and random generators are as before.
    Hooks that you registered run, as in any call.

    >>> import numpy as np, nn, optim
    >>> from nn.training import doctor
    >>> model = nn.Sequential(nn.Linear(4, 8, rng=0), nn.ReLU(), nn.Linear(8, 3, rng=1), nn.Softmax())
    >>> x, t = np.random.default_rng(0).normal(size=(16, 4)).astype("float32"), np.arange(16) % 3
    >>> [finding.kind for finding in doctor(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1), (x, t))]
    ['softmax twice']

    Raises TypeError for what is no Module, no optimiser or no batch; ValueError for steps below 1.
    """
    if not isinstance(model, Module):
        raise TypeError(f"doctor() takes a Module, and not {type(model).__name__}")
    if not callable(loss):
        raise TypeError(f"doctor() takes a loss, a function of outputs and targets, and not {type(loss).__name__}")
    if isinstance(loss, type):
        raise TypeError(f"doctor() takes a loss, and this is the class {loss.__name__}: write it with brackets, {loss.__name__}()")
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        raise TypeError(f"doctor() takes a batch, a pair (inputs, targets), and not a {type(batch).__name__}; inputs may be a tuple. Of a "
                        "DataLoader give the first batch: next(iter(loader))")
    if steps < 1:
        raise ValueError(f"doctor() tries at least 1 step, and not {steps}")
    inputs = arguments(batch[0])
    optimizers = optimizers_of(optimizer)
    seen = Examination(model, loss, optimizers, inputs, batch[1], steps)
    findings: list[Finding] = []
    for check in CHECKS:
        findings += check(seen)
    if step is not None and seen.error is None:
        findings += learning.tried(seen, step)
    findings = list(dict.fromkeys(findings))
    title = ", ".join([type(model).__name__, getattr(loss, "__name__", type(loss).__name__), *(type(o).__name__ for o in optimizers)])
    return Diagnosis(findings, measured(seen), title)


def measured(seen: Examination) -> dict[str, float]:
    """The numbers at the top of the report."""
    numbers = {}
    if np.isfinite(seen.value):
        numbers["loss"] = seen.value
    if seen.losses_after:
        n = len(seen.losses_after)
        numbers[f"loss after {n} update{'s' if n > 1 else ''}"] = seen.losses_after[-1]
    if seen.ratios:
        numbers["update / weight"] = float(np.median(list(seen.ratios.values())))
    return numbers
