"""Do the optimisers without a twin in PyTorch follow their papers? Each is written down once more, as plainly as possible."""

import numpy as np
import pytest

import optim
from nn import Parameter
from tests.optim import cases


def lion(p, gs, lr, betas, weight_decay):
    """Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2."""
    m = 0
    for g in gs:
        c = betas[0] * m + (1 - betas[0]) * g
        m = betas[1] * m + (1 - betas[1]) * g
        p = p - lr * (np.sign(c) + weight_decay * p)
    return p


def lars(p, gs, lr, momentum, weight_decay, trust_coefficient, eps):
    """You, Gitman & Ginsburg 2017, "Large batch training of convolutional networks", algorithm 1 (eps only guards the division)."""
    v = 0
    for g in gs:
        local = trust_coefficient * np.linalg.norm(p) / (np.linalg.norm(g) + weight_decay * np.linalg.norm(p) + eps)
        v = momentum * v + lr * local * (g + weight_decay * p)
        p = p - v
    return p


def lamb(p, gs, lr, betas, eps, weight_decay):
    """You et al. 2020, "Large batch optimization for deep learning", algorithm 2, with phi(x) = x."""
    m = v = 0
    for t, g in enumerate(gs, 1):
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        u = m / (1 - betas[0] ** t) / (np.sqrt(v / (1 - betas[1] ** t)) + eps) + weight_decay * p
        p = p - lr * np.linalg.norm(p) / np.linalg.norm(u) * u
    return p


FORMULAS = [("Lion", lion, {"lr": 1e-2, "betas": (0.8, 0.95), "weight_decay": 0.1}),
            ("Lion", lion, {"lr": 1e-4, "betas": (0.9, 0.99), "weight_decay": 0}),
            ("LARS", lars, {"lr": 0.5, "momentum": 0.9, "weight_decay": 1e-2, "trust_coefficient": 0.01, "eps": 1e-8}),
            ("LARS", lars, {"lr": 0.1, "momentum": 0.0, "weight_decay": 0, "trust_coefficient": 0.001, "eps": 0}),
            ("LAMB", lamb, {"lr": 1e-2, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1}),
            ("LAMB", lamb, {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-6, "weight_decay": 0})]


@pytest.mark.parametrize("name, formula, options", FORMULAS)
def test_fifty_steps_by_the_paper(name, formula, options):
    p = cases.start()[0]
    gs = [np.cos(1 + 0.7 * t + np.arange(p.size)).reshape(p.shape) for t in range(50)]
    for sign in (1, -1):
        parameter = Parameter(p)
        optimizer = getattr(optim, name)([parameter], **options, maximize=sign < 0)
        for g in gs:
            parameter.grad = sign * g
            optimizer.step()
        np.testing.assert_allclose(parameter.data, formula(p, gs, **options), rtol=1e-10, atol=1e-10)


def test_every_formula_is_here():
    assert {name for name, *_ in FORMULAS} == cases.OURS


@pytest.mark.parametrize("name", ["LARS", "LAMB"])
def test_weights_of_norm_zero_can_move(name):
    p = Parameter(np.zeros((2, 2)))
    p.grad = np.ones((2, 2))
    getattr(optim, name)([p], lr=0.1).step()
    assert (p.data < 0).all()


@pytest.mark.parametrize("shape", [(6, 3), (3, 6), (4, 4)])
def test_muon_makes_matrices_nearly_orthogonal(shape):
    """All singular values of the change go to between 0.5 and 1.5 times lr (Jordan et al. 2024)."""
    p = Parameter(np.zeros(shape))
    p.grad = np.random.default_rng(0).standard_normal(shape)
    optim.Muon([p], lr=1.0, weight_decay=0.0, adjust_lr_fn="match_rms_adamw").step()
    values = np.linalg.svd(p.data / (0.2 * max(shape) ** 0.5), compute_uv=False)
    assert ((values > 0.5) & (values < 1.5)).all()
