"""Which kernels are tested: NumPy's always, and oneDNN's where it is found.

Read next: `test_onednn.py`.
"""

import numpy as np
import pytest

import autograd
from autograd.kernels import active
from autograd.kernels.layout import channels_last
from autograd.kernels.onednn.primitives import Plan

RNG = np.random.default_rng(0)
ROUNDING = float(np.finfo(np.float32).eps)
MISSING = not active.SWITCH.wanted or active.SWITCH.find() is None
WHY = "oneDNN is not there: pip install onednn-cpu-gomp"
BACKENDS = ["numpy", pytest.param("onednn", marks=pytest.mark.skipif(MISSING, reason=WHY))]
LAYOUTS = {"plain": np.ascontiguousarray, "channels last": channels_last, "Fortran": np.asfortranarray,
           "reversed": lambda x: np.ascontiguousarray(x[..., ::-1])[..., ::-1], "broadcast": lambda x: np.broadcast_to(x[:1], x.shape)}


@pytest.fixture
def backend(request, monkeypatch):
    """The smallest operation counts as large. Gives the name, and a list that grows with each plan of oneDNN's that runs."""
    for name in ("PRODUCTS", "ELEMENTS", "MULTIPLIED", "UPDATED", "SUMMED"):
        monkeypatch.setattr(active, name, 0)
    monkeypatch.setattr(active.SWITCH, "threads", "onednn")
    ran, call = [], Plan.__call__

    def noted(self, *addresses):
        ran.append(self)
        call(self, *addresses)

    monkeypatch.setattr(Plan, "__call__", noted)
    with autograd.config.kernels.using(onednn=request.param == "onednn"):
        yield request.param, ran


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def wide(*arrays):
    """The same in float64."""
    return [None if x is None else x.astype(np.float64) for x in arrays]
