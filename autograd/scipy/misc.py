"""Where did SciPy have `logsumexp` long ago? In `scipy.misc`, and programs of that time ask for it here.

Read next: `special.py`.
"""

from __future__ import annotations

from autograd.scipy.special import logsumexp

__all__ = ["logsumexp"]
