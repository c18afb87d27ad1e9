"""Optimisers: PyTorch's names, arguments and defaults; updates in place. Reading order:

    optimizer.py      what is an optimiser?
    state.py          what does it remember?
    passes.py         what is an update made of?
    formulas.py       how is the formula of an optimiser written down?
    updater.py        how does an optimiser take a step in little time?
    sgd.py            how does one go downhill?
    adagrad.py        what if every weight had a step size of its own?
    moments.py        how does one remember gradients?
    adam.py           what if both the direction and the step size were averages?
    sign.py           what if only the sign of the gradient counted?
    trust.py          how far may a layer go in one step?
    adafactor.py      can one adapt step sizes without a number per weight?
    muon.py           what if a matrix were updated as a matrix?
    lbfgs.py          what if one knew how the slope changes?
    line_search.py    how far should one go in a given direction?
    lr_scheduler/     how should the learning rate change over time?
    clip.py           what if a gradient is too large?
    averaging.py      are the last weights the best ones?
    accumulation.py   what if the batch does not fit into memory?
"""

from optim import lr_scheduler
from optim.accumulation import GradientAccumulation
from optim.adafactor import Adafactor
from optim.adagrad import Adadelta, Adagrad, RMSprop
from optim.adam import Adam, Adamax, AdamW, NAdam, RAdam
from optim.averaging import AveragedModel, get_ema_avg_fn, get_swa_avg_fn, update_bn
from optim.clip import clip_grad_norm_, clip_grad_value_, get_total_norm
from optim.lbfgs import LBFGS
from optim.muon import Muon
from optim.optimizer import Optimizer
from optim.sgd import ASGD, SGD
from optim.sign import Lion, Rprop
from optim.trust import LAMB, LARS

__all__ = [
    "ASGD", "Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "LAMB", "LARS", "LBFGS", "Lion", "Muon", "NAdam", "Optimizer",
    "RAdam", "RMSprop", "Rprop", "SGD",
    "AveragedModel", "GradientAccumulation", "clip_grad_norm_", "clip_grad_value_", "get_ema_avg_fn", "get_swa_avg_fn", "get_total_norm",
    "lr_scheduler", "update_bn",
]
