"""Do the loss, the outputs and the targets fit together?

The mistakes that raise no error: probabilities where scores are meant, a softmax along the wrong axis, shapes that broadcast. Loss
functions are recognised when they are called, however deep in the user's own function. Each check takes an `Examination` and yields
`Finding`s.

Read next: `signal_flow.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from nn.training.examination import Examination, LossCall, Operation, array_of, arrays_of
from nn.training.finding import DOUBTFUL, Finding

FAR_OFF = 3.0
"""The first loss may be so many times what guessing costs, plus so much, before anybody is told."""


def failed(seen: Examination) -> Iterator[Finding]:
    """The exception that ended the step."""
    if seen.error is None:
        return
    if any(True for check in (targets, one_class, batch_fits, broadcasting) for _ in check(seen)):
        return
    last = seen.operations[-1] if seen.operations else None
    after = f" The last operation that worked was {last.op}{f' in {last.path}' if last.path else ''}." if last is not None else ""
    yield Finding("error", seen.failed, f"{type(seen.error).__name__}: {str(seen.error).rstrip('.')}.{after}", "see the message.")


def batch_fits(seen: Examination) -> Iterator[Finding]:
    """Inputs and targets of different lengths."""
    sizes = [{x.shape[0] for x in arrays_of(tree) if x.ndim} for tree in (seen.inputs, seen.targets)]
    if seen.error is not None and all(len(s) == 1 for s in sizes) and sizes[0] != sizes[1]:
        yield Finding("targets", "targets", f"There are {sizes[0].pop()} inputs and {sizes[1].pop()} targets.",
                      "each input needs its target: look at the collate function.")


def is_distribution(x: Any, axis: int) -> bool:
    """Are these probabilities: not negative, and of sum 1 along the axis?"""
    return bool(x.size and x.shape[axis] > 1 and x.min() >= 0 and np.allclose(x.sum(axis=axis, dtype=np.float64), 1, atol=1e-3))


def is_log_distribution(x: Any, axis: int) -> bool:
    """Are these the logarithms of probabilities?"""
    with np.errstate(all="ignore"):
        sums = np.exp(x.astype(np.float64)).sum(axis=axis)
        return bool(x.size and x.shape[axis] > 1 and x.max() <= 1e-4 and np.allclose(sums, 1, atol=1e-3))


def class_axis(call: LossCall) -> int:
    return int(call.options.get("axis", min(1, call.x.ndim - 1)))


def softmax_twice(seen: Examination) -> Iterator[Finding]:
    """Probabilities where a softmax follows."""
    for call in seen.losses:
        if call.name == "cross_entropy" and call.x.ndim:
            logs = is_log_distribution(call.x, class_axis(call))
            if logs or is_distribution(call.x, class_axis(call)):
                effect = ("The second one changes nothing, and costs time." if logs else
                          "It squeezes all differences, so that gradients are small and the loss cannot go to 0.")
                yield Finding("softmax twice", "loss", f"CrossEntropyLoss takes scores and applies log-softmax itself, but is given "
                              f"{'log-probabilities' if logs else 'probabilities'}. {effect}",
                              "leave the softmax out of the model" + (", or take NLLLoss." if logs else "."), DOUBTFUL if logs else "wrong")
                return
    for operation in seen.operations:
        if operation.op in ("softmax", "log_softmax") and not operation.in_loss:
            x, axis = operation.arrays[0], operation.options.get("axis", -1)
            if isinstance(axis, int) and x.ndim > 1 and x.shape[axis] > 2 and is_distribution(x, axis):
                yield Finding("softmax twice", operation.path or "model", f"{operation.op} is applied to what is a distribution already.",
                              "leave one of the two out.")
                return


def sigmoid_twice(seen: Examination) -> Iterator[Finding]:
    """Probabilities where a sigmoid follows."""
    squashed = {id(o.result): o for o in seen.operations if o.op in ("sigmoid", "softmax") and not o.in_loss}
    for o in seen.operations:  # what only moves numbers about
        if o.op in ("reshape", "squeeze", "subscript", "expand_dims", "identity") and id(o.arrays[0]) in squashed:
            squashed[id(o.result)] = squashed[id(o.arrays[0])]
    for call in seen.losses:
        if call.name == "binary_cross_entropy_with_logits" and id(call.x) in squashed:
            first = squashed[id(call.x)]
            yield Finding("sigmoid twice", "loss", f"BCEWithLogitsLoss takes scores and applies the sigmoid itself, but is given the "
                          f"result of {first.op}{f' in {first.path}' if first.path else ''}: no probability can be below sigmoid(0) = 0.5.",
                          "leave the sigmoid out of the model, or take BCELoss.")
            return


def softmax_axis(seen: Examination) -> Iterator[Finding]:
    """A softmax that compares the samples of the batch with each other."""
    sizes = {x.shape[0] for x in arrays_of(seen.inputs) if x.ndim}
    for operation in seen.operations:
        if operation.op in ("softmax", "log_softmax") and operation.arrays[0].ndim > 1:
            x, axis = operation.arrays[0], operation.options.get("axis", -1)
            if axis in (0, -x.ndim) and x.shape[0] in sizes and x.shape[0] > 1:
                yield Finding("softmax axis", operation.path or ("loss" if operation.in_loss else "model"),
                              f"{operation.op} of an array of shape {x.shape} along axis 0: that is the batch, and its samples compete "
                              "with each other.", "dim=1 (or -1), the axis of the classes.")
                return
    for call in seen.losses:
        if call.name == "nll_loss" and call.x.ndim > 1 and not is_log_distribution(call.x, 1):
            for axis in range(call.x.ndim):
                if axis != 1 and is_log_distribution(call.x, axis):
                    yield Finding("softmax axis", "loss", f"NLLLoss takes log-probabilities along axis 1 of {call.x.shape}, and these are "
                                  f"along axis {axis}.", "log_softmax(x, dim=1).")
                    return


def no_log(seen: Examination) -> Iterator[Finding]:
    """NLLLoss of what are no log-probabilities."""
    if any(True for _ in softmax_axis(seen)):
        return
    for call in seen.losses:
        if call.name == "nll_loss" and call.x.ndim and call.x.size and not is_log_distribution(call.x, class_axis(call)):
            what = "probabilities" if is_distribution(call.x, class_axis(call)) else "scores"
            yield Finding("no log", "loss", f"NLLLoss takes log-probabilities, but is given {what}: the loss is -x[target] and has no "
                          "minimum worth reaching.", "log_softmax in the model; or CrossEntropyLoss, which takes scores.")
            return


# ---- targets and shapes -------------------------------------------------------------------------------------------------


def broadcasting(seen: Examination) -> Iterator[Finding]:
    """(N, 1) and (N,) make (N, N): each output is compared with the target of each sample."""
    text = "Each output is compared with the targets of all samples, and the best answer is their mean."
    for o in seen.operations:
        if o.in_loss and len(o.arrays) == 2 and getattr(o.result, "ndim", 0) > 1:
            a, b = (np.shape(x) for x in o.arrays)
            if len(a) != len(b) and math.prod(a) == math.prod(b) < o.result.size and (o.nodes[0] is None) != (o.nodes[1] is None):
                yield Finding("broadcasting", "loss", f"In the loss {o.op} meets {a} and {b} and makes {o.result.shape} of them. {text}",
                              "reshape the one to the shape of the other: output.reshape(-1), or target.reshape(-1, 1).")
                return
    for call in seen.losses:
        if call.name in ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits"):
            a, b = np.shape(call.x), np.shape(call.target)
            if a != b and math.prod(a) == math.prod(b):
                yield Finding("broadcasting", "loss", f"The outputs have shape {a} and the targets {b}: {call.name} refuses them, for they "
                              f"would be broadcast. {text}", f"target.reshape({a}), if they mean the same.")
                return


def targets(seen: Examination) -> Iterator[Finding]:
    """Targets that are no classes, or no probabilities."""
    for call in seen.losses:
        t = np.asarray(call.target)
        if call.name in ("cross_entropy", "nll_loss", "multi_margin_loss") and call.x.ndim and t.size:
            classes, ignored = call.x.shape[class_axis(call)], call.options.get("ignore_index", -100)
            if t.dtype.kind in "iu":
                bad = t[((t < 0) | (t >= classes)) & (t != ignored)]
                if bad.size:
                    start = " Do they start at 1?" if t.min() >= 1 and t.max() == classes else ""
                    yield Finding("targets", "targets", f"The model scores {classes} classes, 0 to {classes - 1}, but there are targets "
                                  f"such as {bad.flat[0]}.{start}",
                                  "number the classes from 0, and give the last layer as many outputs as there are classes; what shall "
                                  "not count is ignore_index (-100).")
                    return
            elif (t.dtype.kind == "f" and t.shape != call.x.shape) or t.dtype.kind not in "fiu":
                yield Finding("targets", "targets", f"Targets that are classes are integers, and these are {t.dtype} of shape {t.shape}.",
                              "targets.astype(int).")
                return
            elif call.name == "cross_entropy" and (t.min() < 0 or not np.allclose(t.sum(axis=class_axis(call)), 1, atol=1e-2)):
                yield Finding("targets", "targets", "Targets in the shape of the scores are probabilities, and these do not sum to 1.",
                              "class numbers (integers), or rows that sum to 1.")
                return
        if call.name.startswith("binary_cross_entropy") and t.size and (t.min() < 0 or t.max() > 1):
            yield Finding("targets", "targets", f"Targets of a binary cross entropy lie between 0 and 1, and these go from {t.min():.4g} "
                          f"to {t.max():.4g}: the loss has no lower bound.",
                          "(targets + 1) / 2 if they are -1 and 1; (targets > 0).astype(float).")
            return
        if call.name == "soft_margin_loss" and t.size and set(np.unique(t)) <= {0, 1}:
            yield Finding("targets", "targets", "Targets of a margin loss are 1 and -1, and these are 0 and 1.", "2 * targets - 1.")
            return


def one_class(seen: Examination) -> Iterator[Finding]:
    """A softmax over a single class is always 1."""
    for call in seen.losses:
        if call.name in ("cross_entropy", "nll_loss") and call.x.ndim > 1 and call.x.shape[class_axis(call)] == 1:
            yield Finding("one class", "loss", "The model has one output, and a softmax over one class is always 1: the loss is always 0.",
                          "two outputs, or BCEWithLogitsLoss for a yes or no.")
            return


def relu_before_loss(seen: Examination) -> Iterator[Finding]:
    """Scores that cannot be negative."""
    rectified = {id(o.result): o for o in seen.operations if o.op == "relu" and not o.in_loss}
    for call in seen.losses:
        if call.name in ("cross_entropy", "binary_cross_entropy_with_logits", "multi_margin_loss") and id(call.x) in rectified:
            yield Finding("relu before loss", rectified[id(call.x)].path or "model", "The scores come out of a ReLU: none can be negative, "
                          "and those at 0 get no gradient.", "leave the non-linearity after the last layer out.")
            return


# ---- the value ----------------------------------------------------------------------------------------------------------


def not_scalar(seen: Examination) -> Iterator[Finding]:
    """One number is made small, not many."""
    if isinstance(seen.loss, Tensor) and seen.loss.size != 1:
        yield Finding("not scalar", "loss", f"The loss has shape {seen.loss.shape}, and backward() starts from one number.",
                      "reduction='mean', or .mean().")
    elif isinstance(seen.loss, Tensor) and seen.loss.dtype.kind != "f":
        yield Finding("not scalar", "loss", f"The loss is {seen.loss.dtype}, and what is made small is a real number.",
                      "its absolute value or its real part; of integers the float that they were made of.")


def loss_not_finite(seen: Examination) -> Iterator[Finding]:
    """NaN or infinity, and the operation that it comes from."""
    if seen.real and not np.isfinite(seen.value):
        origin = next((o for o in seen.operations if not finite(o.result) and all(finite(x) for x in o.arrays)), None)
        given = "" if origin is None else (f" It begins at {origin.op}{f' in {origin.path}' if origin.path else ''}"
                                           f"{' in the loss' if origin.in_loss else ''}{ranges(origin)}.")
        yield Finding("loss not finite", place_of(origin), f"The loss is {seen.value}.{given}",
                      "keep the argument in the domain (log(x + eps), log_softmax, clip), or normalise the inputs.")


def place_of(origin: Operation | None) -> str:
    return "loss" if origin is None or origin.in_loss or not origin.path else origin.path


def finite(x: Any) -> bool:
    x = array_of(x)
    return getattr(x, "dtype", None) is None or x.dtype.kind not in "fc" or bool(np.isfinite(x).all())


def ranges(o: Operation) -> str:
    x = np.asarray(o.arrays[0])
    return f", whose argument goes from {x.min():.4g} to {x.max():.4g}" if x.size and x.dtype.kind in "fiu" else ""


def expected(call: LossCall) -> tuple[float, float, str] | None:
    """What a loss is, what it would be if the model guessed, and a name for that; None if nobody knows."""
    x, t = np.asarray(call.x, np.float64), np.asarray(call.target)
    if not x.size or not np.isfinite(x).all():
        return None
    if call.name == "cross_entropy" and t.dtype.kind in "iu" and x.ndim > 1:
        axis = class_axis(call) % x.ndim
        counts = t != call.options.get("ignore_index", -100)
        top = x.max(axis=axis, keepdims=True)
        scores = np.take_along_axis(x, np.expand_dims(np.where(counts, t, 0), axis), axis)
        losses = (top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) - scores).squeeze(axis)[counts]
        c = x.shape[axis]
        return (float(losses.mean()), math.log(c), f"ln {c}") if losses.size and c > 1 else None
    if call.name == "binary_cross_entropy_with_logits" and t.shape == x.shape:
        return float((np.logaddexp(0, x) - t * x).mean()), math.log(2), "ln 2"
    if call.name == "multi_margin_loss" and x.ndim == 2 and t.ndim == 1 and call.options.get("p", 1) == 1:
        margins = np.maximum(0, x - np.take_along_axis(x, t[:, None], 1) + call.options.get("margin", 1))
        np.put_along_axis(margins, t[:, None], 0, 1)
        return float(margins.sum(axis=1).mean()), (x.shape[1] - 1) * call.options.get("margin", 1), "C - 1, summed over the classes"
    return None


def initial_loss(seen: Examination) -> Iterator[Finding]:
    """A loss far above what guessing costs."""
    if seen.error is not None or any(True for check in (targets, one_class) for _ in check(seen)):
        return
    for call in seen.losses:
        found = expected(call)
        if found is not None and found[0] > FAR_OFF * (found[1] + 1):
            yield Finding("initial loss", "loss", f"The loss is {found[0]:.4g}, and guessing costs {found[1]:.4g} ({found[2]}): the scores "
                          "are far too large and mostly wrong.",
                          "smaller initial weights of the last layer (nn.init), or normalised inputs.", DOUBTFUL)
            return


CHECKS = (failed, loss_not_finite, not_scalar, batch_fits, broadcasting, targets, one_class, softmax_twice, sigmoid_twice, softmax_axis,
          no_log, relu_before_loss, initial_loss)
