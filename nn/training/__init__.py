"""Training: the loop and what one wants around it.

    metrics.py     how good is a model, apart from its loss?
    history.py     what happened during training?
    trainer.py     what is training?
    precision.py   in which precision is a network trained?
    randomness.py  where does chance stand?
    callbacks.py   who is told what happens?

This is the one place where `nn` uses `optim`.
"""

from nn.training.callbacks import Callback, EarlyStopping, Progress
from nn.training.history import History
from nn.training.metrics import R2, Accuracy, ConfusionMatrix, MeanAbsoluteError, MeanSquaredError, Metric, TopK
from nn.training.precision import Precision
from nn.training.trainer import NonFiniteLoss, Trainer

__all__ = ["Accuracy", "Callback", "ConfusionMatrix", "EarlyStopping", "History", "MeanAbsoluteError", "MeanSquaredError", "Metric",
           "NonFiniteLoss", "Precision", "Progress", "R2", "TopK", "Trainer"]
