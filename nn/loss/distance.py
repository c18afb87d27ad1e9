r"""How far apart are two vectors?

    PairwiseDistance       |x1 - x2|_p
    CosineSimilarity       x1 . x2 / (|x1| |x2|)
    CosineEmbedding        1 - cos(x1, x2) if they belong together, max(0, cos(x1, x2) - margin) if not
    TripletMargin          max(0, |a - p| - |a - n| + margin): nearer to its like than to the others, by a margin

Read next: `ctc.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import ops
from nn.formula import Formula
from nn.loss.loss import Loss, numbers, reduced, same_shape
from nn.loss.margin import signs


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """|x1 - x2 + eps|_p along the last axis.

    x1, x2:   (N, D) or (D,); one vector may be compared with many
    p:        which norm: 2, 1, infinity, ...
    eps:      keeps the gradient finite where they are equal
    keepdim:  keep the last axis, with length 1

    Raises ValueError for shapes that do not fit.
    """
    if len(x1.shape) == len(x2.shape) or x1.shape[-1:] != x2.shape[-1:]:
        same_shape("pairwise_distance", x1, x2, "the second")
    x1, x2 = numbers(x1, x2)
    return ops.vector_norm(x1 - x2 + eps, ord=p, axis=-1, keepdims=keepdim)


class PairwiseDistance(Formula, function=pairwise_distance): ...


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """x1 . x2 / (|x1| |x2|) along an axis, with lengths of at least eps.

    x1, x2:  shapes that broadcast, with the same length along the axis `dim`

    Raises ValueError if they have another number of axes or length.
    """
    if len(x1.shape) != len(x2.shape) or not -len(x1.shape) <= dim < len(x1.shape) or x1.shape[dim] != x2.shape[dim]:
        raise ValueError(f"cosine_similarity along axis {dim} compares vectors of one length, but the shapes are {x1.shape} and {x2.shape}")
    one, other = (x / ops.clip(ops.vector_norm(x, axis=dim, keepdims=True), eps, None) for x in numbers(x1, x2))
    return ops.sum(one * other, dim)


class CosineSimilarity(Formula, function=cosine_similarity): ...


def cosine_embedding_loss(x1: Any, x2: Any, target: Any, margin: float = 0.0, reduction: str = "mean") -> Any:
    """1 - cos(x1, x2) where the target is 1, max(0, cos(x1, x2) - margin) where it is -1.

    x1, x2:  (N, D) or (D,)
    target:  1 for those that belong together, -1 for others, (N,) or ()

    Raises ValueError for shapes that do not fit and other targets.
    """
    x1, x2 = same_shape("cosine_embedding_loss", x1, x2, "the second")
    tiny = 1e-12
    cos = ops.sum(x1 * x2, -1) / ops.sqrt((ops.sum(x1 * x1, -1) + tiny) * (ops.sum(x2 * x2, -1) + tiny))
    _, t = signs("cosine_embedding_loss", cos, target)
    return reduced(ops.where(t > 0, 1 - cos, ops.clip(cos - margin, 0, None)), reduction)


class CosineEmbeddingLoss(Loss, function=cosine_embedding_loss): ...


def triplet_margin_with_distance_loss(anchor: Any, positive: Any, negative: Any, distance_function: Callable[..., Any] | None = None,
                                      margin: float = 1.0, swap: bool = False, reduction: str = "mean") -> Any:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin). (Schroff et al. 2015, FaceNet, with any distance.)

    anchor, positive, negative:  (N, D): examples, others of their kind, and others of another kind
    distance_function:           d; default `pairwise_distance`
    swap:                        take d(positive, negative) for d(anchor, negative) where it is smaller (Balntas et al. 2016)

    Raises ValueError for shapes that differ.
    """
    same_shape("triplet_margin_loss", anchor, positive, "the positive")
    same_shape("triplet_margin_loss", anchor, negative, "the negative")
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = ops.minimum(far, distance(positive, negative))
    return reduced(ops.clip(near - far + margin, 0, None), reduction)


class TripletMarginWithDistanceLoss(Loss, function=triplet_margin_with_distance_loss): ...


def triplet_margin_loss(anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6,
                        swap: bool = False, reduction: str = "mean") -> Any:
    """max(0, |anchor - positive|_p - |anchor - negative|_p + margin). (Schroff et al. 2015, FaceNet.)

    anchor, positive, negative:  (N, D) or (D,): examples, others of their kind, and others of another kind
    p, eps:                      see `pairwise_distance`
    swap:                        take the distance of positive and negative where it is smaller than the latter (Balntas et al. 2016)

    Raises ValueError for shapes that differ.
    """
    return triplet_margin_with_distance_loss(anchor, positive, negative, lambda a, b: pairwise_distance(a, b, p, eps), margin, swap,
                                             reduction)


class TripletMarginLoss(Loss, function=triplet_margin_loss): ...
