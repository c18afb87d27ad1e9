"""Do we agree with what PyTorch answered when it was asked last? (See `__init__.py`.)"""

import pytest

from tests.peer.comparison import FAMILIES, FROZEN, differences, family, ours, read

GRIDS = {name: family(name) for name in FAMILIES}
ANSWERS = {name: read(name) for name in FAMILIES if (FROZEN / f"{name}.npz").exists()}


@pytest.mark.parametrize("name", FAMILIES)
def test_what_is_frozen_is_what_is_compared(name):
    asked = {c.id for c in GRIDS[name]}
    assert asked == ANSWERS.get(name, {}).keys(), f"grid_{name}.py was changed: run `make peer`"
    assert (FROZEN / f"{name}.npz").stat().st_size < 400_000


@pytest.mark.parametrize("name, c", [pytest.param(name, c, id=f"{name}: {c.id}") for name in FAMILIES for c in GRIDS[name]])
def test_we_agree_with_pytorch(name, c):
    assert not differences(ours(c), ANSWERS[name][c.id])
