"""By which routes can memory be written?

Each route is a function of what it aims at. The passive ones leave it to NumPy whether the write is allowed: what they get
hold of (`GRIPS`) and how they write (`WRITES`) are combined. The active ones (`ACTS`) use what Tensors themselves offer.

Read next: `matrix.py`.
"""

import copy
import io
import pickle

import numpy as np

from autograd import Tensor, no_grad, tensor

# ---- what one gets hold of ----------------------------------------------------------------------------------------


class Holder:
    """An object that hands an array's address on."""

    def __init__(self, interface, what):
        setattr(self, what, interface)


def unlocked(array):
    array.flags.writeable = True
    return array


def buffers(x):
    """What pickle's protocol 5 gives away without a copy."""
    found = []
    pickle.dumps(x.detach(), protocol=5, buffer_callback=found.append)
    return np.frombuffer(found[0], x.dtype)


def loaded(x):
    """The buffers that an unpickled Tensor was made from."""
    memory = []
    stream = pickle.dumps(x.detach(), protocol=5, buffer_callback=memory.append)
    memory = [bytearray(m) for m in memory]
    y = pickle.loads(stream, buffers=memory)
    x.assign(y) if x.node is None else None
    return np.frombuffer(memory[0], x.dtype)


GRIPS = {
    "x.data": lambda x: x.data,
    "x.detach().numpy()": lambda x: x.detach().numpy(),
    "np.asarray(x.detach())": lambda x: np.asarray(x.detach()),
    "np.array(x.detach(), copy=False)": lambda x: np.array(x.detach(), copy=False),
    "np.array(x.detach(), copy=None)": lambda x: np.array(x.detach(), copy=None),
    "a view, x.data[...]": lambda x: x.data[...],
    "a view, x.data.T": lambda x: x.data.T,
    "a view, x.data.reshape(-1)": lambda x: x.data.reshape(-1),
    "bytes, x.data.view(np.uint8)": lambda x: x.data.reshape(-1).view(np.uint8),
    "a part, x[...].data": lambda x: x.detach()[...].data,
    "a part, x.T.data": lambda x: x.detach().T.data,
    "x.real.data": lambda x: x.detach().real.data,
    "x.data with writeable = True": lambda x: unlocked(x.data),
    "x.data.setflags(write=True)": lambda x: x.data.setflags(write=True) or x.data,
    "a view with writeable = True": lambda x: unlocked(x.data[...]),
    "as_strided(x.data)": lambda x: np.lib.stride_tricks.as_strided(x.data, writeable=True),
    "np.frombuffer(x.data)": lambda x: np.frombuffer(x.data, x.dtype),
    "np.ndarray(buffer=x.data)": lambda x: np.ndarray(x.shape, x.dtype, buffer=x.data),
    "memoryview(x)": lambda x: np.asarray(memoryview(x.detach())),
    "memoryview(x.data)": lambda x: np.asarray(memoryview(x.data)),
    "x.data.data": lambda x: np.asarray(x.data.data),
    "__array_interface__": lambda x: np.asarray(Holder(x.data.__array_interface__, "__array_interface__")),
    "__array_struct__": lambda x: np.asarray(Holder(x.data.__array_struct__, "__array_struct__")),
    "np.from_dlpack(x)": lambda x: np.from_dlpack(x),
    "np.from_dlpack(x.detach())": lambda x: np.from_dlpack(x.detach()),
    "np.from_dlpack(x.data)": lambda x: np.from_dlpack(x.data),
    "x.detach().__dlpack__(copy=False)": lambda x: np.from_dlpack(x.detach(), copy=False),
    "pickle's buffers": buffers,
    "the buffers of an unpickled Tensor": loaded,
    "np.save to a stream": lambda x: np.save(io.BytesIO(), x.data) or x.data,
    "copy.copy(x).data": lambda x: unlocked(copy.copy(x.detach()).data),
    "tensor(x).data": lambda x: unlocked(tensor(x).data),
}
"""Ways to an array on the memory of a Tensor."""

# ---- how one writes -----------------------------------------------------------------------------------------------


VALUE = np.nan
"""What is written to floating-point arrays. (`matrix.py` sets it to a number while it tries what is written before the operation.)"""


def spoilt(array):
    """The worst value for an array: NaN, another index, the other truth."""
    return {"f": VALUE, "c": VALUE, "b": True}.get(array.dtype.kind, 0 if array.dtype.kind != "u" else 255)


def assigned(a):
    a[...] = ~a if a.dtype == bool else spoilt(a)


def through_iterator(a):
    with np.nditer(a, op_flags=[["readwrite"]]) as elements:
        for element in elements:
            element[...] = spoilt(a)


def added(a):
    a += spoilt(a)


def everywhere(a):
    return np.ones(a.shape, bool)


WRITES = {
    "a[...] = v": assigned,
    "a += v": added,
    "np.add(a, v, out=a)": lambda a: np.add(a, a.dtype.type(spoilt(a)), out=a),
    "np.copyto": lambda a: np.copyto(a, spoilt(a)),
    "np.put": lambda a: np.put(a, np.arange(a.size), spoilt(a)),
    "np.place": lambda a: np.place(a, everywhere(a), spoilt(a)),
    "np.putmask": lambda a: np.putmask(a, everywhere(a), spoilt(a)),
    "np.fill_diagonal": lambda a: np.fill_diagonal(a, spoilt(a)),
    "np.put_along_axis": lambda a: np.put_along_axis(a, np.zeros((1,) * a.ndim, int), spoilt(a), 0),
    "a.fill": lambda a: a.fill(spoilt(a)),
    "a.flat[:] = v": lambda a: a.flat.__setitem__(slice(None), spoilt(a)),
    "a.sort()": lambda a: a[::-1].sort(0),
    "a.partition(0)": lambda a: a[::-1].partition(0, 0),
    "a.byteswap(True)": lambda a: a.byteswap(True),
    "np.nditer": through_iterator,
    "rng.shuffle": lambda a: np.random.default_rng(3).shuffle(a),
    "rng.random(out=)": lambda a: np.random.default_rng(3).random(out=a),
    "memoryview(a)": lambda a: memoryview(a).cast("B").__setitem__(slice(None), b"\xff" * a.nbytes),
    "np.frombuffer(a)": lambda a: assigned(np.frombuffer(a, a.dtype)),
    "io.readinto": lambda a: io.BytesIO(b"\xff" * a.nbytes).readinto(a),
    "a.view(np.uint8)": lambda a: assigned(a.reshape(-1).view(np.uint8)),
    "writeable = True": lambda a: assigned(unlocked(a)),
}
"""Ways to write to an array. One is left out, see `test_alias.py`: `np.add.at` writes to any read-only array, which is NumPy's mistake."""

# ---- what Tensors themselves offer --------------------------------------------------------------------------------


def spoil(x):
    """Write to a Tensor in the one way there is."""
    with x.writing() as array:
        assigned(array)


class Kept:
    """`writing()` gave an array away, and somebody kept it, or a part of it."""

    def __init__(self, part):
        self.part, self.memory = part, []

    def __call__(self, x):
        with x.writing() as array:
            self.memory.append(self.part(array))

    def write(self):
        kept, self.memory = self.memory, []
        for array in kept:
            assigned(array)


def step(optimizer):
    """A step of an optimiser, with a gradient that moves everything."""

    def write(x):
        import optim

        before = x.grad
        x.grad = Tensor(np.full(x.shape, 1.0, x.dtype))
        getattr(optim, optimizer)([x], lr=0.3).step()
        x.grad = before

    return write


def load_state_dict(x):
    import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = x

    Model().load_state_dict({"x": np.full(x.shape, spoilt(x), x.dtype)})


def unrecorded(write):
    def act(x):
        with no_grad():
            write(x)

    return act


def indexed(x):
    x[...] = spoilt(x)


def augmented(x):
    x += spoilt(x)


def each_row(x):
    for row in x:
        row *= spoilt(x)


ACTS = {
    "x.writing()": spoil,
    "the array of writing(), later": Kept(lambda array: array),
    "a part of it, later": Kept(lambda array: array[...]),
    "x[...] = v": indexed,
    "x += v": augmented,
    "x[...] = v under no_grad": unrecorded(indexed),
    "x += v under no_grad": unrecorded(augmented),
    "x.assign(v) under no_grad": unrecorded(lambda x: x.assign(np.full(x.shape, spoilt(x), x.dtype))),
    "for row in x: row *= v, under no_grad": unrecorded(each_row),
    "np.copyto(x, v) under no_grad": unrecorded(lambda x: np.copyto(x, spoilt(x))),
    "np.put(x, i, v) under no_grad": unrecorded(lambda x: np.put(x, [0], spoilt(x))),
    "np.place(x, mask, v) under no_grad": unrecorded(lambda x: np.place(x, everywhere(x), [spoilt(x)])),
    "np.putmask(x, mask, v) under no_grad": unrecorded(lambda x: np.putmask(x, everywhere(x), spoilt(x))),
    "np.fill_diagonal(x, v) under no_grad": unrecorded(lambda x: np.fill_diagonal(x, spoilt(x))),
    "np.add(x, v, out=x) under no_grad": unrecorded(lambda x: np.add(x, spoilt(x), out=x)),
    "np.add(a, v, out=x.data)": lambda x: np.add(x.data, spoilt(x), out=x.data),
    "SGD.step()": step("SGD"),
    "AdamW.step()": step("AdamW"),
    "load_state_dict": load_state_dict,
    "x.detach() and writing()": lambda x: spoil(x.detach()),
    "x.detach()[...] = v": lambda x: indexed(x.detach()),
    "x.detach().reshape(-1) and writing()": lambda x: spoil(x.detach().reshape(-1)),
    "a pickled twin": lambda x: spoil(pickle.loads(pickle.dumps(x.detach()))),
    "a copied twin": lambda x: spoil(copy.deepcopy(x.detach())),
}
"""Ways to write to a Tensor itself."""
