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
state, what need not in scratch memory that all parameters share. Where each element changes on its own, as above, the class
may say `elementwise = True`; long arrays then come in pieces, which is twice as fast (`state.py` says why).

Read next: `state.py`, then `passes.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from math import inf, nextafter, prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import enable_grad
from autograd.node import get_mode
from autograd.tensor import Tensor
from autograd.writing import borrow
from optim.passes import combine
from optim.state import PIECE, Array, State, copied, taken_over

if TYPE_CHECKING:
    from optim.updater import Part

Group = dict[str, Any]

BELOW_1 = nextafter(1, 0)
Limits = tuple[float, float] | tuple[float, float, int]
LIMITS: dict[str, Limits] = {
    "lr": (0, inf), "weight_decay": (0, inf), "momentum": (0, inf), "eps": (0, inf), "lr_decay": (0, inf), "alpha": (0, inf), "rho": (0, 1),
    "betas": (0, BELOW_1, 2),
}
"""The least and the largest value of a hyper-parameter of this name, in every optimiser, and how many numbers it is if not one.
A subclass adds its own in `limits`."""

SCHEDULED = ("initial_", "max_", "min_", "base_")
"""How the entries begin that schedulers write into groups."""


class Optimizer:
    """The base of all optimisers. A subclass defines `update`.

    params:    an iterable of parameters, or of pairs (name, parameter) as from model.named_parameters(); or of groups, dicts
               {"params": [...], "lr": ..., ...} with settings of their own
    defaults:  the settings of groups that do not say otherwise

    param_groups:    the groups, as a list of dicts. Settings may be changed between steps; schedulers do
    state:           what is remembered, by parameter
    skip_nonfinite:  set it to True, and a step for which any gradient is infinite or NaN changes nothing. It warns, and `skipped`
                     lists what was wrong, one line for each such step

    Raises ValueError for no parameters, a parameter given twice, a setting out of bounds; TypeError for what is no leaf Tensor.
    """

    limits: Mapping[str, Limits | None] = {}
    elementwise = False  # True: each element changes on its own, and `update` is called for one piece of a long array at a time
    by_kernels = False  # True: `update` is mostly made of the steps of `passes.py`, for which longer pieces are better
    sums = False  # True: and these steps are sums of two
    keeps = False  # True: `update` multiplies by `state.keep`, which is decoupled weight decay; False: that is done before
    counted = True  # the state holds the number of steps, as "step"
    shaped = True  # every array in the state has the shape of its parameter
    optional: tuple[str, ...] = ()  # what the state holds for some settings only; as these may change, it may be missing or left over
    decay = "coupled"  # weight_decay: in the gradient; "decoupled": p <- (1 - lr weight_decay) p, before the update; "own": in `update`
    skip_nonfinite = False
    ours = False  # one of this package, which keeps no view of a parameter

    def __init_subclass__(cls) -> None:
        cls.ours = cls.__module__.startswith("optim.")
        if "update" in cls.__dict__ and "keeps" not in cls.__dict__:
            cls.keeps = False  # another formula

    def __init__(self, params: Iterable[Any], defaults: Mapping[str, Any]) -> None:
        self.defaults: Group = dict(defaults)
        self.param_groups: list[Group] = []
        self.state: dict[Tensor, State] = {}
        self.skipped: list[str] = []
        self._scratch: dict[Any, Array] = {}
        self._parts: list[Part] = []
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

        array:  the values of one parameter, or of a piece of it
        g:      its gradient, weight decay and sign of `maximize` already in it. Not to be written to
        state:  what is remembered about this parameter, empty before the first step; `state.t` is the number of this step
        group:  the settings
        """
        raise NotImplementedError(f"{self.name} does not define update(array, g, state, group)")

    def advance(self, state: State, group: Group) -> None:
        """What happens to the numbers in the state, once, after the parameter has changed."""
        if self.counted:
            state["step"] = state.t

    def check(self, group: Group) -> None:
        """Refuse settings that cannot be: a bound, or (in subclasses) a combination."""
        for name, value in group.items():
            limits = self.limits[name] if name in self.limits else LIMITS.get(name)
            if limits is None:
                continue
            low, high, many = (*limits, 0)[:3]
            fit = number(value, low, high) if not many else (
                isinstance(value, (tuple, list)) and len(value) == many and all(number(v, low, high) for v in value))
            if not fit:
                bounds = (f"of at least {low}" if high == inf else f"of at most {high}" if low == -inf else
                          f"of at least {low} and below 1" if high == BELOW_1 else f"between {low} and {high}")
                raise ValueError(f"{self.name}: {name} must be {f'{many} numbers, each' if many else 'a number'} {bounds}, not {value!r}")

    # ---- the step -----------------------------------------------------------------------------------------------------

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        closure:  computes the loss anew and calls backward; it runs first, and its result is returned
        """
        mode = get_mode()
        if mode.lowered:
            if closure is not None:
                raise TypeError(f"{self.name}.step(closure) in a compiled function: call the closure first, and then step()")
            mode.observer.effect(self.step)  # type: ignore[union-attr]
            return None
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if self.skip_nonfinite and not self.finite():
            return loss
        for i, group in enumerate(self.param_groups):
            settings = plain(group)
            pairs = [(p, grad._array) for p in group["params"] if (grad := p.grad) is not None and p.size]
            if self.ours:  # where its formula can be written down, Python need not go through it for every parameter
                self.part(i).step(settings, pairs)
            else:
                for p, g in pairs:
                    self.follow(p, g, settings)
        return loss

    def part(self, i: int) -> Part:
        """The updates of a group, written down."""
        if i >= len(self._parts):
            from optim.updater import Part

            self._parts += [Part(self) for _ in self.param_groups[len(self._parts):]]
        return self._parts[i]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_parts": []}  # functions that are written down again

    def follow(self, p: Tensor, g: Any, settings: Group) -> None:
        """The step of one parameter, whose gradient is g. (A compiled program, which knows the gradient, calls this.)"""
        state = self.state.get(p)
        if state is None:
            state = self.state[p] = State()
        borrowed = borrow(p) if self.ours else None
        if borrowed is None:
            with p.writing() as array:
                self.change(array, g, state, settings)
        else:
            try:
                self.change(borrowed, g, state, settings)
            finally:
                p._array = borrowed
        self.advance(state, settings)

    def updater(self, counts: Sequence[int], parameters: Sequence[Tensor]) -> Callable[..., None]:
        """The step of some parameters as a function of their gradients, for a compiled program."""
        from optim.updater import updater

        return updater(self, counts, parameters)

    def change(self, array: Array, g: Any, state: State, group: Group) -> None:
        """Weight decay and update, of one parameter: as a whole, or piece by piece."""
        decay = group.get("weight_decay", 0)
        decoupled = self.decay == "decoupled" or group.get("decoupled_weight_decay", False)
        if not self.elementwise and array.dtype.kind == "c":
            raise TypeError(f"{self.name} optimises real parameters only, not {array.dtype}")
        state.t = int(state.get("step", 0)) + 1
        keep = 1 - group["lr"] * decay if decay and decoupled else 1
        pull, maximize = decay if self.decay == "coupled" and not decoupled else 0, group.get("maximize", False)
        state.made, state.keep = (), keep
        for part, slope in state.pieces(array, g, self.by_kernels, self.sums) if self.elementwise else ((array, g),):
            if keep != 1 and not self.keeps:
                part *= keep
            if pull or maximize:
                slope = self.gradient(part, slope, pull, maximize)
            self.update(part, slope, state, group)

    def gradient(self, array: Array, g: Any, decay: float, maximize: bool) -> Array:
        """The gradient of what is minimised: turned round by `maximize`, with the pull of weight decay: g + decay array."""
        if decay:
            total = self.scratch(array, "gradient")
            return combine(total, array, decay, g, -1 if maximize else 1, total)
        return np.negative(g, out=self.scratch(array, "gradient")) if maximize else g  # type: ignore[no-any-return]

    def scratch(self, array: Array, name: str = "", shape: tuple[int, ...] | None = None) -> Array:
        """Memory for an intermediate result like `array`. All parameters share it: it lasts until the next call with this name."""
        shape = array.shape if shape is None else shape
        key = (array.__class__, array.dtype, name)
        held = self._scratch.get(key)
        if held is not None and held.shape == shape:
            return held
        size = prod(shape)
        if held is None or held.size < size:
            held = self._scratch[key] = np.empty_like(array, shape=(size,))
        return held[:size].reshape(shape)

    def finite(self) -> bool:
        """Are all gradients finite? If not, warn, and write into `skipped` which are not."""
        wrong = []
        for number, p in enumerate(self._params()):
            if p.grad is not None:
                flat = p.grad._array.reshape(-1)
                bad = sum(int(np.size(part) - np.count_nonzero(np.isfinite(part)))
                          for part in (flat[i : i + PIECE] for i in range(0, flat.size, PIECE)))
                if bad:
                    wrong.append(f"{bad} of {flat.size} elements of the gradient of {p.name or f'parameter {number}'}")
        if wrong:
            self.skipped.append(", ".join(wrong))
            warnings.warn(f"{self.name} skipped a step, as these are infinite or NaN: {self.skipped[-1]}", RuntimeWarning, stacklevel=3)
        return not wrong

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients (or fill them with zeros)."""
        for p in self._params():
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
        given = [group["params"]] if isinstance(group["params"], Tensor) else list(group["params"])
        params = [p[1] if isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) else p for p in given]  # named_parameters()
        if not params:
            raise ValueError(f"{self.name}: a group has no parameters. (A generator such as model.parameters() can be used only once.)")
        known = {id(p) for p in self._params()}
        for p in params:
            if not isinstance(p, Tensor):
                hint = ": write model.parameters()" if hasattr(p, "named_parameters") else ""
                raise TypeError(f"{self.name} optimises Parameters, not {type(p).__name__}{hint}")
            if not p.is_leaf:
                raise ValueError(f"{self.name} can change leaves only, and {p._describe()} is a result")
            if id(p) in known:
                name = f", {p.name}," if p.name else ""
                raise ValueError(f"{self.name}: a parameter of shape {p.shape}{name} is given twice, and would be updated twice")
            known.add(id(p))
        unknown = [name for name in group if name not in (*self.defaults, "params", "name") and not name.startswith(SCHEDULED)]
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
        return {"state": {number[p]: {name: copied(value) for name, value in state.items()} for p, state in self.state.items()},
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
        settings = [{**own, **{name: value for name, value in group.items() if name in own or name.startswith(SCHEDULED)},
                     "params": own["params"]} for own, group in zip(self.param_groups, groups)]
        for group in settings:
            try:
                self.check(group)
            except ValueError as error:
                problems.append(str(error))
        problems += [f"there is no parameter {key}" for key in states if key not in chain(*numbers)]
        loaded: dict[Tensor, State] = {}
        sound, owners = not problems, [own for own in settings for _ in own["params"]]
        for p, key, own in zip(params, chain(*numbers), owners if here == there else []):
            if key in states:
                loaded[p], wrong = taken_over(states[key], p, self.fresh(p, own) if sound else None, self.shaped, self.optional)
                problems += [f"parameter {key}: {line}" for line in wrong]
        if problems:
            raise ValueError(f"this state does not fit the {self.name} (nothing was changed):\n  " + "\n  ".join(problems))
        self.state = loaded
        for own, group in zip(self.param_groups, settings):
            own.update(group)

    def fresh(self, p: Tensor, group: Group) -> State | None:
        """What the state of a parameter is after a first step; None if that is not known: that of a formula of your own may grow later."""
        if not type(self).update.__module__.startswith("optim.") or type(self).update is Optimizer.update or not p.size:
            return None
        state, array = State(), np.zeros_like(p._array)
        settings = plain(group)
        with np.errstate(all="ignore"):
            self.change(array, np.zeros_like(array), state, settings)
            self.advance(state, settings)
        for name in self.optional:
            state.zeros(name, array)
        return state

    def _params(self) -> list[Tensor]:
        return [p for group in self.param_groups for p in group["params"]]

    def __repr__(self) -> str:
        groups = []
        for group in self.param_groups:
            settings = ", ".join(f"{name}={value!r}" for name, value in group.items() if name != "params")
            groups.append(f"  {len(group['params'])} parameters: {settings}")
        return f"{self.name}(\n" + "\n".join(groups) + "\n)"


def plain(group: Group) -> Group:
    """The settings as Python numbers, which have no dtype to impose."""
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in group.items()}


def number(value: Any, low: float, high: float) -> bool:
    """Is this a number between two others? NaN is not."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and bool(low <= value <= high)
