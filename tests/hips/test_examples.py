"""Do programs that use what HIPS/autograd's examples use give the numbers they give there?

Read next: `test_differential_operators.py`.
"""

import json

import numpy as np
import pytest

pytest.importorskip("scipy")

from tests.hips import programs

FROZEN = json.loads(programs.FROZEN.read_text(encoding="utf-8"))
LOOSE = {"fixed_points": 1e-6, "ode_net": 1e-5}  # what an iteration stops at, and what an integrator's tolerance allows


def test_there_are_numbers_for_every_program():
    assert set(FROZEN) == set(programs.PROGRAMS)


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_program(name):
    found = np.array(programs.numbers(programs.PROGRAMS[name]()))
    expected = np.array(FROZEN[name])
    assert found.shape == expected.shape
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=LOOSE.get(name, 1e-9), atol=LOOSE.get(name, 1e-12) * scale)
