"""Is anything untested? Every primitive of the registry and every public function of `autograd.ops` must have a case.

Read next: `test_mutation.py`.
"""

import inspect

import pytest

from autograd import ops
from autograd.primitive import REGISTRY, Primitive
from autograd.testing.cases import CASES, cases_of, full_name

PUBLIC = sorted({full_name(f): f for name in dir(ops) if callable(f := getattr(ops, name)) and not name.startswith("_")
                 and not inspect.isclass(f) and f.__module__.startswith("autograd.")}.items())


@pytest.mark.parametrize("name", sorted(name for name in REGISTRY if name.startswith("autograd.")))
def test_every_primitive_has_a_case(name):
    assert cases_of(REGISTRY[name]), (f"nothing says how to call {name}: it needs an option or takes a list, "
                                      "so write a case in tests/cases/, as autograd/testing/cases.py shows")


@pytest.mark.parametrize("name, f", PUBLIC, ids=[name for name, _ in PUBLIC])
def test_every_public_function_has_a_case(name, f):
    assert isinstance(f, Primitive) or name in CASES, f"{name} is composed of primitives and public, so write a case in tests/cases/"


def test_cases_belong_to_something():
    for name, cases in CASES.items():
        for case in cases:
            assert full_name(case.f) == name and (not isinstance(case.f, Primitive) or REGISTRY[name] is case.f)
