"""Optimisers: PyTorch's names, arguments and defaults; updates in place. Reading order: `optimizer.py`, `sgd.py`."""

from optim.optimizer import Optimizer
from optim.sgd import SGD

__all__ = ["SGD", "Optimizer"]
