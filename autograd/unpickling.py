"""What does a pickle say, when nobody runs it?

A pickle is a program for a small stack machine, and two of its instructions are dangerous: one fetches any function by name, one
calls it. Unpickling a file from the internet therefore runs whatever its author liked.

So here is another machine for the same programs. It knows the instructions that build data, and of the names it knows those in
`NAMES`: each stands for a function of ours, below, that checks its arguments and describes a tensor. There is no instruction to
import, to set an attribute or to make an instance, and anything unknown is refused by name. What comes out are dicts, lists,
tuples, numbers, strings, and descriptions of tensors; nothing in it grows faster than the pickle is long.

(Python, `pickletools`; PyTorch, `torch/_utils.py`.)

Read next: `torchfile.py`.
"""

from __future__ import annotations

import pickletools
import re
from collections.abc import Callable
from typing import Any, NamedTuple


class Refused(ValueError):
    """A file asks for something other than data, or contradicts itself. Nothing of it was run, and nothing is loaded."""


# ---- descriptions -------------------------------------------------------------------------------------------------


class Dtype(NamedTuple):
    """An element type: PyTorch's name, how many bytes it has, and how NumPy calls these (of bfloat16 and bool, the bits)."""

    name: str
    size: int
    code: str


class Storage(NamedTuple):
    """The bytes of one member of the archive, read as elements of one type (None: to be named by the tensor)."""

    key: str
    dtype: Dtype | None
    elements: int

    @property
    def bytes(self) -> int:
        return self.elements * (self.dtype.size if self.dtype is not None else 1)


class Described(NamedTuple):
    """A tensor: where in a storage its elements are."""

    storage: Storage
    dtype: Dtype
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


DTYPES = {name: Dtype(name, int(code[1:]), code) for name, code in {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": "u2", "complex64": "c8", "complex128": "c16", "int64": "i8",
    "int32": "i4", "int16": "i2", "int8": "i1", "uint64": "u8", "uint32": "u4", "uint16": "u2", "uint8": "u1", "bool": "u1"}.items()}
STORAGES = {"Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16", "ComplexFloat": "complex64",
            "ComplexDouble": "complex128", "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
            "Bool": "bool"}


class StorageType(NamedTuple):
    """What `torch.FloatStorage` says: the type of the elements."""

    dtype: Dtype | None


def described(storage: Any, offset: Any, shape: Any, strides: Any, dtype: Any) -> Described:
    """A tensor within its storage, or an error."""
    if not isinstance(storage, Storage) or not isinstance(dtype, Dtype):
        raise Refused("a tensor is built from something that is no storage")
    if not (natural(offset) and isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides) <= 64
            and all(map(natural, shape)) and all(map(natural, strides))):
        raise Refused(f"a tensor in storage {storage.key} has an offset, a shape or strides that are no such thing")
    elements = storage.bytes // dtype.size
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides))
    if offset > elements or (all(shape) and last >= elements):
        raise Refused(f"a tensor of {len(shape)} axes reaches beyond the {elements} elements of storage {storage.key}")
    return Described(storage, dtype, offset, shape, strides)


LARGEST = 2 ** 48


def natural(n: Any) -> bool:
    return type(n) is int and 0 <= n < LARGEST


# ---- the functions that a pickle may name -------------------------------------------------------------------------


def rebuild_tensor_v2(storage: Any, offset: Any, shape: Any, strides: Any, requires_grad: Any, hooks: Any,
                      metadata: Any = None) -> Described:
    no_metadata(metadata)
    return described(storage, offset, shape, strides, getattr(storage, "dtype", None))


def rebuild_tensor_v3(storage: Any, offset: Any, shape: Any, strides: Any, requires_grad: Any, hooks: Any, dtype: Any,
                      metadata: Any = None) -> Described:
    no_metadata(metadata)
    return described(storage, offset, shape, strides, dtype)


def no_metadata(metadata: Any) -> None:
    if metadata:
        raise Refused("a tensor is a lazy view (conjugate or negative); before saving write t.resolve_conj().resolve_neg()")


def rebuild_parameter(data: Any, requires_grad: Any, hooks: Any) -> Described:
    if not isinstance(data, Described):
        raise Refused("a parameter is built from something that is no tensor")
    return data


def ordered_dict() -> dict[Any, Any]:
    return {}


def size(shape: Any) -> tuple[Any, ...]:
    if not isinstance(shape, (list, tuple)) or len(shape) > 64:
        raise Refused("a size is no tuple of at most 64 integers")
    return tuple(shape)


NAMES: dict[str, Callable[..., Any] | Dtype | StorageType] = {
    "torch._utils._rebuild_tensor_v2": rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v3": rebuild_tensor_v3,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "collections.OrderedDict": ordered_dict,
    "torch.Size": size,
    **{f"torch.{name}": dtype for name, dtype in DTYPES.items()},
    **{f"torch.{name}Storage": StorageType(DTYPES[dtype]) for name, dtype in STORAGES.items()},
    "torch.storage.UntypedStorage": StorageType(None),
}
"""All that a pickle can ask for. Everything else is refused."""

FUNCTIONS = [value for value in NAMES.values() if not isinstance(value, tuple)]


def storage_named(reference: Any) -> Storage:
    """The storage that a persistent id names: ('storage', its type, key, device, number of elements)."""
    if type(reference) is not tuple or len(reference) != 5:
        raise Refused("a reference to a storage is malformed")
    word, of, key, device, elements = reference
    if not (type(word) is type(key) is type(device) is str and word == "storage" and isinstance(of, StorageType) and natural(elements)
            and re.fullmatch("[0-9]{1,9}", key)):
        raise Refused("a reference to a storage is malformed")
    return Storage(key, of.dtype, elements)


# ---- the machine --------------------------------------------------------------------------------------------------

CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
VALUES = {"BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
EMPTY: dict[str, Callable[[], Any]] = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
PUT, GET = {"BINPUT", "LONG_BINPUT"}, {"BINGET", "LONG_BINGET"}


def described_by(pickle: bytes) -> Any:
    """What a pickle builds: dicts, lists, tuples, numbers, strings and `Described` tensors. Raises `Refused` for all else."""
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[Any, Any] = {}

    def since_mark() -> list[Any]:
        start = marks.pop()
        values = stack[start:]
        del stack[start:]
        return values

    for opcode, argument, _ in pickletools.genops(pickle):
        op = opcode.name
        if op in VALUES:
            stack.append(argument)
        elif op in CONSTANTS:
            stack.append(CONSTANTS[op])
        elif op in EMPTY:
            stack.append(EMPTY[op]())
        elif op == "MARK":
            marks.append(len(stack))
        elif op in TUPLES:
            stack[-TUPLES[op]:] = [tuple(stack[-TUPLES[op]:])]
        elif op == "TUPLE":
            stack.append(tuple(since_mark()))
        elif op in PUT:
            memo[argument] = stack[-1]
        elif op == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif op in GET:
            stack.append(memo[argument])
        elif op in ("SETITEM", "SETITEMS"):
            values = [stack.pop(-2), stack.pop()] if op == "SETITEM" else since_mark()
            filled(stack[-1], values)
        elif op in ("APPEND", "APPENDS"):
            values = [stack.pop()] if op == "APPEND" else since_mark()
            if type(stack[-1]) is not list:
                raise Refused("it appends to something that is no list")
            stack[-1].extend(values)
        elif op == "GLOBAL":
            stack.append(named(*str(argument).split(" ", 1)))
        elif op == "STACK_GLOBAL":
            module, name = stack.pop(-2), stack.pop()
            stack.append(named(module, name))
        elif op == "REDUCE":
            function, arguments = stack.pop(-2), stack.pop()
            if not any(function is admitted for admitted in FUNCTIONS) or type(arguments) is not tuple:
                raise Refused("it calls something that is no function")
            stack.append(function(*arguments))
        elif op == "BINPERSID":
            stack.append(storage_named(stack.pop()))
        elif op == "BUILD":
            stack.pop()  # the version numbers that PyTorch hangs on a state dict
            if type(stack[-1]) is not dict:
                raise Refused("it sets attributes of something that is no state dict")
        elif op == "STOP":
            break
        elif op not in ("PROTO", "FRAME"):
            raise Refused(f"it holds the instruction {op}")
    (result,) = stack
    return result


def named(module: Any, name: Any) -> Any:
    """What a pickle may call by this name."""
    full = f"{module}.{name}" if isinstance(module, str) and isinstance(name, str) else "something without a name"
    if full not in NAMES:
        raise Refused(f"it asks for {full[:100]!r}, and only tensors in dicts are read (PyTorch: torch.save(model.state_dict(), path))")
    return NAMES[full]


def filled(target: Any, values: list[Any]) -> Any:
    """Put keys and values, which alternate, into a dict. Only plain keys: hashing others may take for ever."""
    if type(target) is not dict or len(values) % 2 or not all(type(key) in (str, int) for key in values[::2]):
        raise Refused("it fills something that is no dict, or one with keys other than strings and integers")
    target.update(zip(values[::2], values[1::2]))
    return target
