"""How does a network learn to read handwritten digits?

    python examples/train_digits.py            # or: make demo

1797 real digits of 8 x 8 pixels, bundled with scikit-learn (Alpaydin & Kaynak 1998, UCI). A small residual network (He et al. 2015)
learns from two thirds of them, each time a little shifted and turned, and is asked about the rest. It takes about half a minute on two
cores. The folder `out/` then holds

    curves.png       loss, accuracy and learning rate
    confusion.png    what was taken for what
    mistakes.png     the digits that were taken for something else
    filters.png      what the first layer looks for
    graph.*          the network's graph, drawn from the tape that the gradients flowed back on; graph.html is to be explored
    log.csv          the numbers of each epoch
    checkpoints/     where --resume goes on: stop it with Ctrl-C, or kill it, and see
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import autograd
import nn
import optim
from nn.data import DataLoader, Digits, transforms
from nn.models import BasicBlock, PaddedShortcut
from nn.training import Accuracy, Checkpoints, ConfusionMatrix, CSVLog, Trainer, pictures


def network(width: int = 16) -> nn.Module:
    """Scores for ten classes from images (N, 1, 8, 8): a convolution, six residual blocks, and one fully connected layer."""

    def stage(inputs: int, outputs: int, stride: int = 1) -> nn.Module:
        shortcut = PaddedShortcut(inputs, outputs, stride) if inputs != outputs else None
        return nn.Sequential(BasicBlock(inputs, outputs, stride, shortcut), BasicBlock(outputs, outputs))

    return nn.Sequential({
        "stem": nn.Sequential(nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
        "stage1": stage(width, width),
        "stage2": stage(width, 2 * width, 2),
        "stage3": stage(2 * width, 4 * width, 2),
        "pool": nn.AdaptiveAvgPool2d((1, 1)),
        "flatten": nn.Flatten(),
        "dropout": nn.Dropout(0.2),
        "head": nn.Linear(4 * width, 10),
    })


AUGMENTED = transforms.RandomAffine(degrees=8, translate=(0.1, 0.1), scale=(0.9, 1.1))
"""A digit stays what it is if it is written a little elsewhere, larger, or askew."""


def main(arguments: Sequence[str] | None = None) -> float:
    """Run the example; returns the accuracy on the held-out third."""
    parser = argparse.ArgumentParser(description="Train a small ResNet on handwritten digits, and look at it.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--epochs", type=int, default=22, help="how often every digit is seen")
    parser.add_argument("--lr", type=float, default=0.1, help="the largest step size")
    parser.add_argument("--batch", type=int, default=64, help="digits per step")
    parser.add_argument("--workers", type=int, default=0, help="processes that prepare the digits")
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the order")
    parser.add_argument("--out", type=Path, default=Path("out"), help="folder for what is written")
    parser.add_argument("--resume", action="store_true", help="go on where the last run in that folder was stopped")
    options = parser.parse_args(arguments)

    # ---- data, network, optimiser ----
    autograd.random.seed(options.seed)
    try:
        train = Digits(train=True, transform=AUGMENTED, seed=options.seed)
        held_out = Digits(train=False, seed=options.seed)
    except ImportError as missing:
        sys.exit(str(missing))
    batches = DataLoader(train, batch_size=options.batch, shuffle=True, num_workers=options.workers, seed=options.seed)
    validation = DataLoader(held_out, batch_size=256)
    model = network()
    print(nn.summary(model, held_out.inputs[:1]), end="\n\n")
    optimizer = optim.SGD(model.parameters(), lr=options.lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, options.lr, total_steps=options.epochs * len(batches))

    # ---- training ----
    trainer = Trainer(model, nn.CrossEntropyLoss(label_smoothing=0.05), optimizer, scheduler=schedule, schedule="step",
                      metrics=[Accuracy(), ConfusionMatrix(10)],
                      callbacks=[CSVLog(options.out / "log.csv"), Checkpoints(options.out / "checkpoints", overwrite=not options.resume)])
    trainer.fit(batches, validation, epochs=options.epochs, resume=options.resume)

    # ---- what came of it ----
    result = trainer.evaluate(validation)
    accuracy = float(result["accuracy"])
    print(f"accuracy: {accuracy:.2%} on the {len(held_out)} held out\n")
    look(trainer, result["confusion"], held_out, options.out)
    return accuracy


def look(trainer: Trainer, matrix: Any, held_out: Digits, out: Path) -> None:
    """Everything that there is to see."""
    loss = trainer.criterion(trainer.model(held_out.inputs[:4]), held_out.targets[:4])
    graph = autograd.draw(loss, title="a small ResNet reads digits")
    print(graph, end="\n\n")
    for name in ("graph.svg", "graph.html", "graph.png"):
        print(graph.save_if_possible(out / name))
    try:
        pictures.curves(trainer.history, out / "curves.png")
        pictures.confusion(matrix, held_out.classes, out / "confusion.png")
        pictures.mistakes(held_out.inputs, held_out.targets, trainer.predict([held_out.inputs]), out / "mistakes.png")
        pictures.filters(trainer.model, out / "filters.png")
        print(f"wrote curves.png, confusion.png, mistakes.png and filters.png into {out}")
    except ImportError as missing:
        print(f"no other pictures: {missing}")


if __name__ == "__main__":
    main()
