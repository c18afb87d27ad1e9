"""What makes a network more than one big matrix?

The functions between the linear layers. (CS231n, "Neural networks", commonly used activation functions.)

Read next: `hooks.py`.
"""

from __future__ import annotations

from typing import Any

from nn import functional
from nn.module import Module


class ReLU(Module):
    """max(x, 0): half of the signal, unchanged. Its gradient is 1 where x > 0, and 0 elsewhere."""

    def forward(self, x: Any) -> Any:
        return functional.relu(x)


class Sigmoid(Module):
    """1 / (1 + exp(-x)): squashes into (0, 1)."""

    def forward(self, x: Any) -> Any:
        return functional.sigmoid(x)


class Tanh(Module):
    """tanh(x): squashes into (-1, 1)."""

    def forward(self, x: Any) -> Any:
        return functional.tanh(x)
