"""How do all tests run? With one Hypothesis profile, with every case loaded, with the same numbers in every order, and with nothing left
behind.

Read next: `test_laws.py`.
"""
# ruff: noqa: E402  - the number of threads is set before NumPy is imported

import importlib
import os
import pkgutil
import sys

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # before NumPy: several processes test side by side, one core each
    os.environ.setdefault(threads, "1")

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

import tests.cases
from autograd.node import get_mode

for name, examples in {"quick": 5, "default": 12, "thorough": 200}.items():  # only the thorough one looks for new failures
    settings.register_profile(name, max_examples=examples, deadline=None, derandomize=name != "thorough", print_blob=True,
                              suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

for module in pkgutil.iter_modules(tests.cases.__path__):
    importlib.import_module(f"tests.cases.{module.name}")


GENERATORS = []


def pytest_collection_finish():
    """The generators of the test modules, and where they start."""
    found = {id(value): value for name, module in list(sys.modules.items()) if name.startswith("tests.")
             for value in vars(module).values() if isinstance(value, np.random.Generator)}
    GENERATORS[:] = [(rng, rng.bit_generator.state) for rng in found.values()]


@pytest.fixture(autouse=True)
def same_numbers():
    """A test draws the same numbers whatever ran before it: several processes share the tests as they come."""
    for rng, start in GENERATORS:
        rng.bit_generator.state = start


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """A test must leave the grad mode as it found it."""
    before = get_mode()
    yield
    assert get_mode() is before, "this test changed the grad mode and did not change it back"


def pytest_make_parametrize_id(config, val, argname):
    """A test is called the same in every process: by no address in memory."""
    return argname if " at 0x" in repr(val) else None


def pytest_collection_modifyitems(items):
    """What takes long comes first, so that at the end no process waits for another one's notebooks."""
    items.sort(key=lambda item: "test_notebooks" not in item.nodeid)
