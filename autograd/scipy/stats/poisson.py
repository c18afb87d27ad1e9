"""How many events come, if mu are expected?

    p(k) = mu^k exp(-mu) / k!,    k = 0, 1, 2, ...

Read next: `bernoulli.py`.
"""

from __future__ import annotations

from autograd.ops import gammainc, gammaincc, gammaln, xlogy
from autograd.scipy.stats.discrete import Discrete

FAMILY = Discrete(
    "poisson", ("mu",), support=lambda k, mu: k >= 0, valid=lambda mu: mu >= 0,
    log_mass=lambda k, mu: xlogy(k, mu) - gammaln(k + 1) - mu,
    cdf=lambda k, mu: gammaincc(k + 1, mu),
    sf=lambda k, mu: gammainc(k + 1, mu))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
