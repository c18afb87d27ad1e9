"""Which optimisers and schedulers are compared with PyTorch, and on what?

Data, and a problem written in NumPy, so that the peer and we follow the very same gradients. `tests/peer/optim.py` runs it through PyTorch
and freezes what comes out; `test_peer.py` runs it through ours.

Read next: `test_peer.py`.
"""

import numpy as np

STEPS, KEPT = 50, (1, 2, 10, 25, 50)
SHAPES = [(4, 3), (3, 5), (5,), (), (2, 3, 4)]
"""Weights of two layers, a bias, a scalar, a stack of matrices. Muon takes the first two."""


def start(only=None):
    return [np.sin(1.3 * k + 0.9 * np.arange(np.prod(shape, dtype=int))).reshape(shape) for k, shape in enumerate(SHAPES[:only])]


def slopes(arrays, t):
    """A gradient for every parameter, at step t: a bowl with ripples that move, so that signs change."""
    return [0.5 * (p - 0.3) + 0.6 * np.cos(3 * p + 0.7 * t + k) for k, p in enumerate(arrays)]


def valley(arrays):
    """Rosenbrock's function of all parameters in a line, and its gradients: for LBFGS."""
    x = np.concatenate([p.reshape(-1) for p in arrays])
    curve = x[1:] - x[:-1] ** 2
    f = 10 * (curve**2).sum() + ((1 - x) ** 2).sum()
    g = -2 * (1 - x)
    g[1:] += 20 * curve
    g[:-1] -= 40 * curve * x[:-1]
    cuts = np.cumsum([p.size for p in arrays])[:-1]
    return f, [part.reshape(p.shape) for part, p in zip(np.split(g, cuts), arrays)]


COMMON = [{}, {"weight_decay": 0.1}, {"maximize": True}, {"weight_decay": 0.1, "maximize": True, "lr": 0.02}]

OPTIMIZERS = {
    "SGD": [*COMMON, {"lr": 0.05, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
            {"lr": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.01, "maximize": True}],
    "ASGD": [*COMMON, {"lr": 0.05, "lambd": 0.1, "alpha": 0.6, "t0": 5, "weight_decay": 0.01}],
    "Adagrad": [*COMMON, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}],
    "Adadelta": [*COMMON, {"lr": 0.5, "rho": 0.7, "eps": 1e-4}],
    "RMSprop": [*COMMON, {"lr": 0.02, "momentum": 0.9, "centered": True}, {"alpha": 0.9, "eps": 1e-3, "centered": True},
                {"momentum": 0.5, "weight_decay": 0.1}],
    "Adam": [*COMMON, {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1}, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3},
             {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    "AdamW": [*COMMON, {"lr": 0.05, "amsgrad": True}, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.3}],
    "Adamax": [*COMMON, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-2}],
    "NAdam": [*COMMON, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3, "momentum_decay": 0.1},
              {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    "RAdam": [*COMMON, {"lr": 0.05, "betas": (0.8, 0.9), "eps": 1e-3}, {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    "Rprop": [{}, {"maximize": True}, {"lr": 0.05, "etas": (0.4, 1.5), "step_sizes": (1e-3, 0.1)}],
    "Adafactor": [*COMMON, {"lr": 0.1, "beta2_decay": -0.5, "eps": (1e-3, 0.8), "d": 2.0}, {"eps": (1e-1, 1e-3), "weight_decay": 0.3}],
    "Muon": [{}, {"lr": 0.05, "weight_decay": 0.0, "momentum": 0.8, "nesterov": False}, {"lr": 0.02, "adjust_lr_fn": "match_rms_adamw"},
             {"lr": 0.02, "ns_steps": 3, "ns_coefficients": (2.0, -1.5, 0.5), "adjust_lr_fn": "original", "eps": 1e-3}],
    "LBFGS": [{"max_iter": 1, "lr": 0.1}, {"max_iter": 1, "line_search_fn": "strong_wolfe"}, {"max_iter": 4, "lr": 0.1},
              {"max_iter": 6, "line_search_fn": "strong_wolfe"},
              {"max_iter": 5, "line_search_fn": "strong_wolfe", "history_size": 3, "max_eval": 7, "lr": 0.5},
              {"max_iter": 8, "line_search_fn": "strong_wolfe", "tolerance_grad": 2.0, "lr": 3.0}],
}
"""The options with which each is run; the second half of the parameters is a group with half the lr."""

OURS = {"Lion", "LAMB", "LARS"}
"""No twin in PyTorch: `test_formulas.py` has them."""


def groups(params, name, options, lr):
    """Two groups, the second with half the learning rate; one for LBFGS."""
    half = (len(params) + 1) // 2
    return params if name == "LBFGS" else [{"params": params[:half]}, {"params": params[half:], "lr": options.get("lr", lr) / 2}]


def how_many(name):
    return 2 if name == "Muon" else None


def steps_of(name, options):
    """50; of LBFGS, which goes in up to eight directions in a step and follows every rounding along the valley, 10 of the long ones."""
    return 10 if name == "LBFGS" and options.get("max_iter", 20) > 1 else STEPS


LINES = [lambda x: ((x - 0.3) ** 2, 2 * (x - 0.3)), lambda x: (x**4 / 4 - x, x**3 - 1),
         lambda x: (-x / (x**2 + 2), (x**2 - 2) / (x**2 + 2) ** 2),
         lambda x: ((x + 0.004) ** 5 - 2 * (x + 0.004) ** 4, 5 * (x + 0.004) ** 4 - 8 * (x + 0.004) ** 3),
         lambda x: (np.cos(9 * x) - 1.5 * x, -9 * np.sin(9 * x) - 1.5),
         lambda x: (np.exp(-x) + 1e-3 * np.exp(x), 1e-3 * np.exp(x) - np.exp(-x)),
         lambda x: (abs(x - 0.01) ** 1.1 - 0.1 * np.sin(30 * x), 1.1 * np.sign(x - 0.01) * abs(x - 0.01) ** 0.1 - 3 * np.cos(30 * x)),
         lambda x: ((20 * max(x - 0.02, 0)) ** 2 - x, 800 * max(x - 0.02, 0) - 1),
         lambda x: (1e4 * max(x - 0.02, 0) - x, 1e4 * (x > 0.02) - 1)]
TRIES = [1e-3, 0.1, 1.0, 5.0, 20.0]
"""For the line search: functions of one variable with their derivatives (two are of More & Thuente 1994), and first steps."""

METRICS = [1.0, 0.9, 0.9, 0.89995, 0.9, 0.91, 0.8, 0.8, 0.8, 0.8, 0.8, 0.81, *[0.79] * 6, *[0.7] * 6] * 2


class Halving:
    """A function with a state."""

    def __init__(self):
        self.base = 0.5

    def __call__(self, t):
        return self.base ** (t // 9)


# Functions of the namespace (torch.optim.lr_scheduler or ours) and an optimiser: SGD with momentum 0.9, groups with lr 0.05 and 0.2.
SCHEDULERS = {
    "LambdaLR": [lambda s, o: s.LambdaLR(o, lambda t: 0.95**t), lambda s, o: s.LambdaLR(o, [lambda t: 1 / (1 + t), Halving()])],
    "MultiplicativeLR": [lambda s, o: s.MultiplicativeLR(o, lambda t: 0.9 + 0.001 * t)],
    "StepLR": [lambda s, o: s.StepLR(o, 7), lambda s, o: s.StepLR(o, step_size=1, gamma=0.93)],
    "MultiStepLR": [lambda s, o: s.MultiStepLR(o, [30, 5, 5, 12], gamma=0.3)],
    "ConstantLR": [lambda s, o: s.ConstantLR(o), lambda s, o: s.ConstantLR(o, factor=0.7, total_iters=20)],
    "LinearLR": [lambda s, o: s.LinearLR(o), lambda s, o: s.LinearLR(o, 1.0, 0.0, 30), lambda s, o: s.LinearLR(o, 0.1, 0.8, 11)],
    "ExponentialLR": [lambda s, o: s.ExponentialLR(o, 0.9)],
    "PolynomialLR": [lambda s, o: s.PolynomialLR(o), lambda s, o: s.PolynomialLR(o, 40, 2.5)],
    "CosineAnnealingLR": [lambda s, o: s.CosineAnnealingLR(o, 9), lambda s, o: s.CosineAnnealingLR(o, T_max=50, eta_min=0.01)],
    "CosineAnnealingWarmRestarts": [lambda s, o: s.CosineAnnealingWarmRestarts(o, 7),
                                    lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2, 0.01)],
    "CyclicLR": [lambda s, o: s.CyclicLR(o, 0.01, 0.1, 5), lambda s, o: s.CyclicLR(o, [0.01, 0.02], [0.1, 0.4], 4, 9, mode="triangular2"),
                 lambda s, o: s.CyclicLR(o, 0.01, 0.1, 6, mode="exp_range", gamma=0.97, cycle_momentum=False),
                 lambda s, o: s.CyclicLR(o, 0.01, 0.1, 6, scale_fn=lambda x: 1 / x, base_momentum=0.5, max_momentum=[0.8, 0.95]),
                 lambda s, o: s.CyclicLR(o, 0.01, 0.1, 6, scale_fn=lambda x: 0.99**x, scale_mode="iterations")],
    "OneCycleLR": [lambda s, o: s.OneCycleLR(o, 0.1, 50),
                   lambda s, o: s.OneCycleLR(o, [0.1, 0.3], 60, three_phase=True, anneal_strategy="linear"),
                   lambda s, o: s.OneCycleLR(o, 0.1, epochs=5, steps_per_epoch=11, pct_start=0.4, cycle_momentum=False, div_factor=10.0),
                   lambda s, o: s.OneCycleLR(o, 0.1, 55, base_momentum=0.7, max_momentum=[0.9, 0.99], final_div_factor=100.0, pct_start=0.2,
                                             three_phase=True)],
    "ReduceLROnPlateau": [lambda s, o: s.ReduceLROnPlateau(o, patience=2), lambda s, o: s.ReduceLROnPlateau(o, "max", 0.5, 1, cooldown=3),
                          lambda s, o: s.ReduceLROnPlateau(o, factor=0.3, patience=3, threshold=0.05, threshold_mode="abs",
                                                              min_lr=[0.01, 0.03]),
                          lambda s, o: s.ReduceLROnPlateau(o, "max", 0.7, 0, threshold=0.2, threshold_mode="abs", eps=0.02)],
    "SequentialLR": [lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=8), s.CosineAnnealingLR(o, 40)], [8]),
                     lambda s, o: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.9), s.StepLR(o, 4)], [5, 22]),
                     lambda s, o: s.SequentialLR(o, [s.CosineAnnealingWarmRestarts(o, 4), s.LambdaLR(o, lambda t: 0.9**t)], [9]),
                     lambda s, o: s.SequentialLR(o, [s.PolynomialLR(o, 10), s.CosineAnnealingWarmRestarts(o, 4, 2)], [12])],
    "ChainedScheduler": [lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 7), s.ExponentialLR(o, 0.9)]),
                         lambda s, o: s.ChainedScheduler([s.LinearLR(o, 0.2, total_iters=10), s.CosineAnnealingLR(o, 15),
                                                          s.StepLR(o, 9)], o),
                         lambda s, o: s.ChainedScheduler([s.MultiplicativeLR(o, lambda t: 0.98), s.PolynomialLR(o, 60, 0.5)])],
}

OUR_SCHEDULERS = {"Schedule", "WarmupCosine"}
"""No twin in PyTorch: `test_lr_scheduler.py` has them."""
