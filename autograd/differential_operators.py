"""What are the functions of `functional.py` called in HIPS/autograd, and which more does it have?

    make_vjp(f)(x)                        v -> v^T J, and f(x)
    make_jvp(f)(x)(v)                     f(x), and J v
    make_hvp(f)(x)                        v -> H v, and the gradient
    make_ggnvp(f, g)(x)                   v -> J^T H_g J v
    hessian_tensor_product(f)(x, v)       H v                       (hessian_vector_product is another name of it)
    tensor_jacobian_product(f)(x, v)      v^T J                     (vector_jacobian_product, too)
    deriv(f)(x)                           J 1: the derivative of a function of one number
    grad_and_aux, grad_named, multigrad_dict, holomorphic_grad      grad, asked for in other ways

A `make_` function runs f once and can then be used for many v: what f computed is kept until it is let go of. All take
`argnum`, the position of the argument (or a tuple of positions, and then v is a tuple, too), and go to any order.

Read next: `extend.py`, HIPS/autograd's way of declaring an operation.
"""

from __future__ import annotations

import inspect
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import ops
from autograd.checkpoint import checkpoint
from autograd.functional import elementwise_grad, grad, hessian, hvp, jacobian, jvp, presented, value_and_grad, vjp
from autograd.recording import Argnums, positions
from autograd.tensor import Tensor
from autograd.tree import map_tree

__all__ = [
    "checkpoint", "deriv", "elementwise_grad", "grad", "grad_and_aux", "grad_named", "hessian", "hessian_tensor_product",
    "hessian_vector_product", "holomorphic_grad", "jacobian", "make_ggnvp", "make_hvp", "make_jvp", "make_jvp_reversemode", "make_vjp",
    "multigrad_dict", "tensor_jacobian_product", "value_and_grad", "vector_jacobian_product",
]

Function = Callable[..., Any]


def make_vjp(f: Function, argnum: Argnums = 0) -> Function:
    """(args) -> (v -> v^T J, f(args)): the vector-Jacobian product at a point, and the value there.

    v has the form of the result: of a function that returns a tuple, it is a tuple.

    >>> from autograd import make_vjp
    >>> pullback, y = make_vjp(lambda a, b: a * b, argnum=(0, 1))(3.0, 4.0)
    >>> [float(g) for g in pullback(1.0)], float(y)
    ([4.0, 3.0], 12.0)
    """
    argnum = positions(argnum)

    @presented("make_vjp", f, argnum)
    def at_point(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        value, pullback = vjp(f, *args, argnums=argnum, **kwargs)
        return pullback, value

    return at_point


def make_jvp(f: Function, argnum: Argnums = 0) -> Function:
    """(args) -> (v -> (f(args), J v)): how the result changes when the argument changes by v.

    >>> from autograd import make_jvp
    >>> y, dy = make_jvp(lambda x: x * x)(3.0)(1.0)
    >>> float(y), float(dy)
    (9.0, 6.0)
    """
    argnum = positions(argnum)

    @presented("make_jvp", f, argnum)
    def at_point(*args: Any, **kwargs: Any) -> Function:
        chosen = chosen_of(args, argnum)

        def push(v: Any) -> tuple[Any, Any]:
            tangents = (v,) if isinstance(argnum, int) else tuple(v)
            return jvp(of_chosen(f, args, kwargs, argnum), chosen, tangents)

        return push

    return at_point


def make_jvp_reversemode(f: Function, argnum: Argnums = 0) -> Function:
    """(args) -> (v -> J v), from one run of f: v -> v^T J is linear, so its own pullback is J."""
    argnum = positions(argnum)

    @presented("make_jvp", f, argnum)
    def at_point(*args: Any, **kwargs: Any) -> Function:
        pullback, y = make_vjp(f, argnum)(*args, **kwargs)
        return transposed(pullback, y)

    return at_point


def make_hvp(f: Function, argnum: Argnums = 0) -> Function:
    """(args) -> (v -> H v, grad f(args)): the Hessian-vector product of a scalar function at a point, and the gradient there."""
    argnum = positions(argnum)
    return presented("make_hvp", f, argnum)(make_vjp(grad(f, argnum), argnum))


def half_squared_norm(x: Any) -> Any:
    return 0.5 * ops.sum(x * x, axis=-1)


def make_ggnvp(f: Function, g: Function = half_squared_norm, f_argnum: Argnums = 0) -> Function:
    """(args) -> (v -> J^T H v): the generalised Gauss-Newton product. J is the Jacobian of f, H the Hessian of g at f(args).

    g:  a convex loss of what f returns; default: half of its squared norm, whose Hessian is 1
    """
    argnum = positions(f_argnum)

    @presented("make_ggnvp", f, argnum)
    def at_point(*args: Any, **kwargs: Any) -> Function:
        pullback, y = make_vjp(f, argnum)(*args, **kwargs)
        curve, _ = make_vjp(grad(g))(y)
        push = transposed(pullback, y)
        return lambda v: pullback(curve(push(v)))

    return at_point


def transposed(pullback: Function, y: Any) -> Function:
    """The pullback of a pullback, which is linear: the place where it is taken does not matter."""
    return vjp(pullback, map_tree(zeros_for, y), argnums=0)[1]


def zeros_for(x: Any) -> Any:
    return ops.zeros_like(x if isinstance(x, Tensor) else np.asarray(x))


def chosen_of(args: tuple[Any, ...], argnum: Any) -> tuple[Any, ...]:
    if max([argnum] if isinstance(argnum, int) else argnum, default=0) >= len(args):
        raise TypeError(f"argument {argnum} was to be differentiated, but the call has {len(args)} by position")
    return (args[argnum],) if isinstance(argnum, int) else tuple(args[i] for i in argnum)


def of_chosen(f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnum: Any) -> Function:
    """f as a function of some of its arguments."""
    places = (argnum,) if isinstance(argnum, int) else argnum

    def of(*values: Any) -> Any:
        given = list(args)
        for place, value in zip(places, values):
            given[place] = value
        return f(*given, **kwargs)

    of.__name__ = getattr(f, "__name__", "the function")
    return of


def deriv(f: Function, argnum: Argnums = 0) -> Function:
    """(args) -> J 1: how the result changes when every element of the argument grows alike; of a function of one number, f'.

    >>> import numpy as np
    >>> from autograd import deriv
    >>> deriv(lambda t: np.stack([t, t * t]))(3.0)
    array([1., 6.])
    """
    argnum = positions(argnum)

    @presented("deriv", f, argnum)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        ones = map_tree(lambda x: ops.ones_like(x if isinstance(x, Tensor) else np.asarray(x)), chosen_of(args, argnum))
        return make_jvp(f, argnum)(*args, **kwargs)(ones[0] if isinstance(argnum, int) else ones)[1]

    return derivative


def hessian_tensor_product(f: Function, argnum: int = 0) -> Function:
    """(args..., v) -> H v, at the cost of two gradients; v has the shape of the argument. The same as `autograd.hvp`.

    >>> import numpy as np
    >>> from autograd import hessian_vector_product
    >>> hessian_vector_product(lambda x: np.sum(x ** 3))(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    return hvp(f, argnum)


def tensor_jacobian_product(f: Function, argnum: Argnums = 0) -> Function:
    """(args..., v) -> v^T J. If v has fewer axes than the result of f, they stand for the first ones, and the others remain."""
    argnum = positions(argnum)

    @presented("tensor_jacobian_product", f, argnum)
    def product(*args: Any, **kwargs: Any) -> Any:
        *point, v = args
        axes = np.ndim(v._array if isinstance(v, Tensor) else v)
        return jacobian(lambda *a: ops.tensordot(v, f(*a, **kwargs), axes), argnum)(*point)

    return product


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def grad_and_aux(f: Function, argnum: Argnums = 0) -> Function:
    """(args) -> (gradient, aux), for a function that returns (scalar, aux). The same as `grad(f, has_aux=True)`."""
    return grad(f, argnum, has_aux=True)


def grad_named(f: Function, argname: str) -> Function:
    """The gradient by the argument of this name. It is given by position when the gradient is called."""
    names = list(inspect.signature(f).parameters)
    if argname not in names:
        raise ValueError(f"{getattr(f, '__name__', 'the function')} has no argument {argname!r}, it takes {', '.join(names)}")
    return grad(f, names.index(argname))


def holomorphic_grad(f: Function, argnum: Argnums = 0) -> Function:
    """The complex derivative f' of a holomorphic function: the gradient of its real part, with HIPS/autograd's convention.

    >>> from autograd.differential_operators import holomorphic_grad
    >>> complex(holomorphic_grad(lambda z: z ** 2)(1 + 2j))
    (2+4j)
    """
    argnum = positions(argnum)
    gradient = grad(lambda *args, **kwargs: ops.real(f(*args, **kwargs)), argnum)

    @presented("holomorphic_grad", f, argnum)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        if not all(np.iscomplexobj(x._array if isinstance(x, Tensor) else x) for x in chosen_of(args, argnum)):
            warnings.warn("holomorphic_grad was given a real argument: the result is the derivative of the real part by a real number",
                          stacklevel=2)
        return gradient(*args, **kwargs)

    return derivative


def multigrad_dict(f: Function) -> Function:
    """(args) -> {name: gradient}, by all arguments of a scalar function, those left at their defaults included.

    >>> from autograd.differential_operators import multigrad_dict
    >>> {name: float(g) for name, g in multigrad_dict(lambda x, y=3.0: x * y)(2.0).items()}
    {'x': 3.0, 'y': 2.0}
    """
    signature = inspect.signature(f)

    @presented("multigrad_dict", f, "all")  # type: ignore[arg-type]
    def gradients(*args: Any, **kwargs: Any) -> OrderedDict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def called(arguments: dict[str, Any]) -> Any:
            given = inspect.BoundArguments(signature, OrderedDict(arguments))
            return f(*given.args, **given.kwargs)

        called.__name__ = getattr(f, "__name__", "the function")
        return OrderedDict(grad(called)(dict(bound.arguments)))

    return gradients
