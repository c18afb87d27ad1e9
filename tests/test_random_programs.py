"""Does the engine agree with the simplest engine there is, on programs nobody thought of?

Hypothesis writes programs: it makes leaves, applies operations to what there is, goes backward, detaches, writes, zeroes
gradients, in any order. A naive reverse mode of thirty lines runs along, and all values and gradients must agree.
"""

from functools import partial

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from autograd import no_grad, ops, tensor


class Naive:
    """A value, and for each parent the function from our cotangent to its."""

    def __init__(self, value, parents=(), leaf=False):
        self.value, self.parents, self.leaf, self.grad = np.asarray(value, float), parents, leaf, None
        self.requires_grad = leaf or any(parent.requires_grad for parent, _ in parents)
        self.paths = 1 + sum(parent.paths for parent, _ in parents)

    def backward(self, g):
        """Every path by itself: exponential, and obviously right."""
        if self.leaf:
            self.grad = g + (0 if self.grad is None else self.grad)
        for parent, pull in self.parents:
            if parent.requires_grad:
                parent.backward(fold(pull(g), parent.value.shape))


def fold(g, shape):
    """Undo broadcasting."""
    while g.ndim > len(shape):
        g = g.sum(0)
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1 and g.shape[i] != 1), keepdims=True).reshape(shape)


UNARY = {  # ours; the value; the cotangent: x is the value at the time of the call
    "sin": (ops.sin, np.sin, lambda g, x: g * np.cos(x)),
    "tanh": (ops.tanh, np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2)),
    "relu": (ops.relu, lambda x: np.maximum(x, 0), lambda g, x: g * (x > 0)),
    "negative": (lambda x: -x, lambda x: -x, lambda g, x: -g),
    "sum": (lambda x: x.sum(), np.sum, lambda g, x: np.broadcast_to(g, x.shape)),
    "transpose": (lambda x: x.T, lambda x: x.T, lambda g, x: g.T),
    "ravel": (lambda x: x.reshape(-1), np.ravel, lambda g, x: g.reshape(x.shape)),
    "mean": (lambda x: x.mean(axis=-1, keepdims=True) if x.ndim else x * 1, lambda x: x.mean(-1, keepdims=True) if x.ndim else x,
             lambda g, x: np.broadcast_to(g / (x.shape[-1] if x.ndim else 1), x.shape)),
}
BINARY = {
    "+": (lambda a, b: a + b, lambda g, a, b: g, lambda g, a, b: g),
    "-": (lambda a, b: a - b, lambda g, a, b: g, lambda g, a, b: -g),
    "*": (lambda a, b: a * b, lambda g, a, b: g * b, lambda g, a, b: g * a),
}
SHAPES = [(), (1,), (3,), (2, 3), (3, 3), (1, 3), (2, 1)]


class Programs(RuleBasedStateMachine):
    """Pairs (Tensor, Naive) that must stay equal."""

    values = Bundle("values")

    def __init__(self):
        super().__init__()
        self.leaves, self.all = [], []

    def pair(self, t, n):
        self.all.append((t, n))
        np.testing.assert_allclose(t.data, n.value, rtol=1e-10, atol=1e-12)
        assert t.shape == n.value.shape and t.requires_grad == n.requires_grad
        return t, n

    @rule(target=values, shape=st.sampled_from(SHAPES), seed=st.integers(0, 99), requires_grad=st.booleans())
    def leaf(self, shape, seed, requires_grad):
        x = np.random.default_rng(seed).uniform(-1, 1, shape)
        t, n = tensor(x, requires_grad=requires_grad), Naive(x, leaf=requires_grad)
        if requires_grad:
            self.leaves.append((t, n))
        return self.pair(t, n)

    @rule(target=values, x=values, op=st.sampled_from(sorted(UNARY)))
    def unary(self, x, op):
        (t, n), (ours, value, pull) = x, UNARY[op]
        return self.pair(ours(t), Naive(value(n.value), [(n, partial(pull, x=n.value))]))

    @rule(target=values, x=values, y=values, op=st.sampled_from(sorted(BINARY)))
    def binary(self, x, y, op):
        (s, a), (t, b), (f, to_a, to_b) = x, y, BINARY[op]
        fits = all(i == j or 1 in (i, j) for i, j in zip(a.value.shape[::-1], b.value.shape[::-1]))
        if not fits or a.paths + b.paths > 500 or np.abs(a.value).max() * np.abs(b.value).max() > 1e6:
            return x
        values = {"a": a.value, "b": b.value}
        return self.pair(f(s, t), Naive(f(a.value, b.value), [(a, partial(to_a, **values)), (b, partial(to_b, **values))]))

    @rule(target=values, x=values)
    def detach(self, x):
        return self.pair(x[0].detach(), Naive(x[1].value))

    @rule(x=values, seed=st.integers(0, 99))
    def backward(self, x, seed):
        t, n = x
        if t.requires_grad:
            g = np.random.default_rng(seed).uniform(-1, 1, t.shape)
            t.backward(g, retain_graph=True)
            n.backward(g)

    @rule()
    def zero(self):
        for t, n in self.leaves:
            t.zero_grad()
            n.grad = None

    @rule(seed=st.integers(0, 99))
    def step(self, seed):
        """Write to a leaf: what was computed from the old value must not notice."""
        if self.leaves:
            t, n = self.leaves[seed % len(self.leaves)]
            with no_grad(), t.writing() as array:
                array += 0.25
            n.value = n.value + 0.25

    @invariant()
    def gradients_agree(self):
        for t, n in self.leaves:
            assert (t.grad is None) == (n.grad is None)
            if n.grad is not None:
                np.testing.assert_allclose(t.grad.data, n.grad, rtol=1e-8, atol=1e-10)

    def teardown(self):
        for t, n in self.all:
            np.testing.assert_allclose(t.data, n.value, rtol=1e-10, atol=1e-12)


TestPrograms = Programs.TestCase
TestPrograms.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
