"""What is the gamma distribution, of shape a?

    p(z) = z^(a - 1) exp(-z) / gamma(a),    z >= 0

Read next: `chi2.py`.
"""

from __future__ import annotations

import math

from autograd.ops import digamma, gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats.family import Family

FAMILY = Family(
    "gamma", ("a",), support=(0, math.inf),
    log_density=lambda z, a: xlogy(a - 1, z) - z - gammaln(a),
    cdf=lambda z, a: gammainc(a, z),
    sf=lambda z, a: gammaincc(a, z),
    entropy=lambda a: a + gammaln(a) + (1 - a) * digamma(a))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
