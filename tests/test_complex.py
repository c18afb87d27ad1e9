"""Are derivatives by complex numbers right, in both conventions?

`grad` of a real loss is dL/da - i dL/db, HIPS/autograd's and JAX's, and of a holomorphic function f'. `.grad` is its conjugate, PyTorch's.
The numbers of the other two were frozen (PyTorch 2.13, autograd 1.9). That every operation is right is another matter: the law
`complex_numbers` says so.

Read next: `test_fft.py`.
"""

import numpy as np
import pytest

import optim
from autograd import check_grads, grad, hessian, hvp, jacobian, jvp, ops, tensor, value_and_grad, vjp
from autograd.backward import reachable
from autograd.check import GradientError, numerical_gradient, numerical_jacobian
from autograd.drawing.gradients import contributions, gradients_of
from autograd.functional import elementwise_grad, ggnvp
from autograd.primitive import REGISTRY, primitive
from autograd.testing import check_primitive
from nn import Parameter

Z = np.array([0.5 + 1.5j, -1.25 + 0.75j, 2.0 - 0.5j])
W = np.array([1.0 - 0.5j, 0.25 + 2.0j, -0.75 + 0.5j])

# ---- what PyTorch says --------------------------------------------------------------------------------------------

LOSSES = {
    "abs squared": lambda z, w: np.sum(np.abs(z) ** 2),
    "abs": lambda z, w: np.sum(np.abs(z * w)),
    "angle": lambda z, w: np.sum(np.angle(z * w)),
    "real of square": lambda z, w: np.sum((z * z * w).real),
    "imag of exp": lambda z, w: np.sum(np.exp(z * w).imag),
    "conj product": lambda z, w: np.sum((np.conj(z) * np.sin(w)).real),
    "vdot": lambda z, w: np.abs(np.vdot(z, w)),
    "norm": lambda z, w: np.linalg.norm(z * z - w),
    "norm 3": lambda z, w: np.linalg.norm(z - w, 3),
    "var": lambda z, w: np.var(z * w, ddof=1),
    "std": lambda z, w: np.std(z * w),
    "sgn": lambda z, w: np.sum((np.sign(z) * w).real),
    "power": lambda z, w: np.sum((z ** w).real),
    "cumprod": lambda z, w: np.sum(np.cumprod(z * w).imag),
    "prod": lambda z, w: np.abs(np.prod(z + w)),
    "matmul": lambda z, w: np.sum((np.outer(z, w) @ np.conj(w)).imag),
    "log sqrt": lambda z, w: np.sum((np.log(z) * np.sqrt(w)).real),
    "division": lambda z, w: np.sum((z / w).imag) + np.sum((z.real / w).real),
    "tanh arctan": lambda z, w: np.sum(np.abs(np.tanh(z) + np.arctan(w))),
    "real, complex, real": lambda z, w: np.sum((np.exp(1j * z.real) * w.imag).real),
}

PYTORCH = {  # the loss; .grad of z and of w; and .grad of z and of w of the sum of |.grad|^2
    "abs squared": (8.875,
        [1 + 3j, -2.5 + 1.5j, 4 - 1j],
        [0, 0, 0],
        [4 + 12j, -10 + 6j, 16 - 4j],
        [0, 0, 0]),
    "abs": (6.564190365,
        [0.353553391 + 1.06066017j, -1.72833225 + 1.03699935j, 0.874474632 - 0.218618658j],
        [1.41421356 - 0.707106781j, 0.180810143 + 1.44648114j, -1.71531562 + 1.14354375j],
        [1 + 3j, -2.5 + 1.5j, 4 - 1j],
        [2 - 1j, 0.5 + 4j, -1.5 + 1j]),
    "angle": (0.858438729,
        [-0.6 + 0.2j, -0.352941176 - 0.588235294j, 0.117647059 + 0.470588235j],
        [0.4 + 0.8j, -0.492307692 + 0.061538462j, -0.615384615 - 0.923076923j],
        [-0.16 - 0.48j, 0.553633218 - 0.332179931j, -0.221453287 + 0.055363322j],
        [-1.28 + 0.64j, -0.030295858 - 0.242366864j, 2.27218935 - 1.5147929j]),
    "real of square": (0.9375,
        [2.5 - 2.5j, -3.625 + 4.625j, -2.5 - 2.75j],
        [-2 - 1.5j, 1 + 1.875j, 3.75 + 2j],
        [10 + 30j, -51.25 + 30.75j, 47 - 11.75j],
        [20 - 10j, 4.25 + 34j, -25.5 + 17j]),
    "imag of exp": (3.472948376,
        [2.76199019 + 2.75672408j, -0.250650386 + 0.213158021j, -0.182903499 - 0.182319422j],
        [3.30701567 - 4.41813108j, 0.067745193 + 0.2281226j, 0.534191706 + 0.251992986j],
        [103.551199 + 82.2318342j, 0.015822902 - 0.619591513j, -0.294992964 - 0.497640304j],
        [70.0493403 - 149.235551j, -0.398903676 - 0.140740545j, 1.53909372 + 0.497640304j]),
    "conj product": (-0.203693235,
        [0.948864531 - 0.281548995j, 0.930782109 + 3.5141101j, -0.768633565 + 0.381279635j],
        [0.962359324 + 0.694645074j, -5.22952239 + 1.61230407j, 1.47254335 - 1.1229332j],
        [0.563466899 + 1.6904007j, -35.2322692 + 21.1393615j, 3.22763567 - 0.806908918j],
        [-1.36394614 - 4.11320418j, -0.539353731 + 85.2809912j, 3.24185871 + 6.16980627j]),
    "vdot": (3.898116532,
        [0.280584223 + 1.08225343j, -2.00818137 - 0.17235888j, -0.332692722 - 0.837744324j],
        [1.36283766 - 0.80166921j, 0.99406982 + 1.06622005j, -0.905886207 - 1.85185588j],
        [1 + 3j, -2.5 + 1.5j, 4 - 1j],
        [2 - 1j, 0.5 + 4j, -1.5 + 1j]),
    "norm": (7.421463804,
        [0.404232922 + 1.48218738j, -1.03584686 + 1.15374813j, 2.7622583 - 0.741093691j],
        [0.404232922 - 0.269488615j, -0.101058231 + 0.522134191j, -0.606349383 + 0.336860768j],
        [0.623439384 + 1.65653543j, -1.58791803 + 0.315380997j, 10.7176632 - 2.73465069j],
        [-0.320674091 + 0.213782727j, 0.121019587 - 0.625267864j, -0.662818651 + 0.368232584j]),
    "norm 3": (3.455521982,
        [-0.086325112 + 0.345300447j, -0.2452838 - 0.204403166j, 0.673915843 - 0.245060306j],
        [0.086325112 - 0.345300447j, 0.2452838 + 0.204403166j, -0.673915843 + 0.245060306j],
        [0.029228629 - 0.116914516j, 0.100961097 + 0.084134247j, 0.162206739 - 0.058984269j],
        [-0.029228629 + 0.116914516j, -0.100961097 - 0.084134247j, -0.162206739 + 0.058984269j]),
    "var": (7.041666667,
        [1.28125 + 2.07291667j, -5.13541667 + 1.8125j, 1.11979167 - 0.630208333j],
        [2.64583333 - 2.20833333j, -0.302083333 + 3.92708333j, -1.92708333 + 2.21875j],
        [15.4813368 + 33.8789062j, -75.5392795 + 29.0266927j, 18.9774306 - 11.7886285j],
        [34.8324653 - 23.6987847j, -1.13758681 + 72.3836806j, -18.9101562 + 31.3914931j]),
    "std": (2.166666667,
        [0.197115385 + 0.318910256j, -0.790064103 + 0.278846154j, 0.172275641 - 0.096955128j],
        [0.407051282 - 0.33974359j, -0.046474359 + 0.604166667j, -0.296474359 + 0.341346154j],
        [0.050861341 + 0.291326096j, -0.52310308 + 0.240619185j, 0.173374918 - 0.123805912j],
        [0.172791103 - 0.017024516j, 0.04747539 + 0.746016432j, 0.027046352 + 0.196534917j]),
    "sgn": (-1.05913439,
        [0.474341649 - 0.158113883j, -0.55989244 - 0.933154066j, -0.078467408 - 0.313869632j],
        [0.316227766 - 0.948683298j, -0.857492926 - 0.514495755j, 0.9701425 + 0.242535625j],
        [-0.4 - 0.2j, 0.73804193 - 1.92794627j, -0.120903725 - 0.064929778j],
        [0.6 + 0.2j, -0.76816609 + 1.28027682j, -0.076124567 + 0.30449827j]),
    "power": (2.107975507,
        [1.60656026 + 1.33331602j, 0.008102987 - 0.002063279j, -0.28138909 + 0.057755492j],
        [-2.43442281 - 3.08281227j, -0.015133973 - 0.004858186j, 0.489825756 - 0.109000686j],
        [-17.1700505 + 31.6220757j, 0.000359391 + 0.000664335j, -0.083977221 - 0.251906263j],
        [25.1064258 - 52.9215311j, 0.000251738 - 0.001609201j, 0.331406207 + 0.265363002j]),
    "cumprod": (3.3984375,
        [-4.23046875 + 3.67578125j, -3.7109375 - 3.3203125j, 4.1796875 + 2.109375j],
        [5.9921875 + 5.1875j, -3.28125 + 1.484375j, -10.625 - 1.328125j],
        [94.8623047 + 284.586914j, -271.414185 + 151.364136j, 217.268066 - 126.911011j],
        [329.196045 - 164.598022j, 22.2521973 + 235.439453j, -199.134521 + 326.340332j]),
    "prod": (6.594046202,
        [3.04340594 + 2.02893729j, -0.770107586 + 2.11779586j, 5.275236962],
        [3.04340594 + 2.02893729j, -0.770107586 + 2.11779586j, 5.275236962],
        [60.75 + 40.5j, -19.25 + 52.9375j, 59.0625],
        [60.75 + 40.5j, -19.25 + 52.9375j, 59.0625]),
    "matmul": (10.71875,
        [6.125j, 6.125j, 6.125j],
        [3.5 - 1.75j, 0.875 + 7j, -2.625 + 1.75j],
        [85.75j, 85.75j, 85.75j],
        [98 - 49j, 24.5 + 196j, -73.5 + 49j]),
    "log sqrt": (-0.846287827,
        [0.060056621 + 0.666038135j, -0.294460869 + 0.928328449j, 0.022567534 - 0.459980389j],
        [0.075147494 - 0.624611628j, 0.705782232 - 0.598933505j, -0.013071231 + 0.402041614j],
        [-0.473061821 - 0.302004963j, 0.833144089 - 1.01610377j, -0.026753793 - 0.061256408j],
        [0.041141412 - 0.020570706j, 0.005640062 + 0.045120497j, -0.046415017 + 0.030943345j]),
    "division": (-0.230769231,
        [1.2 + 0.8j, -0.430769231 + 0.061538462j, -1.53846154 - 0.923076923j],
        [-1.28 + 1.04j, -0.195029586 - 0.267928994j, -2.98224852 + 0.75739645j],
        [3.2 + 2.56j, -0.212071006 - 0.060591716j, 10.6035503 + 4.5443787j],
        [-12.16 + 5.76j, -0.255417387 - 0.377066909j, 40.7828858 - 27.441056j]),
    "tanh arctan": (4.218533704,
        [-3.455554 + 1.06538156j, 0.296611356 - 0.126405907j, 0.071110817 - 0.010047002j],
        [0.432110251 - 0.243792078j, -0.264775207 - 0.18370641j, 0.629991074 + 0.201787224j],
        [-111.13457 + 13.345214j, 0.405582388 + 0.066868219j, -0.020216927 - 0.000623379j],
        [-0.545325444 + 0.030295858j, -0.054602323 - 0.264248279j, 1.04127986 + 0.071812404j]),
    "real, complex, real": (-0.016219974,
        [0.239712769, 1.897969239, -0.454648713],
        [0.877582562j, 0.315322362j, -0.416146837j],
        [-0.631103239, -1.795416432, 0.567601871],
        [-0.229848847j, 3.60228723j, 0.82682181j]),
}


def leaves():
    return tensor(Z, requires_grad=True), tensor(W, requires_grad=True)


def grads(*xs):
    return [np.zeros(x.shape) if x.grad is None else x.grad.data for x in xs]


@pytest.mark.parametrize("name", LOSSES)
def test_backward_is_pytorchs(name):
    z, w = leaves()
    y = LOSSES[name](z, w)
    y.backward()
    value, dz, dw, _, _ = PYTORCH[name]
    assert y.dtype == np.float64 and y.item() == pytest.approx(value, abs=1e-8)
    for ours, theirs in zip(grads(z, w), (dz, dw)):
        np.testing.assert_allclose(ours, theirs, atol=1e-8)


@pytest.mark.parametrize("name", LOSSES)
def test_a_recorded_backward_is_pytorchs(name):
    z, w = leaves()
    LOSSES[name](z, w).backward(create_graph=True)
    first = [x.grad for x in (z, w) if x.grad is not None]
    z.grad = w.grad = None
    sum((g * g.conj()).real.sum() for g in first).backward()
    for ours, theirs in zip(grads(z, w), PYTORCH[name][3:]):
        np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_grad_is_the_conjugate_of_that(name):
    dz, dw = grad(LOSSES[name], (0, 1))(Z, W)
    np.testing.assert_allclose(dz, np.conj(PYTORCH[name][1]), atol=1e-8)
    np.testing.assert_allclose(dw, np.conj(PYTORCH[name][2]), atol=1e-8)


def test_the_gradient_of_a_complex_result_is_pytorchs():
    z, w = leaves()
    (z * w).backward([1 + 2j, -1j, 0.5])
    np.testing.assert_allclose(z.grad.data, [2.5j, -2 - 0.25j, -0.375 - 0.25j])
    np.testing.assert_allclose(w.grad.data, [3.5 - 0.5j, -0.75 + 1.25j, 1 + 0.25j])


def test_real_numbers_on_the_way_into_the_complex_plane():
    x = tensor([0.3, -0.7], requires_grad=True)
    (np.exp(1j * x) * (2 - 1j)).backward(np.array([1 + 2j, -1j]))
    assert x.grad.dtype == np.float64
    np.testing.assert_allclose(x.grad.data, [4.77668244562803, -0.885466687331286])


def test_hooks_and_retained_gradients_are_pytorchs():
    seen = []

    def hook(g):
        seen.append(g.data)
        return g * 1j

    z = tensor(Z, requires_grad=True)
    y = z * z
    y.retain_grad()
    y.register_hook(hook)
    np.sum(np.abs(y)).backward()
    np.testing.assert_allclose(seen[0], [-0.8 + 0.6j, 0.470588235 - 0.882352941j, 0.882352941 - 0.470588235j], atol=1e-8)
    np.testing.assert_allclose(y.grad.data, seen[0] * 1j)
    np.testing.assert_allclose(z.grad.data, [-3 + 1j, -1.5 - 2.5j, 1 + 4j])


def test_a_hook_on_a_leaf():
    z = tensor(Z, requires_grad=True)
    z.register_hook(lambda g: g * 2j)
    np.sum(np.abs(z) ** 2).backward()
    np.testing.assert_allclose(z.grad.data, 4j * Z)


def test_a_picture_shows_what_grad_has():
    z = tensor(Z, requires_grad=True)
    y = z * z
    loss = np.sum(np.abs(y))
    leaves, order = reachable([loss.node])
    found = gradients_of(leaves + order, [loss.node], compute=True, kept=False)
    sent = contributions(y.node, found.known[y.node])
    loss.backward()
    np.testing.assert_allclose(found.known[z.node], z.grad.data)
    np.testing.assert_allclose(sent[0] + sent[1], z.grad.data)


def test_a_hook_cannot_make_a_real_gradient_complex():
    x = tensor([1.0], requires_grad=True)
    x.register_hook(lambda g: g * 1j)
    with pytest.raises(TypeError, match="its gradient is real"):
        (x * 2).sum().backward()
    assert x.grad is None


@pytest.mark.parametrize("make, after", [
    (lambda p: optim.SGD([p], lr=0.1, momentum=0.9),
     [1.349139545150996 - 0.301857463824069j, 0.411831069838737 - 0.959635067307697j, 2.364708530086433 - 1.365944606299641j]),
    (lambda p: optim.Adam([p], lr=0.1),
     [0.991204452968629 + 1.019798066416321j, -0.784121124275669 + 0.263288964574725j, 1.519987415461401 - 0.010997595864148j]),
])
def test_optimisers_step_as_pytorchs_do(make, after):
    """Adam's second moments are those of the real and of the imaginary parts, as `tests/optim/test_laws.py` says of all."""
    p = Parameter(Z)
    optimizer = make(p)
    for _ in range(5):
        optimizer.zero_grad()
        np.sum(np.abs(p * p - (1 + 2j)) ** 2).backward()
        optimizer.step()
    np.testing.assert_allclose(p.data, after, rtol=1e-7)


def test_grad_descends():
    z = tensor(Z, requires_grad=True)
    losses = []
    for _ in range(30):
        loss = np.sum(np.abs(z - (1 + 1j)) ** 2)
        losses.append(loss.item())
        z.zero_grad()
        loss.backward()
        with z.writing() as array:
            array -= 0.2 * z.grad.data
    assert all(b < a for a, b in zip(losses, losses[1:]))
    np.testing.assert_allclose(z.data, 1 + 1j, atol=1e-5)


# ---- what HIPS/autograd says --------------------------------------------------------------------------------------

AT = 0.5 + 1.5j


@pytest.mark.parametrize("f, theirs", [
    (lambda z: np.abs(z) ** 2, 1 - 3j),
    (lambda z: np.abs(z), 0.31622776601683794 - 0.9486832980505138j),
    (lambda z: np.real(z * z), 1 + 3j),
    (lambda z: np.imag(z ** 3), 4.5 + 6j),
    (lambda z: np.angle(z * z), -1.2 - 0.4j),
    (lambda z: np.conj(z) * z * z, 3 - 1.5j),
    (lambda z: np.exp(z * z), -0.3954155603944188 + 0.16371598420835282j),
    (lambda z: np.exp(z) * np.real(z), 0.17493889352901953 + 0.822295600915422j),
])
def test_grad_is_hips_autograds(f, theirs):
    assert grad(f)(AT) == pytest.approx(theirs)
    value, g = value_and_grad(f)(AT)
    assert value == f(AT) and g == pytest.approx(theirs)


def test_from_real_numbers_to_real_numbers():
    assert grad(lambda x: np.real((2 + 1j) * np.exp(1j * x)))(0.3) == pytest.approx(-1.546376902448285)
    assert isinstance(grad(lambda x: np.abs(np.sqrt(x + 1j)))(0.3), np.float64)


HOLOMORPHIC = [
    (lambda z: z ** 3, lambda z: 3 * z ** 2),
    (lambda z: z ** -2, lambda z: -2 * z ** -3),
    (lambda z: z ** (1 + 2j), lambda z: (1 + 2j) * z ** 2j),
    (lambda z: (2 - 1j) ** z, lambda z: (2 - 1j) ** z * np.log(2 - 1j)),
    (lambda z: (-2.0) ** z, lambda z: (-2.0 + 0j) ** z * np.log(-2 + 0j)),
    (np.exp, np.exp),
    (np.log, lambda z: 1 / z),
    (np.sqrt, lambda z: 0.5 / np.sqrt(z)),
    (np.sin, np.cos),
    (np.tan, lambda z: 1 / np.cos(z) ** 2),
    (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    (np.arcsin, lambda z: 1 / np.sqrt(1 - z * z)),
    (np.arctan, lambda z: 1 / (1 + z * z)),
    (np.arccosh, lambda z: 1 / (np.sqrt(z - 1) * np.sqrt(z + 1))),
    (np.arcsinh, lambda z: 1 / np.sqrt(1 + z * z)),
    (np.log1p, lambda z: 1 / (1 + z)),
    (np.reciprocal, lambda z: -1 / z ** 2),
    (np.sinc, lambda z: (np.cos(np.pi * z) - np.sinc(z)) / z),
    (ops.logsumexp, lambda z: 1),
    (ops.sigmoid, lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    (ops.erf, lambda z: 2 / np.sqrt(np.pi) * np.exp(-z * z)),
]


@pytest.mark.parametrize("f, derivative", HOLOMORPHIC)
@pytest.mark.parametrize("z", [0.7 + 0.4j, -1.2 + 0.5j, -0.6 - 1.1j, 1.4 - 0.3j])
def test_the_gradient_of_a_holomorphic_function_is_its_derivative(f, derivative, z):
    """In all four quarters of the plane: the rules take the same side of a cut as the functions."""
    assert grad(f)(z) == pytest.approx(complex(derivative(z)), rel=1e-10)
    second = grad(grad(f))(z)
    h = 1e-4
    assert second == pytest.approx(complex(derivative(z + h) - derivative(z - h)) / (2 * h), rel=1e-6, abs=1e-6)


def test_a_gradient_never_loses_its_imaginary_part():
    for derived in (grad, elementwise_grad):
        with pytest.raises(TypeError, match="imaginary part of the derivative"):
            derived(lambda x: np.exp(1j * x))(0.3)
    with pytest.raises(TypeError, match="theirs are real"):
        vjp(np.sin, 1.0)[1](1j)
    with pytest.raises(TypeError, match="theirs are real"):
        jvp(np.sin, (1.0,), (1j,))
    with pytest.raises(RuntimeError, match="only a real scalar has an obvious one"):
        (tensor(1j, requires_grad=True) * 2).backward()
    x = tensor(np.zeros(3), requires_grad=True) * 1.0
    with pytest.raises(TypeError, match="imaginary parts"):
        x[0] = 1j
    with pytest.raises(TypeError):
        x += 1j


# ---- other derivatives --------------------------------------------------------------------------------------------

M = np.array([[1, 2j], [3j, 4 - 1j]])


def test_jacobians():
    z = np.array([1 + 2j, 0.5 - 1j])
    np.testing.assert_allclose(jacobian(lambda z: M @ (z * z))(z), M * 2 * z)
    np.testing.assert_allclose(jacobian(lambda x: np.exp(1j * x))(np.array([0.3, 0.5])), np.diag(1j * np.exp([0.3j, 0.5j])))
    np.testing.assert_allclose(jacobian(lambda z: np.abs(z) ** 2)(z), np.diag(2 * np.conj(z)))
    by_real, by_complex = jacobian(lambda x, z: z * np.exp(1j * x), (0, 1))(0.3, 2 - 1j)
    assert by_real == pytest.approx(1j * (2 - 1j) * np.exp(0.3j)) and by_complex == pytest.approx(np.exp(0.3j))
    assert jacobian(lambda x: x * np.complex64(1j))(np.ones(2, np.float32)).dtype == np.complex64


def test_jvp_and_vjp():
    _, dy = jvp(lambda x: np.exp(1j * x), (0.3,), (2.0,))
    assert dy == pytest.approx(2j * np.exp(0.3j))
    _, dy = jvp(lambda z: np.conj(z) * z * z, (AT,), (1 + 1j,))
    assert dy == pytest.approx(np.conj(1 + 1j) * AT**2 + 2 * abs(AT) ** 2 * (1 + 1j))
    _, pullback = vjp(lambda z: np.conj(z), AT)
    assert pullback(2 + 1j) == 2 - 1j


def test_second_derivatives():
    assert hessian(lambda z: z ** 3)(AT) == pytest.approx(6 * AT)
    v = np.array([3 - 1j, 2j, 1.0])
    np.testing.assert_allclose(hvp(lambda z: np.sum(np.abs(z) ** 2))(Z, v), 2 * np.conj(v))
    np.testing.assert_allclose(ggnvp(lambda z: z * z)(Z, v), 4 * np.abs(Z) ** 2 * np.conj(v))

    def parts(p):
        return np.sum(np.abs(np.exp(p[0] + 1j * p[1])) ** 2 * np.cos(p[1]))

    x, y = 0.3, 0.7
    e = np.exp(2 * x)
    mixed = -2 * e * np.sin(y)
    np.testing.assert_allclose(hessian(parts)(np.array([x, y])), [[4 * e * np.cos(y), mixed], [mixed, -e * np.cos(y)]])


def test_a_nested_derivative():
    """The derivative by a real number of the size of a complex gradient."""

    def size(t):
        return np.sum(np.abs(grad(lambda z: np.sum(np.abs(z * z * np.exp(1j * t)) ** 2) * t)(Z)) ** 2)

    expected = np.sum(np.abs(4 * np.abs(Z) ** 2 * Z) ** 2)
    assert grad(size)(1.5) == pytest.approx(2 * 1.5 * expected)


# ---- mixed, narrow, small -----------------------------------------------------------------------------------------


def test_what_is_real_gets_a_real_gradient():
    x, c = np.array([1.0, -2.0, 0.5]), np.array([1j, 2 - 1j, 3.0])
    dx, dc = grad(lambda x, c: np.sum((x * c * c).imag), (0, 1))(x, c)
    assert dx.dtype == np.float64 and dc.dtype == np.complex128
    np.testing.assert_allclose(dx, (c * c).imag)
    np.testing.assert_allclose(dc, -2j * x * c)
    np.testing.assert_allclose(grad(lambda x: np.sum(np.abs(x.astype(complex) * c)))(x), np.sign(x) * np.abs(c))
    np.testing.assert_allclose(grad(lambda x: np.sum((M @ x[:2]).real))(x), [*M.real.sum(0), 0])
    np.testing.assert_allclose(grad(lambda x: np.sum(np.concatenate([x, c]).real))(x), np.ones(3))
    np.testing.assert_allclose(grad(lambda x: np.where(x > 0, x, 1j * x).imag.sum())(x), x <= 0)


def test_an_array_with_real_and_complex_numbers_written_to_it():
    def f(x, c):
        y = np.zeros(4, complex) + 0 * x[0]
        y[1:3] = x[:2]
        y[3] = c
        return np.sum(np.abs(y) ** 2)

    dx, dc = grad(f, (0, 1))(np.array([1.0, 2.0]), 3 - 1j)
    np.testing.assert_allclose(dx, [2, 4])
    assert dc == 6 + 2j


@pytest.mark.parametrize("scalar", [1 + 2j, np.complex128(1 + 2j), np.complex64(1 + 2j), np.array(1 + 2j)])
def test_scalars(scalar):
    assert grad(lambda z: (z * np.conj(z)).real)(scalar) == pytest.approx(2 - 4j)
    for f in (lambda x: (scalar * x).real, lambda x: (x * scalar).real, lambda x: (x + scalar * x).real - x):
        assert grad(f)(3.0) == 1.0


@pytest.mark.parametrize("name", LOSSES)
def test_single_precision_stays_single(name):
    z, w = (tensor(x.astype(np.complex64), requires_grad=True) for x in (Z, W))
    y = LOSSES[name](z, w)
    y.backward()
    assert y.dtype == np.float32
    assert {x.grad.dtype for x in (z, w) if x.grad is not None} == {np.dtype(np.complex64)}
    for ours, theirs in zip(grads(z, w), PYTORCH[name][1:3]):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


def test_numbers_are_compared_as_numpy_does():
    """By the real parts, and then by the imaginary ones."""
    z = np.array([1 + 2j, 1 - 1j, 0.5 + 9j, 1 + 0j])
    for f in (np.sort, np.max, np.argmax, np.argsort, np.ptp, lambda x: np.maximum(x, 1 + 0j), lambda x: np.less(x, 1 + 0j)):
        np.testing.assert_array_equal(f(tensor(z)).data, f(z))
    np.testing.assert_array_equal(grad(lambda x: np.max(x).real)(z), [1, 0, 0, 0])
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.maximum(x, 1 + 0j).imag))(z), [-1j, 0, 0, -0.5j])
    np.testing.assert_array_equal(grad(lambda x: (np.sort(x) * np.arange(4)).real.sum())(z), [3, 1, 0, 2])


def test_kinks_have_a_gradient_of_zero():
    for f in (np.abs, np.angle, lambda z: np.sign(z).real, lambda z: np.linalg.norm(z[None]), lambda z: np.std(np.stack([z, z]))):
        assert grad(f)(0j) == 0


def test_what_numpy_refuses():
    for f in (np.arctan2, np.hypot, np.copysign, np.logaddexp):
        with pytest.raises(TypeError, match=f.__name__):
            f(tensor(1j, requires_grad=True), 1.0)
    for f in (np.floor, np.cbrt, np.fabs, np.deg2rad, ops.softplus, lambda x: np.quantile(x, 0.5), ops.gammaln, ops.normalise):
        with pytest.raises(TypeError):
            f(tensor([1j], requires_grad=True))


def test_statistics_are_those_of_the_size():
    z = np.append(Z, np.nan)
    for f in (np.nanvar, np.nanstd):
        np.testing.assert_allclose(f(tensor(z)).data, f(z))
        assert f(tensor(z)).dtype == np.float64
        check_grads(f, (z[:3],))
    assert np.linalg.norm(tensor([3j, 4.0]), 0).dtype == np.float64


# ---- checking -----------------------------------------------------------------------------------------------------


def test_check_grads_takes_complex_numbers():
    check_grads(lambda z, x: [np.abs(z) * x, np.exp(1j * x) * z], (Z, np.array([0.3, 0.5, -0.2])))
    check_grads(lambda z: np.abs(z) ** 2, (1 + 2j,))
    check_grads(lambda z: np.sum(np.conj(z) * z), (Z.astype(np.complex64),))


@pytest.fixture
def registry():
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def test_check_grads_sees_a_conjugate(registry):
    wrong = primitive(np.abs, x=lambda g, x: g * np.sign(x), name="wrong")
    check_grads(wrong, (np.array([1.0, -2.0]),))
    with pytest.raises(GradientError, match=r"(?s)imaginary direction.*conjugate"):
        check_grads(wrong, (Z,))
    with pytest.raises(AssertionError, match=r"with complex argument 0"):
        check_primitive(wrong)


def test_numerical_gradients():
    np.testing.assert_allclose(numerical_gradient(lambda z: np.sum(np.abs(z) ** 2), Z), 2 * np.conj(Z), atol=1e-8)
    np.testing.assert_allclose(numerical_jacobian(lambda z: z ** 2, Z), np.diag(2 * Z), atol=1e-8)
    np.testing.assert_allclose(numerical_jacobian(lambda x: np.exp(1j * x), [0.3]), [[1j * np.exp(0.3j)]], atol=1e-8)
