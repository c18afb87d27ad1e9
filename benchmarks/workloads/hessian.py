"""The Hessian of a function of 50 parameters: log sum exp(A x), whose Hessian is A^T (diag(p) - p p^T) A, p = softmax(A x)."""

import numpy as np

UNIT = "Hessian"
VARIANTS = {"50 parameters": 50}
SMOKE = ("50 parameters",)
TOLERANCE = 1e-10
GOALS = {("50 parameters", "hips"): 0.5}


def count(variant):
    return 1


def inputs(variant):
    rng = np.random.default_rng(0)
    n = VARIANTS[variant]
    return rng.standard_normal((2 * n, n)) / n**0.5, rng.standard_normal(n)


def reference(A, x):
    p = np.exp(A @ x)
    p /= p.sum()
    return (A.T @ (np.diag(p) - np.outer(p, p)) @ A,)


def onetape(A, x):
    from autograd import hessian, ops

    h = hessian(lambda x: ops.log(ops.sum(ops.exp(ops.matmul(A, x)))))
    return lambda: (h(x),)


def hips(A, x):
    from autograd import hessian
    from autograd import numpy as np

    h = hessian(lambda x: np.log(np.sum(np.exp(np.matmul(A, x)))))
    return lambda: (h(x),)


def torch(A, x):
    import torch

    A, x = torch.tensor(A), torch.tensor(x)
    h = torch.func.hessian(lambda x: torch.log(torch.sum(torch.exp(torch.matmul(A, x)))))
    return lambda: (h(x).numpy(),)
