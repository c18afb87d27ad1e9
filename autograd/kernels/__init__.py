"""Where are the fast ways to the same numbers?

An operation's meaning stands in `ops/`; a kernel computes the same faster. Here is the one place that chooses which.

half.py     float16, multiplied as float32
numpy.py    always there: NumPy, arranged so that the processor's caches and its matrix multiplication are used well

Read next: `half.py`.
"""

from autograd.kernels.half import product, rounded_once  # noqa: F401
from autograd.kernels.numpy import conv, conv_transpose, conv_weight  # noqa: F401
