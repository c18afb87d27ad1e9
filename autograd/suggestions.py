"""Which edit would mend it?

An error says what was called and why it cannot work. Where the mistake has a usual cause, it can also say what to write
instead: `b[:, None]` where a column was forgotten, `b.T` where a matrix stands the wrong way, `axis=` where PyTorch says `dim=`.
Nothing here runs unless something went wrong.

Read next: `files.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SPOKEN = {
    "joined": "concatenate", "subscript": "x[index]", "overwrite": "x[index] = v", "class_loss": "cross_entropy", "p_norm": "norm",
    "taken_along": "take_along_axis", "set_along_axis": "put_along_axis", "crossed": "cross", "contract": "einsum", "relabel": "einsum",
    "real_part": "real", "imaginary_part": "imag", "cast": "astype", "repeated": "repeat", "pad_constant": "pad", "on_diagonal": "diag",
}
"""What a user wrote, where the operation behind it has a name of its own."""

TORCH_KEYWORDS = {"dim": "axis", "keepdim": "keepdims", "dims": "axis", "unbiased": "ddof", "input": "the first argument", "other": "b",
                  "memory_format": "nothing (any layout will do)", "device": "nothing (arrays live on the CPU)"}
"""PyTorch's names for arguments that have NumPy's here."""

TORCH_METHODS = {
    "view": "x.reshape(...), or x.astype(dtype)", "unsqueeze": "x.expand_dims(axis), or x[:, None]", "permute": "x.transpose(...)",
    "numel": "x.size", "dim": "x.ndim", "contiguous": "nothing, any layout will do", "cpu": "nothing, it is there",
    "cuda": "nothing: arrays live on the CPU",
    "to": "x.astype(dtype)", "float": "x.astype('float32')", "double": "x.astype('float64')", "long": "x.astype('int64')",
    "half": "x.astype('float16')", "int": "x.astype('int32')", "bool": "x.astype(bool)", "mm": "x @ y", "matmul": "x @ y", "bmm": "x @ y",
    "add": "x + y", "sub": "x - y", "mul": "x * y", "div": "x / y", "pow": "x ** y", "t": "x.T", "expand": "x.broadcast_to(shape)",
    "add_": "x += y", "sub_": "x -= y", "mul_": "x *= y", "div_": "x /= y", "zero_": "x[...] = 0", "fill_": "x[...] = value",
    "copy_": "x[...] = y", "detach_": "x = x.detach()", "norm": "np.linalg.norm(x)", "sin": "np.sin(x)", "cos": "np.cos(x)",
    "masked_fill": "np.where(mask, value, x)", "gather": "np.take_along_axis(x, index, axis)", "amax": "x.max(axis)",
    "amin": "x.min(axis)", "grad_fn": "x.node", "is_cuda": "False", "asnumpy": "x.detach().numpy()", "eval": "x.data",
    "topk": "np.argsort(x)[..., -k:], and np.take_along_axis for the values", "chunk": "np.array_split(x, n, axis)",
}
"""PyTorch's methods that have other names here."""

TORCH_FUNCTIONS = {
    "Function": "@autograd.primitive, a function with a rule for each input", "set_grad_enabled": "no_grad() or enable_grad()",
    "inference_mode": "no_grad()", "manual_seed": "autograd.random.seed(n)", "from_numpy": "autograd.tensor(array)",
    "cat": "np.concatenate", "backward": "loss.backward()", "nn": "import nn", "optim": "import optim", "Variable": "autograd.tensor",
    "set_detect_anomaly": "detect_anomaly()", "gradcheck": "autograd.check_grads",
    **{name: f"np.{name}(...); for a Tensor autograd.tensor(...) of it" for name in ("zeros", "ones", "arange", "eye", "full", "linspace")},
    **dict.fromkeys(("rand", "randn", "randint", "randperm"), "np.random.default_rng(seed), and autograd.tensor(...) of what it draws"),
    **{name: f"np.{name}" for name in ("stack", "where", "exp", "log", "sum", "mean", "matmul", "einsum", "sqrt", "maximum")},
}
"""PyTorch's functions that have other names here, or are NumPy's."""

TORCH_MODULES = {
    "register_buffer": "self.name = nn.Buffer(value)", "register_parameter": "self.name = nn.Parameter(value)",
    "add_module": "self.name = module, or setattr(self, name, module)", "register_module": "self.name = module",
    "float": "model.to('float32')", "double": "model.to('float64')", "half": "model.to('float16')", "type": "model.to(dtype)",
    "cuda": "nothing: it computes on the CPU", "cpu": "nothing: it is there", "get_parameter": "dict(model.named_parameters())[path]",
    "get_buffer": "dict(model.named_buffers())[path]", "compile": "autograd.compile(step), of the whole training step",
}
"""What PyTorch's modules have, and ours have not."""

MEMORY = {
    "byteswap": "x.data.byteswap()", "ctypes": "x.data.ctypes",
    "dump": "pickle.dump(x.detach(), file)", "dumps": "pickle.dumps(x.detach())",
    "getfield": "x.data.getfield(dtype)", "resize": "x = np.resize(x, shape)", "setfield": "x[...] = value",
    "itemset": "x[index] = value", "newbyteorder": "x.data.view(x.dtype.newbyteorder())", "tostring": "x.data.tobytes()",
    "setflags": "nothing: what is outside a Tensor cannot write to its memory",
}
"""Methods of NumPy's arrays about bytes and memory, which a Tensor does not open."""


def missing_attribute(kind: str, name: str) -> str:
    """What to say when a Tensor has no such attribute."""
    text = f"a {kind} has no attribute {name!r}"
    if name in TORCH_METHODS:
        return f"{text}: write {TORCH_METHODS[name]}"
    if name in MEMORY:
        return f"{text} (its memory is nobody else's): write {MEMORY[name]}"
    return f"{text}: write np.{name}(x)" if callable(getattr(np, name, None)) else text


class Unavailable:
    """Stands for an attribute that there is in PyTorch, and says what to write here."""

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        raise AttributeError(f"a {owner.__name__} has no attribute {self.name!r}: write {self.instead}", name=self.name, obj=instance)


def keyword_text(error: str, inputs: tuple[str, ...], params: tuple[str, ...]) -> str:
    """What to add to Python's 'got an unexpected keyword argument': the name that is meant, and the arguments there are."""
    given = error.rpartition("argument ")[2].split(".")[0].strip("'")
    hint = f" What PyTorch calls {given} is {TORCH_KEYWORDS[given]} here." if given in TORCH_KEYWORDS else ""
    return f"{hint} It takes {', '.join([*inputs, *params])}."


def edit_for(name: str, broadcasts: bool, arrays: tuple[Any, ...], options: dict[str, Any], error: Exception) -> str:
    """A sentence that says what to write, or ''."""
    shapes = [np.shape(x) for x in arrays if x is not None and hasattr(x, "shape")]
    if isinstance(error, np.exceptions.AxisError) and shapes:
        n = len(shapes[0])
        return f"Of shape {shapes[0]} the axes are 0 to {n - 1}, or -{n} to -1." if n else "A 0-d array has no axis."
    if name == "matmul" and len(shapes) == 2:
        return matmul_edit(*shapes)
    if broadcasts and len(shapes) == 2 and isinstance(error, ValueError):
        return broadcast_edit(*shapes)
    if name == "reshape" and shapes:
        return reshape_edit(shapes[0], options.get("shape"))
    if isinstance(error, TypeError) and isinstance(options.get("axis"), float):
        return f"An axis is a whole number: axis={int(options['axis'])}."
    return ""


def matmul_edit(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    if not a or not b:
        return "A number multiplies with *."
    rows = b[-2] if len(b) > 1 else b[-1]
    why = f"The last axis of a has length {a[-1]}, and the one of b that meets it {rows}."
    if len(b) > 1 and b[-1] == a[-1]:
        return why + " Write a @ b.mT." if len(b) > 2 else why + " Write a @ b.T."
    if len(a) > 1 and a[-2] == rows:
        return why + (" Write a.mT @ b." if len(a) > 2 else " Write a.T @ b.")
    return why


def broadcast_edit(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """Shapes are lined up at the right. Would it fit at the left?"""
    for long, short, name in ((a, b, "b"), (b, a, "a")):
        if 0 < len(short) < len(long) and long[: len(short)] == short:
            return f"Shapes are lined up at the right. If {name} belongs to the first axes: {name}[{', '.join([':'] * len(short))}" \
                   f"{', None' * (len(long) - len(short))}]."
    if len(a) == len(b) == 2 and a == b[::-1]:
        return "One of them is transposed: write b.T."
    return "Shapes are lined up at the right, and lengths must be equal, or one of them 1."


def reshape_edit(shape: tuple[int, ...], wanted: Any) -> str:
    wanted = (wanted,) if isinstance(wanted, int) else wanted
    if not isinstance(wanted, (tuple, list)) or not wanted or not all(isinstance(n, int) for n in wanted):
        return ""
    size, rest = int(np.prod(shape)), int(np.prod([n for n in wanted[1:] if n > 0]))
    known = int(np.prod([n for n in wanted if n != -1]))
    text = f"There are {size} elements, and {tuple(wanted)} would take {'a multiple of ' if -1 in wanted else ''}{known}."
    return text + (f" Write reshape({(-1, *wanted[1:])}) and the first length is found." if -1 not in wanted and rest and size % rest == 0
                   and len(wanted) > 1 else "")
