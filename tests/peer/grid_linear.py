"""The fully connected layers."""

from tests.peer.comparison import compare, normal

GRID = [
    compare("Linear", 4, 3, inputs=[normal(5, 4)]),
    compare("Linear", 4, 3, bias=False, inputs=[normal(2, 3, 4)]),
    compare("Linear", 4, 3, inputs=[normal(4)]),
    compare("two layers", build=lambda nn: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), inputs=[normal(5, 3)]),
]
