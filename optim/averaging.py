"""Are the last weights the best ones?

The average over the last steps is often better: the steps jump around the floor of the valley, and their mean lies in it.
Train `model` as always, and let a second copy follow it:

    average = AveragedModel(model, get_ema_avg_fn(0.999))        # or without the function: the plain mean (SWA)
    for x, t in loader:
        ...
        optimizer.step()
        average.update_parameters(model)
    update_bn(loader, average)                                   # running statistics that belong to the new weights
    average.eval()
    average(x)

(Polyak & Juditsky 1992; Izmailov et al. 2018 for stochastic weight averaging.)

Read next: `accumulation.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np

from autograd import no_grad
from autograd.node import effect
from optim.passes import move
from optim.state import Array

Average = Callable[[Array, Array, int], Array]
"""From the average of n models and the values of one more, the new average."""


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponential moving average: decay averaged + (1 - decay) current."""
    if not 0 <= decay <= 1:
        raise ValueError(f"decay must be between 0 and 1, not {decay!r}")
    return Towards(lambda n: 1 - decay)


def get_swa_avg_fn() -> Average:
    """The mean: averaged + (current - averaged) / (n + 1)."""
    return Towards(lambda n: 1 / (n + 1))


class Towards:
    """averaged + share(n) (current - averaged)."""

    def __init__(self, share: Callable[[int], float]) -> None:
        self.share = share

    def __call__(self, averaged: Array, current: Array, n: int) -> Array:
        return averaged + self.share(n) * (current - averaged)

    def into(self, averaged: Array, current: Array, n: int) -> None:
        """The same in place."""
        move(averaged, current, self.share(n), np.empty_like(averaged))


class AveragedModel:
    """A copy of a model whose parameters are an average of those seen so far.

    model:        the model that is trained; it is copied
    avg_fn:       what average: `get_ema_avg_fn(decay)`, or f(averaged, current, n) of your own; default: the mean
    use_buffers:  average floating-point buffers too; by default they are copied

    module:       the copy. Calling the average calls it; all else that a module has, such as `parameters()`, is that of the copy too
    n_averaged:   how many models it is the average of. The first is taken over as it is
    """

    def __init__(self, model: Any, avg_fn: Average | None = None, use_buffers: bool = False) -> None:
        self.module, self.n_averaged = deepcopy(model), 0
        self.avg_fn, self.use_buffers = avg_fn or get_swa_avg_fn(), use_buffers

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "module" or name.startswith("__"):  # asked for while a copy is being made, before there is a module
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self.module, name)

    def train(self, mode: bool = True) -> AveragedModel:
        """As for a module: behave as in training. Returns the average."""
        self.module.train(mode)
        return self

    def eval(self) -> AveragedModel:
        """As for a module: behave as in use. Returns the average."""
        return self.train(False)

    @effect()
    def update_parameters(self, model: Any) -> None:
        """Take the present parameters of the model into the average. Raises ValueError, and changes nothing, if it is another model."""
        here, there = (dict(chain(m.named_parameters(), m.named_buffers())) for m in (self.module, model))
        problems = [f"{name}: {shape(here, name)} in the average, {shape(there, name)} in the model"
                    for name in {**here, **there} if shape(here, name) != shape(there, name)]
        if problems:
            raise ValueError("this is not the model that is averaged (nothing was changed):\n  " + "\n  ".join(problems))
        averaged = set(self.module.parameters()) | (set(self.module.buffers()) if self.use_buffers else set())
        for name, ours in here.items():
            theirs = there[name]
            with ours.writing() as array:
                if not self.n_averaged or ours not in averaged or array.dtype.kind not in "fc":
                    array[...] = theirs._array
                elif isinstance(self.avg_fn, Towards):
                    self.avg_fn.into(array, theirs._array, self.n_averaged)
                else:
                    array[...] = self.avg_fn(array, theirs._array, self.n_averaged)
        self.n_averaged += 1

    def state_dict(self) -> dict[str, Any]:
        """As PyTorch's: "n_averaged", and the state of the copy under "module."."""
        return {"n_averaged": np.array(self.n_averaged), **self.module.state_dict("module")}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict()` returned. Raises, and changes nothing, if it does not fit."""
        if "n_averaged" not in state_dict:
            raise ValueError("the state of an AveragedModel has an entry 'n_averaged', and this has none")
        count = np.asarray(state_dict["n_averaged"])
        if count.ndim or count.dtype.kind not in "iuf" or count < 0 or not float(count).is_integer():
            raise ValueError("n_averaged is how many models this is the average of, an integer of at least 0, "
                             f"not {state_dict['n_averaged']!r:.60}")
        self.module.load_state_dict({name.removeprefix("module."): value for name, value in state_dict.items() if name != "n_averaged"})
        self.n_averaged = int(count)


def shape(owned: Mapping[str, Any], name: str) -> str:
    return f"shape {owned[name].shape}" if name in owned else "nothing"


def update_bn(loader: Iterable[Any], model: Any) -> None:
    """Compute the running statistics of all batch normalisations anew, as the mean over one pass through the data.

    Those that `nn.freeze` holds stay.

    loader:  yields inputs, or tuples that begin with them
    """
    norms = [m for m in model.modules() if hasattr(m, "reset_running_stats") and getattr(m, "running_mean", None) is not None
             and not m._frozen]
    if not norms:
        return
    training, momenta = [(m, m.training) for m in model.modules()], [m.momentum for m in norms]
    model.train()
    try:
        for m in norms:
            m.reset_running_stats()
            m.momentum = None  # the plain mean
        with no_grad():
            for batch in loader:
                model(batch[0] if isinstance(batch, (tuple, list)) else batch)
    finally:
        for m, momentum in zip(norms, momenta):
            m.momentum = momentum
        for m, mode in training:
            m.training = mode
