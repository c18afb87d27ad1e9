"""Are operations that are declared in HIPS/autograd's way operations like ours?

Read next: `test_misc.py`.
"""

import gc
import re

import numpy as onp
import pytest

import autograd.numpy as np
from autograd import Tape, Tensor, checkpoint, grad, hessian, jvp, no_grad, primitive, tensor, trace, vjp
from autograd.builtins import isinstance as value_isinstance
from autograd.builtins import type as value_type
from autograd.extend import (
    Box,
    SparseObject,
    VSpace,
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    register_notrace,
    vspace,
)
from autograd.extend import primitive as without_rules
from autograd.primitive import REGISTRY
from autograd.test_util import check_equivalent, check_grads, check_jvp, check_vjp, combo_check, scalar_close
from autograd.tracer import Node, getval, isbox
from autograd.tracer import trace as watch

X = onp.array([0.4, -1.3, 2.0])


def declare_logsumexp():
    @without_rules
    def logsumexp(x):
        """The logarithm of a sum."""
        top = np.max(x)
        return top + np.log(np.sum(np.exp(x - top)))

    defvjp(logsumexp, lambda ans, x: lambda g: np.full(x.shape, g) * np.exp(x - ans))
    return logsumexp


def test_every_order():
    f, plain = declare_logsumexp(), lambda x: np.log(np.sum(np.exp(x)))
    x = X
    for _ in range(4):
        onp.testing.assert_allclose(f(x), plain(x), rtol=1e-11, atol=1e-13)
        f, plain = (grad(lambda x, h=h: np.sum(h(x) * X)) for h in (f, plain))
    onp.testing.assert_allclose(hessian(declare_logsumexp())(X), hessian(lambda x: np.log(np.sum(np.exp(x))))(X), rtol=1e-12)
    check_grads(declare_logsumexp(), modes=["fwd", "rev"], order=2)(X)


def test_on_the_tape():
    f = declare_logsumexp()
    y = f(tensor(X, requires_grad=True, name="x"))
    assert "logsumexp x" in str(Tape.of(y)) and "keeps args, y" in str(Tape.of(y))
    assert f.__name__ == "logsumexp" and f.__doc__ == "The logarithm of a sum." and repr(f) == "<primitive logsumexp>"
    y.backward()
    program = trace(grad(lambda x: f(x * x)), X)
    onp.testing.assert_allclose(program(X + 1), grad(lambda x: f(x * x))(X + 1))
    onp.testing.assert_allclose(grad(checkpoint(lambda x: f(x * x)))(X), grad(lambda x: f(x * x))(X))
    with no_grad():
        assert f(tensor(X, requires_grad=True)).node is None
    assert not any(name.endswith(".logsumexp") and "test_extend" in name for name in REGISTRY)


def test_nothing_is_left_behind():
    f = declare_logsumexp()
    grad(f)(X)
    gc.collect()
    gc.disable()
    try:
        x = tensor(X, requires_grad=True)
        before = len(gc.get_objects())
        for _ in range(20):
            f(x)
        assert len(gc.get_objects()) - before < 10
    finally:
        gc.enable()


def test_several_arguments_some_without_a_derivative():
    @without_rules
    def scaled(x, k, y=2.0, *, sign=1):
        return sign * x ** k * y

    defvjp(scaled, lambda ans, x, k, y, sign=1: lambda g: g * sign * k * x ** (k - 1) * y, None,
           lambda ans, x, k, y, sign=1: lambda g: g * ans / y)
    assert grad(scaled, (0, 2))(3.0, 2, 5.0, sign=-1) == (-30.0, -9.0)
    assert float(grad(grad(scaled, 2), 0)(3.0, 2, 5.0)) == pytest.approx(6.0)
    assert float(grad(scaled, 1)(3.0, 2.0, 5.0)) == 0.0
    with pytest.raises(TypeError, match=r"given by name \(y=\) would lose its gradient"):
        grad(lambda y: scaled(3.0, 2, y=y))(5.0)


def test_a_missing_rule_is_named():
    @without_rules
    def f(x, y):
        return x * y

    with pytest.raises(NotImplementedError, match=r"the gradient of f by argument 0 is not defined. Write defvjp\(f, rule"):
        grad(f)(1.0, 2.0)
    defvjp(f, lambda ans, x, y: lambda g: g * x, argnums=[1])
    assert float(grad(f, 1)(3.0, 2.0)) == 3.0
    with pytest.raises(NotImplementedError, match="argument 0"):
        grad(f)(1.0, 2.0)
    with no_grad():
        assert float(f(tensor(2.0, requires_grad=True), 3.0)._array) == 6.0


def test_trees_are_arguments():
    @without_rules
    def layer(params, x):
        w, b = params["w"], params["b"][0]
        return w * x + b

    def to_params(ans, params, x):
        return lambda g: {"w": np.sum(g * x), "b": [np.sum(g)]}

    defvjp(layer, to_params, lambda ans, params, x: lambda g: g * params["w"])
    params = {"w": 2.0, "b": [1.0]}
    found = grad(lambda p: np.sum(layer(p, X) ** 2))(params)
    check_equivalent(found, grad(lambda p: np.sum((p["w"] * X + p["b"][0]) ** 2))(params))
    check_grads(layer, (0, 1), order=2)(params, X)


def test_one_rule_for_all_arguments():
    calls = []

    @without_rules
    def weighted(*xs):
        return sum((i + 1) * x for i, x in enumerate(xs))

    defvjp_argnum(weighted, lambda argnum, ans, args, kwargs: lambda g: g * (argnum + 1))
    assert grad(weighted, (0, 2))(1.0, 1.0, 1.0) == (1.0, 3.0)

    def together(argnums, ans, args, kwargs):
        calls.append(argnums)
        return lambda g: [g * (i + 1) for i in argnums]

    defvjp_argnums(weighted, together)
    assert grad(weighted, (0, 2))(1.0, 1.0, 1.0) == (1.0, 3.0) and calls == [(0, 2)]
    assert float(grad(lambda x: weighted(x, x))(1.0)) == 3.0


def test_forward_rules_are_transposed():
    def new():
        return without_rules(lambda x, y: np.sin(x) * y)

    for give in (lambda f: defjvp(f, lambda g, ans, x, y: g * np.cos(x) * y, lambda g, ans, x, y: np.sin(x) * g),
                 lambda f: defjvp_argnum(f, lambda i, g, ans, args, kw: g * (np.cos(args[0]) * args[1] if i == 0 else np.sin(args[0]))),
                 lambda f: defjvp_argnums(f, lambda argnums, gs, ans, args, kw: sum(
                     g * (np.cos(args[0]) * args[1] if i == 0 else np.sin(args[0])) for i, g in zip(argnums, gs)))):
        f = new()
        give(f)
        check_grads(f, (0, 1), order=2)(0.7, -0.4)
    f = new()
    defjvp(f, "same", None)
    with pytest.raises(NotImplementedError, match="by argument 0 is not defined"):
        grad(f)(1.0, 2.0)
    assert float(grad(f, 1)(1.0, 2.0)) == 0.0
    defvjp(f, lambda ans, x, y: lambda g: g * np.cos(x) * y)
    def_linear(f)  # says nothing that is needed
    assert float(jvp(lambda x: f(x, 2.0), (0.0,), (1.0,))[1]) == 2.0


def test_linear_functions_need_a_backward_rule():
    f = without_rules(lambda x: 3 * x)
    def_linear(f)
    with pytest.raises(NotImplementedError):
        grad(f)(1.0)


@pytest.mark.parametrize("rule, message", [
    (lambda ans, x: lambda g: g, r"returned a cotangent of shape \(\), but the argument has shape \(3,\): multiply it out"),
    (lambda ans, x: lambda g: (x, x), "returned a cotangent of the structure"),
    (lambda ans, x: lambda g: np.ones(4), r"returned a cotangent of shape \(4,\)"),
])
def test_wrong_rules_are_explained(rule, message):
    f = without_rules(lambda x: np.sum(x))
    defvjp(f, rule)
    with pytest.raises(ValueError, match=message):
        grad(f)(X)


def test_what_is_no_rule_or_no_primitive():
    f = without_rules(lambda x: x)
    with pytest.raises(TypeError, match="must be a function"):
        defvjp(f, "same")
    with pytest.raises(TypeError, match="not to <function"):
        defvjp(lambda x: x, None)
    with pytest.raises(TypeError, match="must be a function"):
        defjvp(f, 3)


def test_a_gradient_cannot_slip_through_a_closure():
    w = tensor(2.0, requires_grad=True)
    f = without_rules(lambda x: x * w)
    defvjp(f, lambda ans, x: lambda g: g * w)
    with pytest.raises(TypeError, match="uses a Tensor that requires grad and is not among its arguments"):
        grad(f)(1.0)


def test_the_tape_cannot_be_written_to():
    @without_rules
    def doubles_in_place(x):
        x *= 2
        return x

    defvjp(doubles_in_place, lambda ans, x: lambda g: 2 * g)
    x = tensor(X, requires_grad=True)
    with pytest.raises(Exception, match="read-only"):
        doubles_in_place(x)
    onp.testing.assert_array_equal(x.data, X)
    given = X.copy()
    constants = without_rules(lambda x, c: np.sum(x * c))
    defvjp(constants, lambda ans, x, c: lambda g: g * c, None)
    _, pullback = vjp(lambda x: constants(x, given), X)
    given[:] = 0
    onp.testing.assert_array_equal(pullback(1.0), X)


def test_results_are_arrays():
    for result in ((1.0, 2.0), "text", None):
        f = without_rules(lambda x, result=result: result)
        defvjp(f, None)
        with pytest.raises(TypeError, match="returns one array"):
            grad(f)(1.0)


def test_the_interface_before_1_2():
    @primitive
    def f(x, y, z):
        assert z != 0
        return x * y ** 2

    with pytest.warns(DeprecationWarning, match="before HIPS/autograd 1.2"):
        f.defvjp(lambda g, ans, vs, gvs, x, y, z: g * y ** 2)
        f.defvjp(lambda g, ans, vs, gvs, x, y, z: 2 * g * x * y, argnum=1)
        f.defvjp_is_zero(argnums=[2])
    assert grad(f, (0, 1, 2))(2.0, 3.0, 1.0) == (9.0, 12.0, 0.0)

    g = primitive(lambda x: x ** 3)
    with pytest.warns(DeprecationWarning):
        g.defgrad(lambda ans, x: lambda g: g * 3 * x ** 2)
    assert float(grad(g)(2.0)) == 12.0


def test_functions_of_values():
    count = notrace_primitive(lambda x: int((x > 0).sum()))

    def f(x):
        return np.sum(x) * count(x)

    assert grad(f)(X).tolist() == [2.0, 2.0, 2.0]
    step = without_rules(lambda x: np.sign(x))
    register_notrace(None, step)
    assert grad(lambda x: np.sum(step(x) * x))(X).tolist() == [1.0, -1.0, 1.0]


def test_built_ins_see_values():
    def f(x):
        assert value_isinstance(x, onp.ndarray) and value_isinstance(x, Tensor) and value_type(x) is onp.ndarray
        assert value_isinstance(x[0], float) and value_type(x[0]) is onp.float64 and not value_isinstance(x, (list, float))
        assert isbox(x) and not isbox(1.0) and isinstance(getval(x), onp.ndarray) and getval(3) == 3
        return np.sum(x)

    assert grad(f)(X).tolist() == [1.0, 1.0, 1.0]


def test_vector_spaces():
    tree = {"a": X, "b": [1.0, (2.0 + 1j)]}
    space = vspace(tree)
    assert space == vspace({"a": 2 * X, "b": [5.0, 1j]}) and space != vspace({"a": X, "b": [1.0, 2.0]})
    assert space.size == 5 and vspace(X).shape == (3,) and vspace(1j).iscomplex
    assert len(list(vspace(X).standard_basis())) == 3 and len(list(space.standard_basis())) == 6
    check_equivalent(space.add(tree, space.zeros()), tree)
    check_equivalent(space.scalar_mul(tree, 2.0), space.add(tree, tree))
    assert float(space.inner_prod(tree, tree)) == pytest.approx(onp.sum(X ** 2) + 1 + 5)
    assert float(vspace(X).inner_prod(X, vspace(X).ones())) == pytest.approx(X.sum())
    assert space.covector(tree)["b"][1] == 2.0 - 1j
    total = vspace(X).mut_add(None, X)
    assert vspace(X).mut_add(total, X) is total
    for value in ("text", None, object(), {"a": "text"}):
        with pytest.raises(TypeError, match="belongs to no vector space"):
            vspace(value)


def test_sparse_cotangents():
    @without_rules
    def third(x):
        return x[2]

    def rule(ans, x):
        space = vspace(x)

        def add_to(total, g):
            total[2] += g
            return total

        return lambda g: SparseObject(space, lambda total: add_to(total, g))

    defvjp(third, rule)
    assert grad(lambda x: third(x) ** 2)(X).tolist() == [0.0, 0.0, 4.0]


class Poly:
    """Coefficients of a polynomial."""

    def __init__(self, coefficients):
        self.coefficients = list(coefficients)

    @without_rules
    def at(self, x):
        return sum(c * x ** i for i, c in enumerate(self.coefficients))


class PolyBox(Box, Poly):
    pass


class PolySpace(VSpace):
    def __init__(self, value):
        self.degree = len(value.coefficients)

    def zeros(self):
        return Poly([0.0] * self.degree)

    def _add(self, p, q):
        return Poly(a + b for a, b in zip(p.coefficients, q.coefficients))


PolyBox.register(Poly)
PolySpace.register(Poly)
defvjp(Poly.at, lambda ans, p, x: lambda g: Poly(g * x ** i for i in range(len(p.coefficients))),
       lambda ans, p, x: lambda g: g * sum(i * c * x ** (i - 1) for i, c in enumerate(p.coefficients) if i))


def test_a_class_of_ones_own():
    p = Poly([1.0, 2.0, 3.0])
    g = grad(lambda p: p.at(2.0) * p.at(3.0))(p)
    assert g.coefficients == pytest.approx([17.0 * 3 ** i + 34.0 * 2 ** i for i in range(3)])
    assert grad(lambda p: 1.0)(p).coefficients == [0.0, 0.0, 0.0]
    both = grad(lambda p, x: p.at(x), (0, 1))(p, 2.0)
    assert both[0].coefficients == [1.0, 2.0, 4.0] and float(both[1]) == 14.0
    inside = grad(lambda tree: tree["p"].at(tree["x"]))({"p": p, "x": 2.0})
    assert inside["p"].coefficients == [1.0, 2.0, 4.0] and float(inside["x"]) == 14.0
    assert float(grad(grad(lambda x: p.at(x)))(2.0)) == 6.0  # of the number, any order
    with pytest.raises(TypeError, match="A second derivative by an object is not recorded"):
        grad(lambda p: grad(lambda q: q.at(2.0) ** 2)(p).at(1.0))(p)
    with pytest.raises(TypeError, match="must return arrays"):
        vjp(lambda p: p, p)
    with pytest.raises(TypeError, match="made known by a Box and a VSpace"):
        grad(lambda x: 1.0)(object())
    assert "PolyBox of" in str(PolyBox(p, None, None)) and bool(PolyBox(p, None, None))


def test_spaces_say_what_they_lack():
    for use in ("ones", "randn", "standard_basis"):
        with pytest.raises(NotImplementedError, match=f"PolySpace has no {use}"):
            getattr(vspace(Poly([1.0])), use)()


def test_checks():
    check_vjp(np.sin, 0.3)
    check_jvp(np.sin, 0.3)
    combo_check(np.sum, order=1)([X, X[:2]], axis=[None, 0])
    assert scalar_close(1.0, 1.0 + 1e-7) and scalar_close(1e9, 1e9 + 1) and not scalar_close(1.0, 1.01)
    with pytest.raises(AssertionError, match="different"):
        check_equivalent(X, X + 1)
    with pytest.raises(AssertionError, match="different spaces"):
        check_equivalent(X, X[:2])
    wrong = without_rules(lambda x: x ** 2)
    defvjp(wrong, lambda ans, x: lambda g: g * x)
    with pytest.raises(AssertionError, match=re.escape("off by the factor 1/2")):
        check_grads(wrong, modes=["rev"])(3.0)
    with pytest.raises(ValueError, match="modes are"):
        check_grads(wrong, modes=["forward"])(3.0)


class Told(Node):
    """Remembers what it was told."""

    def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        told = dict(zip(parent_argnums, parents))
        self.text = f"{fun.__name__}({', '.join(told[i].text if i in told else str(arg) for i, arg in enumerate(args))})"

    def initialize_root(self, name):
        self.text = name


def test_a_node_class_of_ones_own_watches():
    value, node = watch(Told.new_root("x"), lambda x: np.sin(x * 2.0) + x, 0.5)
    assert node.text == "add(sin(multiply(x, 2.0)), x)" and float(value) == np.sin(1.0) + 0.5
    value, node = watch(Told.new_root("x"), grad(np.sin), 0.5)
    assert "cos(x)" in node.text and float(value) == pytest.approx(onp.cos(0.5))
    assert watch(Told.new_root("x"), lambda x: np.sum(x, axis=0), X)[1].text == "sum(x, 0)"
    _, node = watch(Told.new_root("x"), declare_logsumexp(), X)
    assert node.text.startswith("logsumexp(x")
    with pytest.warns(UserWarning, match="does not depend"):
        assert watch(Told.new_root("x"), lambda x: 3.0, 0.5) == (3.0, None)
    with pytest.raises(NotImplementedError, match="initialize_root"):
        Node.new_root()
