"""A training step of an MLP 784-256-128-10 with cross-entropy, float32, with SGD or Adam.

What users write, on both sides: the optimiser of the library; `zero_grad`, forward, `backward`, `step`. `zero_grad` comes first and
sets gradients to None in both, so that `backward` makes new ones. The libraries that have no optimisers (HIPS autograd, JAX and MyGrad)
do SGD and Adam by hand. The first step is done in preparing: what is compared with the reference is the second.
"""

from itertools import pairwise

import numpy as np

from . import plain, training

SIZES = (784, 256, 128, 10)
SGD, ADAM = {"name": "SGD", "lr": 0.001}, {"name": "Adam", "lr": 0.001}
BATCHES = (1, 32, 128, 1024)
UNIT = "step"
VARIANTS = {**{f"batch {n}": (n, SGD) for n in BATCHES}, **{f"adam batch {n}": (n, ADAM) for n in BATCHES}}
SMOKE = ("batch 1", "batch 32", "adam batch 32")
TOLERANCE = 1e-3  # Adam's first steps divide a gradient by its size, so that one near 0 may go either way
GOALS = {
    ("batch 1", "torch"): 0.7, ("batch 32", "torch"): 0.8, ("batch 128", "torch"): 0.9, ("batch 1024", "torch"): 1.0,
    ("batch 1", "torch", "compiled"): 0.25, ("batch 32", "torch", "compiled"): 0.5, ("batch 128", "torch", "compiled"): 0.8,
    ("batch 1024", "torch", "compiled"): 0.9, **{(f"batch {n}", "jax", "compiled"): 1.2 for n in BATCHES},
}


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    n, optimizer = VARIANTS[variant]
    weights = [(rng.standard_normal((i, o)) * (2 / i) ** 0.5).astype(np.float32) for i, o in pairwise(SIZES)]
    biases = [rng.standard_normal(o).astype(np.float32) * np.float32(0.1) for o in SIZES[1:]]
    parameters = [array for pair in zip(weights, biases) for array in pair]
    return rng.standard_normal((n, SIZES[0])).astype(np.float32), rng.integers(0, SIZES[-1], n), parameters, optimizer


def reference(x, labels, parameters, optimizer):
    """The loss of the second step, and the parameters after it."""
    x = x.astype(np.float64)

    def loss_and_gradients(w1, b1, w2, b2, w3, b3):
        z1, back1 = plain.linear(x, w1, b1)
        h1, relu1 = plain.relu(z1)
        z2, back2 = plain.linear(h1, w2, b2)
        h2, relu2 = plain.relu(z2)
        logits, back3 = plain.linear(h2, w3, b3)
        loss, back = plain.cross_entropy(logits, labels)
        g, *to3 = back3(back())
        g, *to2 = back2(relu2(g))
        _, *to1 = back1(relu1(g))
        return loss, [*to1, *to2, *to3]

    loss, parameters = plain.trained(loss_and_gradients, parameters, **optimizer)
    return (loss, *parameters)


def onetape(x, labels, parameters, optimizer, compiling=False):
    import optim
    from autograd import ops, tensor

    w1, b1, w2, b2, w3, b3 = parameters = [tensor(array, requires_grad=True) for array in parameters]
    optimizer = getattr(optim, optimizer["name"])(parameters, lr=optimizer["lr"])

    def loss_of(x, labels):
        h1 = ops.relu(x @ w1 + b1)
        h2 = ops.relu(h1 @ w2 + b2)
        return ops.cross_entropy(h2 @ w3 + b3, labels)

    return training.our_step(loss_of, optimizer, parameters, x, labels, compiling)


def compiled(*given):
    return onetape(*given, compiling=True)


def torch(x, labels, parameters, optimizer, compiling=False):
    import torch
    import torch.nn.functional as F

    w1, b1, w2, b2, w3, b3 = parameters = [torch.tensor(array, requires_grad=True) for array in parameters]
    optimizer = getattr(torch.optim, optimizer["name"])(parameters, lr=optimizer["lr"])

    def loss_of(x, labels):
        h1 = F.relu(torch.addmm(b1, x, w1))
        h2 = F.relu(torch.addmm(b2, h1, w2))
        return F.cross_entropy(torch.addmm(b3, h2, w3), labels)

    loss_of = torch.compile(loss_of) if compiling else loss_of
    return training.their_step(loss_of, optimizer, parameters, torch.tensor(x), torch.tensor(labels))


def torch_compiled(*given):
    return torch(*given, compiling=True)


def jax(x, labels, parameters, optimizer):
    import jax
    import jax.numpy as jnp

    lr, adam = optimizer["lr"], optimizer["name"] == "Adam"

    def loss_of(parameters, x, labels):
        w1, b1, w2, b2, w3, b3 = parameters
        h = jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2)
        return -jnp.take_along_axis(jax.nn.log_softmax(h @ w3 + b3), labels[:, None], axis=1).mean()

    def train(state, x, labels):
        parameters, m, v, t = state
        loss, g = jax.value_and_grad(loss_of)(parameters, x, labels)
        if not adam:
            return loss, ([p - lr * d for p, d in zip(parameters, g)], m, v, t)
        t = t + 1
        m = [0.9 * a + 0.1 * d for a, d in zip(m, g)]
        v = [0.999 * a + 0.001 * d * d for a, d in zip(v, g)]
        parameters = [p - lr * (a / (1 - 0.9**t)) / (jnp.sqrt(b / (1 - 0.999**t)) + 1e-8) for p, a, b in zip(parameters, m, v)]
        return loss, (parameters, m, v, t)

    train = jax.jit(train, donate_argnums=0)
    x, labels = jnp.asarray(x), jnp.asarray(labels)
    zeros = [[jnp.zeros(array.shape) for array in parameters] if adam else [] for _ in range(2)]
    state = [([jnp.array(array) for array in parameters], *zeros, jnp.zeros(()))]

    def step():
        loss, state[0] = train(state[0], x, labels)
        jax.block_until_ready(state[0])
        value = loss.item()
        return lambda: (value, *(np.asarray(p) for p in state[0][0]))

    step()
    return step


def by_hand(parameters, loss_and_gradients, optimizer):
    """A step of the libraries that know gradients only. `loss_and_gradients()` is of the parameters, which change in place."""
    states = [{} for _ in parameters]

    def step():
        loss, gradients = loss_and_gradients()
        for p, g, state in zip(parameters, gradients, states):
            p[...] = plain.updated(p, g, state, **optimizer)
        return (loss, *parameters)

    step()
    return step


def hips(x, labels, parameters, optimizer):
    from autograd import numpy as np
    from autograd import value_and_grad

    def loss_of(parameters):
        w1, b1, w2, b2, w3, b3 = parameters
        h1 = np.maximum(x @ w1 + b1, 0)
        h2 = np.maximum(h1 @ w2 + b2, 0)
        logits = h2 @ w3 + b3
        logits = logits - np.max(logits, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(logits), axis=1)) - logits[np.arange(len(labels)), labels])

    f = value_and_grad(loss_of)
    return by_hand(parameters, lambda: f(parameters), optimizer)


def mygrad(x, labels, parameters, optimizer):
    from mygrad import matmul, tensor
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    def loss_and_gradients():
        w1, b1, w2, b2, w3, b3 = tensors = [tensor(array) for array in parameters]
        h1 = relu(matmul(x, w1) + b1)
        h2 = relu(matmul(h1, w2) + b2)
        loss = softmax_crossentropy(matmul(h2, w3) + b3, labels)
        loss.backward()
        return loss.item(), [t.grad for t in tensors]

    return by_hand(parameters, loss_and_gradients, optimizer)
