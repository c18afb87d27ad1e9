"""What is Student's t distribution, with df degrees of freedom?

    p(z) = (1 + z^2 / df)^(-(df + 1) / 2) / (sqrt(df) beta(df / 2, 1 / 2))

Read next: `gamma.py`.
"""

from __future__ import annotations

import math

from autograd.ops import gammaln, log, log1p, stdtr
from autograd.scipy.stats.family import Family

FAMILY = Family(
    "t", ("df",),
    log_density=lambda z, df: (gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * (log(df) + math.log(math.pi))
                               - (df + 1) / 2 * log1p(z * z / df)),
    cdf=lambda z, df: stdtr(df, z),
    sf=lambda z, df: stdtr(df, -z))

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
