"""Do layers and losses compute what PyTorch's do?

For every comparison the same class is built from the same arguments here and in PyTorch, given the same state and the same
inputs in float64, and run forward and backward; outputs, running statistics and all gradients agree to 1e-10.

    comparison.py   what one comparison is, how its numbers are made, and what our side answers
    grid_*.py       the comparisons, one file for each family: a list GRID
    run.py          PyTorch's side: `make peer`, or, where torch and numpy are installed, `python -m tests.peer.run [family ...]`
    frozen/*.npz    PyTorch's answers, written by run.py; one file for each family
    test_frozen.py  our side against the frozen answers; needs no torch

Inputs, weights and cotangents are not stored: both sides draw them from the name of the comparison. To compare something
new, add a line to a grid and run run.py; to change what is compared, too. It prints what disagrees.

    compare("Conv2d", 4, 6, 3, padding=1, inputs=[normal(2, 4, 5, 5)])
    compare("BatchNorm1d", 3, inputs=[normal(4, 3)], modes=["train", "eval"])
    compare("CrossEntropyLoss", reduction="sum", inputs=[normal(5, 3), classes(3, 5)])
    compare("functional.pad", inputs=[normal(2, 5)], call={"pad": (1, 2), "mode": "replicate"})
    compare("two calls", build=lambda nn: nn.Sequential(nn.Linear(3, 3), nn.ReLU()), inputs=[normal(2, 3)])
"""
