"""What is an optimiser?

One formula, applied to every parameter: how its array changes, given the gradient, what was remembered from earlier steps
(`state`), and the settings of its group. A subclass is that formula:

    class Momentum(Optimizer):
        def __init__(self, params, lr=0.1, momentum=0.9):
            super().__init__(params, {"lr": lr, "momentum": momentum})

        def update(self, array, g, state, group):
            v = state.zeros("velocity", array)           # made at the first step, kept in the state
            v *= group["momentum"]
            v += g
            array -= np.multiply(v, group["lr"], out=self.scratch(array))

Everything else is here, once: groups and their checks, `maximize`, `weight_decay`, `zero_grad`, closures, saving and loading.
Updates are in place. After the first step none allocates memory of a parameter's size: what must survive lives in the
state, what need not in scratch memory that all parameters share.

Read next: `sgd.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from math import inf
from typing import Any

import numpy as np

from autograd import enable_grad
from autograd.tensor import Tensor

Array = np.ndarray[Any, Any]
Group = dict[str, Any]

LIMITS: dict[str, tuple[float, float]] = {
    "lr": (0, inf), "weight_decay": (0, inf), "momentum": (0, inf), "eps": (0, inf), "lr_decay": (0, inf), "alpha": (0, inf), "rho": (0, 1),
}
"""What a hyper-parameter of this name may be, in every optimiser. A subclass adds its own in `limits`."""


class State(dict[str, Any]):
    """What an optimiser remembers about one parameter: arrays and numbers by name."""

    def zeros(self, name: str, array: Array) -> Array:
        """The array of this name; zeros like the parameter, where it lives, if there is none yet."""
        if self.get(name) is None:
            self[name] = np.zeros_like(array)
        return self[name]  # type: ignore[no-any-return]


class Optimizer:
    """The base of all optimisers. A subclass defines `update`.

    params:    an iterable of parameters; or of groups, dicts {"params": [...], "lr": ..., ...} with settings of their own
    defaults:  the settings of groups that do not say otherwise

    param_groups:  the groups, as a list of dicts. Settings may be changed between steps; schedulers do
    state:         what is remembered, by parameter

    Raises ValueError for no parameters, a parameter given twice, a setting out of bounds; TypeError for what is no leaf Tensor.
    """

    limits: Mapping[str, tuple[float, float]] = {}
    shaped = True  # every array in the state has the shape of its parameter; a subclass where that is not so says False

    def __init__(self, params: Iterable[Any], defaults: Mapping[str, Any]) -> None:
        self.defaults: Group = dict(defaults)
        self.param_groups: list[Group] = []
        self.state: dict[Tensor, State] = {}
        self._scratch: dict[Any, Array] = {}
        if isinstance(params, (Tensor, Mapping, str)) or not isinstance(params, Iterable):
            raise TypeError(f"{self.name}: params is an iterable of parameters, such as model.parameters(), not {type(params).__name__}")
        given = list(params)
        if not given:
            raise ValueError(f"{self.name} was given no parameters. (A generator such as model.parameters() can be used only once.)")
        for group in given if isinstance(given[0], Mapping) else [{"params": given}]:
            self.add_param_group(group)

    @property
    def name(self) -> str:
        return type(self).__name__

    # ---- what a subclass defines -----------------------------------------------------------------------------------

    def update(self, array: Array, g: Array, state: State, group: Group) -> None:
        """Change `array` in place.

        array:  the values of one parameter
        g:      its gradient, weight decay and sign of `maximize` already in it. Not to be written to
        state:  what is remembered about this parameter, empty before the first step
        group:  the settings
        """
        raise NotImplementedError(f"{self.name} does not define update(array, g, state, group)")

    def check(self, group: Group) -> None:
        """Refuse settings that cannot be: a bound, or (in subclasses) a combination."""
        for name, value in group.items():
            low, high = (LIMITS | dict(self.limits)).get(name, (-inf, inf))
            if (low, high) != (-inf, inf) and not (isinstance(value, (int, float, np.number)) and low <= value <= high):
                bounds = f"a number of at least {low}" if high == inf else f"a number between {low} and {high}"
                raise ValueError(f"{self.name}: {name} must be {bounds}, not {value!r}")

    # ---- the step -----------------------------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        closure:  computes the loss anew and calls backward; it runs first, and its result is returned
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                grad = p.grad
                if grad is None:
                    continue
                state = self.state.get(p)
                if state is None:
                    state = self.state[p] = State()
                with p.writing() as array:
                    self.update(array, self.gradient(array, grad._array, group), state, group)
        return loss

    def gradient(self, array: Array, g: Any, group: Group) -> Array:
        """The gradient of what is minimised: turned round by `maximize`, with the pull of `weight_decay`: g + weight_decay array."""
        decay, maximize = group.get("weight_decay", 0), group.get("maximize", False)
        if decay:
            total = np.multiply(array, decay, out=self.scratch(array, "gradient"))
            return np.subtract(total, g, out=total) if maximize else np.add(total, g, out=total)
        return np.negative(g, out=self.scratch(array, "gradient")) if maximize else g  # type: ignore[no-any-return]

    def scratch(self, array: Array, name: str = "") -> Array:
        """Memory for an intermediate result like `array`. All parameters share it: it lasts until the next call with this name."""
        key = type(array), array.dtype, name
        size = array.size
        held = self._scratch.get(key)
        if held is None or held.size < size:
            held = self._scratch[key] = np.empty_like(array, shape=(size,))
        return held[:size].reshape(array.shape)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients (or fill them with zeros)."""
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p.zero_grad()
                elif p.grad is not None:
                    with p.grad.writing() as g:
                        g[...] = 0

    # ---- groups -------------------------------------------------------------------------------------------------------

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with settings of their own, such as layers that were just unfrozen. Nothing is changed if they are refused."""
        if not isinstance(group, Mapping) or "params" not in group:
            raise TypeError(f'{self.name}: a group is a dict such as {{"params": layer.parameters(), "lr": 0.01}}, not {group!r:.60}')
        params = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        if not params:
            raise ValueError(f"{self.name}: a group has no parameters. (A generator such as model.parameters() can be used only once.)")
        known = {id(p) for other in self.param_groups for p in other["params"]}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{self.name} optimises Parameters, not {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError(f"{self.name} can change leaves only, and {p._describe()} is a result")
            if id(p) in known:
                name = f", {p.name}," if p.name else ""
                raise ValueError(f"{self.name}: a parameter of shape {p.shape}{name} is given twice, and would be updated twice")
            known.add(id(p))
        unknown = [name for name in group if name not in (*self.defaults, "params", "name", "initial_lr")]
        if unknown:
            raise ValueError(f"{self.name} has no setting {', '.join(map(repr, unknown))}; its settings are {', '.join(self.defaults)}")
        complete = {"params": params, **self.defaults, **{name: value for name, value in group.items() if name != "params"}}
        self.check(complete)
        self.param_groups.append(complete)

    # ---- saving and loading -------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """The state and the settings, in PyTorch's structure: parameters are numbered through all groups. Arrays are copied.

            {"state": {0: {"momentum_buffer": ...}, ...}, "param_groups": [{"lr": ..., "params": [0, 1, ...]}, ...]}
        """
        number = {p: i for i, p in enumerate(self._params())}
        return {"state": {number[p]: {name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in state.items()}
                          for p, state in self.state.items()},
                "param_groups": [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the state and the settings that `state_dict()` returned, here or in PyTorch. Arrays are copied.

        Raises ValueError listing every problem; nothing is changed then.
        """
        params = self._params()
        try:
            groups, states = list(state_dict["param_groups"]), dict(state_dict["state"])
            numbers = [list(group["params"]) for group in groups]
        except (KeyError, TypeError) as error:
            raise ValueError(f"{self.name}: an optimiser's state is {{'state': {{...}}, 'param_groups': [{{'params': [...], ...}}]}}, "
                             f"and this is {state_dict!r:.60}") from error
        problems = []
        here, there = [len(group["params"]) for group in self.param_groups], [len(n) for n in numbers]
        if here != there:
            problems.append(f"the groups have {here} parameters here and {there} in the state")
        loaded: dict[Tensor, State] = {}
        for p, key in zip(params, chain(*numbers)):
            if key in states:
                loaded[p] = State((name, restored(value, p)) for name, value in states[key].items() if value is not None)
                arrays = {name: value for name, value in loaded[p].items() if isinstance(value, np.ndarray)}
                problems += [f"parameter {key} has shape {p.shape}, but its {name} has shape {array.shape}"
                             for name, array in arrays.items() if self.shaped and array.shape != p.shape]
        problems += [f"there is no parameter {key}" for key in states if key not in chain(*numbers)]
        settings = [{**own, **{name: value for name, value in group.items() if name in own and name != "params"}}
                    for own, group in zip(self.param_groups, groups)]
        for group in settings:
            try:
                self.check(group)
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise ValueError(f"this state does not fit the {self.name} (nothing was changed):\n  " + "\n  ".join(problems))
        self.state = loaded
        for own, group in zip(self.param_groups, settings):
            own.update(group)

    def _params(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def __repr__(self) -> str:
        groups = []
        for group in self.param_groups:
            settings = ", ".join(f"{name}={value!r}" for name, value in group.items() if name != "params")
            groups.append(f"  {len(group['params'])} parameters: {settings}")
        return f"{self.name}(\n" + "\n".join(groups) + "\n)"


def restored(value: Any, p: Tensor) -> Any:
    """A saved value as an optimiser keeps it: an array of its own in the dtype of the parameter, or a Python number."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    array = np.array(value)
    if array.ndim == 0 and p.ndim:  # PyTorch keeps step counts as 0-d tensors
        return array.item()
    return array.astype(p.dtype) if array.dtype.kind in "fc" else array
