"""How is a training run killed? A program for `test_checkpoint.py`: it trains, and kills itself at a given moment.

    python -m tests.nn.training.killed FOLDER [MOMENT ...]

A moment is a number of steps, after which the process receives SIGKILL; or 'w' and a number: while that checkpoint is written; or 't0.1-7':
after 0.1 seconds, wherever it is then, but step 7 at most, where it waits. A list of moments is a chain of runs, each a process of its own
that resumes, forked from one parent, so that Python starts once. At the end a run that nobody kills prints the hash of all that it has
come to.
"""

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

import autograd
import nn
import optim
from nn.data import ArrayDataset, DataLoader
from nn.data.transforms import Compose, GaussianNoise, RandomCrop, RandomErasing, RandomHorizontalFlip
from nn.training import Accuracy, Callback, Checkpoints, EarlyStopping, Trainer
from nn.training.checkpoint import checkpoints_in

EPOCHS = 8


class Kill(Callback):
    """Ends the process as a power cut does."""

    order = 20  # after a checkpoint of the same step

    def __init__(self, moment):
        self.waits = moment[0] == "t"
        self.step = int(moment.rpartition("-")[2]) if moment[0] != "w" else None
        if moment[0] == "w":
            write, number = nn.training.checkpoint.write, int(moment[1:])

            def half(content, path):
                if path.name == f"step-{number:08d}.npz":
                    write(content[: len(content) // 2], path.with_name(f".{path.name}.0.tmp"))
                    kill()
                write(content, path)

            nn.training.checkpoint.write = half

    def on_step_end(self, trainer):
        if trainer.step == self.step:
            if self.waits:
                time.sleep(60)
            kill()


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def trainer_in(folder, moment):
    """A small network with all that has a state."""
    autograd.random.seed(1 + len(os.listdir(folder)))  # what a resumed run starts with must not matter
    generator = np.random.default_rng(os.getpid())
    if not checkpoints_in(folder):
        autograd.random.seed(0)
        generator = np.random.default_rng(5)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.2), nn.Flatten(),
                          nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.3, rng=generator), nn.Linear(16, 4))
    optimizer = optim.SGD([{"params": list(model[:6].parameters())}, {"params": list(model[6:].parameters()), "lr": 0.02}], lr=0.05,
                          momentum=0.9, nesterov=True, weight_decay=1e-3)
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=100)
    callbacks = [Checkpoints(folder, every=2, keep=2, best="val_accuracy"), EarlyStopping("val_loss", patience=5, restore=True)]
    return Trainer(model, nn.CrossEntropyLoss(label_smoothing=0.1), optimizer, scheduler=scheduler, schedule="step", metrics=[Accuracy()],
                   callbacks=[*callbacks, *([Kill(moment)] if moment else [])], clip_norm=1.0, progress=False)


def train(folder, moment):
    trainer = trainer_in(folder, moment)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 1, 8, 8)).astype(np.float32)
    t = (x[:, 0, 2:6, 2:6].sum(axis=(1, 2)) > 0) * 2 + (x[:, 0, 3, 3] > 0)
    augmented = Compose([RandomCrop(8, padding=1), RandomHorizontalFlip(), GaussianNoise(0.1), RandomErasing()])
    seed = len(checkpoints_in(folder))  # what a resumed run starts with must not matter
    batches = DataLoader(ArrayDataset(x, t, transform=augmented), batch_size=8, shuffle=True, num_workers=2, seed=seed)
    held_out = DataLoader(ArrayDataset(x[:16] + 0.1, t[:16], transform=augmented), batch_size=8, shuffle=True, seed=7)
    trainer.fit(batches, held_out, epochs=EPOCHS, resume=True)
    return trainer


def result_of(trainer):
    """A hash of everything at the end, part by part."""
    state = trainer.state_dict()
    return {part: hashlib.sha256(repr(spelled(state[part])).encode()).hexdigest() for part in sorted(state)}


def spelled(value):
    """A tree with arrays as bytes."""
    if isinstance(value, dict):
        return {str(key): spelled(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [spelled(item) for item in value]
    return (value.dtype.str, value.shape, value.tobytes()) if isinstance(value, (np.ndarray, np.generic)) else value


def main(folder, *moments):
    folder = Path(folder)
    statuses = []
    for moment in moments:
        child = os.fork()
        if not child:
            train(folder, moment)
            os._exit(0)  # it should have been killed
        if moment[0] == "t":
            time.sleep(float(moment[1:].partition("-")[0]))
            os.kill(child, signal.SIGKILL)
        statuses.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    trainer = train(folder, None)
    print(json.dumps({"statuses": statuses, "result": result_of(trainer), "step": trainer.step}))


if __name__ == "__main__":
    main(*sys.argv[1:])
