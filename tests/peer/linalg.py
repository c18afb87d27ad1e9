"""What does PyTorch answer in linear algebra? The questions, written once for both sides; and, run as a script, PyTorch's answers.

    python tests/peer/linalg.py        writes frozen/linalg.npz (needs torch and numpy; nothing else of the repository does)

Each question is a real function of arrays in which no choice of sign, phase or basis matters; asked are its value, its gradients,
and how fast the gradients change along fixed steps (a second derivative).

Read next: `../test_linalg.py`, which compares.
"""

from pathlib import Path

import numpy as np

FROZEN = Path(__file__).resolve().parent / "frozen" / "linalg.npz"


def numbers(seed, *shape, kind):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) + (1j * rng.normal(size=shape) if kind == "c" else 0)


def weights(y):
    """Fixed numbers for the elements of a result."""
    return np.cos(1.0 + 0.7 * np.arange(np.prod(y.shape, dtype=int))).reshape(tuple(y.shape))


def size(xp, y):
    """A weighted sum of squared absolute values."""
    return ((xp.real(y) ** 2 + xp.imag(y) ** 2 if xp.is_complex(y) else y * y) * xp.constant(weights(y))).sum()


def whole(xp, a):
    return (a + xp.conj(a.swapaxes(-1, -2))) / 2


def positive(xp, a):
    return a @ xp.conj(a.swapaxes(-1, -2)) + xp.constant(np.eye(a.shape[-1]))


def svd(xp, a):
    u, s, vh = xp.linalg.svd(a, full_matrices=False)
    return size(xp, u) + size(xp, s) + size(xp, vh) + size(xp, u[..., :1] @ vh[..., :1, :])


def eigh(xp, a):
    w, v = xp.linalg.eigh(whole(xp, a))
    return size(xp, w) + size(xp, v) + size(xp, v[..., :1] @ xp.conj(v[..., :1].swapaxes(-1, -2)))


def eig(xp, a):
    w, v = xp.linalg.eig(a)
    order = np.argsort(np.abs(xp.values(w)))
    return size(xp, w[order]) + size(xp, v[:, order])


def qr(xp, a):
    q, r = xp.linalg.qr(a)
    return size(xp, q) + size(xp, r) + (xp.real(q @ r) * xp.constant(weights(a))).sum()


def slogdet(xp, a):
    sign, log = xp.linalg.slogdet(a)
    return (log * xp.constant(weights(log))).sum() + size(xp, sign * 2 + 1)


def lstsq(xp, a, b):
    return size(xp, xp.linalg.lstsq(a, b)[0])


def det(xp, a):
    return size(xp, xp.linalg.det(a))


FUNCTIONS = {
    "svd": svd, "eigh": eigh, "eig": eig, "qr": qr, "slogdet": slogdet, "lstsq": lstsq, "det": det,
    "cholesky": lambda xp, a: size(xp, xp.linalg.cholesky(positive(xp, a))),
    "pinv": lambda xp, a: size(xp, xp.linalg.pinv(a)),
    "inv": lambda xp, a: size(xp, xp.linalg.inv(a)),
    "solve": lambda xp, a, b: size(xp, xp.linalg.solve(a, b)),
    "nuclear": lambda xp, a: xp.linalg.matrix_norm(a, ord="nuc").sum(),
    "spectral": lambda xp, a: xp.linalg.matrix_norm(a, ord=2).sum(),
    "cond": lambda xp, a: xp.linalg.cond(a).sum(),
    "power": lambda xp, a: size(xp, xp.linalg.matrix_power(a, -3)),
}
SHAPES = {
    "svd": [((3, 3),), ((2, 4, 3),), ((3, 5),)], "qr": [((3, 3),), ((2, 4, 3),), ((3, 5),)], "lstsq": [((4, 3), (4, 2)), ((3, 3), (3, 1))],
    "pinv": [((4, 3),), ((2, 3, 4),)], "solve": [((3, 3), (3, 2)), ((2, 3, 3), (3, 2))], "eig": [((4, 4),)],
    "nuclear": [((2, 4, 3),)], "spectral": [((3, 4),)], "cond": [((4, 3),)],
}
QUESTIONS = {f"{name} {kind} {shapes}": (name, kind, shapes)
             for name in FUNCTIONS for kind in "fc" for shapes in SHAPES.get(name, [((3, 3),), ((2, 3, 3),)])}


def inputs(name, kind, shapes):
    return [numbers(len(name) + 10 * i, *shape, kind=kind) for i, shape in enumerate(shapes)]


def steps(name, kind, shapes):
    return [numbers(len(name) + 10 * i + 5, *shape, kind=kind) for i, shape in enumerate(shapes)]


def main():
    import torch

    class XP:
        linalg, conj, real, imag, is_complex, values = torch.linalg, torch.conj, torch.real, torch.imag, torch.is_complex, None

    XP.values = lambda t: t.detach().numpy()
    XP.constant = lambda a: torch.tensor(a)
    frozen = {}
    for question, (name, kind, shapes) in QUESTIONS.items():
        xs = [torch.tensor(x, requires_grad=True) for x in inputs(name, kind, shapes)]
        y = FUNCTIONS[name](XP, *xs)
        first = torch.autograd.grad(y, xs, create_graph=True)
        along = sum((torch.real(g) * torch.tensor(s.real)).sum() + ((torch.imag(g) * torch.tensor(s.imag)).sum() if kind == "c" else 0)
                    for g, s in zip(first, steps(name, kind, shapes)))
        second = torch.autograd.grad(along, xs)
        for key, found in (("value", [y]), ("first", first), ("second", second)):
            for i, x in enumerate(found):
                frozen[f"{question}|{key}{i}"] = x.detach().resolve_conj().numpy()
    np.savez_compressed(FROZEN, **frozen)
    print(f"{len(QUESTIONS)} questions, {FROZEN.stat().st_size} bytes")


if __name__ == "__main__":
    main()
