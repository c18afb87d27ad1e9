"""How does training look?

    curves(history, "curves.png")                    loss and metrics, in training and validation
    filters(model, "filters.png")                    what the first layer looks for
    histograms(signals(model, x, t, criterion))      what goes through the layers, forwards and backwards
    update_ratios(callback, "ratios.png")            how much an update changes the weights
    confusion(matrix, names), mistakes(images, targets, scores)    what is taken for what

Each returns a matplotlib Figure, and writes it into a file if a path is given: .png, .svg, .pdf. Matplotlib is the extra `plot`; no
window is opened, and no setting of pyplot touched. (CS231n, "Neural networks part 3": babysitting the learning process.)

Read next: `confusion.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from nn.module import Module
from nn.training.confusion import confusion, mistakes
from nn.training.figure import COLOURS, GOOD, GREY, HELD_OUT, TRAINED, Array, Path_, figure, finished, stretched, styled, tiled
from nn.training.history import History, better_when_higher
from nn.training.pairs import plain
from nn.training.signals import Signal, UpdateRatios

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["COLOURS", "GOOD", "GREY", "HELD_OUT", "TRAINED", "confusion", "curves", "figure", "filters", "finished", "histograms",
           "mistakes", "styled", "update_ratios"]

ROOM = 1.2
"""How much wider a row is than its histogram: there its notes stand."""


# ---- curves -------------------------------------------------------------------------------------------------------


def curves(history: History, path: Path_ = None) -> Any:
    """Loss and metrics by epoch, in training and in validation, and the learning rate where it changes.

    The pale line is the loss of the single steps; a dot marks the best epoch of a validation curve.
    """
    if not len(history) and not history.steps["loss"]:
        raise ValueError("this history is empty: there is nothing to draw before fit()")
    names = [name for row in history.epochs for name in row]
    measured = list(dict.fromkeys(name.removeprefix("val_") for name in names if name not in ("epoch", "lr")))
    panels = ["loss", *(name for name in measured if name != "loss")]
    rates = np.array(history.steps["lr"])
    panels += ["learning rate"] if rates.size and rates.max() > rates.min() else []
    columns = min(len(panels), 3)
    rows = ceil(len(panels) / columns)
    made = figure(max(4.6 * columns, 5.2), 3.4 * rows)
    for number, name in enumerate(panels, 1):
        axes = made.add_subplot(rows, columns, number)
        if name == "learning rate":
            axes.plot(in_epochs(history), rates, color=GREY, linewidth=1.5)
            if np.median(rates) < rates.max() / 10:
                logarithmic(axes, rates[rates > 0])
            styled(axes, "learning rate", "epoch")
        else:
            measured_panel(axes, history, name)
        axes.set_xlim(0, max(len(history), 1) * 1.015)
        axes.xaxis.get_major_locator().set_params(integer=True)
    return finished(made, path)


def in_epochs(history: History) -> Array:
    """Where each step lies, in epochs."""
    n = len(history.steps["loss"])
    return (np.arange(n) + 1) * max(len(history), 1) / max(n, 1)


def measured_panel(axes: Any, history: History, name: str) -> None:
    """One quantity, in training and in validation."""
    everything = []
    if name == "loss" and history.steps["loss"]:
        steps = np.array(history.steps["loss"])
        axes.plot(in_epochs(history), steps, color=TRAINED, alpha=0.25, linewidth=0.8)
        everything.append(steps)
    for key, label, colour in ((name, "trained on", TRAINED), (f"val_{name}", "held out", HELD_OUT)):
        if not any(key in row for row in history.epochs):
            continue
        values, epochs = np.array(history.column(key)), np.arange(1, len(history) + 1)
        everything.append(values)
        axes.plot(epochs, values, color=colour, linewidth=2, label=f"{label}  {shown(name, values[-1])}",
                  marker="o" if len(values) < 2 else None)
        if key != name and np.isfinite(values).any() and len(values) > 1:
            higher = better_when_higher(name)
            best = int(np.nanargmax(values) if higher else np.nanargmin(values))
            axes.plot(epochs[best], values[best], "o", color=colour, markersize=7, markeredgecolor="white", markeredgewidth=1.5, zorder=5)
    values = np.concatenate(everything)
    if name == "loss":
        logarithmic(axes, values)
    elif is_share(name):
        from matplotlib.ticker import PercentFormatter

        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    styled(axes, name, "epoch")
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, fontsize=9, labelcolor="#333333", handlelength=1.2)


def logarithmic(axes: Any, values: Array) -> None:
    """A logarithmic axis, with plain numbers, where values differ by more than a factor of ten."""
    values = values[np.isfinite(values)]
    if values.size and values.min() > 0 and values.max() > 10 * values.min():
        from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

        axes.set_yscale("log")
        wide = values.max() > 300 * values.min()
        axes.yaxis.set_major_locator(LogLocator(subs=(1,) if wide else (1, 2, 5)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(NullFormatter())


def is_share(name: str) -> bool:
    return any(word in name for word in ("accuracy", "top"))


def shown(name: str, value: float) -> str:
    return f"{value:.2%}" if is_share(name) else f"{value:.3g}"


# ---- weights and signals ------------------------------------------------------------------------------------------


def filters(model: Module | ArrayLike, path: Path_ = None, shape: tuple[int, ...] | None = None, most: int = 64) -> Any:
    """The weights of the first layer as images, each stretched to the full range.

    model:  a module, of which the first weight with four axes is taken, or with two if there is none; or the weight itself
    shape:  for a fully connected layer: (channels, height, width) or (height, width) of its inputs; default: a square
    most:   how many filters are shown

    Filters of three channels are in colour, of one in grey; of others each channel is an image of its own, a row for each filter.
    """
    weight = first_weight(model) if isinstance(model, Module) else np.asarray(plain(model))
    if weight.ndim == 2:
        side = round(sqrt(weight.shape[1]))
        inner = shape or (side, side)
        if int(np.prod(inner)) != weight.shape[1]:
            raise ValueError(f"filters(): the layer has {weight.shape[1]} inputs, and they are no image of shape {inner}: say shape=")
        weight = weight.reshape(len(weight), *((1,) * (3 - len(inner))), *inner)
    if weight.ndim != 4:
        raise ValueError(f"filters() draws weights (filters, channels, height, width), and this has shape {weight.shape}")
    weight = weight[:most]
    if weight.shape[1] in (1, 3):
        tiles, columns = [stretched(w).transpose(1, 2, 0).squeeze() for w in weight], ceil(sqrt(len(weight) * 1.6))
    else:
        columns = min(weight.shape[1], 16)
        rows = max(most // columns, 1)
        tiles = [tile for w in weight[:rows] for tile in stretched(w)[:columns]]
    return finished(tiled(tiles, columns, f"filters of the first layer: {' × '.join(map(str, weight.shape))}"), path)


def first_weight(model: Module) -> Array:
    """The first weight that can be seen as images."""
    weights = [p.data for p in model.parameters()]
    for axes in (4, 2):
        for weight in weights:
            if weight.ndim == axes and (axes == 2 or min(weight.shape[2:]) > 1):
                return weight
    raise ValueError("filters(): the model has no convolution and no fully connected layer")


def histograms(signals: Sequence[Signal], path: Path_ = None, bins: int = 60) -> Any:
    """The values that come out of each layer, and the gradients that arrive there, a row for each layer.

    signals:  of `nn.training.signals(model, inputs, targets, criterion)`
    """
    if not signals:
        raise ValueError("histograms(): no layer put out numbers")
    made = figure(9.5, 0.62 * len(signals) + 1.2)
    grid = made.subplots(len(signals), 2, squeeze=False)
    made.get_layout_engine().set(h_pad=0.0, hspace=0.0)
    for row, signal in zip(grid, signals):
        for axes, values, colour in zip(row, (signal.activations, signal.gradients), (TRAINED, HELD_OUT)):
            ridge(axes, values, colour, bins)
        row[0].set_ylabel(f"{signal.path or 'model'}\n{signal.kind}", rotation=0, ha="right", va="center", fontsize=8, color="#333333")
    grid[0][0].set_title("activations", loc="left", fontsize=11, fontweight="bold", color="#222222")
    grid[0][1].set_title("gradients of the loss by them", loc="left", fontsize=11, fontweight="bold", color="#222222")
    return finished(made, path)


def ridge(axes: Any, values: Array | None, colour: str, bins: int) -> None:
    """A histogram without axes, of all but 0.2 % of the values, with its ends, its deviation and its share of zeros in words."""
    axes.set_yticks([])
    axes.set_xticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#c0c4cc")
    if values is None:
        axes.text(0.5, 0.4, "no gradient arrives", transform=axes.transAxes, ha="center", fontsize=8, color=GREY)
        return
    flat = values.ravel().astype(np.float64)
    bad = int(np.count_nonzero(~np.isfinite(flat)))
    flat, zeros = flat[np.isfinite(flat)], float(np.mean(flat == 0)) if flat.size else 0.0
    rest = flat[flat != 0]
    low, high = np.percentile(flat, [0.1, 99.9]).tolist() if flat.size else (0.0, 0.0)  # single outliers would squeeze the rest
    if rest.size and high > low:
        counts, edges = np.histogram(rest, bins, (low, high))
        axes.stairs(counts, edges, fill=True, color=colour, alpha=0.75)
        axes.set_ylim(0, max(counts.max(), 1) * 1.15)
        axes.set_xlim(low, low + ROOM * (high - low))
    note = f"std {flat.std():.2g}" if flat.size else ""
    note += f"\n{zeros:.0%} zero" if zeros >= 0.005 else ""
    note += f"\n{bad} not finite" if bad else ""
    axes.text(0.995, 0.92, note, transform=axes.transAxes, ha="right", va="top", fontsize=7.5, color="#333333")
    for x, text, side in ((0.0, low, "left"), (1 / ROOM, high, "right")):
        axes.text(x, -0.06, f"{text:.2g}", transform=axes.transAxes, ha=side, va="top", fontsize=6.5, color=GREY)


def update_ratios(record: UpdateRatios, path: Path_ = None, most: int = 8) -> Any:
    """|update| / |weights| over the steps, a line for each weight. The band is where it usually is, around 1e-3.

    record:  the callback of the run
    most:    how many weights have names; of more the first, the last, and some between
    """
    if not record.steps:
        raise ValueError("update_ratios(): no update was looked at yet")
    names = list(record.ratios)
    named = [names[i] for i in np.unique(np.linspace(0, len(names) - 1, min(most, len(names))).round().astype(int))]
    made = figure(8.6, 4.2)
    axes = styled(made.add_subplot(), "|update| / |weights|", "step")
    axes.axhspan(3e-4, 3e-3, color=GOOD, alpha=0.12, linewidth=0)
    axes.axhline(1e-3, color=GOOD, linewidth=1, linestyle=(0, (4, 3)))
    for name in names:
        if name not in named:
            axes.plot(record.steps, record.ratios[name], color="#c9cdd4", linewidth=0.8, zorder=1)
    for number, name in enumerate(named):
        axes.plot(record.steps, record.ratios[name], color=COLOURS[number % len(COLOURS)], linewidth=1.6, label=name,
                  marker="o" if len(record.steps) == 1 else None)
    axes.set_yscale("log")
    axes.margins(x=0.01)
    axes.legend(frameon=False, fontsize=8, labelcolor="#333333", loc="center left", bbox_to_anchor=(1.0, 0.5))
    return finished(made, path)
