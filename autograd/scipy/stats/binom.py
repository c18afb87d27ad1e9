"""How many of n trials succeed, each with probability p?

    p(k) = n! / (k! (n - k)!) p^k (1 - p)^(n - k),    k = 0, 1, ..., n

Read next: `multivariate_normal.py`.
"""

from __future__ import annotations

from typing import Any

from autograd.ops import betainc, gammaln, where, xlog1py, xlogy
from autograd.scipy.stats.discrete import Discrete


def below(k: Any, n: Any) -> Any:
    """k where it is below n, where the incomplete beta function knows it; 0 elsewhere."""
    return where(k < n, k, 0)


FAMILY = Discrete(
    "binom", ("n", "p"), support=lambda k, n, p: (k >= 0) & (k <= n), valid=lambda n, p: (n >= 0) & (n == n // 1) & (p >= 0) & (p <= 1),
    log_mass=lambda k, n, p: gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + xlogy(k, p) + xlog1py(n - k, -p),
    cdf=lambda k, n, p: where(k < n, betainc(n - below(k, n), below(k, n) + 1, 1 - p), 1.0),
    sf=lambda k, n, p: where(k < n, betainc(below(k, n) + 1, n - below(k, n), p), 0.0))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
