"""Is every operation, and its gradient, the same bit for bit when it is replayed?

One call of each case is drawn; of those without a seed in their name every third, because each capture looks at all objects there are.

Read next: `../test_laws.py`.
"""

import warnings
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import autograd
from autograd import vjp
from autograd.primitive import REGISTRY
from autograd.testing import CASES, automatic
from autograd.tracer import TraceError

WRITTEN = [case for _, cases in sorted(CASES.items()) for case in cases]
AUTOMATIC = [case for name, p in sorted(REGISTRY.items()) if name.startswith("autograd.") and name not in CASES
             and (case := automatic(p)) is not None]
SAMPLE = [case for case in WRITTEN + AUTOMATIC if zlib.crc32(case.name.encode()) % 3 == 0]


def leaves(value):
    found, _ = autograd.tree.flatten(value)
    return [np.asarray(x.data if isinstance(x, autograd.Tensor) else x) for x in found]


@pytest.mark.parametrize("case", SAMPLE, ids=[f"{case.f.__module__.split('.')[-1]}.{case.name}" for case in SAMPLE])
def test_replay_is_the_same(case):
    calls = []

    @settings(max_examples=3, phases=[Phase.generate], database=None, derandomize=True, deadline=None,
              suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def draw(data):
        calls.append(data.draw(case.arguments))

    draw()
    args, kwargs = calls[-1]  # the first is the smallest there is
    moving = [i for i, arg in enumerate(args) if isinstance(arg, (np.ndarray, np.generic)) and np.asarray(arg).dtype.kind in "fc"]

    def f(*values):
        filled = list(args)
        for i, value in zip(moving, values):
            filled[i] = value
        return case.f(*filled, **kwargs)

    def both(*values):
        y, pull = vjp(f, *values)
        if not isinstance(y, (np.ndarray, np.generic, autograd.Tensor)) or y.dtype.kind not in "fc":
            return y, None
        return y, pull(np.ones(y.shape, y.dtype))

    values = [args[i] for i in moving]
    if not values:
        return
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = both(*values)
        compiled = autograd.compile(both)
        try:
            compiled(*values)
        except TraceError:
            return  # it decides by values
        found = compiled(*values)
    for a, b in zip(leaves(expected), leaves(found)):
        assert a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"), compiled.source
