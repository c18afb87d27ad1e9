"""Does every operation obey every law?

Nothing here is written for one operation: the registry says which there are, `tests/cases/` how those are called that
do not say it themselves, and `autograd.testing.laws` what must hold.

Read next: `test_complete.py` and `test_mutation.py`, which test these tests.
"""

from functools import lru_cache

import pytest
from hypothesis import settings

from autograd.primitive import REGISTRY, Primitive
from autograd.testing import CASES, LAWS, automatic, examples, hold, run

PRIMITIVES = [p for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.")]
WRITTEN = [case for _, cases in sorted(CASES.items()) for case in cases]
AUTOMATIC = [case for p in PRIMITIVES if f"{p.module}.{p.name}" not in CASES and (case := automatic(p)) is not None]
ALL = WRITTEN + AUTOMATIC


WITHOUT_RULES = {"value", "one_rule", "type", "replay"}
"""The laws that say something about an operation without a derivative."""


def concerns(law, f):
    if law == "definition":
        return isinstance(f, Primitive) and f.definition is not None
    return law in WITHOUT_RULES or not isinstance(f, Primitive) or bool(f.needs)


PAIRS = [pytest.param(case, law, id=f"{case.f.__module__.split('.')[-1]}.{case.name}-{law}")
         for case in ALL for law in LAWS if concerns(law, case.f)]


drawn = lru_cache(maxsize=4)(examples)
"""All laws of a case meet the same arguments, drawn once: without a chance in it, Hypothesis draws the same for each."""


@pytest.mark.parametrize("case, law", PAIRS)
def test_law(case, law):
    if not settings().derandomize:
        return run(LAWS[law], case)
    try:
        hold(LAWS[law], case, drawn(case))
    except Exception:
        run(LAWS[law], case)  # fails with the simplest arguments
        raise
