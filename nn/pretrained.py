"""How do weights come from elsewhere?

    model.load_state_dict(nn.load_pretrained("resnet18-f37072fd.pth"))

The models of `nn.models` have torchvision's names and shapes, so the files that torchvision publishes fit as they are. Reading
runs nothing: `.safetensors` and `.npz` are no pickles, and of PyTorch's pickles only the rebuilding of tensors is understood
(`autograd/unpickling.py` says how).

Read next: `freeze.py`, what to do with a model that has learned something already.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd import torchfile
from autograd.files import load

PYTORCH = (".pt", ".pth", ".bin", ".ckpt")


def load_pretrained(path: str | os.PathLike[str], key: str | None = None) -> dict[str, Any]:
    """The state dict in a file, as NumPy arrays by name, for `model.load_state_dict`.

    path:  ends in .safetensors, .npz, or .pt, .pth, .bin, .ckpt (PyTorch 1.6 or later)
    key:   where the state dict is, in a checkpoint that holds more: 'state_dict', 'model', ...

    bfloat16 becomes float32. The arrays of .pt files are read-only views: tensors that shared memory still do.
    Raises ValueError if the file is truncated or corrupted, or if its pickle asks for anything but tensors; nothing is run.
    """
    if Path(path).suffix in PYTORCH:
        return torchfile.read(path, key)
    state = load(path)
    if key is not None:
        if not isinstance(state, dict) or key not in state:
            raise ValueError(f"there is no {key!r} in {path}; there are {', '.join(map(repr, list(state)[:8]))}")
        state = state[key]
    return state  # type: ignore[no-any-return]
