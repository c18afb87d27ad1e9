"""What does PyTorch say to the routes of the alias matrix? Asks it, and freezes its column.

    python -m tests.peer.alias        needs torch and numpy, and nothing of ours

Each route is taken after the operation and before the backward pass, to its inputs and to its result, for the operations that PyTorch
has too. Writes `tests/alias/pytorch.json`; the names of the routes are those of `tests/alias/routes.py` where there is one.

Read next: `tests/alias/table.py`.
"""

import copy
import datetime
import json
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

FROZEN = Path(__file__).parent.parent / "alias" / "pytorch.json"
NAN = float("nan")


def square(n=3):
    return np.random.default_rng(1).uniform(0.5, 2, (n, n))


def image():
    return np.random.default_rng(2).uniform(0.5, 2, (1, 2, 4, 4))


OPERATIONS = {
    "exp": (torch.exp, [square()]), "log": (torch.log, [square()]), "sqrt": (torch.sqrt, [square()]), "sin": (torch.sin, [square()]),
    "tanh": (torch.tanh, [square()]), "sigmoid": (torch.sigmoid, [square()]), "relu": (torch.relu, [square() - 1]),
    "multiply": (torch.mul, [square(), square() + 1]), "divide": (torch.div, [square(), square() + 1]),
    "power": (torch.pow, [square(), square()]), "matmul": (torch.matmul, [square(), square() + 1]),
    "maximum": (torch.maximum, [square(), square().T.copy() + 0.01]), "arctan2": (torch.atan2, [square(), square() + 1]),
    "hypot": (torch.hypot, [square(), square() + 1]), "absolute": (torch.abs, [square()]), "prod": (torch.prod, [square()]),
    "cumprod": (lambda x: torch.cumprod(x, 0), [square()]), "max": (lambda x: torch.amax(x, 0), [square()]),
    "var": (lambda x: torch.var(x, 0), [square()]), "std": (lambda x: torch.std(x, 0), [square()]),
    "norm": (torch.linalg.norm, [square()]), "logsumexp": (lambda x: torch.logsumexp(x, 0), [square()]),
    "softmax": (lambda x: torch.softmax(x, 0), [square()]), "log_softmax": (lambda x: torch.log_softmax(x, 0), [square()]),
    "sort": (lambda x: torch.sort(x, 0).values, [square()]), "einsum": (lambda a, b: torch.einsum("ij,kj->ik", a, b), [square(), square()]),
    "inv": (torch.linalg.inv, [square()]), "det": (torch.linalg.det, [square()]), "cholesky": (
        lambda x: torch.linalg.cholesky(x @ x.T + 3 * torch.eye(3, dtype=x.dtype)), [square()]),
    "conv": (F.conv2d, [image(), np.random.default_rng(3).normal(size=(3, 2, 2, 2))]),
    "max_pool": (lambda x: F.max_pool2d(x, 2), [image()]),
    "layer_norm": (lambda x: F.layer_norm(x, (3,)), [square()]), "where": (lambda x: torch.where(x > 1, x * x, x), [square()]),
}


class Run:
    def __init__(self, f, arrays):
        self.f, self.own = f, [np.array(a) for a in arrays]
        self.x = [torch.nn.Parameter(torch.tensor(a)) for a in self.own]

    def forward(self):
        self.y = self.f(*self.x)
        self.g = torch.linspace(0.5, 1.5, self.y.numel(), dtype=self.y.dtype).reshape(self.y.shape)
        return self

    def gradients(self, **options):
        return [g.clone() for g in torch.autograd.grad(self.y, self.x, self.g, retain_graph=True, **options)]


def fill(array):
    array[...] = NAN


def unrecorded(write):
    def act(x):
        with torch.no_grad():
            write(x)

    return act


def added(x):
    x += NAN


def step(optimizer):
    def act(x):
        before, x.grad = x.grad, torch.ones_like(x)
        getattr(torch.optim, optimizer)([x], lr=0.3).step()
        x.grad = before

    return act


def load(x):
    model = torch.nn.Module()
    model.x = x
    model.load_state_dict({"x": torch.full_like(x, NAN)})


def pickled(x):
    found = []
    pickle.dumps(x.detach().numpy(), protocol=5, buffer_callback=found.append)
    fill(np.frombuffer(found[0]))


ROUTES = {
    "x.data": lambda x: fill(x.data),
    "x.detach().numpy()": lambda x: fill(x.detach().numpy()),
    "np.asarray(x.detach())": lambda x: fill(np.asarray(x.detach())),
    "np.array(x.detach(), copy=None)": lambda x: fill(np.array(x.detach(), copy=None)),
    "a view, x.data[...]": lambda x: fill(x.data[...]),
    "a view, x.data.T": lambda x: fill(x.data.mT),
    "a view, x.data.reshape(-1)": lambda x: fill(x.data.reshape(-1)),
    "bytes, x.data.view(np.uint8)": lambda x: x.data.reshape(-1).view(torch.uint8).fill_(255),
    "a part, x[...].data": lambda x: fill(x.detach()[...].data),
    "np.frombuffer(x.data)": lambda x: fill(np.frombuffer(x.data.numpy())),
    "memoryview(x)": lambda x: memoryview(x),
    "memoryview(x.data)": lambda x: fill(np.asarray(memoryview(x.data.numpy()))),
    "np.from_dlpack(x)": lambda x: fill(np.from_dlpack(x)),
    "np.from_dlpack(x.detach())": lambda x: fill(np.from_dlpack(x.detach())),
    "x.detach().__dlpack__(copy=False)": lambda x: fill(np.from_dlpack(x.detach(), copy=False)),
    "pickle's buffers": pickled,
    "copy.copy(x).data": lambda x: fill(copy.copy(x.detach()).data),
    "tensor(x).data": lambda x: fill(x.detach().clone().data),
    "x.writing()": unrecorded(lambda x: x.copy_(torch.full_like(x, NAN))),
    "x[...] = v": fill,
    "x += v": added,
    "x[...] = v under no_grad": unrecorded(fill),
    "x += v under no_grad": unrecorded(added),
    "np.copyto(x, v) under no_grad": unrecorded(lambda x: np.copyto(x, NAN)),
    "np.put(x, i, v) under no_grad": unrecorded(lambda x: np.put(x, np.arange(x.numel()), NAN)),
    "np.add(a, v, out=x.data)": lambda x: np.add(x.data.numpy(), NAN, out=x.data.numpy()),
    "SGD.step()": step("SGD"),
    "AdamW.step()": step("AdamW"),
    "load_state_dict": load,
    "x.detach()[...] = v": lambda x: fill(x.detach()),
    "x.detach().reshape(-1) and writing()": unrecorded(lambda x: x.detach().reshape(-1).fill_(NAN)),
    "a pickled twin": lambda x: fill(pickle.loads(pickle.dumps(x.detach()))),
    "a copied twin": lambda x: fill(copy.deepcopy(x.detach())),
}


RECORDED = ("x[...] = v", "x += v")
"""These, on a result, are operations on it, with gradients of their own."""


def outcome(run, write, targets):
    """refused, right or WRONG."""
    refused = False
    for target in targets:
        try:
            write(target)
        except Exception:
            refused = True
    try:
        got = run.gradients()
    except RuntimeError:
        return "refused"
    clean = Run(run.f, run.own).forward().gradients()
    right = all(torch.equal(a, b) for a, b in zip(got, clean))
    return "WRONG" if not right else "refused" if refused else "right"


def more(name, f, arrays):
    """The routes that are no writes to a Tensor."""
    run = Run(f, arrays)
    for a in run.own:
        fill(a)
    run.forward()
    yield "the caller's array, given to Tensor()", all(map(torch.equal, run.gradients(), Run(f, arrays).forward().gradients()))
    run = Run(f, arrays)
    run.x = [torch.from_numpy(a).requires_grad_() for a in run.own]
    run.forward()
    for a in run.own:
        fill(a)
    yield "the caller's array, given to torch.from_numpy()", all(map(torch.equal, run.gradients(), Run(f, arrays).forward().gradients()))
    if len(arrays) > 1:
        other = np.array(arrays[1])
        x = torch.tensor(arrays[0], requires_grad=True)
        y = f(x, torch.from_numpy(other))
        fill(other)
        clean = torch.tensor(arrays[0], requires_grad=True)
        z = f(clean, torch.tensor(arrays[1]))
        y.backward(torch.ones_like(y))
        z.backward(torch.ones_like(z))
        yield "an operand, the caller's array", torch.equal(x.grad, clean.grad)
        expected = Run(f, arrays).forward().gradients()
        run = Run(f, arrays)
        run.forward()
        run.x[0].register_hook(lambda g: fill(g))
        run.y.backward(run.g)
        yield "a hook that says g[...] = v", torch.equal(run.x[1].grad, expected[1])
    expected = Run(f, arrays).forward().gradients()
    run = Run(f, arrays).forward()
    run.y.backward(run.g, retain_graph=True)
    fill(run.g)
    yield "the gradient given to backward()", all(map(torch.equal, [x.grad for x in run.x], expected))
    run = Run(f, arrays).forward()
    run.y.backward(run.g, retain_graph=True)
    for x in run.x:
        fill(x.grad)
        x.grad = None
    run.y.backward(run.g)
    yield "x.grad, between two backward passes", all(map(torch.equal, [x.grad for x in run.x], expected))


def main():
    cells = {}
    for name, (f, arrays) in OPERATIONS.items():
        for route, write in ROUTES.items():
            run = Run(f, arrays).forward()
            cells.setdefault(route, Counter())[outcome(run, write, run.x if route in RECORDED else [*run.x, run.y])] += 1
        for route, right in more(name, f, arrays):
            cells.setdefault(route, Counter())["right" if right else "WRONG"] += 1
    routes = {route: f"{counts['refused']}/{counts['right']}" + (f"  {counts['WRONG']} WRONG" if counts["WRONG"] else "")
              for route, counts in cells.items()}
    for route, text in routes.items():
        print(f"{route:48}  {text}")
    frozen = {"version": torch.__version__.split("+")[0], "date": datetime.date.today().isoformat(), "operations": list(OPERATIONS),
              "routes": routes}
    FROZEN.write_text(json.dumps(frozen, indent=1) + "\n")


if __name__ == "__main__":
    main()
