"""Is everything that should learn known to those who make it learn?

A parameter learns if three know it: the model (so that it is saved and moved), the optimiser (so that it is updated), and the loss
(so that it has a gradient). Each of these checks takes an `Examination` and yields `Finding`s.

Read next: `batch.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

from autograd import Tensor, enable_grad
from autograd.drawing.cause import why_no_grad
from autograd.drawing.recorder import Record
from nn.module import Module
from nn.parameter import Parameter
from nn.training.examination import Examination, undisturbed
from nn.training.finding import DOUBTFUL, Finding


def hidden(seen: Examination) -> Iterator[Finding]:
    """Parameters that the model computes with, but does not own: in a set, an object, a closure."""
    own = {p.node for p in seen.parameters.values()} | {x.node for x in flat(seen.inputs)}
    strangers = {leaf: operation for leaf, operation in seen.users.items() if leaf in seen.gradients and leaf not in own}
    if not strangers:
        return
    places = hiding_places(seen.model, strangers)
    for place, leaves in grouped((places.get(leaf) or f"{operation.path or operation.kind} ({operation.op})", leaf)
                                 for leaf, operation in strangers.items()).items():
        count = f"{len(leaves)} parameters" if len(leaves) > 1 else "a parameter"
        yield Finding("hidden", place, f"The model computes with {count} that model.parameters() does not find there: "
                      "the walk looks into modules, lists, tuples and dicts only. It is neither saved nor, by way of "
                      "model.parameters(), trained.",
                      "keep the module (or Parameter) as an attribute of a Module, or in a list, tuple or dict there.")


def flat(tree: Any) -> list[Tensor]:
    return [x for x in tree if isinstance(x, Tensor)] if isinstance(tree, (list, tuple)) else []


def grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def hiding_places(model: Module, leaves: Iterable[Any]) -> dict[Any, str]:
    """Where hidden leaves are, by looking where the walk does not: 'blocks{Linear}', 'extra.layer', 'f (a closure)'."""
    wanted, found = set(leaves), dict[Any, str]()
    seen: set[int] = {id(m) for m in model.modules()}

    def search(value: Any, path: str, depth: int) -> None:
        if isinstance(value, Tensor):
            if value.node in wanted:
                found.setdefault(value.node, path)
        elif depth < 8 and id(value) not in seen:
            seen.add(id(value))
            for name, inner in contents(value):
                search(inner, f"{path}{name}", depth + 1)

    for path, module in model.named_modules():
        for name, value in vars(module).items():
            search(value, f"{path}.{name}" if path else name, 0)
        for name, inner in contents(type(module).forward):
            search(inner, f"{path or type(module).__name__}.forward{name}", 0)
    return {leaf: place.rsplit(".", 1)[0] if "." in place else place for leaf, place in found.items()}


def contents(value: Any) -> Iterator[tuple[str, Any]]:
    """What is inside of a value, with how it is reached."""
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", inner) for key, inner in value.items())
    elif isinstance(value, (list, tuple)):
        yield from ((f"[{i}]", inner) for i, inner in enumerate(value))
    elif isinstance(value, (set, frozenset)) or type(value).__name__ == "deque":
        yield from (("{}", inner) for inner in value)
    elif isinstance(value, functools.partial):
        yield from ((f".{key}", inner) for key, inner in (("func", value.func), *enumerate(value.args), *value.keywords.items()))
    elif hasattr(value, "__code__"):
        for cell, name in zip(value.__closure__ or (), value.__code__.co_freevars):
            try:
                yield f".{name}", cell.cell_contents
            except ValueError:  # not filled yet
                continue
        yield from ((f".{name}", value.__globals__[name]) for name in value.__code__.co_names
                    if isinstance(value.__globals__.get(name), (Module, Parameter)))
    elif hasattr(value, "__func__"):
        yield ".__self__", value.__self__
        yield "", value.__func__
    elif hasattr(value, "__dict__") and not isinstance(value, type) and type(value).__module__ not in ("builtins", "numpy"):
        yield from ((f".{name}", inner) for name, inner in vars(value).items())


# ---- the optimiser ------------------------------------------------------------------------------------------------------


def by_module(seen: Examination, names: Iterable[str]) -> dict[str, list[str]]:
    """Names of parameters under the path of what they are all in: one sentence for a whole module, not one for each parameter."""
    names = list(names)
    if len(names) == len(seen.parameters) > 1:
        return {"model": names}
    modules = [path for path, _ in seen.model.named_modules() if path]
    found: dict[str, list[str]] = {}
    for name in names:
        above = [path for path in modules if name.startswith(f"{path}.")]
        whole = next((path for path in above if all(other in names for other in seen.parameters if other.startswith(f"{path}."))), name)
        found.setdefault(whole, []).append(name)
    return found


def listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def not_in_optimizer(seen: Examination) -> Iterator[Finding]:
    """Parameters that require a gradient, but that no optimiser holds."""
    if not seen.optimizers:
        return
    held = {id(p) for p, _ in seen.held}
    missing = [name for name, p in seen.parameters.items() if p.requires_grad and id(p) not in held]
    for place, names in by_module(seen, missing).items():
        yield Finding("not in optimizer", place, f"The optimiser does not hold {listed(names)}, so no step changes "
                      f"{'it' if len(names) == 1 else 'them'}.",
                      "make the optimiser of model.parameters() after the model is complete, or add_param_group(); freeze what is not "
                      "to be trained: nn.freeze(module).")
    if isinstance(criterion := seen.criterion, Module):
        for name, p in criterion.named_parameters(recurse=False):
            if p.requires_grad and id(p) not in held and id(p) not in seen.names:
                yield Finding("not in optimizer", f"loss.{name}", f"The loss has a parameter of its own, {name}, and no optimiser "
                              "holds it.", "give the optimiser [*model.parameters(), *criterion.parameters()].")


def twice_in_optimizer(seen: Examination) -> Iterator[Finding]:
    """Parameters that are updated twice in a step."""
    counts: dict[int, int] = {}
    for p, _ in seen.held:
        counts[id(p)] = counts.get(id(p), 0) + 1
    for p in {id(p): p for p, _ in seen.held if counts[id(p)] > 1}.values():
        name = seen.names.get(id(p), p.name or "a parameter")
        yield Finding("twice in optimizer", name, f"{name} is held {counts[id(p)]} times, in groups or optimisers, and is updated as often "
                      "in each step.", "leave it in one group of one optimiser.")


def foreign(seen: Examination) -> Iterator[Finding]:
    """What the optimiser holds, but neither the model nor the loss uses."""
    known = {id(p) for p in seen.parameters.values()}
    if isinstance(seen.criterion, Module):
        known |= {id(p) for p in seen.criterion.parameters()}
    strangers = [p for p, _ in seen.held if id(p) not in known and p.requires_grad and p.node not in seen.gradients]
    if strangers and seen.differentiable:
        names = listed([p.name or f"a parameter of shape {p.shape}" for p in {id(p): p for p in strangers}.values()])
        yield Finding("foreign parameter", "optimizer", f"The optimiser holds {names}, which the model does not have and the loss does not "
                      "use. Was a layer replaced after the optimiser was made?",
                      "make the optimiser after the last change to the model: optim.SGD(model.parameters(), ...).")


def frozen_in_optimizer(seen: Examination) -> Iterator[Finding]:
    """Frozen parameters that an optimiser holds: nothing comes of it."""
    held = {id(p) for p, _ in seen.held}
    frozen = [name for name, p in seen.parameters.items() if id(p) in held and not p.requires_grad]
    for place, names in by_module(seen, frozen).items():
        yield Finding("frozen in optimizer", place, f"The optimiser holds {listed(names)}, which {'is' if len(names) == 1 else 'are'} "
                      "frozen (requires_grad is False) and will not be trained.",
                      "give it [p for p in model.parameters() if p.requires_grad], or unfreeze: nn.unfreeze(module).", DOUBTFUL)


# ---- the loss -----------------------------------------------------------------------------------------------------------


def no_gradient(seen: Examination) -> Iterator[Finding]:
    """Parameters that the loss does not lead to, and why."""
    if seen.error is not None or not seen.differentiable:
        return
    unreached = [name for name, p in seen.parameters.items() if p.requires_grad and p.node not in seen.gradients]
    if not unreached:
        return
    causes = causes_of(seen, unreached)
    for place, names in by_module(seen, unreached).items():
        yield Finding("no gradient", place, f"{listed(names)} {'gets' if len(names) == 1 else 'get'} no gradient. {causes[names[0]]}",
                      "let the result reach the loss, or freeze what is not to be trained: nn.freeze(module).")


def causes_of(seen: Examination, names: list[str]) -> dict[str, str]:
    """For each parameter what cuts it off, in a sentence."""
    record = Record("none", time=False, lines=True)
    for name in names:
        record.witness.start(seen.parameters[name]._array, seen.parameters[name].node)
    with undisturbed(seen.model, seen.criterion, [p for p, _ in seen.held]), enable_grad(), record:
        loss = seen.criterion(seen.model(*seen.inputs), seen.targets)
        found = {}
        for name in names:
            try:
                found[name] = why_no_grad(seen.parameters[name], loss, record).text
            except ValueError:
                found[name] = ""
    return found


def detached(seen: Examination) -> Iterator[Finding]:
    """A loss without a graph: backward() would raise."""
    if seen.error is not None or seen.lazy:
        return
    if not isinstance(seen.loss, Tensor):
        yield Finding("detached", "loss", f"The loss is a {type(seen.loss).__name__} and not a Tensor, so it has no gradient.",
                      "return the Tensor itself: no float(), .item() or .numpy() on the way.")
        return
    trained = [p for p in seen.parameters.values() if p.requires_grad]
    if seen.loss.node is None and trained:
        name = next(name for name, p in seen.parameters.items() if p.requires_grad)
        yield Finding("detached", "loss", f"No gradient flows from the loss to any parameter. {causes_of(seen, [name])[name]}",
                      "compute the loss from the model's outputs without detach(), .data, .item() or no_grad().")
    elif not trained and seen.loss.node is None:
        yield Finding("detached", "model", "All parameters are frozen, so nothing is trained.", "unfreeze some: nn.unfreeze(module).")


def lazy(seen: Examination) -> Iterator[Finding]:
    """Layers that do not know their size yet."""
    if seen.lazy:
        yield Finding("lazy", seen.lazy[0], f"{listed(seen.lazy)} {'was' if len(seen.lazy) == 1 else 'were'} not called yet, and "
                      "have no weights to examine.", "call model(inputs) once before you ask the doctor.")


CHECKS = (lazy, detached, hidden, not_in_optimizer, twice_in_optimizer, foreign, frozen_in_optimizer, no_gradient)
