"""What is to be trained, and on what?

A `Problem` holds what all steps of the recipe need: how a model is made, the loss, the data, and how an optimiser is made. Every step
makes its own fresh model from the same seed, so that no step depends on another, or on the order.

    problem = Problem(lambda: nn.models.MLP([64, 100, 10]), nn.CrossEntropyLoss(), (x, t))

Read next: `sanity.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import autograd
import optim
from nn.data import ArrayDataset, DataLoader, Subset, random_split
from nn.freeze import is_random
from nn.module import Module
from nn.training.history import History
from nn.training.metrics import Accuracy
from nn.training.pairs import first, plain, split
from nn.training.trainer import Trainer


def momentum(params: Any, lr: float, weight_decay: float) -> optim.Optimizer:
    """The optimiser of the recipe, unless another is given: SGD with momentum 0.9."""
    return optim.SGD(params, lr=lr, momentum=0.9, weight_decay=weight_decay)


class Step(NamedTuple):
    """What one step of the recipe found.

    name:     of the step
    passed:   is everything as it should be?
    text:     the verdict, in sentences
    numbers:  what was measured
    draw:     draws the picture on matplotlib axes
    result:   what later steps need: the trials of a search, the history of a run
    """

    name: str
    passed: bool
    text: str
    numbers: dict[str, float]
    draw: Callable[[Any], None]
    result: Any = None

    def plot(self, path: Any = None) -> Any:
        """The picture, as a matplotlib figure; written to a file if a path is given."""
        from nn.training.pictures import figure, finished, styled

        made = figure(5.2, 3.4)
        self.draw(styled(made.add_subplot(1, 1, 1), title=self.name))
        return finished(made, path)

    def __repr__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'}  {self.name}: {self.text}"


class Problem:
    """A model to be trained.

    make_model:  makes a fresh model; its random numbers come from the default generator. Hyper-parameters of a search other than "lr" and
                 "weight_decay" are its arguments
    loss:        called with outputs and targets
    data:        the training data: arrays (inputs, targets), or a data set
    validation:  the same for validation; default: a fifth of the training data is held out
    optimizer:   f(params, lr, weight_decay); default: SGD with momentum 0.9
    batch_size:  samples in a batch
    seed:        of everything: split, initial weights, order

    Raises ValueError for data that is too small to be split.
    """

    def __init__(self, make_model: Callable[..., Module], loss: Callable[..., Any], data: Any, validation: Any = None, *,
                 optimizer: Callable[[Any, float, float], Any] = momentum, batch_size: int = 64, seed: int = 0) -> None:
        if not callable(make_model) or isinstance(make_model, Module):
            raise TypeError("make_model is a function that makes a fresh model for each trial: lambda: MLP([64, 100, 10])")
        self.make_model, self.loss, self.optimizer, self.batch_size, self.seed = make_model, loss, optimizer, batch_size, seed
        self.train = dataset_of(data)
        if validation is None:
            if len(self.train) < 10:
                raise ValueError(f"a fifth of the data is held out for validation, and there are only {len(self.train)} samples")
            self.train, self.validation = random_split(self.train, [0.8, 0.2], seed)
        else:
            self.validation = dataset_of(validation)

    def model(self, **params: Any) -> Module:
        """A fresh model, always with the same initial weights (for the same arguments)."""
        with self.repeatable():
            return self.make_model(**params).train()

    @contextmanager
    def repeatable(self) -> Iterator[None]:
        """Inside, the default generator starts from the seed; afterwards it is where it was."""
        state = autograd.random.get_state()
        autograd.random.set_state(dict(np.random.default_rng(self.seed).bit_generator.state))
        try:
            yield
        finally:
            autograd.random.set_state(state)

    def batches(self, dataset: Any = None, shuffle: bool = True, batch_size: int | None = None) -> DataLoader:
        data = self.train if dataset is None else dataset
        return DataLoader(data, batch_size=min(batch_size or self.batch_size, len(data)), shuffle=shuffle, seed=self.seed)

    def some(self, count: int) -> tuple[tuple[Any, ...], Any]:
        """Some samples of the training data, as one batch."""
        rows = np.random.default_rng(self.seed).permutation(len(self.train))[:count]
        return split(next(iter(self.batches(Subset(self.train, [int(i) for i in rows]), shuffle=False, batch_size=count))))

    @property
    def classifies(self) -> bool:
        """Are the targets class numbers?"""
        targets = np.asarray(plain(self.some(2)[1]))
        return targets.dtype.kind in "iu" and targets.ndim == 1

    def fit(self, lr: float, weight_decay: float, epochs: int, **params: Any) -> tuple[Module, History]:
        """Train a fresh model. Raises NonFiniteLoss where the loss explodes."""
        model = self.model(**params)
        trainer = Trainer(model, self.loss, self.optimizer(model.parameters(), lr, weight_decay),
                          metrics=[Accuracy()] if self.classifies else [], progress=False)
        with self.repeatable():
            return model, trainer.fit(self.batches(), self.batches(self.validation, shuffle=False, batch_size=256), epochs)


def asked(problem: Any, who: str) -> None:
    """TypeError for what is no Problem."""
    if not isinstance(problem, Problem):
        raise TypeError(f"{who}() takes a Problem, and not a {type(problem).__name__}: write {who}(Problem(make_model, loss, data))")


def dataset_of(data: Any) -> Any:
    """Arrays as a data set; a data set as it is."""
    if isinstance(data, (tuple, list)) and len(data) == 2 and hasattr(data[0], "shape"):
        return ArrayDataset(plain(data[0]), plain(data[1]))
    if not hasattr(data, "__len__") or not hasattr(data, "__getitem__"):
        raise TypeError(f"data is a pair of arrays (inputs, targets) or a data set, and not {type(data).__name__}; of a DataLoader give "
                        "the .dataset")
    return data


@contextmanager
def without_chance(model: Module) -> Iterator[None]:
    """Inside, dropout and its kin are off; batch normalisation stays as it is."""
    modes = [(module, module.training) for module in model.modules() if is_random(module)]
    try:
        for module, _ in modes:
            module.training = False
        yield
    finally:
        for module, training in modes:
            module.training = training


def accuracy_of(outputs: Any, targets: Any) -> float:
    """The share of classes that are right."""
    scores = first(outputs)
    return float((scores.argmax(axis=min(1, scores.ndim - 1)) == np.asarray(plain(targets))).mean())
