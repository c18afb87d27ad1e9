"""How does one train from the shell?

    python -m nn.training                                             # an MLP on the digits that come with scikit-learn
    python -m nn.training --model resnet20 --data cifar10:data --epochs 30 --workers 2 --out runs/cifar
    python -m nn.training --out runs/cifar --resume                   # with the settings that stand in runs/cifar
    python -m nn.training --out runs/cifar --evaluate

In the folder `--out` are then checkpoints, a log, pictures if matplotlib is there, and the settings.

Read next: `search.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import autograd
from nn import loss, summary
from nn.data import DataLoader
from nn.training.callbacks import Callback
from nn.training.checkpoint import Checkpoints, check_writable, checkpoints_in, latest
from nn.training.log import CSVLog, JSONLog, TensorBoardLog
from nn.training.metrics import R2, Accuracy, ConfusionMatrix, Metric, TopK
from nn.training.named import MODELS, OPTIMIZERS, SCHEDULES, Data, data_named, model_named, size_for
from nn.training.precision import PRECISIONS
from nn.training.trainer import Trainer

KEPT = ("model", "data", "epochs", "lr", "optimizer", "schedule", "batch_size", "accumulate", "clip_norm", "smoothing", "size", "augment",
        "seed", "precision")
"""Settings that a resumed run takes over from the first one, where they are not given anew."""


def parser_with(defaults: dict[str, Any]) -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m nn.training", description="Train a named model on a named data set or a folder.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("--model", default="mlp", metavar="NAME", help=", ".join(MODELS))
    add("--data", default="digits", metavar="NAME[:PATH]",
        help="digits, cifar10:PATH, cifar100:PATH, mnist:PATH, fashion:PATH, folder:PATH (a folder for each class, or 'train' and 'val' "
             "with such), csv:PATH (the last column is the target), npz:PATH (inputs and targets)")
    add("--epochs", type=int, default=10, help="how often each sample is seen")
    add("--lr", type=float, default=None, help="learning rate; default: the usual one of the optimiser")
    add("--optimizer", default="sgd", choices=OPTIMIZERS, help="how a step is made")
    add("--schedule", default="cosine", choices=SCHEDULES, help="how the learning rate changes, step by step")
    add("--batch-size", type=int, default=64, help="samples in a batch")
    add("--accumulate", type=int, default=1, help="batches in a step")
    add("--clip-norm", type=float, default=None, help="the longest gradient")
    add("--smoothing", type=float, default=0.0, help="label smoothing")
    add("--size", type=int, default=0, help="bring images to this height and width; 0: as they are, or as the model needs them")
    add("--no-augment", dest="augment", action="store_false", help="show the training images as they are")
    add("--precision", default="float32", choices=PRECISIONS, help="of forward and backward")
    add("--workers", type=int, default=0, help="processes that prepare batches")
    add("--seed", type=int, default=0, help="of the weights, the order, the augmentation and the split")
    add("--out", type=Path, default=Path("runs/one"), help="folder for checkpoints, log and pictures")
    add("--resume", action="store_true", help="go on with the run in that folder, or start it if there is none")
    add("--overwrite", action="store_true", help="remove the run in that folder first")
    add("--evaluate", action="store_true", help="only measure the newest checkpoint in that folder")
    add("--draw", action="store_true", help="draw the graph of the model: graph.svg and graph.html")
    add("--tensorboard", action="store_true", help="log for TensorBoard as well")
    parser.set_defaults(augment=True)
    parser.set_defaults(**defaults)
    return parser


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for; of a run that goes on, what it was started with."""
    options = parser_with({}).parse_args(arguments)
    settings = options.out / "settings.json"
    if (options.resume or options.evaluate) and settings.exists():
        try:
            saved = json.loads(settings.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{settings} is no JSON: {error}") from error
        options = parser_with({name: value for name, value in saved.items() if name in KEPT}).parse_args(arguments)
        planned = saved.get("epochs", options.epochs)
        if options.resume and options.epochs > planned and options.schedule != "none":
            print(f"note: the {options.schedule} schedule was planned for {planned} epochs, and goes on as planned beyond its end; a new "
                  f"run with --epochs {options.epochs} plans for all", file=sys.stderr)
    for name, least in (("epochs", 0), ("batch_size", 1), ("workers", 0), ("size", 0)):
        if getattr(options, name) < least:
            raise ValueError(f"--{name.replace('_', '-')} is at least {least}, not {getattr(options, name)}")
    if options.model not in MODELS:
        raise ValueError(f"there is no model {options.model!r}; known are {', '.join(MODELS)}")
    if options.evaluate and latest(options.out) is None:
        raise FileNotFoundError(f"--evaluate: there is no checkpoint in {options.out}")
    return options


def prepared(options: argparse.Namespace) -> Data:
    """The data, with images as large as the model needs them."""
    data = data_named(options.data, options.size, options.augment, options.seed)
    size = size_for(options.model, data)
    if size and not options.size:
        print(f"{options.model} needs images of {size} x {size}: those of {data.shape[1]} x {data.shape[2]} are resized")
        data = data_named(options.data, size, options.augment, options.seed)
    return data


def trainer_for(options: argparse.Namespace, data: Data, steps: int) -> Trainer:
    """Model, loss, optimiser and all that is around them."""
    model = model_named(options.model, data)
    make, usual = OPTIMIZERS[options.optimizer]
    optimizer = make(model.parameters(), lr=usual if options.lr is None else options.lr)
    metrics: list[Metric] = [R2()]
    criterion: Any = loss.MSELoss()
    if data.classes:
        metrics = [Accuracy(), *([TopK(5)] if data.classes > 20 else []), ConfusionMatrix(data.classes)]
        criterion = loss.CrossEntropyLoss(label_smoothing=options.smoothing)
    callbacks = [CSVLog(options.out / "log.csv"), JSONLog(options.out / "steps.jsonl", every="step"),
                 Checkpoints(options.out, best=f"val_{metrics[0].name}", overwrite=options.overwrite),
                 *([TensorBoardLog(options.out)] if options.tensorboard else [])]
    return Trainer(model, criterion, optimizer, scheduler=SCHEDULES[options.schedule](optimizer, max(steps, 1)), schedule="step",
                   metrics=metrics, callbacks=callbacks, accumulate=options.accumulate, clip_norm=options.clip_norm,
                   precision=options.precision)


class Columns:
    """Batches whose targets are numbers, as columns: the model puts out (N, 1)."""

    def __call__(self, batch: Any) -> Any:
        inputs, targets = batch
        return inputs, targets.reshape(len(targets), -1)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Train or evaluate; returns what was measured on the held-out part."""
    autograd.random.seed(options.seed)
    data = prepared(options)
    column = None if data.classes else Columns()
    batches = DataLoader(data.train, options.batch_size, shuffle=True, num_workers=options.workers, seed=options.seed,
                         batch_transform=column)
    held_out = DataLoader(data.held_out, options.batch_size, num_workers=options.workers, batch_transform=column)
    updates = -(-len(batches) // options.accumulate)
    trainer = trainer_for(options, data, options.epochs * updates)
    example = held_out.dataset[0][0][None]
    print(f"{options.model} on {options.data}: {len(data.train)} samples to learn from, {len(data.held_out)} held out")
    print(str(summary(trainer.model, example)).splitlines()[-1], flush=True)
    if options.draw:
        draw(trainer, held_out, options.out)
    if options.evaluate:
        trainer.resume(options.out)
    else:
        check_folder(options)
        trainer.callbacks.append(Settings(options))
        trainer.fit(batches, held_out, options.epochs, resume=options.resume)
    result = trainer.evaluate(held_out)
    print(f"epoch {trainer.epoch}, held out: " + ", ".join(
        f"{name} {value:.4f}" for name, value in result.items() if not hasattr(value, "shape")))
    show(trainer, result, data, options.out)
    return result


def check_folder(options: argparse.Namespace) -> None:
    """OSError if nothing can be written there, or if a run is there and nothing was said about it."""
    check_writable(options.out)
    if checkpoints_in(options.out) and not options.resume and not options.overwrite:
        raise FileExistsError(f"{options.out} holds the checkpoints of a run: --resume goes on with it, --overwrite removes it, and --out "
                              "names another folder")


class Settings(Callback):
    """Writes the settings beside the checkpoints when the run has begun. One that could not go on leaves those of the old run alone."""

    order = 11  # after the checkpoints have made their folder, and have not refused it

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options

    def on_fit_start(self, trainer: Trainer) -> None:
        settings = {name: getattr(self.options, name) for name in KEPT}
        (self.options.out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def draw(trainer: Trainer, batches: DataLoader, out: Path) -> None:
    """The graph of the model and its loss."""
    inputs, targets = next(iter(batches))
    graph = autograd.draw(trainer.criterion(trainer.model(inputs[:4]), targets[:4]))
    for name in ("graph.svg", "graph.html"):
        print(graph.save_if_possible(out / name))


def show(trainer: Trainer, result: dict[str, Any], data: Data, out: Path) -> None:
    """Pictures, if matplotlib is there."""
    from nn.training import pictures

    try:
        if len(trainer.history):
            pictures.curves(trainer.history, out / "curves.png")
        if 0 < data.classes <= 50:
            pictures.confusion(result["confusion"], data.names, out / "confusion.png")
        print(f"curves and more are in {out}")
    except ImportError as missing:
        print(f"no curves: {missing}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0, or 2 after an error, which is printed in a line."""
    try:
        run(read_options(arguments))
    except (ValueError, TypeError, OSError, ImportError, FloatingPointError, RuntimeError, LookupError) as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error  # a KeyError puts its message into quotes
        print(f"python -m nn.training: {text}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ninterrupted: --resume goes on from the last checkpoint", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
