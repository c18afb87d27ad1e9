"""What is taken for what?

    confusion(matrix, names)              how often each class was taken for each other
    mistakes(images, targets, scores)     the single images, the surest mistakes first

Both are asked for as `pictures.confusion` and `pictures.mistakes`.

Read next: `figure.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.training.figure import Path_, figure, finished, stretched, styled, tiled
from nn.training.pairs import plain

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def confusion(matrix: ArrayLike, classes: Sequence[str] | None = None, path: Path_ = None) -> Any:
    """A confusion matrix: how often each class (row) was taken for each other (column). The colour is the share of the row.

    matrix:   counts, such as `ConfusionMatrix(10).value()`
    classes:  what they are called; default: numbers
    """
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise ValueError(f"confusion() draws a square matrix of counts, and this has shape {counts.shape}")
    n = len(counts)
    names = [str(i) for i in range(n)] if classes is None else [str(name) for name in classes]
    if len(names) != n:
        raise ValueError(f"confusion(): there are {len(names)} names for {n} classes")
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    wrong = ~np.eye(n, dtype=bool)
    top = max(float(share[wrong].max()) if n > 1 else 0.0, 1e-9)
    colours = np.ones((n, n, 3))
    for rows, colour, strength in ((~wrong, (0.12, 0.47, 0.71), share * 0.85), (wrong, (0.89, 0.34, 0.18), share / top * 0.85)):
        painted = 1 - strength[..., None] * (1 - np.array(colour))
        colours[rows] = painted[rows]
    size = max(0.42 * n + 1.4, 3.6)
    made = figure(size, size)
    right = np.trace(counts) / max(counts.sum(), 1)
    axes = styled(made.add_subplot(), f"{right:.2%} right of {counts.sum():,}", "taken for", "is", grid=False)
    axes.imshow(colours, interpolation="nearest")
    if n <= 25:
        for i, j in np.argwhere(counts > 0):
            dark = colours[i, j].mean() < 0.6
            axes.text(j, i, str(counts[i, j]), ha="center", va="center", fontsize=8, color="white" if dark else "#222222")
    long = max(map(len, names)) > 3
    axes.set_xticks(range(n), names, rotation=45 if long else 0, ha="right" if long else "center")
    axes.set_yticks(range(n), names)
    axes.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e3e5e9", linewidth=0.8)
    axes.tick_params(which="both", length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    return finished(made, path)


def mistakes(images: ArrayLike, targets: ArrayLike, scores: ArrayLike, path: Path_ = None, classes: Sequence[str] | None = None,
             most: int = 24) -> Any:
    """The images that were taken for something else, the surest mistakes first: what it was taken for, and what it is.

    images:   (N, channels, height, width) or (N, height, width)
    targets:  their classes
    scores:   (N, classes), as the model puts them out
    most:     how many are shown
    """
    pixels, t, y = (np.asarray(plain(values)) for values in (images, targets, scores))
    if y.ndim != 2 or t.shape != y.shape[:1] or len(pixels) != len(t):
        raise ValueError(f"mistakes() takes images (N, ...), classes (N,) and scores (N, C), and got {pixels.shape}, {t.shape}, {y.shape}")
    y = y - y.max(axis=1, keepdims=True)
    probability = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True)
    guess, sure = y.argmax(axis=1), probability.max(axis=1)
    rows = np.flatnonzero(guess != t)
    rows = rows[np.argsort(-sure[rows], kind="stable")]
    names = [str(k) for k in range(y.shape[1])] if classes is None else [str(name) for name in classes]
    title = f"{len(rows)} of {len(t)} taken for something else" if len(rows) else f"no mistake among {len(t)}"
    tiles = [stretched(pixels[i].transpose(1, 2, 0).squeeze() if pixels.ndim == 4 else pixels[i]) for i in rows[:most]]
    labels = [f"{names[guess[i]]}, is {names[t[i]]}\n{sure[i]:.0%} sure" for i in rows[:most]]
    return finished(tiled(tiles, 8, title, labels, size=1.0), path)
