"""Recurrent layers and cells."""

from tests.peer.comparison import compare, normal

STATES = {"RNN": normal, "GRU": normal, "LSTM": lambda *shape: (normal(*shape), normal(*shape))}
OPTIONS = [{"num_layers": 2, "bidirectional": True}, {"batch_first": True, "bias": False}, {"num_layers": 3, "dropout": 0.5}]

GRID = [
    *[compare(f"{kind}Cell", 3, 4, inputs=[normal(*batch, 3), state(*batch, 4)]) for kind, state in STATES.items() for batch in ((2,), ())],
    *[compare(f"{kind}Cell", 3, 4, bias=False, inputs=[normal(2, 3)]) for kind in STATES],
    compare("RNNCell", 3, 4, nonlinearity="relu", inputs=[normal(2, 3)]),
    *[compare(kind, 3, 4, inputs=[normal(5, 2, 3), state(1, 2, 4)]) for kind, state in STATES.items()],
    *[compare(kind, 3, 4, inputs=[normal(5, 3), state(1, 4)]) for kind, state in STATES.items()],
    *[compare(kind, 3, 4, inputs=[normal(5, 2, 3)], modes=("eval",), **options) for kind in STATES for options in OPTIONS],
    *[compare(kind, 3, 4, 2, bidirectional=True, batch_first=True, inputs=[normal(2, 5, 3), state(4, 2, 4)])
      for kind, state in STATES.items()],
    compare("RNN", 3, 4, nonlinearity="relu", inputs=[normal(5, 2, 3)]),
    compare("LSTM", 3, 4, 2, proj_size=2, bidirectional=True, inputs=[normal(5, 2, 3), (normal(4, 2, 2), normal(4, 2, 4))]),
]
