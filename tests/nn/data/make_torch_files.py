"""How were the .pt files here made? By PyTorch, which the tests do not need:

    python tests/nn/data/make_torch_files.py        # in an environment with torch

`model.pt` is a state dict; `odd.pt` has shared storages, views, strides and all dtypes; `checkpoint.pt` a state dict inside a
checkpoint. The `.npz` of the same name holds what PyTorch itself makes of each.
"""

from pathlib import Path

import numpy as np
import torch

FOLDER = Path(__file__).parent


def numpy_of(t: torch.Tensor) -> np.ndarray:
    return (t.float() if t.dtype is torch.bfloat16 else t).detach().numpy()


def main() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(), torch.nn.Linear(8, 3))
    base = torch.arange(24.0).reshape(4, 6)
    odd = {
        "base": base, "transposed": base.T, "row": base[1], "column": base[:, 2], "every_other": base[::2, 1::2],
        "expanded": torch.tensor([3.0]).expand(2, 5), "scalar": torch.tensor(7.0), "empty": torch.zeros(0, 3),
        "channels_last": torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
        "half": base.half(), "bfloat16": (base / 7).bfloat16(), "bfloat16_view": (base / 7).bfloat16()[:, ::2].T,
        "double": base.double() / 3,
        "long": torch.tensor([-2 ** 40, 5]), "int": torch.tensor([1, -2], dtype=torch.int32),
        "short": torch.tensor([-3], dtype=torch.int16),
        "char": torch.tensor([-4], dtype=torch.int8), "byte": torch.tensor([255], dtype=torch.uint8), "bool": torch.tensor([True, False]),
        "uint16": torch.tensor([65535], dtype=torch.uint16), "complex": torch.tensor([1 + 2j]), "parameter": torch.nn.Parameter(base[0]),
    }
    checkpoint = {"epoch": 3, "lr": 0.1, "state_dict": torch.nn.Linear(2, 1).state_dict(), "note": "a checkpoint",
                  "size": torch.Size([1, 2]),
                  "dtype": torch.float16, "history": [1.5, None, True, (1, 2, 3, 4)]}
    for name, state in (("model", model.state_dict()), ("odd", odd), ("checkpoint", checkpoint)):
        torch.save(state, FOLDER / f"{name}.pt")
        tensors = state["state_dict"] if name == "checkpoint" else state
        np.savez(FOLDER / f"{name}.npz", **{key: numpy_of(t) for key, t in tensors.items()})


if __name__ == "__main__":
    main()
