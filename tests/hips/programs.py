"""Which programs use what HIPS/autograd's published examples use?

One for each example, README and tutorial: the same names and idioms, another task, a fraction of the size. Each returns numbers. They are
written for HIPS/autograd as much as for us, and what it makes of them is in `programs.json`:

    python tests/hips/programs.py --freeze        to be run by a Python that has HIPS/autograd 1.9 and not this package

Read next: `test_examples.py`, which runs them here.
"""

import json
import sys
import warnings
from functools import partial
from itertools import chain
from pathlib import Path

import autograd.numpy as np
import autograd.numpy.random as npr
from autograd import elementwise_grad, grad, hessian_vector_product, value_and_grad
from autograd.extend import Box, VSpace, defvjp, primitive
from autograd.misc import flatten
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_grads
from autograd.util import func

FROZEN = Path(__file__).with_suffix(".json")
PROGRAMS = {}


def program(f):
    PROGRAMS[f.__name__] = f
    return f


@program
def readme():
    """A function of numbers and of arrays, and its derivatives up to the fourth."""
    def logistic(t):
        return 1.0 / (1.0 + np.exp(-t))

    t = np.linspace(-3, 3, 7)
    derivatives, f = [], logistic
    for _ in range(4):
        f = elementwise_grad(f)
        derivatives.append(f(t))
    return [grad(logistic)(0.5), grad(grad(logistic))(0.5), logistic(t), derivatives]


@program
def tutorial_loop():
    """A while loop whose length depends on the value; a name that is bound twice."""
    def exponential(x):
        total = term = 1.0
        n = 1
        while np.abs(term) > 1e-9:
            term = term * x / n
            total = total + term
            n += 1
        return total

    return [exponential(0.7), grad(exponential)(0.7), grad(grad(exponential))(-1.2)]


@program
def logistic_regression():
    """Booleans as numbers, an array that is stepped in place, check_grads as a decorator of nothing."""
    inputs = np.array([[1.0, 0.4], [-0.3, 1.2], [0.7, -0.9]])
    targets = np.array([True, False, True])

    def loss(weights):
        p = 0.5 * (np.tanh(np.dot(inputs, weights)) + 1)
        return -np.sum(np.log(p * targets + (1 - p) * (1 - targets)))

    weights = np.zeros(2)
    check_grads(loss, modes=["rev"])(weights)
    slope = grad(loss)
    for _ in range(20):
        weights -= slope(weights) * 0.1
    return [weights, loss(weights)]


@program
def define_gradient():
    """A primitive whose rule is a closure, in a function, to second order."""
    @primitive
    def softplus(x):
        """log(1 + exp(x)), without overflow"""
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def rule(ans, x):
        shape = x.shape
        return lambda g: np.full(shape, g) * np.exp(x - ans)

    defvjp(softplus, rule)
    x = np.array([-2.0, 0.3, 40.0])
    total = lambda v: np.sum(softplus(v ** 2))
    check_grads(lambda v: softplus(v[1]), modes=["rev"])(x)
    return [grad(total)(x), elementwise_grad(grad(lambda v: softplus(np.full((), v))))(0.5), softplus.__name__ == "softplus"]


@program
def sinusoid():
    """Python's map over numbers, `break`, printing with an f-string, a comparison in a loop."""
    def series(x):
        term = total = x
        for i in range(50):
            term = -term * x ** 2 / ((2 * i + 3) * (2 * i + 2))
            total = total + term
            if np.abs(term) < 1e-3:
                break
        return total

    x = np.linspace(-2, 2, 5)
    return [list(map(f, x)) for f in (np.sin, grad(np.sin), grad(grad(np.sin)), series, grad(series), grad(grad(series)))]


@program
def rosenbrock():
    """value_and_grad for an optimiser that takes both; x[0] of an array."""
    def valley(x):
        return 5 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2

    return [value_and_grad(valley)(np.array([0.3, -0.4])), value_and_grad(valley)(np.ones(2))]


@program
def negative_binomial_maxlike():
    """gammaln, its second derivatives, a gradient of a gradient, argnum=(0, 1), integers as data."""
    from autograd.scipy.special import gammaln

    data = np.array([3, 0, 7, 2])

    def log_likelihood(r, p):
        return np.sum(gammaln(r + data) - gammaln(r) - gammaln(data + 1) + data * np.log(p) + r * np.log(1 - p))

    slope = lambda r: grad(log_likelihood)(r, np.sum(data) / np.sum(r + data))
    return [slope(1.5), grad(slope)(1.5), grad(grad(slope))(1.5), grad(log_likelihood, argnum=(0, 1))(2.0, 0.4)]


@program
def rkhs():
    """A class of one's own: its box, its vector space, its gradient."""
    class Steps:
        def __init__(self, heights=None):
            self.heights = heights or {}
            self.space = StepsSpace(self)

        @primitive
        def __call__(self, x):
            return sum([h for at, h in self.heights.items() if at <= x], 0.0)

        def __add__(self, other):
            return self.space.add(self, other)

        def __mul__(self, a):
            return self.space.scalar_mul(self, a)

    class StepsSpace(VSpace):
        def __init__(self, value):
            pass

        def zeros(self):
            return Steps()

        def _add(self, a, b):
            total = {}
            for at, h in chain(a.heights.items(), b.heights.items()):
                total[at] = total.get(at, 0.0) + h
            return Steps(total)

        def _scalar_mul(self, a, factor):
            return Steps({at: h * factor for at, h in a.heights.items()})

    class StepsBox(Box, Steps):
        @property
        def heights(self):
            return self._value.heights

    StepsBox.register(Steps)
    StepsSpace.register(Steps)
    defvjp(func(Steps.__call__), lambda ans, f, x: lambda g: Steps({x: 1.0}) * g)

    def loss(f):
        return sum((f(x) - y) ** 2 for x, y in [(1, 2.0), (3, -1.0), (3, 0.5)])

    f = Steps()
    for _ in range(5):
        f = f + grad(loss)(f) * -0.1
    return [f(0), f(1), f(2), f(3), loss(f)]


@program
def fixed_points():
    """The derivatives of where an iteration ends."""
    def toward_cube_root(a):
        return lambda x: x - 0.1 * (x ** 3 - a)

    root = lambda a: fixed_point(toward_cube_root, a, 1.0, lambda x, y: np.abs(x - y), 1e-10)
    return [root(2.0), grad(root)(2.0), grad(grad(root))(2.0)]


@program
def hmm_em():
    """A list of arrays as the argument, lists of data, partial, logsumexp along an axis, indexing by None and by an integer."""
    from autograd.scipy.special import logsumexp

    def log_partition(natural, data):
        if isinstance(data, list):
            return sum(map(partial(log_partition, natural), data))
        start, step, seen = natural
        alpha = start
        for y in data:
            alpha = logsumexp(alpha[:, None] + step, axis=0) + seen[:, y]
        return logsumexp(alpha)

    natural = list(map(np.log, [np.array([0.3, 0.7]), np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([[0.2, 0.8], [0.5, 0.5]])]))
    value, counts = value_and_grad(log_partition)(natural, [np.array([0, 1, 1]), np.array([1])])
    return [value, counts, [np.where(c > 0.0, c, 1.0) / c.sum(-1, keepdims=True) for c in counts]]


@program
def gaussian_process():
    """solve, expand_dims, the density of a normal distribution of several dimensions, parameters in one vector."""
    import autograd.scipy.stats.multivariate_normal as mvn
    from autograd.numpy.linalg import solve

    def kernel(params, x, z):
        d = np.expand_dims(x / np.exp(params[1:]), 1) - np.expand_dims(z / np.exp(params[1:]), 0)
        return np.exp(params[0]) * np.exp(-0.5 * np.sum(d ** 2, axis=2))

    x, y = np.linspace(0, 1, 5).reshape((5, 1)), np.cos(np.linspace(0, 3, 5))

    def evidence(params):
        cov = kernel(params[2:], x, x) + (np.exp(params[1]) + 0.0001) * np.eye(len(y))
        return mvn.logpdf(y, params[0] * np.ones(len(y)), cov)

    def prediction(params, at):
        cov = kernel(params[2:], x, x) + 0.1 * np.eye(len(y))
        return params[0] + np.dot(solve(cov, kernel(params[2:], x, at)).T, y - params[0])

    params = np.array([0.1, -1.0, 0.2, -0.3])
    return [value_and_grad(evidence)(params), grad(lambda p: np.sum(prediction(p, np.array([[0.3]]))))(params)]


@program
def bayesian_optimization():
    """norm.cdf and norm.pdf, a gradient by the point, arrays of no rows, diag and atleast_2d."""
    from autograd.scipy.stats import norm

    empty = np.concatenate((np.zeros((0, 1)), np.reshape(np.array(0.5), (1, 1))))

    def expected(x, best=0.2):
        x = np.atleast_2d(x)
        mean, std = np.sum(np.sin(3 * x), axis=1), np.sqrt(np.diag(0.3 + np.dot(x, x.T)))
        gain = best - (mean - best) * norm.cdf(mean, best, std) + std * norm.pdf(mean, best, std)
        return np.sum(gain)

    return [value_and_grad(lambda x: -expected(x))(np.array([0.4])), empty, np.argmax([0.1, 0.7, 0.2])]


@program
def deep_gaussian_process():
    """A vector of parameters cut into pieces that are inputs of one another's layers."""
    import autograd.scipy.stats.multivariate_normal as mvn

    y = np.array([0.2, -0.4, 0.9])

    def layer(scale, inputs, outputs):
        d = np.expand_dims(inputs, 1) - np.expand_dims(inputs, 0)
        return mvn.logpdf(outputs, np.zeros(3), np.exp(-0.5 * np.sum(d ** 2, axis=2)) + np.exp(scale) * np.eye(3))

    def objective(params):
        hidden = params[2:]
        return -(layer(params[0], np.atleast_2d(np.arange(3.0)).T, hidden) + layer(params[1], np.atleast_2d(hidden).T, y))

    return value_and_grad(objective)(np.array([-1.0, -0.5, 0.1, 0.3, -0.2]))


@program
def gplvm():
    """einsum and repeat in the making of data, norm.logpdf of an array without parameters, a sum over a list."""
    from autograd.scipy.stats import norm

    rs = npr.RandomState(0)
    angles = np.repeat(np.arange(2), 3) + np.exp(0.1 * rs.randn(6))
    turns = np.reshape(np.stack([np.cos(angles), -np.sin(angles), np.sin(angles), np.cos(angles)]).T, (-1, 2, 2))
    data = np.einsum("ti,tij->tj", rs.randn(6, 2), turns)

    def objective(params):
        latents = np.reshape(params, (6, 2))
        return -sum([np.sum(latents[:, i] * data[:, i]) for i in range(2)]) - np.sum(norm.logpdf(latents))

    return [data, value_and_grad(objective)(0.1 * rs.randn(12))]


@program
def ica():
    """Student's t with arrays for its centre and a scale that is a parameter; sorted() in the data."""
    import autograd.scipy.stats.t as t

    rs = npr.RandomState(0)
    data = np.array(sorted(rs.randn(4, 3), key=lambda row: row[0]))

    def objective(params):
        weights, latents = np.reshape(params[:6], (3, 2)), np.reshape(params[6:14], (2, 4))
        return -np.sum(t.logpdf(np.dot(weights, latents).T, 2.4, data, np.exp(params[-1]))) / 4

    return value_and_grad(objective)(rs.randn(15))


@program
def gmm():
    """A dict as the argument, flatten_func, hessian_vector_product, zip over arrays, vstack of a list, matrices in a loop."""
    import autograd.scipy.stats.multivariate_normal as mvn
    from autograd.scipy.special import logsumexp

    rs = npr.RandomState(0)
    data = rs.randn(6, 2)
    start = {"log proportions": rs.randn(3) * 0.1, "means": rs.randn(3, 2), "lower triangles": np.zeros((3, 2, 2)) + np.eye(2)}

    def objective(params):
        proportions = params["log proportions"] - logsumexp(params["log proportions"])
        parts = []
        for proportion, mean, root in zip(proportions, params["means"], params["lower triangles"]):
            parts.append(proportion + mvn.logpdf(data, mean, np.dot(root.T, root)))
        return -np.sum(logsumexp(np.vstack(parts), axis=0))

    f, unflatten, vector = flatten_func(objective, start)
    again = unflatten(vector)
    return [f(vector), grad(f)(vector), hessian_vector_product(f)(vector, np.linspace(-1, 1, len(vector))),
            [again[key] for key in sorted(again)]]


@program
def neural_net_regression():
    """A list of tuples as the argument, flatten inside of what is differentiated, norm.logpdf, adam with a callback."""
    import autograd.scipy.stats.norm as norm

    rs = npr.RandomState(0)
    start = [(rs.randn(m, n), rs.randn(n)) for m, n in [(1, 3), (3, 1)]]
    inputs = np.linspace(-1, 1, 6)[:, np.newaxis]
    targets = np.cos(inputs) / 2.0

    def predict(params, inputs, nonlinearity=np.tanh):
        for w, b in params:
            outputs = np.dot(inputs, w) + b
            inputs = nonlinearity(outputs)
        return outputs

    def objective(params, t):
        flat, _ = flatten(params)
        return -np.sum(norm.logpdf(predict(params, inputs), targets, 0.1)) - np.sum(norm.logpdf(flat, 0, 10.0))

    seen = []
    fitted = adam(grad(objective), start, step_size=0.01, num_iters=5, callback=lambda params, t, g: seen.append(objective(params, t)))
    return [seen, flatten(fitted)[0], flatten(grad(objective)(start, 0))[0]]


@program
def neural_net():
    """A classifier: one-hot targets made by comparing, logsumexp with keepdims, an L2 norm of everything, batches by slices."""
    from autograd.scipy.special import logsumexp

    rs = npr.RandomState(1)
    images, labels = rs.rand(8, 5), rs.randint(3, size=8)
    targets = np.array(labels[:, None] == np.arange(3)[None, :], dtype=int)

    def log_probabilities(params, inputs):
        for w, b in params:
            outputs = np.dot(inputs, w) + b
            inputs = np.tanh(outputs)
        return outputs - logsumexp(outputs, axis=1, keepdims=True)

    def objective(params, i):
        batch = slice((i % 2) * 4, (i % 2 + 1) * 4)
        flat, _ = flatten(params)
        return np.dot(flat, flat) * 0.5 - np.sum(log_probabilities(params, images[batch]) * targets[batch])

    start = [(0.1 * rs.randn(5, 4), 0.1 * rs.randn(4)), (0.1 * rs.randn(4, 3), 0.1 * rs.randn(3))]
    fitted = adam(grad(objective), start, step_size=0.01, num_iters=4)
    accuracy = np.mean(np.argmax(log_probabilities(fitted, images), axis=1) == np.argmax(targets, axis=1))
    return [objective(start, 0), objective(fitted, 1), accuracy]


@program
def convnet():
    """scipy.signal's convolve with axes, max-pooling by reshape and max, parameters looked up in a vector by slices."""
    import autograd.scipy.signal

    convolve = autograd.scipy.signal.convolve
    rs = npr.RandomState(0)
    images = rs.rand(2, 1, 6, 6)

    def loss(vector):
        filters, rest = np.reshape(vector[slice(0, 18)], (1, 2, 3, 3)), vector[slice(18, 26)]
        maps = convolve(images, filters, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")
        pooled = np.max(np.max(maps.reshape(maps.shape[:2] + (2, 2, 2, 2)), axis=3), axis=4)
        flat = pooled.reshape((pooled.shape[0], np.prod(pooled.shape[1:])))
        return np.sum(np.tanh(np.dot(flat[:, :], rest))) + np.dot(vector, vector)

    return value_and_grad(loss)(rs.randn(26))


def stochastic_objective(log_density, dimensions, samples):
    """A lower bound whose samples are moved and stretched by the parameters."""
    rs = npr.RandomState(0)

    def objective(params, t):
        mean, log_std = params[:dimensions], params[dimensions:]
        drawn = rs.randn(samples, dimensions) * np.exp(log_std) + mean
        return -(0.5 * dimensions * (1.0 + np.log(2 * np.pi)) + np.sum(log_std) + np.mean(log_density(drawn, t)))

    return objective


@program
def black_box_svi():
    """Columns of random samples, norm.logpdf with an array for its scale, mvn.pdf with a diagonal covariance."""
    import autograd.scipy.stats.multivariate_normal as mvn
    import autograd.scipy.stats.norm as norm

    def log_density(x, t):
        mu, log_sigma = x[:, 0], x[:, 1]
        return norm.logpdf(log_sigma, 0, 1.35) + norm.logpdf(mu, 0, np.exp(log_sigma))

    objective = stochastic_objective(log_density, 2, 30)
    fitted = adam(grad(objective), np.array([-1.0, -1.0, -3.0, -3.0]), step_size=0.1, num_iters=5)
    return [fitted, mvn.pdf(np.array([[0.1, 0.2], [1.0, -1.0]]), fitted[:2], np.diag(np.exp(2 * fitted[2:])))]


@program
def natural_gradient_black_box_svi():
    """NumPy's own random generator, len() of what is differentiated, a rescaled gradient, sgd with a mass."""
    import autograd.scipy.stats.norm as norm

    np.random.seed(42)
    data = np.random.randn(4, 3).dot(np.random.randn(3))
    objective = stochastic_objective(lambda x, t: np.sum(norm.logpdf(data, x[:, :1], 1.0), axis=1) - np.sum(x ** 2, axis=1), 2, 20)
    scale = lambda lam: np.concatenate([np.exp(-2.0 * lam[2:]), np.ones(len(lam[2:])) * 2])
    slope = grad(objective)
    return sgd(lambda lam, i: slope(lam, i) / scale(lam), np.array([-1.0, 0.5, -1.0, -1.0]), step_size=0.25, num_iters=4, mass=0.001)


@program
def bayesian_neural_net():
    """A generator of layers, weights of many networks at once, einsum over them, maximum and exp as nonlinearities."""
    shapes = [(1, 3), (3, 1)]
    inputs = np.expand_dims(np.linspace(-1, 1, 4), 1)

    def layers(weights):
        count = len(weights)
        for m, n in shapes:
            yield weights[:, : m * n].reshape((count, m, n)), weights[:, m * n: m * n + n].reshape((count, 1, n))
            weights = weights[:, (m + 1) * n:]

    def log_probability(weights, nonlinearity):
        hidden = np.expand_dims(inputs, 0)
        for w, b in layers(weights):
            outputs = np.einsum("mnd,mdo->mno", hidden, w) + b
            hidden = nonlinearity(outputs)
        return -np.sum((outputs - np.cos(inputs)) ** 2, axis=1)[:, 0] - 0.1 * np.sum(weights ** 2, axis=1)

    bump, relu = lambda x: np.exp(-(x ** 2)), lambda x: np.maximum(x, 0.0)
    start = np.concatenate([npr.RandomState(1).randn(10), -2 * np.ones(10)])
    return [value_and_grad(stochastic_objective(lambda x, t, f=f: log_probability(x, f), 10, 3))(start, 0) for f in (bump, relu)]


@program
def mixture_variational_inference():
    """logaddexp, vstack(...).T, stack of numbers, iteration over rows, an array of arrays, keepdims=False."""
    import autograd.scipy.stats.norm as norm
    from autograd.scipy.special import logsumexp

    rs = npr.RandomState(0)
    noise = rs.randn(3, 5, 2)

    def log_target(x):
        return np.logaddexp(np.sum(norm.logpdf(x, -1.0, 1.0), axis=-1), np.sum(norm.logpdf(x, 2.0, np.exp(0.3)), axis=-1))

    def bound(params):
        log_weights = params[:3] - logsumexp(params[:3])
        components = np.reshape(params[3:], (3, -1))

        def of_component(p, e):
            x = e * np.exp(p[2:]) + p[:2]
            each = np.vstack([np.sum(norm.logpdf(x, q[:2], np.exp(q[2:])), axis=-1) for q in components]).T
            return np.mean(log_target(x) - logsumexp(each + log_weights, axis=1, keepdims=False))

        return np.sum(np.stack([of_component(p, e) for p, e in zip(components, noise)]) * np.exp(log_weights))

    picked = np.array([noise[i, j, :] for i, j in enumerate([0, 3, 4])])
    return [value_and_grad(bound)(rs.randn(15)), picked]


@program
def ode_net():
    """odeint through a network whose parameters are a list in a tuple of autograd's."""
    from autograd.builtins import tuple
    from autograd.scipy.integrate import odeint

    t, start = np.linspace(0.0, 1.0, 4), np.array([2.0, 0.0])

    def network(y, t, params):
        for w, b in params:
            outputs = np.dot(y, w) + b
            y = np.maximum(0, outputs)
        return outputs

    def loss(params):
        return np.mean(np.abs(odeint(network, start, t, tuple((params,)), rtol=1e-9, atol=1e-9) - 1.0))

    rs = npr.RandomState(3)
    params = [(0.3 * rs.randn(2, 3), 0.3 * rs.randn(3)), (0.3 * rs.randn(3, 2), 0.3 * rs.randn(2))]
    return [loss(params), [np.round(g, 5) for layer in grad(loss)(params) for g in layer]]


@program
def rnn():
    """hstack with ones, repeat, iteration over time steps, results in a list, `+=` of a total, asarray of a list of results."""
    from autograd.scipy.special import logsumexp

    rs = npr.RandomState(0)
    inputs = np.array(rs.randint(3, size=(4, 2))[:, :, None] == np.arange(3)[None, None, :], dtype=int)
    params = {"init": rs.randn(1, 4) * 0.5, "change": rs.randn(8, 4), "predict": rs.randn(5, 3)}

    def joined(weights, *args):
        return np.dot(np.hstack(args + (np.ones((args[0].shape[0], 1)),)), weights)

    def predict(params, inputs):
        hidden = np.repeat(params["init"], inputs.shape[1], axis=0)
        outputs = []
        for x in inputs:
            hidden = np.tanh(joined(params["change"], x, hidden))
            scores = joined(params["predict"], hidden)
            outputs.append(scores - logsumexp(scores, axis=1, keepdims=True))
        return outputs

    def loss(params, iter):
        total = 0.0
        for step, out in enumerate(predict(params, inputs)):
            total += np.sum(out * inputs[step])
        return -total / inputs.shape[0]

    fitted = adam(grad(loss), params, step_size=0.1, num_iters=3)
    return [loss(params, 0), loss(fitted, 0), np.asarray(predict(fitted, inputs)).shape, [grad(loss)(params, 0)[k] for k in sorted(params)]]


@program
def lstm():
    """Gates: products of functions of the same inputs, and two states that are carried along."""
    rs = npr.RandomState(0)
    params = {name: rs.randn(6, 3) * 0.5 for name in ("change", "forget", "ingate", "outgate")}
    inputs = rs.randn(5, 2, 2)

    def sigmoid(x):
        return 0.5 * (np.tanh(x) + 1.0)

    def loss(params):
        hidden, cells = np.zeros((2, 3)), np.zeros((2, 3))
        for x in inputs:
            seen = np.hstack((x, hidden, np.ones((2, 1))))
            cells = (cells * sigmoid(np.dot(seen, params["forget"]))
                     + sigmoid(np.dot(seen, params["ingate"])) * np.tanh(np.dot(seen, params["change"])))
            hidden = sigmoid(np.dot(seen, params["outgate"])) * np.tanh(cells)
        return np.sum(hidden ** 2)

    value, slope = value_and_grad(loss)(params)
    return [value, [slope[k] for k in sorted(slope)]]


@program
def fluidsim():
    """roll, floor and astype(int), integer arrays as indices, meshgrid, mod, `-=` on results."""
    def spread(f, v):
        rows, cols = f.shape
        ys, xs = np.meshgrid(np.arange(rows), np.arange(cols))
        x, y = (xs - v).ravel(), (ys + v).ravel()
        left, top = np.floor(x).astype(int), np.floor(y).astype(int)
        dx, dy = x - left, y - top
        left, top = np.mod(left, rows), np.mod(top, cols)
        right = np.mod(left + 1, rows)
        return np.reshape((1 - dx) * f[left, top] + dx * (1 - dy) * f[right, top], (rows, cols))

    def loss(params):
        v = np.reshape(params[:16], (4, 4))
        v = v * 1.0
        v -= 0.5 * (np.roll(v, 1, axis=0) - np.roll(v, -1, axis=1))
        f = np.reshape(params[16:], (4, 4))
        for _ in range(3):
            f = spread(f, v)
        return np.mean((f - 0.5) ** 2)

    return value_and_grad(loss)(npr.RandomState(0).randn(32) * 0.3)


@program
def wing():
    """A mask written into before anything is differentiated, a quotient of two means."""
    mask = np.zeros((4, 6))
    mask[1:3, 1:4] = 1.0

    def ratio(params):
        wall = 0.5 * (np.tanh(np.reshape(params, (4, 6))) + 1.0) * mask
        flow = np.ones((4, 6)) * (1 - wall)
        for _ in range(3):
            flow = (np.roll(flow, 1, axis=1) + np.roll(flow, -1, axis=0)) / 2.0 * (1 - wall)
        return -np.mean(flow[:, :3] - 1.0) / np.mean(np.concatenate((flow, wall), axis=1))

    return value_and_grad(ratio)(np.linspace(-1, 1, 24))


@program
def optimizers():
    """sgd and rmsprop on a dict, and a gradient through the optimiser."""
    start = {"a": np.array([1.0, -2.0]), "b": 0.5}

    def loss(p, i):
        return np.sum((p["a"] - 3.0) ** 2) + (p["b"] * p["a"][0]) ** 2

    fitted = [optimize(grad(loss), start, step_size=0.05, num_iters=4) for optimize in (sgd, rmsprop)]

    def after(log_step):
        return np.sum(sgd(grad(lambda x, i: np.sum(x ** 4)), np.array([1.0, 0.5]), step_size=np.exp(log_step), num_iters=3))

    return [[p["a"], p["b"]] for p in fitted] + [grad(after)(-2.0)]


@program
def complex_numbers():
    """The tutorial's convention for complex numbers: holomorphic functions, losses, and complex steps on a real way."""
    z = np.array([0.3 + 0.4j, -1.2 + 0.1j])
    loss = lambda z: np.sum(np.abs(np.fft.fft(z)) ** 2) + np.real(np.sum(z ** 2 * np.conj(z)))
    power = lambda x: np.sum(np.abs(np.fft.fft(x * np.exp(1j * x))) ** 2)
    return [grad(loss)(z), grad(lambda z: np.real(np.exp(z * 2j)))(0.2 + 0.5j), grad(power)(np.array([0.5, 1.5, -0.5]))]


def numbers(results):
    """What a program returns, as a flat list of floats; a complex number is two."""
    if isinstance(results, (list, tuple)):
        return [x for part in results for x in numbers(part)]
    array = np.array(results)
    if np.iscomplexobj(array):
        return [float(x) for z in array.ravel() for x in (z.real, z.imag)]
    return [float(x) for x in array.ravel()]


if __name__ == "__main__" and "--freeze" in sys.argv:
    warnings.simplefilter("ignore")
    FROZEN.write_text(json.dumps({name: numbers(f()) for name, f in PROGRAMS.items()}, indent=None).replace("], ", "],\n") + "\n",
                      encoding="utf-8")
