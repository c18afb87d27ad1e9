"""Which numbers are kernels tested with? The same in every order of tests.

Read next: `backends.py`.
"""

import pytest

from tests.kernels.backends import RNG

START = RNG.bit_generator.state


@pytest.fixture(autouse=True)
def same_numbers():
    """Each test draws from the start."""
    RNG.bit_generator.state = START
