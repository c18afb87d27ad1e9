"""A training step of LeNet on images of MNIST's size, batch 128, float32: forward, backward, SGD with momentum.

Two convolutions 5x5 with pooling, three linear layers, ReLU: the modules and the optimiser of each library, see `training.py`.
"""

import numpy as np

from . import plain, training

UNIT = "step"
VARIANTS = {"batch 128": 128}
SMOKE = ("batch 128",)
TOLERANCE = 1e-3
LIMIT = 40.0
GOALS = {}
OPTIMIZER = {"name": "SGD", "lr": 0.01, "momentum": 0.9}
SHAPES = ((6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84))


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    n = VARIANTS[variant]
    parameters = []
    for shape in SHAPES:
        weight = rng.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5
        parameters += [weight.astype(np.float32), (rng.standard_normal(shape[0]) * 0.1).astype(np.float32)]
    return rng.standard_normal((n, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, n), parameters


def reference(x, labels, parameters):
    """The loss of the second step, and the parameters after it."""
    x = x.astype(np.float64)

    def loss_and_gradients(*parameters):
        y, backs = x, []
        for layer, (w, b) in enumerate(zip(parameters[::2], parameters[1::2])):
            if layer < 2:
                z, back = plain.conv(y, w, padding=2 - 2 * layer)
                z, relu = plain.relu(z + b[:, None, None])
                y, pool = plain.max_pool(z, 2)
                backs.append(lambda g, back=back, relu=relu, pool=pool: with_bias(back, relu(pool(g))))
            else:
                z, back = plain.linear(y.reshape(len(y), -1), w.T, b)
                y, relu = plain.relu(z) if layer < 4 else (z, lambda g: g)
                backs.append(lambda g, back=back, relu=relu: turned(*back(relu(g))))
        loss, back = plain.cross_entropy(y, labels)
        g, gradients = back(), []
        for layer in reversed(range(5)):
            g, *found = backs[layer](g.reshape(len(x), 16, 5, 5) if layer == 1 else g)
            gradients = [*found, *gradients]
        return loss, gradients

    loss, parameters = plain.trained(loss_and_gradients, parameters, **OPTIMIZER)
    return (loss, *parameters)


def with_bias(back, g):
    return (*back(g), g.sum((0, 2, 3)))


def turned(dx, dw, db):
    """The libraries keep a linear layer's weight as (out, into)."""
    return dx, dw.T, db


def network(parameters):
    """How the model is built: `build(nn, parameter)`."""

    def build(nn, parameter):
        rest = iter(parameters)

        def given(layer):
            layer.weight, layer.bias = parameter(next(rest)), parameter(next(rest))
            return layer

        return nn.Sequential(
            given(nn.Conv2d(1, 6, 5, padding=2)), nn.ReLU(), nn.MaxPool2d(2), given(nn.Conv2d(6, 16, 5)), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), given(nn.Linear(400, 120)), nn.ReLU(), given(nn.Linear(120, 84)), nn.ReLU(), given(nn.Linear(84, 10)))

    return build


def onetape(x, labels, parameters):
    return training.ours(network(parameters), x, labels, **OPTIMIZER)


def compiled(x, labels, parameters):
    return training.ours(network(parameters), x, labels, compiling=True, **OPTIMIZER)


def torch(x, labels, parameters):
    return training.theirs(network(parameters), x, labels, **OPTIMIZER)


def torch_last(x, labels, parameters):
    return training.theirs(network(parameters), x, labels, last=True, **OPTIMIZER)


def torch_compiled(x, labels, parameters):
    return training.theirs(network(parameters), x, labels, compiling=True, **OPTIMIZER)


def jax(x, labels, parameters):
    import jax
    import jax.numpy as jnp
    from jax import lax

    def conv(x, w, b, padding):
        y = lax.conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2, dimension_numbers=("NCHW", "OIHW", "NCHW"))
        y = jax.nn.relu(y + b[:, None, None])
        return lax.reduce_window(y, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss_of(parameters, x, labels):
        w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
        y = conv(conv(x, w1, b1, 2), w2, b2, 0).reshape(len(x), -1)
        y = jax.nn.relu(jax.nn.relu(y @ w3.T + b3) @ w4.T + b4) @ w5.T + b5
        return -jnp.take_along_axis(jax.nn.log_softmax(y), labels[:, None], axis=1).mean()

    def train(parameters, velocities, x, labels):
        loss, g = jax.value_and_grad(loss_of)(parameters, x, labels)
        velocities = [OPTIMIZER["momentum"] * v + d for v, d in zip(velocities, g)]
        return loss, [p - OPTIMIZER["lr"] * v for p, v in zip(parameters, velocities)], velocities

    train = jax.jit(train, donate_argnums=(0, 1))
    x, labels = jnp.asarray(x), jnp.asarray(labels)
    state = [[jnp.array(p) for p in parameters], [jnp.zeros(p.shape) for p in parameters]]

    def step():
        loss, *state[:] = train(*state, x, labels)
        jax.block_until_ready(state)
        value = loss.item()
        return lambda: (value, *(np.asarray(p) for p in state[0]))

    step()
    return step
