"""Does `docs/course.md` still lead where it says, and is everything there?

A line of the page is dead if its symbol cannot be imported, its test or its notebook is gone, or no heading of that notebook is called
so. The page is incomplete if it lacks a name of the lists below, which are those of the two issues that this package was built from, or
any public name of `nn`, `optim`, `nn.data` and `nn.training`.
"""

import ast
import importlib
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import nn
import nn.training
import optim

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "course.md"
CELLS = re.compile(r"(?<!\\)\|")  # a bar that is meant as a bar is written \|
CODE = re.compile(r"`([^`]+)`")
PLACE = re.compile(r"\[(\d\d)\]\(\.\./notebooks/((\d\d)_\w+\.ipynb)\) · (.+)|\[(\w+\.py)\]\(\.\./examples/(\w+\.py)\)|—")


def words(text):
    """The words of a text."""
    return text.split()


def each(names, *sizes):
    """Conv 1d 2d 3d -> Conv1d, Conv2d, Conv3d."""
    return [f"{name}{size}d" for name in words(names) for size in sizes]


LAYERS = [
    "Linear", "Bilinear", "Embedding", "Flatten", "Identity", "Sequential", "ModuleList", "ModuleDict",
    *each("Conv ConvTranspose MaxPool AvgPool LPPool AdaptiveAvgPool AdaptiveMaxPool BatchNorm InstanceNorm Dropout", 1, 2, 3),
    *each("ZeroPad ConstantPad ReflectionPad ReplicationPad CircularPad", 1, 2, 3),
    "GlobalAvgPool", "GlobalMaxPool", "FractionalMaxPool2d", "Upsample", "PixelShuffle", "Fold", "Unfold",
    "LayerNorm", "GroupNorm", "RMSNorm", "LocalResponseNorm", "parametrize.WeightNorm", "parametrize.SpectralNorm",
    "Dropout", "AlphaDropout", "DropConnect", "StochasticDepth", "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell",
    "MultiheadAttention", "TransformerEncoder", "TransformerEncoderLayer", "TransformerDecoder", "TransformerDecoderLayer",
    "PositionalEncoding", "LearnedPositionalEncoding", "LazyLinear",
    "Sigmoid", "Tanh", "ReLU", "ReLU6", "LeakyReLU", "PReLU", "RReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "GLU",
    "Softplus", "Softsign", "Hardtanh", "Hardsigmoid", "Hardswish", "Hardshrink", "Softmax", "LogSoftmax", "Maxout"]
MODULES = [
    "Module", "Module.parameters", "Module.named_parameters", "Module.buffers", "Module.modules", "Module.children", "Module.state_dict",
    "Module.load_state_dict", "Module.train", "Module.eval", "Module.requires_grad_", "Module.apply", "Module.to",
    "Module.register_forward_hook", "Module.register_full_backward_hook", "summary", "freeze", "unfreeze", "activation_statistics",
    "load_pretrained"]
LOSSES = [f"{name}Loss" for name in words(
    "CrossEntropy NLL BCE BCEWithLogits KLDiv MSE L1 Huber SmoothL1 MultiMargin HingeEmbedding MarginRanking TripletMargin "
    "CosineEmbedding PoissonNLL GaussianNLL CTC Focal")]
REGULARISERS = ["regularizer.L1", "regularizer.L2", "regularizer.ElasticNet"]
INITIALISERS = [f"init.{name}" for name in words(
    "zeros_ ones_ constant_ uniform_ normal_ trunc_normal_ eye_ dirac_ sparse_ orthogonal_ small_random_ xavier_normal_ xavier_uniform_ "
    "kaiming_normal_ kaiming_uniform_ lecun_normal_ lecun_uniform_ calculate_gain")]
MODELS = [f"models.{name}" for name in words(
    "LeNet5 MLP alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn googlenet InceptionNaive Inception InceptionAux "
    "resnet18 resnet34 resnet50 resnet101 resnet152 resnet20 resnet32 resnet44 resnet56 resnet110 CharTransformer")]
OPTIMISERS = words("SGD Adagrad Adadelta RMSprop Adam AdamW Adamax NAdam RAdam Rprop ASGD Adafactor Lion LAMB LARS LBFGS Muon "
                   "clip_grad_norm_ clip_grad_value_ GradientAccumulation AveragedModel get_ema_avg_fn get_swa_avg_fn update_bn")
SCHEDULERS = [f"lr_scheduler.{name}" for name in words(
    "LambdaLR MultiplicativeLR StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR CosineAnnealingLR ChainedScheduler "
    "SequentialLR ReduceLROnPlateau CyclicLR OneCycleLR CosineAnnealingWarmRestarts WarmupCosine")]
DATA = [f"data.{name}" for name in words(
    "Dataset IterableDataset ArrayDataset ImageFolder CIFAR10 CIFAR100 MNIST FashionMNIST CSVDataset NpzDataset Digits DataLoader "
    "WeightedRandomSampler StratifiedSampler DistributedSampler train_val_test_split spiral moons circles xor "
    "MeanImage ChannelMean ChannelStandardize MinMax PCA ZCA Preprocessing")]
TRANSFORMS = [f"data.transforms.{name}" for name in words(
    "RandomHorizontalFlip RandomVerticalFlip RandomCrop RandomResizedCrop RandomScale RandomRotation RandomAffine ColorJitter "
    "GaussianNoise GaussianBlur Cutout RandomErasing MixUp CutMix FiveCrop TenCrop Compose RandAugment")]
TRAINING = [f"training.{name}" for name in words(
    "Trainer Progress Accuracy TopK ConfusionMatrix MeanSquaredError R2 Callback EarlyStopping Mixed CSVLog JSONLog TensorBoardLog "
    "pictures.curves pictures.filters pictures.histograms pictures.update_ratios Checkpoints save_checkpoint load_checkpoint latest "
    "check_initial_loss overfit_few lr_range_test coarse_search fine_search random_search grid_search look_at_curves run_recipe doctor "
    "doctor.KINDS Ensemble Ensemble.of_snapshots test_time_augmentation monte_carlo compare_stochastic NonFiniteLoss __main__")]
ENGINE = ["autograd.save", "autograd.load", "autograd.draw", "autograd.check_grads", "autograd.primitive", "autograd.jacobian",
          "autograd.hessian"]
ITEMS = [*(f"nn.{name}" for names in (LAYERS, MODULES, LOSSES, REGULARISERS, INITIALISERS, MODELS, DATA, TRANSFORMS, TRAINING)
           for name in names), *(f"optim.{name}" for names in (OPTIMISERS, SCHEDULERS) for name in names), *ENGINE]
"""What the symbol column must hold."""

NUMBERS = [
    "(N + 2P − F) / S + 1", "ln C", "C − 1", "28 x 28 x 672", "27 C²", "49 C²", "34,944", "11,689,512", "25,557,032", "138,357,544",
    "6,624,904", "61,100,840", "1.30378789133", "49 %", "98 %", "E_z f(x, z)", "1e−1, 1e−2, 1e−3, 1e−4", "weight decay 1e−4, 1e−5, 0",
    "98.5 %"]
METHODS = [
    "the sigmoid neuron", "centred differences", "receptive field", "1 x 1 convolutions", "depthwise and grouped", "padding",
    "label smoothing", "sum over classes", "mean over classes", "soft targets", "covariate shift", "momentum", "nesterov", "warm-up",
    "any setting", "maximize", "closures", "clipping", "ema, swa", "not finite", "infer their input size", "running statistics",
    "in stages", "smaller learning rates", "shuffled by a seed", "stratified", "worker processes", "ctrl-c", "in the middle of an epoch",
    "training data only", "invertible", "(seed, epoch, index)", "time left", "top-k", "regression", "validation", "early stopping",
    "several batches", "loss scaling", "first-layer filters", "ratio of updates", "checksum", "the best", "bit for bit",
    "with regularisation", "overfit a handful", "optuna", "hidden from registration", "in two groups", "dead relus", "saturated sigmoids",
    "softmax applied twice", "silent broadcasting", "not normalised", "frozen norms", "vanish or explode", "zero_grad", "snapshots",
    "test-time augmentation", "stochastic and deterministic", "full disk", "dead worker", "differing sizes", "outside the classes", "nan",
    "unknown model", "without running pickle", "from the shell", "two data-set sizes", "k folds", "perplexity"]


class Line(NamedTuple):
    """A line of a table: what the course says, symbols, tests as (file, function), and where it is shown."""

    what: str
    symbols: list[str]
    tests: list[str]
    place: str


def lines():
    found = []
    for text in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in CELLS.split(text)[1:-1]]
        if len(cells) == 4 and cells[0] != "course" and not cells[0].startswith("---"):
            found.append(Line(cells[0], CODE.findall(cells[1]), CODE.findall(cells[2]), cells[3]))
    return found


LINES = lines()
SYMBOLS = {symbol for line in LINES for symbol in line.symbols}


def resolved(name):
    """What a dotted name stands for. (`nn.training.doctor` is a module and a function: the module is asked for what the function lacks.)"""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(name)


@cache
def functions(path):
    """The names of the tests in a file."""
    return {node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)}


@cache
def headings(name):
    """The headings of a notebook."""
    cells = json.loads((ROOT / "notebooks" / name).read_text())["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return set(re.findall(r"^#+ (.+?)\s*$", text, re.MULTILINE))


def dead(symbols=(), tests=(), place="—"):
    """What is wrong with a line."""
    found = []
    for name in symbols:
        try:
            resolved(name)
        except (ImportError, AttributeError) as error:
            found.append(f"{name}: {error}")
    for name in tests:
        path, _, function = name.partition("::")
        if not (ROOT / path).is_file() or not function.startswith("test_") or function not in functions(path):
            found.append(f"there is no test {name}")
    match = PLACE.fullmatch(place)
    if match is None:
        return [*found, f"{place} is no notebook, no example and no dash"]
    number, notebook, prefix, heading, example, file = match.groups()
    if notebook is not None:
        if number != prefix or not (ROOT / "notebooks" / notebook).is_file():
            found.append(f"there is no notebook {number}: {notebook}")
        elif heading not in headings(notebook):
            found.append(f"{notebook} has no heading {heading!r}; it has {sorted(headings(notebook))}")
    if file is not None and (example != file or not (ROOT / "examples" / file).is_file()):
        found.append(f"there is no example {file}")
    return found


def test_the_page_is_read():
    assert len(LINES) > 200
    assert all(line.what and line.symbols and line.tests for line in LINES), [line for line in LINES if not (line.symbols and line.tests)]


@pytest.mark.parametrize("line", LINES, ids=lambda line: re.sub(r"\W+", "-", line.what)[:40])
def test_nothing_is_dead(line):
    assert dead(line.symbols, line.tests, line.place) == []


@pytest.mark.parametrize("name, wrong", [
    ("symbol", {"symbols": ["nn.Dropdown"]}), ("module", {"symbols": ["nnn.Dropout"]}),
    ("file", {"tests": ["tests/test_nowhere.py::test_x"]}), ("test", {"tests": ["tests/test_concordance.py::test_x"]}),
    ("helper", {"tests": ["tests/test_concordance.py::lines"]}),
    ("notebook", {"place": "[01](../notebooks/01_nothing.ipynb) · Circuits"}),
    ("number", {"place": "[02](../notebooks/01_circuits_and_the_chain_rule.ipynb) · The first circuit"}),
    ("heading", {"place": "[01](../notebooks/01_circuits_and_the_chain_rule.ipynb) · The last circuit"}),
    ("example", {"place": "[chemistry.py](../examples/chemistry.py)"}), ("form", {"place": "notebook 1"})])
def test_what_is_dead_is_found(name, wrong):
    assert len(dead(**wrong)) == 1


def test_the_items_of_the_issues_are_there():
    assert sorted(set(ITEMS) - SYMBOLS) == []
    assert len(set(ITEMS)) > 300


def test_the_methods_and_numbers_of_the_issues_are_there():
    said = "\n".join(line.what for line in LINES)
    assert [number for number in NUMBERS if number not in said] == []
    assert [method for method in METHODS if method not in said.lower()] == []


@pytest.mark.parametrize("home", [nn, optim, nn.data, nn.data.transforms, nn.training, nn.models, optim.lr_scheduler],
                         ids=lambda home: home.__name__)
def test_every_public_name_is_there(home):
    named = {name for name in home.__all__ if any(f"{symbol}.".startswith(f"{home.__name__}.{name}.") for symbol in SYMBOLS)}
    assert sorted(set(home.__all__) - named) == []


def test_all_sixteen_notebooks_are_shown():
    """Each heading of a notebook need not be there, but each notebook is."""
    shown = {match.group(2) for match in map(PLACE.fullmatch, (line.place for line in LINES)) if match and match.group(2)}
    assert shown == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert [name[:2] for name in sorted(shown)] == [f"{number:02}" for number in range(1, 17)]


def test_the_index_leads_to_sections():
    text = PAGE.read_text()
    titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
    sections = {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}
    links = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert sorted(links - sections) == []
    assert sorted(sections - links - {"lectures"}) == []
