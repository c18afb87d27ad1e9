"""How does one go from the files of CIFAR-10 to a trained ResNet?

    python examples/cifar10.py --data FOLDER           # the folder with cifar-10-batches-py, cifar-10-batches-bin, or their .tar.gz

The files are those of Krizhevsky (2009), https://www.cs.toronto.edu/~kriz/cifar.html; nothing is downloaded here. The recipe is that of
He et al. (2015), section 4.2: each image moved by up to four pixels and mirrored, SGD with momentum, ResNet-20. They train for 164 epochs
and reach 91.25 %. A page of code does it:

    data, augmentation, loader     ->     scale, network     ->     optimiser, schedule     ->     Trainer

The run writes checkpoints. Stop it, or let the machine crash; the same line with --resume goes on, and the result is the same to the bit.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import autograd
import nn
import optim
from nn.data import CIFAR10, ChannelStandardize, DataLoader, Subset, TransformedDataset, transforms
from nn.training import Accuracy, Checkpoints, ConfusionMatrix, CSVLog, TensorBoardLog, Trainer, pictures


def main(arguments: Sequence[str] | None = None) -> float:
    """Run the example; returns the accuracy on the test images."""
    parser = argparse.ArgumentParser(description="Train a ResNet on CIFAR-10.", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the files of CIFAR-10")
    parser.add_argument("--model", default="resnet20", choices=["resnet20", "resnet32", "resnet44", "resnet56", "resnet110"])
    parser.add_argument("--epochs", type=int, default=30, help="how often every image is seen; 164 in the paper")
    parser.add_argument("--lr", type=float, default=0.1, help="the largest step size")
    parser.add_argument("--batch", type=int, default=128, help="images per step")
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare the images")
    parser.add_argument("--limit", type=int, default=None, help="use only so many images of each part: for a first try")
    parser.add_argument("--seed", type=int, default=0, help="of the weights, the order and the augmentation")
    parser.add_argument("--out", type=Path, default=Path("runs/cifar10"), help="folder for checkpoints, logs and pictures")
    parser.add_argument("--resume", action="store_true", help="go on where the last run in that folder was stopped")
    options = parser.parse_args(arguments)
    autograd.random.seed(options.seed)

    # ---- data ----
    train, test = (CIFAR10(options.data, train=part) for part in (True, False))
    names = test.classes
    if options.limit is not None:
        train, test = (Subset(part, range(min(options.limit, len(part)))) for part in (train, test))
    augmented = TransformedDataset(train, transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()]))
    batches = DataLoader(augmented, options.batch, shuffle=True, num_workers=options.workers, seed=options.seed)
    held_out = DataLoader(test, 256)

    # ---- network, optimiser ----
    model = nn.Sequential({"scale": ChannelStandardize().fit(train), "network": getattr(nn.models, options.model)()})
    print(nn.summary(model, test[0][0][None]), end="\n\n")
    optimizer = optim.SGD(model.parameters(), lr=options.lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = optim.lr_scheduler.OneCycleLR(optimizer, options.lr, total_steps=max(options.epochs * len(batches), 1))

    # ---- training ----
    trainer = Trainer(model, nn.CrossEntropyLoss(), optimizer, scheduler=schedule, schedule="step",
                      metrics=[Accuracy(), ConfusionMatrix(10)],
                      callbacks=[CSVLog(options.out / "log.csv"), TensorBoardLog(options.out),
                                 Checkpoints(options.out, every=100, best="val_accuracy")])
    trainer.fit(batches, held_out, epochs=options.epochs, resume=options.resume)

    # ---- what came of it ----
    result = trainer.evaluate(held_out)
    print(f"accuracy: {result['accuracy']:.2%} on the {len(test)} test images")
    pictures.curves(trainer.history, options.out / "curves.png")
    pictures.confusion(result["confusion"], names, options.out / "confusion.png")
    pictures.filters(model, options.out / "filters.png")
    return float(result["accuracy"])


if __name__ == "__main__":
    main()
