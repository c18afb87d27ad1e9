"""Is the data such as a network likes it?

Numbers around 0 with a spread around 1, no NaN, samples that differ, and modules in the mode that training needs. Each check takes an
`Examination` and yields `Finding`s.

Read next: `criterion.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd.node import Leaf
from nn.freeze import is_random
from nn.module import Module
from nn.norm import _BatchNorm
from nn.training.examination import Examination, Operation, arrays_of
from nn.training.finding import DOUBTFUL, Finding

FAR, NARROW = 10.0, 1e-3
"""An input is not normalised if its mean or its spread is beyond the first, or its spread below the second."""
SCALES = 300.0
"""So many times may the spread of one feature exceed that of another."""
VARIED = ("cross_entropy", "nll_loss", "multi_margin_loss", "mse_loss", "l1_loss", "huber_loss")
"""Losses whose targets differ from sample to sample. (The critic of a GAN sees a batch of nothing but ones.)"""
CONTRACTIONS = ("linear", "conv", "conv_transpose", "matmul")


def not_finite(seen: Examination) -> Iterator[Finding]:
    """NaN and infinity in what is given."""
    for place, arrays in (("inputs", arrays_of(seen.inputs)), ("targets", arrays_of(seen.targets))):
        for array in arrays:
            if array.dtype.kind in "fc" and not np.isfinite(array).all():
                rows = np.flatnonzero(~np.isfinite(array).reshape(len(array) if array.ndim else 1, -1).all(axis=1))
                yield Finding("not finite", place, f"The {place} hold NaN or infinity, first in sample {rows[0]} of the batch "
                              f"({len(rows)} samples have such).", "fill or drop them: nn.data.ArrayDataset names the samples.")
    for name, p in seen.model._state().items():
        if p.dtype.kind in "fc" and not np.isfinite(p.numpy() if p.node is None else p.data).all():
            yield Finding("not finite", name, f"{name} holds NaN or infinity already.",
                          "go back to a good checkpoint, and train on with a smaller learning rate.")


def first_operands(seen: Examination) -> Iterator[tuple[Operation, Any]]:
    """What the first layers with weights see: data that nothing learned has touched."""
    own = {p.node for p in seen.parameters.values()}
    for operation in seen.operations:
        if operation.op in CONTRACTIONS and not operation.in_loss:
            data = [x for x, node in zip(operation.arrays, operation.nodes) if node is None or (isinstance(node, Leaf) and node not in own)]
            weights = [node for node in operation.nodes if node in own and node is not None]
            if len(data) and weights and hasattr(data[0], "dtype") and data[0].ndim > 1:
                yield operation, data[0]


def not_normalised(seen: Examination) -> Iterator[Finding]:
    """Inputs far from mean 0 and deviation 1, where the first layer sees them."""
    for operation, x in first_operands(seen):
        x = x.astype(np.float64)
        if not np.isfinite(x).all() or not x.size or not x.any():
            continue
        place, where = "inputs", f" (as {operation.path or operation.kind or operation.op} sees them)"
        mean, std = float(x.mean()), float(x.std())
        text = ""
        if abs(mean) > FAR or std > FAR or 0 < std < NARROW:
            text = f"The inputs have mean {mean:.3g} and deviation {std:.3g}, from {x.min():.3g} to {x.max():.3g}{where}."
        elif x.ndim == 2 and len(x) >= 8:
            stds, means = x.std(axis=0), x.mean(axis=0)
            far = np.flatnonzero((np.abs(means) > FAR) | (stds > FAR))
            moving = stds[stds > 1e-8]
            if len(far):
                text = (f"Features {', '.join(map(str, far[:5]))}{' ...' if len(far) > 5 else ''} have means up to "
                        f"{np.abs(means[far]).max():.3g} and deviations up to {stds[far].max():.3g}{where}.")
            elif len(moving) > 1 and moving.max() > SCALES * moving.min() and not is_sparse(x):
                text = f"The deviations of the features go from {moving.min():.3g} to {moving.max():.3g}{where}."
        if text:
            yield Finding("not normalised", place, f"{text} The first layer is badly scaled by them, and the learning rate fits no weight.",
                          "subtract the mean and divide by the deviation of the training data: nn.data.ChannelStandardize, MinMax.")
            return


def is_sparse(x: Any) -> bool:
    """Are most numbers zero? One-hot and pixel features that hardly ever are on have small deviations by nature."""
    return bool(np.count_nonzero(x) < 0.5 * x.size)


def integer_inputs(seen: Examination) -> Iterator[Finding]:
    """Integers where real numbers are meant: they are cast at every call, mostly to float64, and are mostly raw bytes."""
    for operation, x in first_operands(seen):
        if x.dtype.kind in "iub":
            yield Finding("integer inputs", "inputs", f"The inputs are {x.dtype}, and {operation.path or operation.op} multiplies them "
                          "with weights as they are.",
                          "convert and scale them once, in the data: (x / 255).astype(numpy.float32).", DOUBTFUL)
            return


def constant(seen: Examination) -> Iterator[Finding]:
    """Samples that are all the same, or targets that are."""
    for x in arrays_of(seen.inputs):
        if x.ndim > 1 and len(x) >= 2 and x[0].size and (x == x[:1]).all():
            yield Finding("constant inputs", "inputs", f"All {len(x)} samples of the batch are the same"
                          f"{': every number is ' + format(x.flat[0], '.4g') if (x == x.flat[0]).all() and x.dtype.kind in 'fiu' else ''}.",
                          "look at the code that reads the data: plot a batch.")
    known = any(call.name in VARIED for call in seen.losses)
    for t in arrays_of(seen.targets):
        if t.ndim and len(t) >= 16 and known and (t == t.flat[0]).all():
            yield Finding("constant targets", "targets", f"All {len(t)} targets of the batch are {t.flat[0]:.4g}: what is learnt from them "
                          "is a constant.", "shuffle: DataLoader(..., shuffle=True); and look at the code that reads the targets.")


def duplicates(seen: Examination) -> Iterator[Finding]:
    """The same sample again and again."""
    for x in arrays_of(seen.inputs):
        if x.ndim > 1 and len(x) >= 8 and x[0].size >= 16 and x.dtype.kind == "f" and not is_sparse(x) and not (x == x[:1]).all():
            rows = np.ascontiguousarray(x).reshape(len(x), -1)
            distinct = len({row.tobytes() for row in rows})
            if distinct <= 0.75 * len(rows):
                yield Finding("duplicate samples", "inputs", f"Of the {len(x)} samples of the batch only {distinct} are different.",
                              "look at the sampler and at __getitem__ of the data set; and at copies in the files.", DOUBTFUL)


# ---- modes --------------------------------------------------------------------------------------------------------------


def measures(module: Module) -> bool:
    """Does this module update running statistics in training?"""
    return getattr(module, "running_mean", None) is not None


def modes(seen: Examination) -> Iterator[Finding]:
    """Training and evaluation mode, mixed up."""
    paths = {module: path for path, module in seen.model.named_modules()}
    affected = [m for m in paths if is_random(m) or measures(m)]
    if not seen.model.training:
        on = [m for m in affected if m.training]
        for module in on[:1]:
            yield Finding("mode", paths[module] or "model", f"The model is in evaluation mode, but {name_of(module)} is in training mode: "
                          "outputs are random, or running statistics move.", "call model.eval() on the whole model, after the last layer "
                          "was put in.")
        if affected and not on and seen.optimizers and not all(m._frozen for m in affected):
            yield Finding("mode", "model", "The model is in evaluation mode: dropout drops nothing, and batch normalisation uses its "
                          "running statistics.", "call model.train() before training, and again after each evaluation.")
        return
    for module in affected:
        if not module.training and not module._frozen and is_random(module) and not inside_frozen(seen.model, paths[module]):
            yield Finding("mode", paths[module], f"The model is in training mode, but {name_of(module)} is in evaluation mode and does "
                          "nothing.", "call model.train() after the last layer was put in; or leave the layer out.")


def inside_frozen(model: Module, path: str) -> bool:
    """Is it part of something in evaluation mode that has parameters, all of them frozen?"""
    keys = path.split(".")
    modules = dict(model.named_modules(remove_duplicate=False))
    for length in range(1, len(keys) + 1):
        module = modules.get(".".join(keys[:length]))
        own = list(module.parameters()) if module is not None else []
        if module is not None and not module.training and own and not any(p.requires_grad for p in own):
            return True
    return False


def name_of(module: Module) -> str:
    return f"{type(module).__name__}({module.extra_repr()})"


def moving_norms(seen: Examination) -> Iterator[Finding]:
    """Normalisations whose weights are frozen, while their running statistics go on."""
    for path, module in seen.model.named_modules():
        own = list(module.parameters(recurse=False))
        if measures(module) and module.training and own and not any(p.requires_grad for p in own):
            yield Finding("moving norm", path or "model", f"The weights of {name_of(module)} are frozen, but its running statistics still "
                          "move: it is in training mode.", "nn.freeze(module) holds both; or call .eval() on it after each model.train().")


def batch_of_one(seen: Examination) -> Iterator[Finding]:
    """Batch normalisation of a batch without others to compare with."""
    sizes = {x.shape[0] for x in arrays_of(seen.inputs) if x.ndim}
    if sizes == {1}:
        for path, module in seen.model.named_modules():
            if isinstance(module, _BatchNorm) and module.training:
                yield Finding("batch of one", path or "model", "Batch normalisation in training compares the samples of a batch, and this "
                              "batch has one.", "take larger batches (drop_last=True in the DataLoader), GroupNorm, or model.eval().")
                return


CHECKS = (not_finite, integer_inputs, not_normalised, constant, duplicates, batch_of_one, modes, moving_norms)
