"""How do values leave a Tensor, and come from elsewhere?

What PyTorch makes of them was tried with torch 2.13 and is noted in `docs/values.md`; here NumPy stands for the other libraries, and a
small class for one that is older, or careless.

Read next: `test_values.py`.
"""

import copy
import ctypes
import pickle

import numpy as np
import pytest

import autograd
import autograd.numpy as anp
import nn
from autograd import Tensor, from_dlpack, grad, tensor

DTYPES = [np.float16, np.float32, np.float64, np.complex64, np.complex128, np.int8, np.int64, np.uint8, np.bool_]


@pytest.fixture
def x():
    return tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")


class Consumer:
    """Another library's `from_dlpack`: what it asks for, and what it got."""

    def __init__(self, **asked):
        self.asked = asked

    def __call__(self, x):
        capsule = x.__dlpack__(**self.asked)

        class Producer:
            def __dlpack__(self, **_):
                return capsule

            def __dlpack_device__(self):
                return x.__dlpack_device__()

        return np.from_dlpack(Producer())


# ---- DLPack -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_dlpack_there_and_back(dtype):
    for array in (np.arange(6).reshape(2, 3).astype(dtype), np.arange(6).reshape(2, 3).astype(dtype).T[::-1], np.array(3).astype(dtype),
                  np.zeros((0, 2), dtype)):
        there = np.from_dlpack(tensor(array))
        assert there.dtype == array.dtype and there.shape == array.shape
        np.testing.assert_array_equal(there, array)
        back = from_dlpack(array)
        assert isinstance(back, Tensor) and back.dtype == array.dtype and back.node is None
        np.testing.assert_array_equal(back.data, array)


@pytest.mark.parametrize("asked", [{}, {"max_version": (1, 0)}, {"max_version": (0, 5)}, {"copy": True},
                                   {"max_version": (1, 1), "copy": None},
                                   {"dl_device": (1, 0)}, {"stream": None}])
def test_what_dlpack_gives_is_a_copy(asked):
    """However a consumer asks, and even if it overlooks that memory is read-only."""
    x = tensor([1.0, 2.0, 3.0])
    got = Consumer(**asked)(x)
    ctypes.memset(got.ctypes.data, 0, got.nbytes)
    assert x.tolist() == [1, 2, 3] and got.tolist() == [0, 0, 0]


def test_what_comes_by_dlpack_is_a_copy():
    a = np.array([1.0, 2.0])
    x = from_dlpack(a)
    a[:] = 9
    assert x.tolist() == [1, 2]
    assert from_dlpack(tensor([1.0])).tolist() == [1]
    assert from_dlpack(a, device="cpu", copy=True).tolist() == [9, 9]


def test_what_dlpack_cannot_do(x):
    for refused, message in [
        (lambda: np.from_dlpack(x), r"x\.detach\(\)"),
        (lambda: np.from_dlpack(x * 2), r"x\.detach\(\)"),
        (lambda: from_dlpack(x), r"x\.detach\(\)"),
        (lambda: x.detach().__dlpack__(copy=False), "copy=False"),
        (lambda: x.detach().__dlpack__(dl_device=(2, 0)), "CPU"),
        (lambda: from_dlpack(np.ones(2), copy=False), "copy=False"),
        (lambda: from_dlpack(np.ones(2), device="cuda:0"), "cpu"),
    ]:
        with pytest.raises(BufferError, match=message):
            refused()
    with pytest.raises(TypeError, match=r"autograd\.tensor\(x\)"):
        from_dlpack([1.0, 2.0])


# ---- arrays -----------------------------------------------------------------------------------------------------------


def test_array_and_its_copy_argument():
    x = tensor([1.0, 2.0])
    for shared in (np.asarray(x), np.array(x, copy=None), np.array(x, copy=False), np.asarray(x, dtype=float), x.data, x.numpy()):
        assert shared.dtype == float and not shared.flags.writeable and np.shares_memory(shared, np.asarray(x))
        with pytest.raises(ValueError, match="WRITEABLE"):
            shared.flags.writeable = True
    for new in (np.array(x), np.array(x, copy=True), np.asarray(x, dtype=np.float32), np.array(x, np.int64)):
        assert new.flags.writeable and not np.shares_memory(new, np.asarray(x))
    assert np.asarray(x, dtype=np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy"):
        np.array(x, dtype=np.float32, copy=False)
    for dtype in DTYPES:
        for t in (tensor(np.ones((2, 3), dtype)), tensor(np.ones((2, 4), dtype))[:, ::-2], tensor(np.ones((), dtype))):
            assert np.asarray(t).dtype == t.dtype == t.data.dtype and np.asarray(t).shape == t.shape and not t.data.flags.writeable


def test_what_has_no_gradient_goes_into_arrays_freely(x):
    t = x.detach()
    out = np.zeros((2, 3))
    out[0] = t
    out[1, 0] = t[1]
    np.testing.assert_array_equal(out, [[1, 2, 3], [2, 0, 0]])
    np.testing.assert_array_equal(np.array([t, t]), [[1, 2, 3]] * 2)


# ---- the Array API ----------------------------------------------------------------------------------------------------


def standardised(x):
    """A function as the standard has it written: for any library."""
    xp = x.__array_namespace__()
    out = xp.zeros(x.shape, dtype=x.dtype, device=x.device)
    out[0] = x[0]
    out[1:] = xp.exp(x[1:]) * xp.asarray(2.0, dtype=x.dtype)
    total = xp.sum(xp.concat([out, xp.ones_like(x)])) + xp.linalg.vector_norm(x)
    return total + xp.matmul(xp.permute_dims(xp.expand_dims(x, axis=1), (1, 0)), xp.reshape(x, (-1, 1)))[0, 0]


def test_code_for_any_array_library_is_differentiated():
    x = np.array([1.0, 0.5, -0.3])
    assert np.isclose(standardised(tensor(x)).item(), standardised(x))
    autograd.check_grads(standardised, (tensor(x),))
    y = tensor(x, requires_grad=True)
    standardised(y).backward()
    assert y.grad is not None


def test_the_namespace():
    x = tensor([1.0, 2.0])
    xp = x.__array_namespace__(api_version="2024.12")
    assert xp is x.__array_namespace__() and xp.sin is np.sin
    for made in (xp.zeros(3), xp.ones((2, 2), dtype=xp.float32), xp.asarray([1, 2]), xp.arange(3), xp.eye(2), xp.full(2, 1.5), xp.empty(1),
                 xp.linspace(0.0, 1.0, 3), xp.zeros_like(x), xp.asarray(x), xp.from_dlpack(np.ones(2)), xp.zeros(1, device="cpu")):
        assert isinstance(made, Tensor), made
    assert xp.ones((2, 2), dtype=xp.float32).dtype == np.float32 and xp.isdtype(x.dtype, "real floating") and xp.finfo(x.dtype).bits == 64
    assert x.device == "cpu" and x.to_device("cpu") is x
    for wrong in (lambda: x.to_device("cuda"), lambda: xp.zeros(3, device="cuda")):
        with pytest.raises(ValueError, match="cpu"):
            wrong()
    assert "zeros" in dir(xp) and "from_dlpack" in dir(xp)


# ---- copies and pickles -----------------------------------------------------------------------------------------------


def copies(thing):
    yield copy.copy(thing)
    yield copy.deepcopy(thing)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.loads(pickle.dumps(thing, protocol))


class Named(nn.Parameter):
    """A subclass with attributes of its own."""

    def __init__(self, data, note):
        super().__init__(data)
        self.note = note


@pytest.mark.parametrize("make", [lambda: tensor([1.0, 2.0], requires_grad=True, name="w"), lambda: tensor([1, 2]), lambda: tensor(3.0),
                                  lambda: nn.Parameter([1.0, 2.0], name="w"), lambda: nn.Parameter([1.0], requires_grad=False),
                                  lambda: tensor(np.ones((2, 3), np.float32)).T, lambda: tensor(np.ones((0, 2)))])
def test_what_a_copy_keeps(make):
    x = make()
    for twin in copies(x):
        assert type(twin) is type(x) and twin.dtype == x.dtype and twin.requires_grad == x.requires_grad and twin.name == x.name
        np.testing.assert_array_equal(twin.data, x.data)
        assert twin.node is None or twin.node is not x.node
        assert not np.shares_memory(twin.data, x.data)
        with autograd.no_grad():
            twin *= 2
            with twin.writing() as array:
                array += 1
        np.testing.assert_array_equal(x.data, make().data)


def test_what_a_copy_leaves_behind():
    """The gradient and the hooks: the copy is a leaf for which no backward pass has run."""
    x = nn.Parameter([1.0, 2.0])
    seen = []
    x.register_hook(lambda g: seen.append(1))
    (x * x).sum().backward()
    for twin in copies(Named([1.0], ["a"])):
        assert twin.note == ["a"] and isinstance(twin, Named)
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert twin.grad is None
        (twin * 3).sum().backward()
        assert twin.grad.tolist() == [3, 3]
    assert seen == [1] and x.grad.tolist() == [2, 4]


def test_copies_inside_of_something_are_one(x):
    box = [x, {"again": x}]
    for twin in (copy.deepcopy(box), pickle.loads(pickle.dumps(box))):
        assert twin[0] is twin[1]["again"] is not x


def test_a_model_is_copied_and_pickled():
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    model(tensor(np.random.default_rng(0).normal(size=(5, 3)).astype("f4"))).sum().backward()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        for (name, p), (same, q) in zip(model.named_parameters(), twin.named_parameters(), strict=True):
            assert name == same and type(p) is type(q) and q.grad is None and p.grad is not None
            np.testing.assert_array_equal(p.data, q.data)
        for a, b in zip(model.buffers(), twin.buffers(), strict=True):
            assert type(a) is type(b) and a.persistent == b.persistent
            np.testing.assert_array_equal(a.data, b.data)


def test_a_result_is_not_copied(x):
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match=r"x\.detach\(\)"):
            attempt(x * 2)


def test_pickle_without_a_copy():
    """Protocol 5 gives memory away, and takes it: what it gives is read-only, and what it brings is copied."""
    x, memory = tensor(np.arange(1000.0)), []
    stream = pickle.dumps(x, protocol=5, buffer_callback=memory.append)
    assert memory and all(memoryview(m).readonly for m in memory)
    brought = [bytearray(m) for m in memory]
    twin = pickle.loads(stream, buffers=brought)
    brought[0][:] = bytes(len(brought[0]))
    np.testing.assert_array_equal(twin.data, x.data)


def test_joining_is_recorded():
    g = grad(lambda x: np.sum(anp.array([x[0], 2.0, x[1] * x[1]])))(np.array([1.0, 3.0]))
    np.testing.assert_array_equal(g, [1, 6])
