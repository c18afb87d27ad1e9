"""How do I differentiate a function?

Everything here is one idea used again: run the function on Tensors (a `Recording`), then run the tape backward. Since the
backward pass consists of the same recorded operations, derivatives nest to any order:

    grad(f)(x)             df/dx of a scalar function
    vjp(f, x)              f(x), and the function v -> v^T J
    jvp(f, (x,), (v,))     f(x) and J v, by differentiating v -> v^T J, which is linear
    jacobian(f)(x)         J, row by row
    hessian(f)(x)          jacobian(jacobian(f))
    hvp(f)(x, v)           H v, without forming H
    ggnvp(f)(x, v)         J^T H_g J v, Gauss and Newton's approximation of it

Arguments and results may be trees: tuples, lists and dicts of arrays. Arrays in give arrays out and Tensors give Tensors.
A gradient that still depends on something being differentiated further out - another argument, an outer `grad`, the
weights of a model - is a Tensor on the tape of that; under `no_grad()` it is not.

Positions are given as `argnums`, as JAX says, or `argnum`, as HIPS/autograd says; more of its names are in
`differential_operators.py`.

Read next: `checkpoint.py`; or, this being the end of the spine, whatever you need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd import ops
from autograd.node import Leaf
from autograd.recording import Argnums, Recording, positions
from autograd.tensor import Tensor, constant_tensor
from autograd.tree import flatten


def ones_for(y: Tensor) -> Any:
    return np.ones(y.shape, y.dtype) if y.shape else y.dtype.type(1)


def gradient_of(recording: Recording) -> Any:
    """The gradient of the one scalar that a recorded function returned."""
    y = recording.scalar()
    if y is not None and y.dtype.kind == "c":
        recording.refuse_complex("grad")
    return recording.gathered(recording.pull([ones_for(y) if y is not None else None], keep=False))


def presented(what: str, f: Callable[..., Any], argnums: Argnums) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a derived function a name and a docstring that say what it is and what of."""
    name, text = getattr(f, "__name__", "function"), getattr(f, "__doc__", None) or ""

    def present(derived: Callable[..., Any]) -> Callable[..., Any]:
        wraps(f)(derived)
        derived.__name__ = derived.__qualname__ = f"{what}_of_{name}_wrt_argnum_{argnums}"
        derived.__doc__ = f"The {what} of {name} by argument {argnums}. It takes the arguments of {name}:\n\n{text}"
        return derived

    return present


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False, *,
                   argnum: Argnums | None = None) -> Callable[..., tuple[Any, Any]]:
    """The function (args) -> (f(args), df/d args[argnums]).

    With `has_aux=True`, f returns (scalar, anything), and the result is ((scalar, anything), gradient).

    >>> from autograd import value_and_grad
    >>> y, g = value_and_grad(lambda x: x ** 3)(2.0)
    >>> float(y), float(g)
    (8.0, 12.0)
    """
    argnums = positions(argnums, argnum)

    @presented("value_and_grad", f, argnums)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if has_aux:
            return with_aux(f, args, kwargs, argnums)
        recording = Recording(f, args, kwargs, argnums, "the gradient")
        g = gradient_of(recording)
        return recording.value(), g

    return value_and_gradient


def with_aux(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Argnums) -> tuple[Any, Any]:
    """((f(args), aux), gradient) of a function that returns (scalar, aux)."""
    aux: list[Any] = []

    def head(*args: Any, **kwargs: Any) -> Any:
        y, *rest = f(*args, **kwargs)
        aux.extend(rest)
        return y

    head.__name__ = getattr(f, "__name__", "the function")
    recording = Recording(head, args, kwargs, argnums, "the gradient")
    g = gradient_of(recording)
    leaves, structure = flatten(aux[0] if len(aux) == 1 else tuple(aux))
    raw = all(recording.raw)
    return (recording.value(), structure.unflatten([recording.released(leaf, raw) for leaf in leaves])), g


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False, *, argnum: Argnums | None = None) -> Callable[..., Any]:
    """The gradient of a scalar function: (args) -> df/d args[argnums].

    f:        takes arrays (or trees of them) and returns one scalar
    argnums:  the position of the argument to differentiate by; a tuple of positions gives a tuple of gradients
    has_aux:  f returns (scalar, anything); the result is then (gradient, anything)
    argnum:   another name of `argnums`

    The gradient has the structure, shapes and dtypes of the argument. By complex x = a + ib it is df/da - i df/db, and f' of a
    holomorphic f. (`.grad` is the conjugate, as in PyTorch.)

    >>> import numpy as np
    >>> from autograd import grad
    >>> float(grad(np.tanh)(0.0)), float(grad(grad(grad(np.sin)))(0.0))
    (1.0, -1.0)
    >>> grad(lambda p: p["w"] * p["b"])({"w": 2.0, "b": 5.0})
    {'w': np.float64(5.0), 'b': np.float64(2.0)}

    Raises TypeError if f does not return a scalar, or the argument does not hold floating-point numbers.
    """
    argnums = positions(argnums, argnum)

    @presented("grad", f, argnums)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        if has_aux:
            value, g = with_aux(f, args, kwargs, argnums)
            return g, value[1]
        return gradient_of(Recording(f, args, kwargs, argnums, "the gradient"))

    return gradient


def vjp(f: Callable[..., Any], *args: Any, argnums: Argnums | None = None, **kwargs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """f(*args), and the function v -> v^T J: the vector-Jacobian product, or pullback.

    `argnums` defaults to all arguments, and the pullback then returns a tuple with one cotangent for each (a single one
    if there is one argument and no `argnums`). It can be called any number of times; v has the form of the result.

    >>> from autograd import vjp
    >>> y, pullback = vjp(lambda a, b: a * b, 3.0, 4.0)
    >>> [float(g) for g in pullback(1.0)]
    [4.0, 3.0]
    """
    if argnums is None:
        argnums = 0 if len(args) == 1 else tuple(range(len(args)))
    recording = Recording(f, args, kwargs, argnums, "the vjp")

    def pullback(v: Any) -> Any:
        leaves, structure = flatten(v)
        if structure != recording.output_structure:
            raise ValueError(f"{recording.what}: the result has the structure {recording.output_structure}, the cotangent {structure}")
        return recording.gathered(recording.pull(leaves, keep=True))

    return recording.value(), pullback


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any], **kwargs: Any) -> tuple[Any, Any]:
    """f(*args) and J v: how the result changes when the arguments change by the tangents.

    args, tangents:  tuples of the same form

    The pullback v -> v^T J is linear in v, so its own pullback is J: two backward passes make a forward one.

    >>> from autograd import jvp
    >>> y, dy = jvp(lambda x: x * x, (3.0,), (1.0,))
    >>> float(y), float(dy)
    (9.0, 6.0)
    """
    recording = Recording(f, tuple(args), kwargs, tuple(range(len(args))), "the jvp")
    steps, structure = flatten(tuple(tangents))
    if structure != flatten(tuple(args))[1]:
        raise ValueError(f"{recording.what}: arguments and tangents must have the same structure")
    for x, t in zip(recording.inputs, steps):
        if np.shape(t._array if isinstance(t, Tensor) else t) != x.shape:
            raise ValueError(f"{recording.what}: a tangent of shape {np.shape(t)} was given for an argument of shape {x.shape}")
    dependent = [y for y in recording.outputs if isinstance(y, Tensor) and y.node is not None]
    dummies = [constant_tensor(ops.zeros_like(y._array), Leaf(y.shape, y.dtype)) for y in dependent]

    def transposed(*us: Any) -> list[Any]:
        given = iter(us)
        return recording.pull([next(given) if isinstance(y, Tensor) and y.node is not None else None for y in recording.outputs], keep=True)

    pushed: list[Any] = []
    if dummies:
        linear = Recording(transposed, tuple(dummies), {}, tuple(range(len(dummies))), "the jvp")
        pushed = linear.pull(steps, keep=True)
    arrived = iter(pushed)
    results = []
    for y in recording.outputs:
        if isinstance(y, Tensor) and y.node is not None:
            results.append(recording.released(next(arrived), all(recording.raw)))
        else:
            results.append(ops.zeros_like(y._array if isinstance(y, Tensor) else np.asarray(y)))
    return recording.value(), recording.output_structure.unflatten(results)


def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Any]:
    """The gradient of the sum of f's result: for a function that acts on each element alone, its derivative there.

    >>> import numpy as np
    >>> from autograd import elementwise_grad
    >>> elementwise_grad(np.square)(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    argnums = positions(argnums, argnum)

    @presented("elementwise_grad", f, argnums)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        recording = Recording(f, args, kwargs, argnums, "the elementwise gradient")
        recording.refuse_complex("elementwise_grad")
        ones = [ones_for(y) if isinstance(y, Tensor) else None for y in recording.outputs]
        return recording.gathered(recording.pull(ones, keep=False))

    return gradient


def jacobian(f: Callable[..., Any], argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Any]:
    """The function (args) -> J, with J[i, j] = d f(args)[i] / d args[argnums][j].

    By complex arguments it is the complex derivative where f is holomorphic, and else the gradients of the real parts. The shape
    is f's shape followed by the argument's. For trees the result is the tree of f's results, each of them the tree of the arguments.

    >>> import numpy as np
    >>> from autograd import jacobian
    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    argnums = positions(argnums, argnum)

    @presented("jacobian", f, argnums)
    def jacobian_of(*args: Any, **kwargs: Any) -> Any:
        recording = Recording(f, args, kwargs, argnums, "the jacobian")
        blocks = []
        for place, y in enumerate(recording.outputs):
            if not isinstance(y, Tensor):
                y = constant_tensor(np.asarray(y)[()])
            rows = []
            for index in np.ndindex(*y.shape):
                basis = np.zeros(y.shape, y.dtype)
                basis[index] = 1
                rows.append(row_of(recording, place, basis))
            columns = [[row[j] for row in rows] for j in range(len(recording.inputs))]
            shapes = [y.shape + x.shape for x in recording.inputs]
            blocks.append(recording.gathered([stacked(column, shape, y) for column, shape in zip(columns, shapes)]))
        return recording.output_structure.unflatten(blocks)

    return jacobian_of


def row_of(recording: Recording, place: int, basis: Any) -> list[Any]:
    """The derivatives of one element of a result. Those of a complex one by a real argument are complex: what is sent back by 1 is the
    real part, and what is sent back by -i the imaginary one."""

    def sent_back(basis: Any) -> list[Any]:
        return recording.pull([basis[()] if i == place else zeros_of(o) for i, o in enumerate(recording.outputs)], keep=True)

    row = sent_back(basis)
    if basis.dtype.kind != "c" or not recording.real_arguments():
        return row
    return [a if a.dtype.kind == "c" else a + b * 1j for a, b in zip(row, sent_back(-1j * basis))]


def zeros_of(y: Any) -> Any:
    return ops.zeros_like(y._array) if isinstance(y, Tensor) else None


def stacked(rows: list[Any], shape: tuple[int, ...], y: Tensor) -> Any:
    if not y.shape:  # one row: of a scalar, the Jacobian is the gradient
        return rows[0]
    if not rows:
        return np.zeros(shape, y.dtype)
    return ops.reshape(ops.stack(rows), shape)


def hessian(f: Callable[..., Any], argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Any]:
    """The second derivatives: jacobian(jacobian(f)). Of a scalar function its shape is the argument's, twice; f's own comes first.
    (Of complex arguments this is f'' of a holomorphic f. For a real loss of complex numbers take their two parts as arguments.)

    >>> import numpy as np
    >>> from autograd import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 2.0]))
    array([[4., 2.],
           [2., 0.]])
    """
    argnums = positions(argnums, argnum)
    return presented("hessian", f, argnums)(jacobian(jacobian(f, argnums), argnums))


def inner(a: Any, b: Any) -> Any:
    """The inner product of two trees of equal structure."""
    total: Any = 0.0
    for x, y in zip(flatten(a)[0], flatten(b)[0], strict=True):
        total = total + ops.sum(ops.multiply(x, y))
    return total


def hvp(f: Callable[..., Any], argnums: int = 0, *, argnum: int | None = None) -> Callable[..., Any]:
    """The Hessian times a vector, (args..., v) -> H v, at the cost of two gradients: the gradient of <grad f, v>.

    >>> import numpy as np
    >>> from autograd import hvp
    >>> hvp(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    argnums = argnums if argnum is None else argnum
    gradient = grad(f, argnums)

    @presented("hvp", f, argnums)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, v = args
        return grad(lambda *a: inner(gradient(*a, **kwargs), v), argnums)(*point)

    return product


def ggnvp(f: Callable[..., Any], g: Callable[..., Any] | None = None, argnums: int = 0) -> Callable[..., Any]:
    """The generalised Gauss-Newton product, (args..., v) -> J^T H_g J v, where J is the Jacobian of f and H_g the Hessian of g at f.

    f:  the model, from parameters to predictions
    g:  the convex loss of the predictions; default: half their squared norm, whose Hessian is 1
    (Schraudolph 2002, "Fast curvature matrix-vector products".)
    """

    @presented("ggnvp", f, argnums)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, v = args

        def of_one(x: Any) -> Any:
            return f(*point[:argnums], x, *point[argnums + 1:], **kwargs)

        y, jv = jvp(of_one, (point[argnums],), (v,))
        if g is None:
            leaves, structure = flatten(jv)
            hjv = structure.unflatten([ops.conj(t) if t.dtype.kind == "c" else t for t in leaves])
        else:
            hjv = hvp(g)(y, jv)
        return vjp(of_one, point[argnums])[1](hjv)

    return product
