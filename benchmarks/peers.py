"""Whom do we compare with?

Each peer lives in a virtual environment of its own under `.venv-bench/peers/`, made when it is first needed, with pinned
versions. A separate environment is a necessity for HIPS autograd, whose import name is ours. A peer that cannot be
installed is skipped, and the reason is printed.

Read next: `worker.py`.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venv-bench" / "peers"


@dataclass(frozen=True)
class Peer:
    """Another library: how it is called here and in print, what pip installs, and what it is imported as.

    lives: the peer in whose environment it is, if it is another way to use the same library
    """

    name: str
    title: str
    requirements: tuple[str, ...]
    imports: str
    lives: str = ""

    @property
    def folder(self) -> Path:
        return ENVIRONMENTS / (self.lives or self.name)

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def set_up(self) -> str | None:
        """Make the environment, unless this very one exists. Returns None, or why it could not be done."""
        ready = self.folder / "ready"
        recipe = "\n".join(self.requirements)
        if ready.exists() and ready.read_text() == recipe:
            return None
        print(f"setting up {self.title} in {self.folder} ...", flush=True)
        venv.create(self.folder, with_pip=True, clear=True)
        install = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.requirements]
        for command in (install, [str(self.python), "-c", f"import {self.imports}"]):
            done = subprocess.run(command, capture_output=True, text=True, cwd=ENVIRONMENTS)
            if done.returncode:
                return (done.stderr.strip() or "no message").splitlines()[-1]
        ready.write_text(recipe)
        return None


NUMPY = "numpy==2.4.*" if sys.version_info >= (3, 11) else "numpy==2.2.*"
TORCH = ("torch==2.13.0", NUMPY)
PEERS = {peer.name: peer for peer in (
    Peer("torch", "PyTorch", TORCH, "torch"),
    Peer("torch_last", "PyTorch, channels last", TORCH, "torch", "torch"),
    Peer("torch_compiled", "torch.compile", TORCH, "torch", "torch"),
    Peer("jax", "jax.jit", ("jax[cpu]==0.10.*" if sys.version_info >= (3, 12) else "jax[cpu]", NUMPY), "jax"),
    Peer("hips", "HIPS autograd", ("autograd==1.9.1", NUMPY), "autograd.numpy"),
    Peer("micrograd", "micrograd", ("micrograd==0.1.0", NUMPY), "micrograd.engine"),
    Peer("mygrad", "MyGrad", ("mygrad==2.5.0",), "mygrad"),  # it says itself which NumPy it can live with
)}
OURS = ("onetape", "compiled", "numpy_only", "compiled_numpy")
"""Ours: as it is, compiled, and both with NumPy's kernels alone. Each is compared with every peer."""

TITLES = {"onetape": "onetape", "compiled": "onetape, compiled", "numpy_only": "onetape, NumPy kernels",
          "compiled_numpy": "onetape, compiled, NumPy kernels", **{peer.name: peer.title for peer in PEERS.values()}}
