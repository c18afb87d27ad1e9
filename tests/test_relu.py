"""relu on large arrays, which meet zeros some elements at a time: NumPy's maximum, bit for bit."""

import numpy as np
import pytest

from autograd import ops
from autograd.ops.elementwise import positive_part

LAYOUTS = {
    "as they lie": lambda x: x, "turned": lambda x: x.T, "axes in another order": lambda x: x.transpose(0, 3, 1, 2),
    "gaps": lambda x: x[::2], "backwards": lambda x: x[::-1], "the same again": lambda x: np.broadcast_to(x[:1], x.shape),
    "one axis": lambda x: x.reshape(-1),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32])
def test_every_bit_is_that_of_maximum(layout, dtype):
    x = np.random.default_rng(0).standard_normal((8, 30, 40, 12)) * 5
    x.flat[::7], x.flat[::11], x.flat[::13], x.flat[5] = -0.0, np.inf, np.nan, -np.nan
    with np.errstate(invalid="ignore"):
        x = LAYOUTS[layout](x.astype(dtype))
    expected = np.maximum(x, 0)
    for y in (positive_part(x), ops.relu.forward(x)):
        assert y.tobytes() == expected.tobytes() and y.dtype == expected.dtype and y.strides == expected.strides
        assert not np.shares_memory(x, y)
