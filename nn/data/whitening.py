r"""How are correlations taken out of the input?

The covariance matrix of the training data says which inputs vary together; its eigenvectors U are directions that do not (CS231n, "Setting
up the data and the model", PCA and whitening):

    C = X^T X / N = U S U^T           (X without its mean)
    PCA      (x - mean) U             turned to these directions, the most varying ones first; one may keep only some
    whitened (x - mean) U / sqrt(S + eps)          each direction with variance 1
    ZCA      ... times U^T            turned back, so that the image still looks like one (Krizhevsky 2009, appendix A)

eps keeps directions without variance, which hold noise, from being blown up. It is added to variances, so it is in the square of the
units of x: 1e-5 is little for pixels in [0, 1].

How a matrix product is rounded depends on the number of its rows. So the last bits of a whitened sample depend on the batch it is in,
which holds for no other transform here.

Read next: `synthetic.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.data.draws import Array
from nn.data.preprocessing import Chunks, Preprocessing


class PCA(Preprocessing):
    """(x - mean) U: coordinates along the directions of largest variance. Samples of any shape are flattened.

    n_components:  how many directions are kept; None keeps all
    whiten:        divide each coordinate by sqrt(variance + eps)
    eps:           see above
    dtype:         of the numbers it keeps

    >>> import numpy as np, nn.data
    >>> x = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    >>> pca = nn.data.PCA(n_components=1).fit(x)
    >>> pca.inverse(pca(x)).round(5)
    array([[1., 1.],
           [2., 2.],
           [3., 3.]])
    """

    learned = ("mean", "components", "variance")
    mean: Any
    components: Any
    variance: Any

    def __init__(self, n_components: int | None = None, whiten: bool = False, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        super().__init__(dtype)
        if n_components is not None and n_components < 1:
            raise ValueError(f"n_components is at least 1, and this is {n_components}")
        if not eps >= 0:
            raise ValueError(f"eps is not negative, and this is {eps!r}")
        self.n_components, self.whiten, self.eps = n_components, whiten, eps

    def found(self, chunks: Chunks) -> dict[str, Any]:
        mean, directions, variance = principal(chunks)
        k = len(variance) if self.n_components is None else self.n_components
        if k > len(variance):
            raise ValueError(f"n_components is {k}, but a sample of shape {mean.shape} has {len(variance)} numbers")
        return {"mean": mean, "components": directions[:, :k].T, "variance": variance[:k]}

    def applied(self, x: Any) -> Any:
        flat = flattened(x - self._number("mean", x), self.mean.shape)
        y = flat @ self._number("components", x).T
        return y / (self._number("variance", x) + self.eps) ** 0.5 if self.whiten else y

    def undone(self, x: Any) -> Any:
        x = x * (self._number("variance", x) + self.eps) ** 0.5 if self.whiten else x
        flat = x @ self._number("components", x)
        return flat.reshape((*x.shape[:-1], *self.mean.shape)) + self._number("mean", x)


class ZCA(Preprocessing):
    """(x - mean) U / sqrt(S + eps) U^T: whitened, in the shape of the input and as near to it as whitened data can be.

    eps:    see above
    dtype:  of the numbers it keeps
    """

    learned = ("mean", "directions", "variance")
    mean: Any
    directions: Any
    variance: Any

    def __init__(self, eps: float = 1e-5, dtype: Any = np.float32) -> None:
        super().__init__(dtype)
        if not eps >= 0:
            raise ValueError(f"eps is not negative, and this is {eps!r}")
        self.eps = eps

    def found(self, chunks: Chunks) -> dict[str, Any]:
        return dict(zip(self.learned, principal(chunks)))

    def _scaled(self, x: Any, power: float) -> Any:
        u = self._number("directions", x)
        y = (flattened(x, self.mean.shape) @ u) * (self._number("variance", x) + self.eps) ** power @ u.T
        return y.reshape(x.shape)

    def applied(self, x: Any) -> Any:
        return self._scaled(x - self._number("mean", x), -0.5)

    def undone(self, x: Any) -> Any:
        return self._scaled(x, 0.5) + self._number("mean", x)


def flattened(x: Any, shape: tuple[int, ...]) -> Any:
    """(..., *shape) as (..., numbers in a sample)."""
    return x.reshape((*x.shape[: len(x.shape) - len(shape)], int(np.prod(shape))))


def principal(chunks: Chunks) -> tuple[Array, Array, Array]:
    """(mean, directions as columns, variances), the largest variance first. The largest number in a direction is positive."""
    n, mean, scatter = 0, np.zeros(1), np.zeros((1, 1))
    shape: tuple[int, ...] = ()
    for x in chunks:
        shape = x.shape[1:]
        flat = x.reshape(len(x), -1)
        mean_x = flat.mean(axis=0)
        gap, m = mean_x - mean, len(flat)
        scatter = scatter + (flat - mean_x).T @ (flat - mean_x) + np.outer(gap, gap) * n * m / (n + m)
        mean = mean + gap * m / (n + m)
        n += m
    variance, directions = np.linalg.eigh(scatter / n)
    directions, variance = directions[:, ::-1], np.maximum(variance[::-1], 0)
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.where(directions[largest, np.arange(directions.shape[1])] < 0, -1, 1)
    return mean.reshape(shape), directions, variance
