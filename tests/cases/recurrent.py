"""How recurrent sequences are called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays


def sequence(draw, blocks, states):
    """u, the first states, and the weight: few steps, with or without examples side by side."""
    examples = draw(st.sampled_from([(), (1,), (2,), (2, 1)]))
    size = draw(st.integers(1, 2))
    shape = (draw(st.integers(1, 3)), *examples, blocks * size)
    return [draw(arrays(shape)), *(draw(arrays((*examples, size))) for _ in range(states)), draw(arrays((blocks * size, size)))]


@case(ops.rnn)
def _(draw):
    return tuple(sequence(draw, 1, 1)), {"reverse": draw(st.booleans())}


@case(ops.rnn, "relu")
def _(draw):
    return tuple(sequence(draw, 1, 1)), {"activation": "relu", "reverse": draw(st.booleans())}


@case(ops.lstm)
def _(draw):
    return tuple(sequence(draw, 4, 2)), {"reverse": draw(st.booleans())}


@case(ops.gru)
def _(draw):
    u, h, weight = sequence(draw, 3, 1)
    return (u, h, weight, draw(arrays((len(weight),)))), {"reverse": draw(st.booleans())}


@case(ops.gru, "unbiased")
def _(draw):
    return tuple(sequence(draw, 3, 1)), {"reverse": draw(st.booleans())}
