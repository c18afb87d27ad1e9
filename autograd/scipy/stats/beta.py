"""What is the beta distribution, of shapes a and b?

    p(z) = z^(a - 1) (1 - z)^(b - 1) / beta(a, b),    0 <= z <= 1

Read next: `expon.py`.
"""

from __future__ import annotations

from autograd.ops import betainc, betaln, digamma, xlog1py, xlogy
from autograd.scipy.stats.family import Family

FAMILY = Family(
    "beta", ("a", "b"), support=(0, 1),
    log_density=lambda z, a, b: xlogy(a - 1, z) + xlog1py(b - 1, -z) - betaln(a, b),
    cdf=lambda z, a, b: betainc(a, b, z),
    sf=lambda z, a, b: betainc(b, a, 1 - z),
    entropy=lambda a, b: betaln(a, b) - (a - 1) * digamma(a) - (b - 1) * digamma(b) + (a + b - 2) * digamma(a + b))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
