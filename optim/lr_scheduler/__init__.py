"""How should the learning rate change over time? PyTorch's schedulers, and two more. Reading order:

    scheduler.py   what is a scheduler? And how is any other setting scheduled?
    decay.py       smaller and smaller, in steps or smoothly
    cycle.py       up and down
    plateau.py     smaller when nothing improves
    sequence.py    one after the other, and several at once
"""

from optim.lr_scheduler.cycle import CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR
from optim.lr_scheduler.decay import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
    WarmupCosine,
)
from optim.lr_scheduler.plateau import ReduceLROnPlateau
from optim.lr_scheduler.scheduler import LambdaLR, LRScheduler, MultiplicativeLR, Schedule
from optim.lr_scheduler.sequence import ChainedScheduler, SequentialLR

__all__ = [
    "LRScheduler", "Schedule", "LambdaLR", "MultiplicativeLR", "StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR",
    "PolynomialLR", "CosineAnnealingLR", "WarmupCosine", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "ReduceLROnPlateau",
    "SequentialLR", "ChainedScheduler",
]
