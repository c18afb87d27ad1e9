"""Hypothesis strategies, cases and laws, for our tests and for yours.

    from autograd.testing import arrays, check_primitive, laws_for

Read next: `strategies.py`, `cases.py`, `laws.py`, in this order.
"""

from autograd.testing.cases import CASES, Case, automatic, case, cases_of
from autograd.testing.laws import LAWS, check_primitive, examples, hold, laws_for, run
from autograd.testing.strategies import arrays, axes, axis, broadcastable, laid_out, shapes

__all__ = ["CASES", "LAWS", "Case", "arrays", "automatic", "axes", "axis", "broadcastable", "case", "cases_of", "check_primitive",
           "examples", "hold", "laid_out", "laws_for", "run", "shapes"]
