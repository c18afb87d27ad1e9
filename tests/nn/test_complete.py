"""Is anything untested? Every module, loss and initialiser must have an instance (`instances.py`), every optimiser and scheduler a case.

Read next: `test_layers.py`.
"""

import inspect
import re

import pytest

import nn
import optim
from nn import data, functional, init, loss, models, parametrize, regularizer, training
from nn.training import named
from tests.nn.instances import INITIALISERS, INSTANCES, TWO_WAYS
from tests.optim import cases
from tests.peer.comparison import FAMILIES, family

OTHER_NAMES = {nn.Sequential: "two layers", nn.TransformerEncoder: "encoder", nn.TransformerDecoder: "decoder",
               parametrize.WeightNorm: "weight_norm", parametrize.SpectralNorm: "spectral_norm"}
"""Under which name the grids of `tests/peer/` have them."""
NO_TWIN = {
    nn.DropConnect, nn.FocalLoss, nn.GlobalAvgPool, nn.GlobalMaxPool, nn.LearnedPositionalEncoding, nn.Maxout, nn.PositionalEncoding,
    nn.StochasticDepth, regularizer.L1, regularizer.L2, regularizer.ElasticNet}
"""PyTorch has none like these: they are compared with their formulas, in the tests of their families."""
RANDOM = {nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout}
"""PyTorch draws other numbers: `test_dropout.py` has them."""
HOMES = (nn, models, parametrize, regularizer)
BARE = {nn.Module, nn.ModuleList, nn.ModuleDict, parametrize.Parametrized, parametrize.ParametrizationList, regularizer.Regularizer}
"""They compute nothing by themselves: `test_module.py`, `test_container.py` and `test_parametrize.py` have them."""
WHOLE = {models.AlexNet, models.CifarResNet, models.GoogLeNet, models.LeNet5, models.ResNet, models.VGG}
"""Networks too large for differences: `test_models.py` has them."""


def classes(home, base):
    return {value for name, value in vars(home).items() if inspect.isclass(value) and issubclass(value, base) and name[0] != "_"}


def below(base):
    """All classes derived from one, at any distance, that are part of the package."""
    return {c for sub in base.__subclasses__() for c in (sub, *below(sub)) if c.__module__.split(".")[0] == base.__module__.split(".")[0]}


PUBLIC = set.union(*(classes(home, nn.Module) for home in HOMES))


@pytest.mark.parametrize("cls", sorted(PUBLIC - BARE - WHOLE, key=lambda cls: cls.__name__))
def test_every_module_has_an_instance(cls):
    assert cls in INSTANCES, f"write a line for {cls.__module__}.{cls.__name__} in tests/nn/instances.py"


COMPARED = {c.name for name in FAMILIES for c in family(name)}


@pytest.mark.parametrize("cls", sorted(PUBLIC - BARE - classes(models, nn.Module), key=lambda cls: cls.__name__))
def test_every_module_is_compared_with_pytorch(cls):
    name = OTHER_NAMES.get(cls, cls.__name__)
    found = any(re.match(rf"{name}\b", compared) for compared in COMPARED)
    assert found != (cls in NO_TWIN | RANDOM), f"compare nn.{cls.__name__} in a tests/peer/grid_*.py; or, if it has no twin, say so here"


def test_every_module_can_be_reached():
    """What no other class is built on is there to be used, and so is exported."""
    ends = {cls for cls in below(nn.Module) if not cls.__subclasses__() and not issubclass(cls, parametrize.Parametrized)}
    exported = PUBLIC | classes(data, nn.Module) | classes(training, nn.Module) | classes(named, nn.Module)  # parts of the command line
    assert {cls.__name__ for cls in ends - exported} == set()


@pytest.mark.parametrize("home", [nn, models, functional, loss])
def test_exports_are_named(home):
    assert set(home.__all__) <= vars(home).keys()
    assert {cls.__name__ for cls in classes(home, nn.Module)} <= {*home.__all__, "Module"}
    assert len(set(home.__all__)) == len(home.__all__)


def test_every_loss_is_a_module_and_a_function():
    modules = {name for name in loss.__all__ if name[0].isupper()} - {"Loss"}
    assert {name for name in modules if name not in nn.__all__} == set()
    assert {cls.__name__ for cls in below(loss.Loss)} <= modules
    assert set(loss.__all__) - modules - {"Loss"} <= set(functional.__all__)


def test_every_initialiser_has_its_numbers():
    found = {name for name, value in vars(init).items() if inspect.isfunction(value) and name.endswith("_")}
    assert found == INITIALISERS.keys()


def test_every_optimiser_and_scheduler_has_a_case():
    names = {cls.__name__ for cls in classes(optim, optim.Optimizer) | below(optim.Optimizer)} - {"Optimizer"}
    assert {name for name in names if name not in vars(optim)} <= {cls.__name__ for cls in below(optim.Optimizer) if cls.__subclasses__()}
    assert names & vars(optim).keys() == cases.OPTIMIZERS.keys() | cases.OURS
    schedulers = {cls.__name__ for cls in classes(optim.lr_scheduler, optim.lr_scheduler.LRScheduler)} - {"LRScheduler"}
    assert schedulers == cases.SCHEDULERS.keys() | cases.OUR_SCHEDULERS


def test_what_is_listed_exists():
    assert TWO_WAYS <= PUBLIC
    assert set(INSTANCES) <= PUBLIC
