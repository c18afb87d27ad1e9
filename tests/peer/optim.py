"""What do PyTorch's optimisers and schedulers do in the cases of `tests/optim/cases.py`? Freezes their answers in `frozen/optim*.npz`.

    python tests/peer/optim.py         (needs torch; nothing else of the repository does)

Read next: `../optim/test_peer.py`, which compares.
"""

import sys
import warnings
from copy import deepcopy
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch.optim.lbfgs import _strong_wolfe

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.optim import cases  # noqa: E402

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.float64)  # so that step counts and the like are float64 too


def arrays(params):
    return [p.detach().numpy().copy() for p in params]


def walk(name, options):
    """The parameters at the steps that are kept, in one line each; and the state in the middle."""
    params = [torch.nn.Parameter(torch.tensor(p)) for p in cases.start(cases.how_many(name))]
    cls = getattr(torch.optim, name)
    lr = cls(params).defaults["lr"]
    optimizer = cls(cases.groups(params, name, options, lr), **options)
    kept, middle = [], None

    def closure():
        f, grads = cases.valley(arrays(params))
        for p, g in zip(params, grads):
            p.grad = torch.tensor(g)
        return torch.tensor(f)

    for t in range(1, cases.steps_of(name, options) + 1):
        if name == "LBFGS":
            optimizer.step(closure)
        else:
            for p, g in zip(params, cases.slopes(arrays(params), t)):
                p.grad = torch.tensor(g)
            optimizer.step()
        if t in cases.KEPT:
            kept.append(np.concatenate([p.reshape(-1) for p in arrays(params)]))
        if t == 25:
            middle = deepcopy(optimizer.state_dict())
    return np.array(kept), middle


def plain(value):
    """A state as arrays and numbers, by dotted name."""
    return {f"{number}.{name}": np.array(v) for number, state in value["state"].items() for name, v in state.items() if v is not None}


def searches():
    """Where the line search stops and after how many calls, from each first step on each line."""
    found = []
    for line in cases.LINES:
        def at(x, t, d, line=line):
            f, slope = line(t)
            return float(f), torch.tensor([float(slope)])

        for t in cases.TRIES:
            (f, slope), one = line(0.0), torch.ones(1)
            _, _, where, calls = _strong_wolfe(at, [], t, one, float(f), torch.tensor([float(slope)]), torch.tensor(float(slope)))
            found.append([float(where), calls])
    return np.array(found)


def rates(make):
    """lr and momentum of both groups after every step."""
    params = [torch.nn.Parameter(torch.ones(1)) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": params[:1]}, {"params": params[1:], "lr": 0.2}], lr=0.05, momentum=0.9)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    seen = []
    for metric in [None, *cases.METRICS]:
        if metric is not None:
            scheduler.step(*([metric] if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau) else []))
        seen.append([float(group[key]) for group in optimizer.param_groups for key in ("lr", "momentum")])
    return np.array(seen)


def main():
    frozen = {}
    with mock.patch.object(torch.Tensor, "bfloat16", torch.Tensor.clone):  # Muon without its rounding
        for name, several in cases.OPTIMIZERS.items():
            for i, options in enumerate(several):
                frozen[f"{name}/{i}"], middle = walk(name, options)
                if i == 0 and middle and name != "LBFGS":  # its state is lists of arrays
                    frozen |= {f"{name}/state/{key}": value for key, value in plain(middle).items()}
    np.savez_compressed(HERE / "frozen" / "optim.npz", **frozen, searches=searches())
    np.savez_compressed(HERE / "frozen" / "optim_schedulers.npz",
                        **{f"{name}/{i}": rates(make) for name, several in cases.SCHEDULERS.items() for i, make in enumerate(several)})


if __name__ == "__main__":
    main()
