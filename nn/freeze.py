"""How is a model kept as it is while something on top of it learns?

Three things change in training, and `freeze` stops all of them: parameters (by their gradients), running statistics (batch
normalisation updates them whenever it is in training mode) and randomness (dropout). It survives `model.train()`.

    model = nn.models.resnet18()
    model.load_state_dict(nn.load_pretrained("resnet18-f37072fd.pth"))
    print(nn.freeze(model))                              # everything learned stays
    model.fc = nn.Linear(512, 5)                         # a new head, which is not frozen
    optimizer = optim.SGD(model.fc.parameters(), lr=0.1)
    ...
    opened = nn.unfreeze(model, last=2)                  # later: layer4 too, ten times slower
    optimizer.add_param_group({"params": opened.parameters, "lr": 0.01})

(CS231n, Transfer Learning; Yosinski et al. 2014, "How transferable are features in deep neural networks?")

Read next: `models/`.
"""

from __future__ import annotations

from collections.abc import Iterable

from nn.module import Module
from nn.parameter import Parameter


class Freezing:
    """What `freeze` or `unfreeze` did, by path; printed, it says so.

    model:       the module it was done to
    frozen:      did it freeze, or unfreeze?
    names:       of the parameters that changed from the one to the other
    parameters:  they themselves, as for a group of an optimiser
    statistics:  the modules whose running statistics are held, or run again
    random:      the modules whose randomness is off, or on again
    """

    def __init__(self, model: Module, frozen: bool, parameters: dict[str, Parameter], modules: dict[str, Module]) -> None:
        self.model, self.frozen = model, frozen
        self.names, self.parameters = list(parameters), list(parameters.values())
        self.statistics = [path for path, module in modules.items() if any(b.persistent for b in module.buffers(recurse=False))]
        self.random = [path for path, module in modules.items() if is_random(module)]

    def __repr__(self) -> str:
        word, size = "froze" if self.frozen else "unfroze", sum(p.size for p in self.parameters)
        lines = [f"{word} {len(self.names):,} of {len(list(self.model.parameters())):,} parameters of {type(self.model).__name__} "
                 f"({size:,} of {sum(p.size for p in self.model.parameters()):,} numbers)"]
        if self.names:
            lines.append(f"  parameters: {shortened(self.names)}")
        if self.statistics:
            lines.append(f"  running statistics {'held' if self.frozen else 'updated again'}: {shortened(self.statistics)}")
        if self.random:
            lines.append(f"  randomness {'off' if self.frozen else 'on again'}: {shortened(self.random)}")
        trained = [name for name, p in self.model.named_parameters() if p.requires_grad]
        lines.append(f"  trained now: {shortened(trained) if trained else 'nothing'}")
        return "\n".join(lines)


def is_random(module: Module) -> bool:
    """Does this module draw random numbers in training? Those that do have a generator, and most have a probability."""
    return hasattr(module, "rng") and getattr(module, "p", getattr(module, "dropout", 1)) != 0


def shortened(names: list[str], most: int = 6) -> str:
    """A few names, and how many more there are."""
    names = [name or "the module itself" for name in names]
    return ", ".join(names) if len(names) <= most else f"{', '.join(names[:3])}, ... {len(names) - 5:,} more ..., {', '.join(names[-2:])}"


def freeze(module: Module) -> Freezing:
    """Keep a module and all below as they are: no gradients, running statistics held, dropout off. Returns what was frozen.

    The modules stay in evaluation mode when `train()` is called on them or on a model that they are a part of.

    >>> import nn
    >>> model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 2))
    >>> nn.freeze(model)
    froze 6 of 6 parameters of Sequential (29 of 29 numbers)
      parameters: 0.weight, 0.bias, 1.weight, 1.bias, 3.weight, 3.bias
      running statistics held: 1
      randomness off: 2
      trained now: nothing
    >>> model[3] = nn.Linear(3, 5)
    >>> [name for name, p in model.train().named_parameters() if p.requires_grad]
    ['3.weight', '3.bias']
    """
    check("freeze", module)
    return changed(module, module.named_modules(), frozen=True)


def unfreeze(module: Module, last: int | None = None) -> Freezing:
    """Let a frozen module learn again. Returns what was unfrozen.

    last:  only so many of the modules it holds itself, from the top (the last one) down; those without parameters are not counted
           but unfrozen too. Calling it with 1, 2, 3, ... opens a model in stages.

    What is unfrozen is in the mode that it would be in had it never been frozen: the one that `train()` or `eval()` asked for last.
    Raises ValueError if there are not so many.
    """
    check("unfreeze", module)
    children = list(module.named_children())
    counted = [i for i, (_, child) in enumerate(children) if any(True for _ in child.parameters())]
    if last is None or last == len(counted):
        return changed(module, module.named_modules(), frozen=False)
    if isinstance(last, bool) or not isinstance(last, int) or not 1 <= last <= len(counted):
        raise ValueError(f"last is how many parts to unfreeze from the top, from 1 to {len(counted)}, not {last!r}; "
                         f"the parts are {', '.join(children[i][0] for i in reversed(counted))}")
    top = children[counted[-last]:]
    return changed(module, (found for name, child in top for found in child.named_modules(name)), frozen=False)


def changed(model: Module, modules: Iterable[tuple[str, Module]], frozen: bool) -> Freezing:
    """Freeze or unfreeze these modules, and say what was not so before."""
    found = {path: module for path, module in modules if module._frozen is not frozen or any(
        p.requires_grad is frozen for p in module.parameters(recurse=False))}
    parameters = {}
    for path, module in found.items():
        if frozen and not module._frozen:
            module._mode, module.training = module.training, False
        elif module._frozen and not frozen:
            module.training = module._mode
        module._frozen = frozen
        for name, p in module.named_parameters(path, recurse=False):
            if p.requires_grad is frozen:
                p.requires_grad_(not frozen, p.name or name)
                parameters[name] = p
    return Freezing(model, frozen, parameters, found)


def check(what: str, module: Module) -> None:
    if not isinstance(module, Module):
        hint = ": a single parameter is frozen by p.requires_grad_(False)" if isinstance(module, Parameter) else ""
        raise TypeError(f"{what}() takes a Module, not {type(module).__name__}{hint}")
