"""What is oneDNN asked to compute?

library.py        where is it, and can it be used?
primitives.py     how is a function of it called?
convolution.py    convolution and its two gradients
normalization.py  batch and layer normalisation
groups.py         group and instance normalisation
pooling.py        the largest number of each window, and the sum
softmax.py        softmax and its logarithm
elementwise.py    relu
activations.py    gelu and sigmoid
binary.py         the sum of two arrays
update.py         weights changed in place, by an optimiser
recurrent.py      recurrent layers
product.py        the product of matrices
bound.py          the same function over and over, for compiled programs
sums.py           sums, over and over

Each function takes the library and checked arguments, and returns None where oneDNN cannot. `../__init__.py` calls them.

Read next: `library.py`.
"""

from autograd.kernels.onednn.activations import exp, exp_in_place, gelu, gelu_to_x, sigmoid  # noqa: F401
from autograd.kernels.onednn.binary import add  # noqa: F401
from autograd.kernels.onednn.convolution import conv, conv_transpose, conv_weight  # noqa: F401
from autograd.kernels.onednn.elementwise import relu, relu_to_x  # noqa: F401
from autograd.kernels.onednn.groups import normalise as normalise_groups  # noqa: F401
from autograd.kernels.onednn.groups import normalise_back as normalise_groups_back  # noqa: F401
from autograd.kernels.onednn.library import Refused  # noqa: F401
from autograd.kernels.onednn.normalization import moments, normalise, normalise_back, rescale  # noqa: F401
from autograd.kernels.onednn.pooling import max_pool, max_pool_to_x, window_spread, window_sum  # noqa: F401
from autograd.kernels.onednn.product import matmul  # noqa: F401
from autograd.kernels.onednn.recurrent import sequence, sequence_back  # noqa: F401
from autograd.kernels.onednn.softmax import log_softmax, log_softmax_to_x, softmax, softmax_to_x  # noqa: F401
from autograd.kernels.onednn.update import add_square, combine, descend  # noqa: F401
