"""With which weights do the models start?

With those of torchvision's models, which follow the papers. A model is built without drawing random numbers (`init.skipped`), and
then started once, from one generator.

Read next: `mlp.py`.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

from nn import init
from nn.conv import Convolution
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module


def started(model: Module, rng: init.Rng, conv: str = "default", linear: float | None = None) -> None:
    """Draw the weights of all layers.

    rng:     of the weights, and of dropout if it is given
    conv:    'kaiming': normal with std sqrt(2 / fan_out) and bias 0 (He et al. 2015); 'default': as each layer starts on its own;
             or 'normal': with std `linear`
    linear:  normal with this std, and bias 0; None: as each layer starts on its own
    """
    generator = init.generator(rng)
    for module in model.modules():
        if isinstance(module, (Convolution, Linear)):
            std = linear if isinstance(module, Linear) or conv == "normal" else None
            if isinstance(module, Convolution) and conv == "kaiming":
                std = sqrt(2 / init.fan(module.weight, "fan_out"))
            if std is None:
                module.reset_parameters(generator)
            else:
                init.normal_(module.weight, 0.0, std, generator)
                if module.bias is not None:
                    init.zeros_(module.bias)
        elif isinstance(module, Dropout) and rng is not None:
            module.rng = generator


def images(module: Module, x: Any, channels: int, least: int, example: str) -> None:
    """Refuse what is no batch of images that the model can take."""
    shape = module.shape_of(x)
    if len(shape) != 4 or shape[1] != channels or min(shape[2:]) < least:
        hint = "; for one image write x[None]" if len(shape) == 3 else ""
        raise ValueError(f"{type(module).__name__} takes images (N, {channels}, height, width) of at least {least} x {least} pixels, "
                         f"such as {example}, but the input has shape {shape}{hint}")
