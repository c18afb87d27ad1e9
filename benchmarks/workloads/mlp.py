"""A training step of an MLP 784-256-128-10 with cross-entropy and plain SGD, float32.

Plain operations on both sides, with the update written out: what is compared is the engine, not the optimiser.
"""

from itertools import pairwise

import numpy as np

SIZES = (784, 256, 128, 10)
RATE = 0.01
UNIT = "step"
VARIANTS = {f"batch {n}": n for n in (1, 32, 128, 1024)}
SMOKE = ("batch 1", "batch 32")
TOLERANCE = 1e-4
GOALS = {
    ("batch 1", "torch"): 0.7, ("batch 32", "torch"): 0.8, ("batch 128", "torch"): 0.9, ("batch 1024", "torch"): 1.0,
    ("batch 1", "torch", "compiled"): 0.25, ("batch 32", "torch", "compiled"): 0.5, ("batch 128", "torch", "compiled"): 0.8,
    ("batch 1024", "torch", "compiled"): 0.9, **{(f"batch {n}", "jax", "compiled"): 1.2 for n in VARIANTS.values()},
}


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    n = VARIANTS[variant]
    weights = [(rng.standard_normal((i, o)) * (2 / i) ** 0.5).astype(np.float32) for i, o in pairwise(SIZES)]
    biases = [rng.standard_normal(o).astype(np.float32) * np.float32(0.1) for o in SIZES[1:]]
    return rng.standard_normal((n, SIZES[0])).astype(np.float32), rng.integers(0, SIZES[-1], n), weights, biases


def reference(x, labels, weights, biases):
    """The loss, and the weights after the step."""
    activations = [x.astype(np.float64)]
    for i, (w, b) in enumerate(zip(weights, biases)):
        z = activations[-1] @ w + b
        activations.append(np.maximum(z, 0) if i < 2 else z)
    logits = activations.pop()
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(x))
    loss = -np.log(p[rows, labels]).mean()
    g = p
    g[rows, labels] -= 1
    g /= len(x)
    updated = []
    for w, b, h in zip(weights[::-1], biases[::-1], activations[::-1]):
        updated = [w - RATE * (h.T @ g), b - RATE * g.sum(axis=0), *updated]
        g = (g @ w.T) * (h > 0)
    return (loss, *updated)


def onetape(x, labels, weights, biases):
    from autograd import ops, tensor

    x = tensor(x)
    w1, w2, w3 = ws = [tensor(w, requires_grad=True) for w in weights]
    b1, b2, b3 = bs = [tensor(b, requires_grad=True) for b in biases]
    parameters = [p for pair in zip(ws, bs) for p in pair]

    def step():
        h1 = ops.relu(x @ w1 + b1)
        h2 = ops.relu(h1 @ w2 + b2)
        loss = ops.cross_entropy(h2 @ w3 + b3, labels)
        loss.backward()
        for p in parameters:
            with p.writing() as array:
                array -= RATE * p.grad.data
            p.zero_grad()
        return (loss.item(), *(p.data for p in parameters))

    return step


def compiled(x, labels, weights, biases):
    """The same, with the update as optim.SGD does it."""
    import autograd
    import optim
    from autograd import ops, tensor

    w1, w2, w3 = ws = [tensor(w, requires_grad=True) for w in weights]
    b1, b2, b3 = bs = [tensor(b, requires_grad=True) for b in biases]
    parameters = [p for pair in zip(ws, bs) for p in pair]
    optimizer = optim.SGD(parameters, lr=RATE)

    @autograd.compile
    def train(x, labels):
        h1 = ops.relu(x @ w1 + b1)
        h2 = ops.relu(h1 @ w2 + b2)
        loss = ops.cross_entropy(h2 @ w3 + b3, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    train(x, labels)
    with autograd.no_grad():
        for p, start in zip(parameters, (array for pair in zip(weights, biases) for array in pair)):
            p.assign(tensor(start))

    def step():
        loss = train(x, labels)
        return (loss.item(), *(p.data for p in parameters))

    return step


def jax(x, labels, weights, biases):
    import jax
    import jax.numpy as jnp

    def loss_of(parameters, x, labels):
        (w1, w2, w3), (b1, b2, b3) = parameters
        h = jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2)
        return -jnp.take_along_axis(jax.nn.log_softmax(h @ w3 + b3), labels[:, None], axis=1).mean()

    def train(parameters, x, labels):
        loss, g = jax.value_and_grad(loss_of)(parameters, x, labels)
        return loss, jax.tree.map(lambda p, d: p - RATE * d, parameters, g)

    train = jax.jit(train, donate_argnums=0)
    x, labels = jnp.asarray(x), jnp.asarray(labels)
    jax.block_until_ready(train(([jnp.array(w) for w in weights], [jnp.array(b) for b in biases]), x, labels))
    state = [([jnp.array(w) for w in weights], [jnp.array(b) for b in biases])]

    def step():
        loss, state[0] = train(state[0], x, labels)
        jax.block_until_ready(state[0])
        ws, bs = state[0]
        return (loss.item(), *(np.asarray(p) for pair in zip(ws, bs) for p in pair))

    return step


def torch(x, labels, weights, biases):
    import torch
    import torch.nn.functional as F

    x, labels = torch.tensor(x), torch.tensor(labels)
    w1, w2, w3 = ws = [torch.tensor(w, requires_grad=True) for w in weights]
    b1, b2, b3 = bs = [torch.tensor(b, requires_grad=True) for b in biases]
    parameters = [p for pair in zip(ws, bs) for p in pair]

    def step():
        h1 = F.relu(torch.addmm(b1, x, w1))
        h2 = F.relu(torch.addmm(b2, h1, w2))
        loss = F.cross_entropy(torch.addmm(b3, h2, w3), labels)
        loss.backward()
        with torch.no_grad():
            for p in parameters:
                p.sub_(p.grad, alpha=RATE)
                p.grad = None
        return (loss.item(), *(p.detach().numpy() for p in parameters))

    return step
