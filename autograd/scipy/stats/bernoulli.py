"""What comes of one trial that succeeds with probability p?

    p(1) = p,    p(0) = 1 - p

Read next: `binom.py`.
"""

from __future__ import annotations

from autograd.ops import where, xlog1py, xlogy
from autograd.scipy.stats.discrete import Discrete

FAMILY = Discrete(
    "bernoulli", ("p",), support=lambda k, p: (k == 0) | (k == 1), valid=lambda p: (p >= 0) & (p <= 1),
    log_mass=lambda k, p: xlogy(k, p) + xlog1py(1 - k, -p),
    cdf=lambda k, p: where(k < 1, 1 - p, 1.0),
    sf=lambda k, p: where(k < 1, p, 0.0))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
