"""How recurrent sequences are called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays


def sequence(draw, blocks, states):
    """x, the first states, and the weights: few steps, with or without examples side by side."""
    examples = draw(st.sampled_from([(), (1,), (2,), (2, 1)]))
    size, inputs = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    x = draw(arrays((draw(st.integers(1, 3)), *examples, inputs)))
    return [x, *(draw(arrays((*examples, size))) for _ in range(states)), *(draw(arrays((blocks * size, n))) for n in (inputs, size))]


def biased(draw, blocks, states, biases=1):
    *most, weight = sequence(draw, blocks, states)
    return [*most, weight, *(draw(arrays((len(weight),))) for _ in range(biases))]


@case(ops.rnn)
def _(draw):
    return tuple(biased(draw, 1, 1)), {"reverse": draw(st.booleans())}


@case(ops.rnn, "relu")
def _(draw):
    return tuple(biased(draw, 1, 1)), {"activation": "relu", "reverse": draw(st.booleans())}


@case(ops.lstm)
def _(draw):
    return tuple(biased(draw, 4, 2)), {"reverse": draw(st.booleans())}


@case(ops.lstm, "unbiased")
def _(draw):
    return tuple(sequence(draw, 4, 2)), {"reverse": draw(st.booleans())}


@case(ops.gru)
def _(draw):
    return tuple(biased(draw, 3, 1, 2)), {"reverse": draw(st.booleans())}


@case(ops.gru, "unbiased")
def _(draw):
    return tuple(sequence(draw, 3, 1)), {"reverse": draw(st.booleans())}
