"""How the softmax family is called in tests."""

import numpy as np
from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axis

for f in (ops.softmax, ops.log_softmax):
    @case(f)
    def _(draw):
        x = draw(arrays(min_dims=1, min_side=1))
        return (x,), {"axis": draw(axis(x.ndim, none=False))}


for f in (ops.softmax_slope, ops.log_softmax_slope):
    @case(f)
    def _(draw):
        x = draw(arrays(min_dims=1, min_side=1))
        k = draw(axis(x.ndim, none=False))
        return (x, draw(arrays(shape=x.shape)), k), {}


def scored(draw):
    """Logits, class numbers for each position, and the axis of the classes."""
    x = draw(arrays(min_dims=1, min_side=1))
    k = draw(axis(x.ndim, none=False))
    shape = np.delete(x.shape, k)
    return x, np.random.default_rng(draw(st.integers(0, 99))).integers(0, x.shape[k], shape), k


@case(ops.one_hot)
def _(draw):
    x, target, k = scored(draw)
    return (target, x.shape[k]), {"ignore_index": draw(st.sampled_from([None, -100, 0]))}


@case(ops.class_loss)
def _(draw):
    x, target, k = scored(draw)
    return (x, target), {"axis": k, "ignore_index": draw(st.sampled_from([-100, 0]))}


@case(ops.cross_entropy)
def _(draw):
    x, target, k = scored(draw)
    options = {"axis": k, "reduction": draw(st.sampled_from(["mean", "sum", "none"])), "label_smoothing": draw(st.sampled_from([0.0, 0.1]))}
    if draw(st.booleans()):
        options["weight"] = np.linspace(0.5, 2, x.shape[k])
    return (x, target), options


@case(ops.cross_entropy, "probabilities")
def _(draw):
    x, _, k = scored(draw)
    options = {"axis": k, "reduction": draw(st.sampled_from(["mean", "sum", "none"])), "label_smoothing": draw(st.sampled_from([0.0, 0.1]))}
    if draw(st.booleans()):
        options["weight"] = np.linspace(0.5, 2, x.shape[k])
    return (x, draw(arrays(shape=x.shape))), options
