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
    """Another library: how it is called here and in print, what pip installs, and what it is imported as."""

    name: str
    title: str
    requirements: tuple[str, ...]
    imports: str

    @property
    def python(self) -> Path:
        return ENVIRONMENTS / self.name / "bin" / "python"

    def set_up(self) -> str | None:
        """Make the environment, unless this very one exists. Returns None, or why it could not be done."""
        ready = ENVIRONMENTS / self.name / "ready"
        recipe = "\n".join(self.requirements)
        if ready.exists() and ready.read_text() == recipe:
            return None
        print(f"setting up {self.title} in {ENVIRONMENTS / self.name} ...", flush=True)
        venv.create(ENVIRONMENTS / self.name, with_pip=True, clear=True)
        install = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.requirements]
        for command in (install, [str(self.python), "-c", f"import {self.imports}"]):
            done = subprocess.run(command, capture_output=True, text=True, cwd=ENVIRONMENTS)
            if done.returncode:
                return (done.stderr.strip() or "no message").splitlines()[-1]
        ready.write_text(recipe)
        return None


NUMPY = "numpy==2.4.*" if sys.version_info >= (3, 11) else "numpy==2.2.*"
PEERS = {peer.name: peer for peer in (
    Peer("torch", "PyTorch", ("torch==2.13.0", NUMPY), "torch"),
    Peer("hips", "HIPS autograd", ("autograd==1.9.1", NUMPY), "autograd.numpy"),
    Peer("micrograd", "micrograd", ("micrograd==0.1.0", NUMPY), "micrograd.engine"),
    Peer("mygrad", "MyGrad", ("mygrad==2.5.0",), "mygrad"),  # it says itself which NumPy it can live with
)}
TITLES = {"onetape": "onetape", **{peer.name: peer.title for peer in PEERS.values()}}
