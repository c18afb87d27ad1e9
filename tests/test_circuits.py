"""Are the numbers on the course's blackboard ours?

The circuits of CS231n (cs231n.github.io, notes "Backpropagation, Intuitions", optimization-2; and the lecture slides
"Neural Networks and Backpropagation", which print the same sigmoid neuron, the flat code and the vectorised examples).
Each is written with plain Tensors; every intermediate gradient is kept by `retain_grad()` and compared with the
published number, or with the backward lines that one writes by hand.
"""

import numpy as np
import pytest

from autograd import ops, tensor


def leaves(*values):
    """Scalars that require a gradient."""
    return [tensor(value, requires_grad=True) for value in values]


def kept(*wires):
    """The same intermediate results, asked to keep their gradients."""
    return [wire.retain_grad() for wire in wires]


def assert_wires(pairs, digits):
    """Each wire carries the printed value above the line and the printed gradient below it."""
    for place, (wire, value, gradient) in enumerate(pairs):
        assert round(wire.item(), digits) == value, f"value on wire {place}"
        assert round(wire.grad.item(), digits) == gradient, f"gradient on wire {place}"


# ---- notes, "Compound expressions with chain rule" ----------------------------------------------------------------


def test_sum_times_z():
    """f(x, y, z) = (x + y) z at (-2, 5, -4): the notes' first circuit. -2 5 -4 3 -12 above, -4 -4 3 -4 1 below."""
    x, y, z = leaves(-2.0, 5.0, -4.0)
    q = x + y
    f = q * z
    kept(q, f)
    f.backward()
    assert_wires([(x, -2, -4), (y, 5, -4), (z, -4, 3), (q, 3, -4), (f, -12, 1)], digits=12)


# ---- notes, "Modularity: Sigmoid example" -------------------------------------------------------------------------


def test_sigmoid_neuron():
    """f(w, x) = 1 / (1 + exp(-(w0 x0 + w1 x1 + w2))), w = [2, -3, -3], x = [-1, -2]: the thirteen pairs of the picture."""
    w0, x0, w1, x1, w2 = leaves(2.0, -1.0, -3.0, -2.0, -3.0)
    p0, p1 = w0 * x0, w1 * x1
    s = p0 + p1
    dot = s + w2
    n = dot * -1
    e = ops.exp(n)
    d = e + 1
    f = 1 / d
    kept(p0, p1, s, dot, n, e, d, f)
    f.backward()
    assert_wires([
        (w0, 2.00, -0.20), (x0, -1.00, 0.39), (w1, -3.00, -0.39), (x1, -2.00, -0.59), (w2, -3.00, 0.20),
        (p0, -2.00, 0.20), (p1, 6.00, 0.20), (s, 4.00, 0.20), (dot, 1.00, 0.20),
        (n, -1.00, -0.20), (e, 0.37, -0.53), (d, 1.37, -0.53), (f, 0.73, 1.00)], digits=2)


def test_sigmoid_gate():
    """The same neuron with the sigmoid as one gate: its local gradient is (1 - f) f = 0.73 (1 - 0.73), about 0.2."""
    w0, x0, w1, x1, w2 = leaves(2.0, -1.0, -3.0, -2.0, -3.0)
    dot = (w0 * x0 + w1 * x1 + w2).retain_grad()
    f = ops.sigmoid(dot)
    f.backward()
    local = (1 - f.item()) * f.item()
    assert round(local, 2) == 0.20
    assert dot.grad.item() == pytest.approx(local, rel=1e-15)
    gradients = [t.grad.item() for t in (w0, x0, w1, x1, w2)]
    assert gradients == pytest.approx([-1 * local, 2 * local, -2 * local, -3 * local, local], rel=1e-15)


def test_flat_code():
    """The slides' "Backprop implementation: flat code": sigmoid(w0 x0 + w1 x1 + w2), a backward line for each forward line."""
    w0, x0, w1, x1, w2 = leaves(2.0, -1.0, -3.0, -2.0, -3.0)
    s0 = w0 * x0
    s1 = w1 * x1
    s2 = s0 + s1
    s3 = s2 + w2
    L = ops.sigmoid(s3)
    kept(s0, s1, s2, s3, L)
    L.backward()

    grad_L = 1.0
    grad_s3 = grad_L * (1 - L.item()) * L.item()
    grad_w2 = grad_s3
    grad_s2 = grad_s3
    grad_s0 = grad_s2
    grad_s1 = grad_s2
    grad_w1 = grad_s1 * x1.item()
    grad_x1 = grad_s1 * w1.item()
    grad_w0 = grad_s0 * x0.item()
    grad_x0 = grad_s0 * w0.item()

    by_hand = [grad_L, grad_s3, grad_w2, grad_s2, grad_s0, grad_s1, grad_w1, grad_x1, grad_w0, grad_x0]
    ours = [t.grad.item() for t in (L, s3, w2, s2, s0, s1, w1, x1, w0, x0)]
    assert ours == pytest.approx(by_hand, rel=1e-15)
    assert [round(g, 2) for g in by_hand] == [1.0, 0.2, 0.2, 0.2, 0.2, 0.2, -0.39, -0.59, -0.2, 0.39]


# ---- notes, "Backprop in practice: Staged computation" ------------------------------------------------------------


def test_staged_computation():
    """f(x, y) = (x + sigma(y)) / (sigma(x) + (x + y)^2) at (3, -4), against the notes' hand-written backward pass."""
    x, y = leaves(3.0, -4.0)
    sigy = 1.0 / (1 + ops.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + ops.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    kept(sigy, num, sigx, xpy, xpysqr, den, invden, f)
    f.backward()

    wires = {"sigy": sigy, "num": num, "sigx": sigx, "xpy": xpy, "den": den, "invden": invden}
    v = {name: wire.item() for name, wire in wires.items()}
    dnum = v["invden"]
    dinvden = v["num"]
    dden = (-1.0 / v["den"] ** 2) * dinvden
    dsigx = dden
    dxpysqr = dden
    dxpy = 2 * v["xpy"] * dxpysqr
    dx = dxpy
    dy = dxpy
    dx += (1 - v["sigx"]) * v["sigx"] * dsigx  # the notes stress the +=: x is used three times
    dx += dnum
    dsigy = dnum
    dy += (1 - v["sigy"]) * v["sigy"] * dsigy

    ours = [t.grad.item() for t in (f, num, invden, den, sigx, xpysqr, xpy, sigy, x, y)]
    assert ours == pytest.approx([1.0, dnum, dinvden, dden, dsigx, dxpysqr, dxpy, dsigy, dx, dy], rel=1e-14)
    assert f.item() == pytest.approx(1.5456448841066441, rel=1e-15)
    assert (x.grad.item(), y.grad.item()) == pytest.approx((2.0595697955721652, 1.5922327514838093), rel=1e-14)


# ---- notes, "Patterns in backward flow" ---------------------------------------------------------------------------


def test_add_max_multiply():
    """2 (x y + max(z, w)) at (3, -4, 2, -1): add distributes the gradient, max routes it, multiply switches its inputs."""
    x, y, z, w = leaves(3.0, -4.0, 2.0, -1.0)
    p = x * y
    m = ops.maximum(z, w)
    s = p + m
    f = s * 2
    kept(p, m, s, f)
    f.backward()
    assert_wires([(x, 3, -8), (y, -4, 6), (z, 2, 2), (w, -1, 0), (p, -12, 2), (m, 2, 2), (s, -10, 2), (f, -20, 1)], digits=12)


@pytest.mark.parametrize("gate, expected", [
    (lambda x, y: x + y, (1.0, 1.0)), (lambda x, y: x * y, (-4.0, 3.0)), (ops.maximum, (1.0, 0.0)),
    (lambda x, y: x - y, (1.0, -1.0))], ids=["add", "multiply", "max", "subtract"])
def test_gates(gate, expected):
    """The notes' simple expressions at x = 3, y = -4: df/dx and df/dy of x + y, x y, max(x, y)."""
    x, y = leaves(3.0, -4.0)
    gate(x, y).backward()
    assert (x.grad.item(), y.grad.item()) == expected


def test_branches_add_up():
    """A wire that forks receives the sum of the gradients of its branches (the multivariable chain rule)."""
    x, = leaves(3.0)
    left, right = (2 * x).retain_grad(), (x * x).retain_grad()
    (left * 5 + right).backward()
    assert (left.grad.item(), right.grad.item(), x.grad.item()) == (5.0, 1.0, 2 * 5.0 + 2 * 3.0 * 1.0)


# ---- notes, "Gradients for vectorized operations" -----------------------------------------------------------------


def test_matrix_multiply():
    """y = x w: dL/dx = dL/dy w^T and dL/dw = x^T dL/dy, "the only way to make these shapes match up"."""
    rng = np.random.default_rng(231)
    x, w = (tensor(rng.standard_normal(shape), requires_grad=True) for shape in ((5, 3), (3, 4)))
    g = rng.standard_normal((5, 4))
    y = x @ w
    y.backward(g)
    np.testing.assert_allclose(x.grad.numpy(), g @ w.data.T, rtol=1e-15)
    np.testing.assert_allclose(w.grad.numpy(), x.data.T @ g, rtol=1e-15)


def test_matrix_multiply_slide():
    """The slides' numbers: x of 2 by 3, w of 3 by 4, and dL/dy as printed there."""
    x = tensor([[2.0, 1.0, -3.0], [-3.0, 4.0, 2.0]], requires_grad=True)
    w = tensor([[3.0, 2.0, 1.0, -1.0], [2.0, 1.0, 3.0, 2.0], [3.0, 2.0, 1.0, -2.0]], requires_grad=True)
    y = x @ w
    assert y.tolist() == [[-1.0, -1.0, 2.0, 6.0], [5.0, 2.0, 11.0, 7.0]]
    y.backward([[2.0, 3.0, -3.0, 9.0], [-8.0, 1.0, 4.0, 6.0]])
    assert x.grad.tolist() == [[0.0, 16.0, -9.0], [-24.0, 9.0, -30.0]]
    assert w.grad.tolist() == [[28.0, 3.0, -18.0, 0.0], [-30.0, 7.0, 13.0, 33.0], [-22.0, -7.0, 17.0, -15.0]]


def test_squared_norm_of_wx():
    """f(x, W) = ||W x||^2 with W = [[0.1, 0.5], [-0.3, 0.8]], x = [0.2, 0.4]: the slides' vectorised example."""
    W = tensor([[0.1, 0.5], [-0.3, 0.8]], requires_grad=True)
    x = tensor([0.2, 0.4], requires_grad=True)
    q = (W @ x).retain_grad()
    f = ops.sum(q * q)
    f.backward()
    np.testing.assert_allclose(q.data, [0.22, 0.26], atol=1e-15)
    np.testing.assert_allclose(f.data, 0.116, atol=1e-15)
    np.testing.assert_allclose(q.grad.data, [0.44, 0.52], atol=1e-15)
    np.testing.assert_allclose(W.grad.data, [[0.088, 0.176], [0.104, 0.208]], atol=1e-15)
    np.testing.assert_allclose(x.grad.data, [-0.112, 0.636], atol=1e-15)
