"""What is one comparison with PyTorch, and what does our side answer?

Read next: `run.py`.
"""

from __future__ import annotations

import importlib
import json
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FROZEN = Path(__file__).parent / "frozen"
FAMILIES = sorted(path.stem.removeprefix("grid_") for path in Path(__file__).parent.glob("grid_*.py"))
TOLERANCE = 1e-10


class Given(NamedTuple):
    """An array to be drawn, and whether its gradient is compared."""

    draw: Any
    text: str
    grad: bool = True

    def __repr__(self) -> str:
        return self.text

    def constant(self) -> Given:
        """The same, without a gradient."""
        return self._replace(grad=False, text=f"{self.text}.constant()")


def normal(*shape: int) -> Given:
    """Standard normal numbers."""
    return Given(lambda rng: rng.standard_normal(shape), f"normal{shape}")


def uniform(*shape: int, low: float = 0.0, high: float = 1.0) -> Given:
    """Numbers between low and high."""
    return Given(lambda rng: rng.uniform(low, high, shape), f"uniform({shape}, {low}, {high})")


def classes(n: int, *shape: int) -> Given:
    """Integers from 0 to n - 1."""
    return Given(lambda rng: rng.randint(0, n, shape).astype(np.int64), f"classes({n}, {shape})", False)


def signs(*shape: int) -> Given:
    """1 or -1."""
    return Given(lambda rng: 2.0 * rng.randint(0, 2, shape) - 1, f"signs{shape}", False)


def fixed(values: Any, grad: bool = False) -> Given:
    """These numbers."""
    return Given(lambda rng: np.array(values), f"fixed({values})", grad)


class Comparison(NamedTuple):
    """A module or a function of both `nn` and `torch.nn`, and what it is called with."""

    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]
    inputs: list[Any]
    call: dict[str, Any]
    mode: str
    build: Any

    @property
    def id(self) -> str:
        """Says everything, and so is the seed too."""
        options = [f"{name}={short(value)}" for name, value in self.options.items()]
        call = [f"{name}={short(value)}" for name, value in self.call.items()]
        text = f"{self.name}({', '.join([*map(short, self.args), *options])})({', '.join([*map(repr, self.inputs), *call])})"
        return text if self.mode == "train" else f"{text}.{self.mode}"

    def rng(self) -> np.random.RandomState:
        """RandomState, because NumPy promises that its numbers never change; those of default_rng may."""
        return np.random.RandomState(zlib.crc32(self.id.encode()))

    def function(self, package: Any) -> Any:
        """The module, built from `nn` or `torch.nn`; or a function."""
        if self.build is not None:
            return self.build(package)
        found = package
        for name in self.name.split("."):
            found = getattr(found, name)
        return found(*self.args, **self.options) if isinstance(found, type) else found


def short(value: Any) -> str:
    return f"{value.tolist()}" if isinstance(value, np.ndarray) else repr(value)


def compare(name: str, *args: Any, inputs: list[Any], call: dict[str, Any] | None = None, modes: tuple[str, ...] | list[str] = ("train",),
            build: Any = None, **options: Any) -> list[Comparison]:
    """One comparison for each mode.

    name:           of the class in nn and torch.nn; or of a function, such as 'functional.pad'
    args, options:  of its constructor; arrays become torch tensors over there
    inputs:         what it is called with: `normal(2, 3)`, `classes(5, 2)`, ...; tuples, lists and dicts of these; None and the like pass
    call:           keyword arguments of the call, alike
    modes:          'train', 'eval' or both
    build:          instead of name and arguments, a function from `nn` or `torch.nn` to what is to be called
    """
    return [Comparison(name, args, options, list(inputs), call or {}, mode, build) for mode in modes]


def family(name: str) -> list[Comparison]:
    """The comparisons of a family."""
    grid = [c for entry in importlib.import_module(f"tests.peer.grid_{name}").GRID for c in (entry if isinstance(entry, list) else [entry])]
    ids = [c.id for c in grid]
    if twice := {id for id in ids if ids.count(id) > 1}:
        raise ValueError(f"grid_{name}.py: what is compared must have names of their own, but these stand there twice: {twice}")
    return grid


# ---- numbers --------------------------------------------------------------------------------------------------------


def mapped(f: Any, value: Any) -> Any:
    """f of every Given and array in nested tuples, lists and dicts; everything else stays."""
    if isinstance(value, (Given, np.ndarray)):
        return f(value)
    if isinstance(value, (tuple, list)):
        return type(value)(mapped(f, item) for item in value)
    if isinstance(value, dict):
        return {key: mapped(f, item) for key, item in value.items()}
    return value


def leaves(value: Any) -> list[Any]:
    """The arrays and tensors in nested tuples, lists and dicts, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (tuple, list)):
        return [leaf for item in value for leaf in leaves(item)]
    return [value] if hasattr(value, "shape") else []


def state(rng: np.random.RandomState, own: dict[str, Any], parameters: set[str]) -> dict[str, np.ndarray]:
    """New values for parameters and running statistics. Other buffers and counters stay as they were made."""
    values = {}
    for name in sorted(own):
        if name.endswith("running_var"):
            values[name] = rng.uniform(0.5, 2, tuple(own[name].shape))
        elif name in parameters or name.endswith("running_mean"):
            values[name] = rng.standard_normal(tuple(own[name].shape))
    return values


class Side(NamedTuple):
    """What tells PyTorch's side from ours."""

    package: Any
    float64: Any
    array: Any  # makes of a NumPy array what its functions take
    leaf: Any   # ... and what collects a gradient


def ours(c: Comparison) -> dict[str, np.ndarray]:
    """What our side answers."""
    import nn
    from autograd import tensor

    return answers(c, Side(nn, np.float64, np.copy, lambda array: tensor(array, requires_grad=True)))


def answers(c: Comparison, side: Side) -> dict[str, np.ndarray]:
    """Outputs, gradients and buffers, by name."""
    rng, given = c.rng(), []
    c = c._replace(args=mapped(side.array, c.args), options=mapped(side.array, c.options))
    f = c.function(side.package)
    is_module = hasattr(f, "state_dict")
    if is_module:
        f = f.to(side.float64).train(c.mode == "train")
        if c.name.startswith("Lazy"):  # its first input tells what it is
            f(*mapped(lambda item: side.array(item.draw(c.rng())), c.inputs))
        values = state(rng, f.state_dict(), {name for name, _ in f.named_parameters(remove_duplicate=False)})
        f.load_state_dict({**f.state_dict(), **{name: side.array(value) for name, value in values.items()}})

    def made(item: Any) -> Any:
        if isinstance(item, np.ndarray) or not item.grad:
            return side.array(item if isinstance(item, np.ndarray) else item.draw(rng))
        given.append(side.leaf(item.draw(rng)))
        return given[-1]

    inputs, call = mapped(made, c.inputs), mapped(made, c.call)
    results = leaves(f(*inputs, **call) if is_module or c.build else f(*inputs, *c.args, **c.options, **call))
    total: Any = 0
    for y in results:
        if getattr(y, "requires_grad", False):
            total = total + (y * side.array(rng.standard_normal(tuple(y.shape)))).sum()
    if results and hasattr(total, "backward"):
        total.backward()

    def gradient(x: Any) -> np.ndarray:
        return np.zeros(tuple(x.shape)) if x.grad is None else plain(x.grad)

    found = {f"output {i}": plain(y) for i, y in enumerate(results)} | {f"gradient of input {i}": gradient(x) for i, x in enumerate(given)}
    if is_module:
        parameters = dict(f.named_parameters(remove_duplicate=False))
        found |= {f"gradient of {name}": gradient(p) for name, p in sorted(parameters.items()) if p.requires_grad}
        found |= {f"state {name}": plain(value) for name, value in sorted(f.state_dict().items()) if name not in parameters}
    return found


def plain(x: Any) -> np.ndarray:
    """A tensor or array of either side as an array."""
    return np.array(x.detach().numpy() if hasattr(x, "detach") else x)


def differences(answers: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> list[str]:
    """What disagrees, in words."""
    found = [f"{name}: only {'we' if name in answers else 'PyTorch'} have it" for name in sorted(answers.keys() ^ expected.keys())]
    for name, array in expected.items():
        if name not in answers:
            continue
        if answers[name].shape != array.shape:
            found.append(f"{name}: shape {answers[name].shape}, PyTorch {array.shape}")
        elif not np.allclose(answers[name], array, TOLERANCE, TOLERANCE, equal_nan=True):
            with np.errstate(invalid="ignore"):
                found.append(f"{name}: {array.shape} differs by up to {np.nanmax(np.abs(answers[name] - array)):.1e}")
    return found


# ---- files ----------------------------------------------------------------------------------------------------------


def write(name: str, answers: dict[str, dict[str, np.ndarray]]) -> int:
    """Freeze the answers of a family: all numbers in a row, and an index of names and shapes. Returns the size of the file."""
    index = {id: {name: list(array.shape) for name, array in arrays.items()} for id, arrays in answers.items()}
    values = [np.asarray(array, np.float64).ravel() for arrays in answers.values() for array in arrays.values()]
    FROZEN.mkdir(exist_ok=True)
    path = FROZEN / f"{name}.npz"
    np.savez_compressed(path, index=np.frombuffer(json.dumps(index).encode(), np.uint8), values=np.concatenate(values))
    return path.stat().st_size


def read(name: str) -> dict[str, dict[str, np.ndarray]]:
    """The frozen answers of a family."""
    with np.load(FROZEN / f"{name}.npz") as file:
        index, values = json.loads(bytes(file["index"])), file["values"]
    answers, at = {}, 0
    for id, shapes in index.items():
        answers[id] = {}
        for key, shape in shapes.items():
            n = int(np.prod(shape))
            answers[id][key] = values[at: at + n].reshape(shape)
            at += n
    return answers
