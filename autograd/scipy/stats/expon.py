"""How long does one wait for what may come at any time?

    p(z) = exp(-z),    z >= 0

Read next: `uniform.py`.
"""

from __future__ import annotations

import math

from autograd.ops import exp, expm1, xlog1py, xlogy
from autograd.scipy.stats.family import Family

FAMILY = Family(
    "expon", support=(0, math.inf),
    log_density=lambda z: -z,
    cdf=lambda z: -expm1(-z),
    sf=lambda z: exp(-z),
    logsf=lambda z: -z,
    ppf=lambda q: -xlog1py(1, -q),
    isf=lambda q: -xlogy(1, q),
    entropy=lambda: 1.0)

globals().update(FAMILY.functions())
__getattr__ = FAMILY.others
