"""Do HIPS/autograd's derivatives agree with one another, with theirs, and with the definition?

Read next: `test_extend.py`.
"""

import inspect
import warnings
from collections import OrderedDict

import numpy as onp
import pytest

import autograd
import autograd.numpy as np
from autograd import differential_operators as d
from autograd import elementwise_grad, grad, hessian, jacobian, make_jvp, make_vjp, tensor, value_and_grad

X, V = onp.array([0.3, -1.2, 0.8]), onp.array([1.0, 0.5, -2.0])


def vector(x, a=1.0):
    return a * np.array([x[0] * x[1], np.sin(x[2])])


def scalar(x):
    return np.sum(x ** 3) + x[0] * x[1]


J = jacobian(vector)(X)
H = onp.diag(6 * X) + onp.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])


def test_the_jacobian_by_hand():
    onp.testing.assert_allclose(J, [[X[1], X[0], 0], [0, 0, onp.cos(X[2])]], rtol=1e-14)
    assert jacobian(lambda x: np.outer(x, x))(X).shape == (3, 3, 3)
    assert jacobian(lambda x: x[:2])(onp.ones((4, 5))).shape == (2, 5, 4, 5)
    assert jacobian(scalar)(X).shape == (3,)
    assert jacobian(lambda t: np.array([t, t * t]))(2.0).shape == (2,)


def test_products_with_the_jacobian():
    u = onp.array([2.0, -1.0])
    pullback, value = make_vjp(vector)(X)
    onp.testing.assert_allclose(pullback(u), u @ J)
    onp.testing.assert_allclose(pullback(2 * u), 2 * u @ J)  # as often as one likes
    onp.testing.assert_array_equal(value, vector(X))
    value, pushed = make_jvp(vector)(X)(V)
    onp.testing.assert_allclose(pushed, J @ V)
    onp.testing.assert_allclose(d.make_jvp_reversemode(vector)(X)(V), J @ V)
    onp.testing.assert_allclose(d.tensor_jacobian_product(vector)(X, u), u @ J)
    onp.testing.assert_allclose(d.vector_jacobian_product(vector)(X, u, a=3.0), 3 * u @ J)
    square = lambda x: np.outer(x, x)
    onp.testing.assert_allclose(d.tensor_jacobian_product(square)(X, V), onp.einsum("i,ijk->jk", V, jacobian(square)(X)))


def test_products_with_the_hessian():
    onp.testing.assert_allclose(hessian(scalar)(X), H)
    onp.testing.assert_allclose(d.hessian_vector_product(scalar)(X, V), H @ V)
    onp.testing.assert_allclose(d.hessian_tensor_product(lambda a, x: a * scalar(x), 1)(2.0, X, V), 2 * H @ V)
    product, gradient = d.make_hvp(scalar)(X)
    onp.testing.assert_allclose(product(V), H @ V)
    onp.testing.assert_allclose(gradient, grad(scalar)(X))
    matrix = onp.arange(6.0).reshape(2, 3)
    onp.testing.assert_allclose(d.hessian_tensor_product(lambda m: np.sum(m ** 3))(matrix, matrix), 6 * matrix ** 2)


def test_the_hessian_of_a_vector_has_its_shape_in_front():
    assert hessian(lambda x: x ** 3)(X).shape == (3, 3, 3)
    assert hessian(lambda x: np.sum(x ** 3, keepdims=True))(X).shape == (1, 3, 3)


def test_gauss_and_newton():
    onp.testing.assert_allclose(d.make_ggnvp(vector)(X)(V), J.T @ J @ V)

    def loss(y):
        return np.sum(np.cosh(y))

    expected = J.T @ onp.diag(onp.cosh(vector(X))) @ J @ V
    onp.testing.assert_allclose(d.make_ggnvp(vector, loss)(X)(V), expected)
    onp.testing.assert_allclose(d.make_ggnvp(lambda a, x: vector(x), loss, 1)(0.0, X)(V), expected)


def test_several_arguments_and_results():
    pullback, (product, total) = make_vjp(lambda a, b: (a * b, a + b), (0, 1))(3.0, 4.0)
    assert [float(g) for g in pullback((1.0, 10.0))] == [14.0, 13.0] and (product, total) == (12.0, 7.0)
    assert float(make_jvp(lambda a, b: a * b, (0, 1))(3.0, 4.0)((1.0, 1.0))[1]) == 7.0
    assert float(make_jvp(lambda a, b: a * b, 1)(3.0, 4.0)(1.0)[1]) == 3.0
    push = d.make_jvp_reversemode(lambda p: {"sum": p[0] + p[1]})((1.0, 2.0))
    assert push((1.0, 1.0)) == {"sum": 2.0}


def test_of_one_number():
    onp.testing.assert_array_equal(d.deriv(lambda t: np.array([t, t ** 2]))(3.0), [1, 6])
    assert float(d.deriv(d.deriv(np.sin))(0.5)) == pytest.approx(-onp.sin(0.5))
    assert float(d.deriv(lambda a, t: a * t, 1)(3.0, 2.0)) == 3.0


def test_grad_asked_for_in_other_ways():
    def f(x, y=2.0):
        return x * y ** 2

    assert float(d.grad_named(f, "y")(3.0, 2.0)) == 12.0
    with pytest.raises(ValueError, match="no argument 'z', it takes x, y"):
        d.grad_named(f, "z")
    both = d.multigrad_dict(f)(3.0)
    assert isinstance(both, OrderedDict) and list(both) == ["x", "y"] and both == {"x": 4.0, "y": 12.0}
    more = d.multigrad_dict(lambda a, *rest, **named: a * rest[0] * rest[1] * named["k"])(2.0, 3.0, 4.0, k=5.0)
    assert more == {"a": 60.0, "rest": (40.0, 30.0), "named": {"k": 24.0}}
    g, aux = d.grad_and_aux(lambda x: (x ** 2, {"twice": 2 * x}))(3.0)
    assert float(g) == 6.0 and aux == {"twice": 6.0} and type(aux["twice"]) is onp.float64


def test_holomorphic():
    z = 0.3 + 0.4j
    assert complex(d.holomorphic_grad(np.exp)(z)) == pytest.approx(onp.exp(z))
    with pytest.warns(UserWarning, match="real argument"):
        assert float(d.holomorphic_grad(lambda x: x ** 2)(3.0)) == 6.0


def test_argnum_is_argnums():
    for operator in (grad, elementwise_grad, value_and_grad, jacobian, hessian):
        f = (lambda x, y: x * y ** 3)
        a, b = operator(f, argnum=1)(2.0, 3.0), operator(f, argnums=1)(2.0, 3.0)
        assert onp.all(onp.array(a) == onp.array(b))
    assert grad(lambda x, y: x * y, argnum=[0, 1])(2.0, 3.0) == (3.0, 2.0)
    assert float(grad(lambda x, y: x * y, onp.int64(1))(2.0, 3.0)) == 2.0
    assert float(grad(lambda x, y: x * y, argnum=-1)(2.0, 3.0)) == 2.0


@pytest.mark.parametrize("position", ["x", 1.0, (0, "y"), True])
def test_a_position_is_an_int(position):
    with pytest.raises(TypeError, match="is an int, or a tuple of them"):
        grad(lambda x: x, position)


def test_what_a_derivative_is_called():
    def loss(weights):
        """How wrong the weights are."""
        return np.sum(weights)

    g = grad(loss)
    assert g.__name__ == "grad_of_loss_wrt_argnum_0" and "How wrong the weights are." in g.__doc__
    assert list(inspect.signature(g).parameters) == ["weights"]
    assert jacobian(loss, 0).__name__ == "jacobian_of_loss_wrt_argnum_0"


class Model:
    def __init__(self, rate):
        self.rate = rate

    def loss(self, x, *, power=2):
        return self.rate * x ** power

    @staticmethod
    def half(x):
        return x / 2


def test_methods_and_keywords():
    assert float(grad(Model(3.0).loss)(2.0, power=3)) == 36.0
    assert float(grad(Model.loss, 1)(Model(3.0), 2.0)) == 12.0
    assert float(grad(Model.half)(1.0)) == 0.5


def test_results_are_numpy_values():
    assert type(grad(lambda x: x * x)(2.0)) is onp.float64
    assert type(value_and_grad(lambda x: x * x)(2.0)[0]) is onp.float64
    assert type(grad(lambda x: x * x)(onp.float32(2.0))) is onp.float32
    assert type(grad(scalar)(X)) is onp.ndarray
    assert type(make_vjp(vector)(X)[1]) is onp.ndarray
    assert isinstance(d.hessian_vector_product(scalar)(tensor(X), tensor(V)), autograd.Tensor)


@pytest.mark.parametrize("x", [3, onp.array([1, 2]), {"a": 1.0, "n": 2}, None, "text", [1.0, "text"]])
def test_what_has_no_gradient_is_a_type_error(x):
    with pytest.raises(TypeError, match="argument 0"):
        grad(lambda x: 1.0)(x)


@pytest.mark.parametrize("f", [lambda x: x, lambda x: (x[0], x[1]), lambda x: {"a": x[0], "b": x[1]}])
def test_grad_is_of_a_scalar(f):
    with pytest.raises(TypeError, match="scalar"):
        grad(f)(X)


def test_numbers_that_are_bound_twice():
    """`y = x; y += 1` is no write to x where x is a number; and where x is an array it is, as in NumPy."""
    def of_numbers(x):
        y = x
        y += 1.0
        return x * y

    def of_arrays(x):
        y = x
        y += 1.0
        return np.sum(x * y)

    assert float(grad(of_numbers)(2.0)) == 5.0
    onp.testing.assert_array_equal(grad(of_arrays)(onp.array([2.0])), [6.0])


def test_printing_what_is_differentiated(capsys):
    def f(x):
        print(x, f"{x:.1f}" if np.ndim(x) == 0 else x.shape)
        return np.sum(x) if x[0] > 0 else 0.0 * x[1]

    assert grad(f)(onp.array([1.0, 2.0])).tolist() == [1.0, 1.0]
    assert "1." in capsys.readouterr().out


def test_containers():
    def f(p):
        total = 0.0
        for w, b in p["layers"]:
            total = total + np.sum(w * b)
        return total * p["scale"] + len(p["layers"])

    p = {"layers": [(onp.ones(2), 3.0), (onp.ones((1, 2)), 4.0)], "scale": 2.0}
    g = grad(f)(p)
    assert list(g) == ["layers", "scale"] and isinstance(g["layers"], list) and isinstance(g["layers"][0], tuple)
    onp.testing.assert_array_equal(g["layers"][1][0], [[8.0, 8.0]])
    assert float(g["scale"]) == 14.0


def test_names_are_found_where_hips_has_them():
    for name in d.__all__:
        if name != "make_jvp_reversemode":
            assert getattr(autograd, name) is getattr(d, name)
    for name in ("isinstance", "type", "tuple", "list", "dict"):
        assert getattr(autograd, name) is getattr(autograd.builtins, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert autograd.numpy.sin is not None and autograd.misc.flatten is not None
