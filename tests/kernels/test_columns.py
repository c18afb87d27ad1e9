"""Are the columns of a narrow matrix added up as NumPy does, and the channels of images, however they lie in memory?"""

import numpy as np
import pytest

from autograd.kernels.columns import LONG, column_sums
from autograd.ops.convolution import channel_sum


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [0, 1, 5, 256, 1000, 1024, 4099])
@pytest.mark.parametrize("columns", [0, 1, 3, 10, LONG // 2, LONG, 300])
def test_column_sums(rows, columns, dtype):
    x = np.random.default_rng(0).standard_normal((rows, columns)).astype(dtype)
    y = column_sums(x)
    assert y.dtype == dtype and y.shape == (columns,)
    np.testing.assert_allclose(y, x.sum(0, dtype=np.float64), rtol=0, atol=np.finfo(dtype).eps * 2 * max(1, rows))


@pytest.mark.parametrize("shape", [(3, 5), (40, 6, 30), (8, 6, 12, 11), (2, 3, 4, 5, 6)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex128])
def test_channels(shape, dtype):
    x = np.random.default_rng(0).standard_normal(shape)
    x = (x + 1j if dtype is np.complex128 else x).astype(dtype)
    beside = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)  # the channels of a place
    for image in (x, beside, beside[::-1]):
        y = channel_sum(image)
        assert y.dtype == dtype
        np.testing.assert_allclose(y, image.sum((0, *range(2, x.ndim)), dtype=np.result_type(dtype, np.float64)), rtol=1e-2 if dtype
                                   is np.float16 else 1e-5, atol=0.5 if dtype is np.float16 else 1e-4)


def test_what_is_no_number_stays_in_its_channel():
    x = np.ones((64, 9, 9, 6), np.float32).transpose(0, 3, 1, 2)
    x[3, 2, 1, 1], x[5, 4, 0, 0] = np.nan, np.inf
    assert np.array_equal(channel_sum(x), np.array([5184, 5184, np.nan, 5184, np.inf, 5184], np.float32), equal_nan=True)
