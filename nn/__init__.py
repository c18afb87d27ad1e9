"""Neural networks: layers, losses and initialisers, built purely from `autograd.ops`.

Names, arguments, defaults and `state_dict` keys are PyTorch's, so that code and weights come over by name. Reading order:

    parameter.py   what does a module own?
    module.py      what is a module?
    call.py        how does the tape know which module an operation belongs to?
    linear.py      what does a fully connected layer compute?
    activation.py  what makes a network more than one big matrix?
    hooks.py       how does one look into a module without touching its code?
    container.py   how are modules put together?
    loss.py        how wrong is the network?
    init.py        what should the weights be before training?
    functional.py  what do the layers compute, without the layers?
"""

from nn import functional, init
from nn.activation import ReLU, Sigmoid, Tanh
from nn.container import ModuleDict, ModuleList, Sequential
from nn.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from nn.linear import Linear
from nn.loss import CrossEntropyLoss, MSELoss
from nn.module import Module
from nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from nn.parameter import Buffer, Parameter

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Buffer", "CrossEntropyLoss", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d",
    "InstanceNorm3d", "LayerNorm", "Linear", "LocalResponseNorm", "MSELoss", "Module", "ModuleDict", "ModuleList", "Parameter", "RMSNorm",
    "ReLU", "Sequential", "Sigmoid", "Tanh", "functional", "init",
]
