"""How are hyper-parameters found for the digits? First the doctor, then the recipe of the course, in one call.

    python examples/recipe.py                     # about half a minute on two cores; needs pip install "onetape[train,plot]"
    python examples/recipe.py --processes 2 --picture recipe.png
"""

import argparse

import nn
import optim
from nn.data import DataLoader, Digits
from nn.training import doctor, run_recipe


def make_model() -> nn.Module:
    """A small convolutional network. At the top of the module, so that other processes can make it, too."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.GlobalAvgPool(), nn.Dropout(0.1), nn.Linear(32, 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=1, help="how many trials run at the same time")
    parser.add_argument("--picture", help="a file for the pictures of all steps")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter trials")
    options = parser.parse_args()

    data, model = Digits(train=True), make_model()
    batch = next(iter(DataLoader(data, batch_size=64, shuffle=True, seed=0)))
    print(doctor(model, nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.1, momentum=0.9), batch), end="\n\n")

    size = {"coarse": 4, "fine": 2, "fine_epochs": 2, "epochs": 3} if options.quick else {}
    report = run_recipe(make_model, nn.CrossEntropyLoss(), data, processes=options.processes, **size)
    print(report.text())
    if options.picture:
        report.plot(options.picture)
        print(f"the pictures are in {options.picture}")


if __name__ == "__main__":
    main()
