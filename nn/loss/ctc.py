r"""Which sequence is it, if nobody says when?

Connectionist temporal classification (Graves et al. 2006): at each of T times the network says a label or "blank". A path of
T such says the sequence that is left when repetitions are merged and blanks dropped. The loss is -log of the probability of all paths
that say the target.

With a blank before, between and after the labels, l = (-, t1, -, t2, -, ..., -), a path moves along l by 0 or 1 places each
time, or by 2 over a blank between different labels. So alpha, the probability of all beginnings of paths that are at each
place, follows from time to time,

    log alpha_(t+1)[s] = log y_(t+1)[l_s] + logsumexp(log alpha_t[s], log alpha_t[s-1], log alpha_t[s-2] if it may be skipped to)

for all places of all sequences at once. The gradient, which the paper finds with a second recursion backwards, is that of the tape.

Read next: `../regularizer.py`.
"""

from __future__ import annotations

from math import inf
from typing import Any

from autograd import ops
from autograd.ops.shapes import as_array, floating
from nn.loss.loss import Loss, anywhere, check_reduction


def ctc_loss(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int = 0, reduction: str = "mean",
             zero_infinity: bool = False) -> Any:
    """-log of the probability that a path through the log-probabilities says the target.

    log_probs:       (T, N, C) or (T, C), from `log_softmax`
    targets:         labels, (N, S) with anything behind the ends, or all in one row, (sum(target_lengths),)
    input_lengths:   how many times of each sequence count, (N,), at most T
    target_lengths:  how many labels each target has, (N,)
    blank:           the class that means nothing
    reduction:       'mean': each loss divided by the length of its target, then averaged over the N; 'sum' or 'none'
    zero_infinity:   count impossible targets (too long for their input) as 0, without a gradient, rather than infinite

    Raises ValueError for shapes and lengths that do not fit, IndexError for labels that are no class.
    """
    check_reduction(reduction)
    log_probs = floating(log_probs)
    single = len(log_probs.shape) == 2
    if single:
        log_probs = ops.expand_dims(log_probs, 1)
    times, n, classes = log_probs.shape
    targets, input_lengths, target_lengths = (as_array(x) for x in (targets, input_lengths, target_lengths))
    input_lengths, target_lengths = (ops.reshape(x, (-1,)) for x in (input_lengths, target_lengths))
    targets = padded(targets, target_lengths, n)
    check(log_probs, targets, input_lengths, target_lengths, blank)
    used = ops.cumsum(ops.ones_like(targets), 1) <= ops.expand_dims(target_lengths, 1)
    targets = ops.where(used, targets, blank)
    if anywhere((targets < 0) | (targets >= classes)):
        least, most = int(ops.min(targets)), int(ops.max(targets))
        raise IndexError(f"ctc_loss: labels are classes, 0 to {classes - 1}, but these go from {least} to {most}")

    # The places (N, 2 S + 1), and which of them a path may enter from two places before.
    blanks = ops.where(used, blank, blank)
    places = ops.concatenate([ops.reshape(ops.stack([blanks, targets], -1), (n, -1)), ops.zeros_like(target_lengths)[:, None] + blank], 1)
    skips = (places != blank) & (places != ops.shift(places, 2, 1, blank))
    entry = ops.astype(ops.where(skips, 0.0, -inf), log_probs.dtype)
    said = ops.take_along_axis(log_probs, ops.broadcast_to(places, (times, *places.shape)), 2)

    # Before time 0 every path is at the first blank, as it were.
    number = ops.cumsum(ops.ones_like(places), 1) - 1
    alpha = ops.astype(ops.where(number == 0, 0.0, -inf), log_probs.dtype)
    for t in range(times):
        moved = ops.logsumexp(ops.stack([alpha, ops.shift(alpha, 1, 1, -inf), ops.shift(alpha, 2, 1, -inf) + entry]), 0) + said[t]
        alpha = ops.where(ops.expand_dims(t < input_lengths, 1), moved, alpha)
    last = ops.expand_dims(2 * target_lengths, 1)  # a path ends at the last blank, or at the last label
    loss = -ops.logsumexp(ops.where((number == last) | (number == last - 1), alpha, -inf), 1)
    if zero_infinity:
        loss = ops.where(loss == inf, 0, loss)
    if reduction == "mean":
        return ops.mean(loss / ops.astype(ops.clip(target_lengths, 1, None), loss.dtype))
    return ops.sum(loss) if reduction == "sum" else loss[0] if single else loss


def padded(targets: Any, lengths: Any, n: int) -> Any:
    """Targets in one row, one behind the other, as (N, S)."""
    if len(targets.shape) != 1:
        return targets
    if n == 1:
        return ops.expand_dims(targets, 0)
    longest = max([*map(int, lengths), 0])
    if sum(map(int, lengths)) != targets.shape[0]:
        raise ValueError(f"ctc_loss: {targets.shape[0]} targets in one row, but the target_lengths add up to {sum(map(int, lengths))}")
    ends = ops.cumsum(lengths)
    rows = [ops.pad(targets[int(end) - int(k): int(end)], (0, longest - int(k))) for end, k in zip(ends, lengths)]
    return ops.stack(rows)


def check(log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any, blank: int) -> None:
    times, n, classes = log_probs.shape
    if len(targets.shape) != 2 or targets.shape[0] != n or input_lengths.shape != (n,) or target_lengths.shape != (n,):
        raise ValueError(f"ctc_loss: log-probabilities of shape (T, N, C) = {log_probs.shape} need targets for {n} sequences, and as many "
                         f"lengths, but the targets have shape {targets.shape}, input_lengths {input_lengths.shape} and target_lengths "
                         f"{target_lengths.shape}")
    if not 0 <= blank < classes:
        raise ValueError(f"ctc_loss: blank is one of the {classes} classes, 0 to {classes - 1}, not {blank}")
    for name, lengths, most in (("input_lengths", input_lengths, times), ("target_lengths", target_lengths, targets.shape[1])):
        if anywhere((lengths < 0) | (lengths > most)):
            raise ValueError(f"ctc_loss: {name} are between 0 and {most}, but they are {[int(k) for k in lengths]}")


class CTCLoss(Loss, function=ctc_loss):

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        return super().forward(log_probs, as_array(targets), as_array(input_lengths), as_array(target_lengths))
