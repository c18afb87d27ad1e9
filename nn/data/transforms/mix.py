r"""How does a network learn to be less sure between the classes?

It sees mixtures of two samples, and has to name both, in their proportion:

    x = lam x_1 + (1 - lam) x_2        t = lam t_1 + (1 - lam) t_2        lam ~ Beta(alpha, alpha)

(Zhang et al. 2018, "mixup: beyond empirical risk minimization".) CutMix puts a rectangle of the second image into the first one instead,
and lam is the share of the area that is left of the first (Yun et al. 2019, "CutMix: regularization strategy to train strong classifiers
with localizable features"). The targets are probabilities, float32, which `nn.CrossEntropyLoss` takes.

There are two ways to use them. As `DataLoader(batch_transform=MixUp(10))` the partner of a sample is its neighbour in the batch, as in
the papers; so it depends on the batch. `MixedDataset(dataset, MixUp(10))` draws the partner from the whole data set instead, by (seed,
epoch, index) alone, and fetches two samples for each.

Read next: `randaugment.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.data.draws import Array, Draws


class Mix:
    """What MixUp and CutMix share.

    num_classes:  how many classes there are; None where the targets are probabilities already
    alpha:        of the Beta distribution: near 0 nearly unmixed, 1 uniform, above 1 more nearly halves
    """

    def __init__(self, num_classes: int | None = None, alpha: float = 1.0) -> None:
        if not alpha > 0:
            raise ValueError(f"alpha is above 0, and not {alpha!r}; for no mixing leave {type(self).__name__} out")
        self.num_classes, self.alpha = num_classes, alpha

    def __call__(self, x: Any, targets: Any, rng: Any = None) -> tuple[Array, Array]:
        """Mix a batch, each sample with its neighbour. Returns inputs and probabilities."""
        return self.batch((x, targets), Draws.of(rng, len(x)))

    def batch(self, batch: Any, draws: Draws) -> tuple[Array, Array]:
        if not isinstance(batch, tuple) or len(batch) != 2:
            raise TypeError(f"{type(self).__name__} mixes batches of (inputs, targets), and this is a {type(batch).__name__} "
                            f"{f'of {len(batch)}' if isinstance(batch, (tuple, list, dict)) else ''}")
        x, targets = (np.asarray(part) for part in batch)
        return self.mixed(x, np.roll(x, 1, axis=0), targets, np.roll(targets, 1, axis=0), draws)

    def mixed(self, x: Array, other: Array, targets: Array, other_targets: Array, draws: Draws) -> tuple[Array, Array]:
        """Samples and their partners become mixtures."""
        if x.dtype.kind != "f":
            raise TypeError(f"{type(self).__name__} takes floating-point inputs, not {x.dtype}: give the data set the transform ToFloat()")
        one, two = self.probabilities(targets), self.probabilities(other_targets)
        x, lam = self.inputs(x, other, draws)
        share = lam.astype(np.float32)[:, None]
        return x, share * one + (1 - share) * two

    def lam(self, draws: Draws) -> Array:
        return np.array([rng.beta(self.alpha, self.alpha) for rng in draws.generators()])

    def probabilities(self, targets: Array) -> Array:
        if targets.ndim == 2 and targets.dtype.kind == "f":
            return targets.astype(np.float32)
        if targets.ndim != 1 or targets.dtype.kind not in "iu":
            raise TypeError(f"targets are classes, integers (N,), or probabilities (N, C), and not {targets.dtype} of {targets.shape}")
        if self.num_classes is None:
            raise ValueError(f"these targets are class numbers, so write {type(self).__name__}(num_classes=...)")
        if len(targets) and not 0 <= targets.min() <= targets.max() < self.num_classes:
            bad = targets[(targets < 0) | (targets >= self.num_classes)][0]
            raise ValueError(f"there is a target {bad}, but {type(self).__name__} was made for the classes 0 to {self.num_classes - 1}")
        return np.eye(self.num_classes, dtype=np.float32)[targets]

    def inputs(self, x: Array, other: Array, draws: Draws) -> tuple[Array, Array]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}(num_classes={self.num_classes}, alpha={self.alpha})"


class MixUp(Mix):
    """lam x_1 + (1 - lam) x_2, for inputs of any shape. lam is drawn for each sample.

    num_classes:  how many classes there are; None where the targets are probabilities already
    alpha:        of Beta(alpha, alpha). On ImageNet 0.2 to 0.4, on CIFAR-10 1 (Zhang et al. 2018)

    >>> import numpy as np
    >>> from nn.data.transforms import MixUp
    >>> x, t = MixUp(num_classes=3)(np.ones((2, 1, 4, 4), np.float32), np.array([0, 2]), rng=0)
    >>> t.sum(axis=1), t[:, 1]
    (array([1., 1.], dtype=float32), array([0., 0.], dtype=float32))
    """

    def inputs(self, x: Array, other: Array, draws: Draws) -> tuple[Array, Array]:
        lam = self.lam(draws)
        share = lam.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - 1))
        return share * x + (1 - share) * other, lam


class CutMix(Mix):
    """A rectangle of the second image in the first, for images (N, C, H, W). lam and the place are drawn for each sample.

    num_classes:  how many classes there are; None where the targets are probabilities already
    alpha:        of Beta(alpha, alpha); 1 in the paper
    """

    def inputs(self, x: Array, other: Array, draws: Draws) -> tuple[Array, Array]:
        if x.ndim != 4:
            raise ValueError(f"CutMix takes images (N, C, H, W), not inputs of shape {x.shape}: for these take MixUp")
        height, width = x.shape[2:]
        lam, row, column = self.lam(draws), draws.integers(height), draws.integers(width)
        half = 0.5 * np.sqrt(1 - lam)
        top, bottom = np.clip(row - (half * height).astype(int), 0, height), np.clip(row + (half * height).astype(int), 0, height)
        left, right = np.clip(column - (half * width).astype(int), 0, width), np.clip(column + (half * width).astype(int), 0, width)
        out = x.copy()
        for i in range(len(x)):
            out[i, :, top[i]: bottom[i], left[i]: right[i]] = other[i, :, top[i]: bottom[i], left[i]: right[i]]
        return out, 1 - (bottom - top) * (right - left) / (height * width)
