"""Does every operation obey every law?

Nothing here is written for one operation: the registry says which there are, `tests/cases/` how those are called that
do not say it themselves, and `autograd.testing.laws` what must hold.

Read next: `test_complete.py` and `test_mutation.py`, which test these tests.
"""

import pytest

from autograd.primitive import REGISTRY
from autograd.testing import CASES, LAWS, automatic, run

PRIMITIVES = [p for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.")]
WRITTEN = [case for _, cases in sorted(CASES.items()) for case in cases]
AUTOMATIC = [case for p in PRIMITIVES if f"{p.module}.{p.name}" not in CASES and (case := automatic(p)) is not None]
ALL = WRITTEN + AUTOMATIC


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("case", ALL, ids=[f"{case.f.__module__.split('.')[-1]}.{case.name}" for case in ALL])
def test_law(case, law):
    run(LAWS[law], case)
