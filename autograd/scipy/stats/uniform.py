"""What if all numbers from loc to loc + scale are equally likely?

    p(z) = 1,    0 <= z <= 1

Read next: `laplace.py`.
"""

from __future__ import annotations

from autograd.scipy.stats.family import Family

FAMILY = Family(
    "uniform", support=(0, 1),
    log_density=lambda z: 0 * z,
    cdf=lambda z: z,
    sf=lambda z: 1 - z,
    ppf=lambda q: q,
    isf=lambda q: 1 - q,
    entropy=lambda: 0.0)

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
