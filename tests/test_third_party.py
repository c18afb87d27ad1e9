"""Are functions that others wrote for NumPy differentiated as they are?

Two tables of functions of SciPy, scikit-learn, Matplotlib and NumPy that are written in Python. Those of the first run as they are
imported. Those of the second ask which library their arrays belong to (the Array API), if SciPy and scikit-learn are told to ask; so
they are tried in a process of their own, started with `SCIPY_ARRAY_API=1`. Each is compared with itself on plain arrays, and its
gradient with differences. `docs/third_party.md` lists them, and what is refused, and why.

Read next: `test_overrides.py`.
"""

import contextlib
import importlib
import json
import os
import re
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autograd import check_grads, grad, hessian, tensor
from autograd.tensor import Tensor

SCIPY = tuple(map(int, pytest.importorskip("scipy").__version__.split(".")[:2]))

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "third_party.md"
RNG = np.random.default_rng(0)
X, Y = RNG.uniform(0.5, 1.5, (2, 6))
M, N = RNG.uniform(0.5, 1.5, (2, 4, 3))
S = M.T @ M + np.eye(3)
LABELS = np.eye(3)[[0, 1, 2, 0]]
K = np.array(1.3)


def plain(f, *args):
    return f(*args)


def like(x, value):
    """A constant of the library that x belongs to: the Array API wants all arrays to be of one."""
    return tensor(np.array(value, float)) if isinstance(x, Tensor) else np.array(value, float)


NODES = np.arange(6.0)

B = np.array(0.8)
OLDER = SCIPY < (1, 18)  # 1.18 makes arrays of fixed_quad's limits (without the Array API), and a number of Yeo and Johnson's parameter

UNCHANGED = {
    "scipy.integrate.fixed_quad": (lambda f, k, b=B: f(lambda t: np.sin(k * t), 0.0, b)[0], (K, B) if OLDER else (K,), 2),
    "scipy.interpolate.lagrange": (lambda f, w: f(np.arange(4.0), w)(1.5), (X[:4],), 2),
    "scipy.optimize.newton": (lambda f, a: f(lambda z: z**3 - a, 1.0, fprime=lambda z: 3 * z * z), (K,), 2),
    "scipy.optimize.fixed_point": (lambda f, a: f(lambda z: np.cos(a * z), 0.7, xtol=1e-12), (np.array(0.9),), 1),
    "scipy.signal.gausspulse": (lambda f, t: f(t, 2.0), (X,), 2),
    "scipy.signal.sweep_poly": (lambda f, t: f(t, np.array([1.0, 2.0])), (X,), 2),
    "scipy.signal.windows.gaussian": (lambda f, std: f(7, std), (K,), 2),
    "scipy.signal.windows.exponential": (lambda f, tau: f(7, None, tau), (K,), 2),
    "scipy.signal.windows.general_gaussian": (lambda f, p, sig: f(7, p, sig), (K, np.array(2.0)), 1),
    "numpy.polynomial.chebyshev.chebinterpolate": (lambda f, a: f(lambda t: np.sin(a * t), 4), (K,), 2),
    "numpy.polynomial.chebyshev.chebval": (lambda f, t: f(t, Y), (X,), 2),
    "numpy.polynomial.hermite.hermval": (lambda f, t: f(t, Y), (X,), 2),
    "numpy.polynomial.hermite_e.hermeval": (lambda f, t: f(t, Y), (X,), 2),
    "numpy.polynomial.laguerre.lagval": (lambda f, t: f(t, Y), (X,), 2),
    "numpy.polynomial.legendre.legval": (lambda f, t: f(t, Y), (X,), 2),
    "sklearn.decomposition._nmf._beta_divergence": (lambda f, w, h: f(M, w, h, 1), (M[:, :2], M[:2]), 1),
    "sklearn.gaussian_process.kernels.DotProduct": (lambda f, x: f(0.7)(x), (M,), 2),
    "sklearn.mixture._gaussian_mixture._estimate_log_gaussian_prob": (lambda f, m, p: f(M, m, p, "diag"), (M[:2], N[:2]), 1),
    "sklearn.neural_network._base.binary_log_loss": (lambda f, p: f(np.ones((4, 3)), p / 2), (M,), 2),
    "sklearn.neural_network._base.log_loss": (lambda f, p: f(LABELS, p / p.sum(1, keepdims=True)), (M,), 2),
    "sklearn.neural_network._base.squared_loss": (lambda f, p: f(M, p), (N,), 2),
    "sklearn.utils.extmath.fast_logdet": (plain, (S,), 2),
    "sklearn.utils.extmath.safe_sparse_dot": (plain, (M, N.T), 2),
    "sklearn.utils.extmath.squared_norm": (plain, (M,), 2),
    "matplotlib.mlab.window_hanning": (plain, (X,), 2),
    "matplotlib.projections.geo.HammerAxes.HammerTransform": (lambda f, p: f(1).transform_non_affine(p), (M[:, :2] / 2,), 2),
    "matplotlib.projections.geo.LambertAxes.LambertTransform": (lambda f, p: f(0.1, 0.2, 1).transform_non_affine(p), (M[:, :2] / 2,), 2),
}
"""What runs as it is imported: how it is called, by what it is differentiated, and how often."""

ARRAY_API = {
    "scipy.cluster.vq.whiten": (plain, (M,), 1),
    "scipy.differentiate.derivative": (lambda f, k: f(lambda t, k: np.sin(k * t), like(k, 1.0), args=(k,)).df, (K,), 0),
    "scipy.fft.rfft": (lambda f, x: np.abs(f(x)), (X,), 1),
    "scipy.integrate.cumulative_simpson": (lambda f, y: f(y, dx=0.1), (X,), 2),
    "scipy.integrate.cumulative_trapezoid": (plain, (X,), 2),
    "scipy.integrate.fixed_quad": (lambda f, k, b: f(lambda t: np.sin(k * t), 0.0, b)[0], (K, B), 2),
    "scipy.integrate.romb": (plain, (X[:5],), 2),
    "scipy.integrate.tanhsinh": (lambda f, k, b: f(lambda t, k: np.sin(k * t), like(k, 0.0), b, args=(k,)).integral, (K, B), 1),
    "scipy.integrate.trapezoid": (lambda f, y, x: f(y, x * like(x, NODES + 1)), (X, Y), 2),
    "scipy.linalg.block_diag": (plain, (M, S), 1),
    "scipy.linalg.orthogonal_procrustes": (lambda f, a: f(a, like(a, N))[0], (M + np.arange(12).reshape(4, 3) ** 2 % 5,), 1),
    "scipy.optimize.elementwise.find_root": (lambda f, a: f(lambda z, a: z**3 - a, (like(a, 0.0), like(a, 2.0)), args=(a,)).x, (K,), 0),
    "scipy.optimize.rosen": (plain, (X,), 2),
    "scipy.optimize.rosen_der": (plain, (X,), 2),
    "scipy.optimize.rosen_hess": (plain, (X,), 1),
    "scipy.optimize.rosen_hess_prod": (plain, (X, Y), 1),
    "scipy.signal.envelope": (plain, (X,), 1),
    "scipy.signal.fftconvolve": (plain, (X, Y), 1),
    "scipy.signal.firwin": (lambda f, c: f(7, c), (np.array(0.3),), 1),
    "scipy.signal.freqz": (lambda f, b, a: np.abs(f(b, a, worN=8)[1]), (X[:2], Y[:3]), 1),
    "scipy.signal.group_delay": (lambda f, b: f((b, like(b, [1.0])), w=4)[1], (X,), 1),
    "scipy.signal.hilbert": (lambda f, x: np.abs(f(x)), (X,), 1),
    "scipy.signal.resample": (lambda f, x: f(x, 8), (X,), 1),
    "scipy.signal.tf2zpk": (lambda f, b, a: f(b, a)[0].real, (np.array([1.0, -6, 11, -6]), np.array([1.0, -3, 2])), 1),
    "scipy.spatial.transform.Rotation.from_rotvec": (lambda f, v: f(v).inv().as_matrix(), (X[:3],), 1),
    "scipy.special.gammainc": (lambda f, x: f(like(x, 2 * NODES + 1), x), (X,), 1),
    "scipy.special.log_softmax": (plain, (X,), 2),
    "scipy.special.logsumexp": (lambda f, x: f(x, axis=1), (M,), 2),
    "scipy.special.multigammaln": (lambda f, x: f(x, 2), (X + 2,), 2),
    "scipy.special.ndtr": (plain, (X,), 2),
    "scipy.special.rel_entr": (plain, (X, Y), 1),
    "scipy.special.softmax": (lambda f, x: f(x, axis=1), (M,), 2),
    "scipy.stats.bartlett": (lambda f, x, y: f(x, y).statistic, (X, Y), 1),
    "scipy.stats.boxcox_llf": (lambda f, x: f(0.5, x), (X,), 1),
    "scipy.stats.circmean": (plain, (X,), 1),
    "scipy.stats.circstd": (plain, (X,), 1),
    "scipy.stats.differential_entropy": (plain, (X,), 1),
    "scipy.stats.directional_stats": (lambda f, x: f(x).mean_direction, (M,), 1),
    "scipy.stats.entropy": (plain, (X, Y), 1),
    "scipy.stats.gmean": (lambda f, x, w: f(x, weights=w), (X, Y), 2),
    "scipy.stats.hmean": (plain, (X,), 2),
    "scipy.stats.jarque_bera": (lambda f, x: f(x).statistic, (X,), 1),
    "scipy.stats.kstat": (lambda f, x: f(x, 3), (X,), 1),
    "scipy.stats.kurtosis": (plain, (X,), 2),
    "scipy.stats.lmoment": (plain, (X,), 1),
    "scipy.stats.moment": (lambda f, x: f(x, 3), (X,), 2),
    "scipy.stats.pearsonr": (lambda f, x, y: f(x, y).statistic, (X, Y), 1),
    "scipy.stats.quantile": (lambda f, x: f(x, like(x, 0.3)), (X,), 1),
    "scipy.stats.sem": (plain, (X,), 1),
    "scipy.stats.skew": (plain, (X,), 2),
    "scipy.stats.trim_mean": (lambda f, x: f(x, 0.2), (X,), 1),
    "scipy.stats.ttest_ind": (lambda f, x, y: f(x, y).pvalue, (X, Y), 1),
    "scipy.stats.variation": (plain, (X,), 1),
    "scipy.stats.yeojohnson_llf": (lambda f, x, lmb=0.5: f(lmb, x), (X, np.array(0.5)) if OLDER else (X,), 1),
    "scipy.stats.zscore": (plain, (X,), 2),
    "sklearn.covariance.empirical_covariance": (plain, (M,), 2),
    "sklearn.covariance.ledoit_wolf_shrinkage": (plain, (M,), 1),
    "sklearn.decomposition.PCA": (lambda f, x: f(2, svd_solver="full").fit(x).explained_variance_, (M,), 1),
    "sklearn.linear_model.Ridge": (lambda f, y: f(solver="svd").fit(like(y, M), y).coef_, (X[:4],), 1),
    "sklearn.metrics.mean_squared_error": (lambda f, p: f(like(p, M), p, multioutput="raw_values"), (N,), 1),
    "sklearn.metrics.pairwise.chi2_kernel": (plain, (M, N), 1),
    "sklearn.metrics.pairwise.cosine_similarity": (plain, (M, N), 1),
    "sklearn.metrics.pairwise.euclidean_distances": (plain, (M, N), 1),
    "sklearn.metrics.pairwise.polynomial_kernel": (plain, (M, N), 1),
    "sklearn.metrics.pairwise.rbf_kernel": (plain, (M, N), 1),
    "sklearn.metrics.r2_score": (lambda f, p: f(like(p, M), p, multioutput="raw_values"), (N,), 1),
    "sklearn.preprocessing.MinMaxScaler": (lambda f, x: f().fit_transform(x), (M,), 1),
    "sklearn.preprocessing.PolynomialFeatures": (lambda f, x: f().fit_transform(x), (M,), 1),
    "sklearn.preprocessing.normalize": (plain, (M,), 1),
    "sklearn.utils.extmath.randomized_svd": (lambda f, x: f(x, 2, random_state=0)[1], (S,), 0),
    "sklearn.utils.extmath.softmax": (plain, (M,), 1),
}
"""What is differentiated in a process with `SCIPY_ARRAY_API=1` (0: the gradient alone, compared with differences)."""

REFUSED = {
    "scipy.special.logsumexp": (plain, (X,), "NumPy asked for the plain values"),
    "scipy.spatial.distance.cosine": (plain, (X, Y), "NumPy asked for the plain values"),
    "scipy.linalg.inv": (plain, (S,), "NumPy asked for the plain values"),
    "scipy.linalg.companion": (plain, (X,), "NumPy asked for the plain values"),
    "scipy.integrate.solve_ivp": (lambda f, k: f(lambda t, z: -k * z, (0.0, 1.0), np.ones(2)).y, (K,), "NumPy asked for the plain values"),
    "scipy.integrate.quad_vec": (lambda f, k: f(lambda t: np.sin(k * t), 0.0, 1.0)[0], (K,), r"float\(\) of a Tensor"),
    "scipy.signal.windows.tukey": (lambda f, a: f(7, a), (np.array(0.3),), r"(float|int)\(\) of a Tensor"),
    "scipy.special.eval_legendre": (lambda f, x: f(2, x), (X,), "not recorded on Tensors"),
    "matplotlib.transforms.Affine2D.rotate": (lambda f, t: f(importlib.import_module("matplotlib.transforms").Affine2D(), t), (K,),
                                              r"float\(\) of a Tensor"),
    "sklearn.covariance.log_likelihood": (lambda f, p: f(S, p), (S,), "must be an instance of 'numpy.ndarray'"),
}
"""What cannot be differentiated as it is, and what is said."""

SINCE = {"scipy.optimize.fixed_point": (1, 16)}
"""The first SciPy whose function runs as it is, where an older one has it but begins with `np.asarray`."""


def load(name):
    """The function of this dotted name; the test is skipped where the library is too old (or too new) to have it."""
    parts = name.split(".")
    for i in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:i]))
            for part in parts[i:]:
                found = getattr(found, part)
            return found
        except (ImportError, AttributeError):
            continue
    pytest.skip(f"this version has no {name}")


def verify(name, call, args, order):
    """Value, gradient by every argument, and higher orders."""
    f = load(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those are the library's
        expected = np.asarray(call(f, *args))
        weights = np.cos(np.arange(1, expected.size + 1)).reshape(expected.shape)
        seen = []

        def weighed(*xs):
            y = call(f, *xs)
            seen.append(y)
            return np.sum(weights * y)

        for i, x in enumerate(args):
            gradient = grad(weighed, i)(*map(tensor, args))
            assert isinstance(seen[-1], Tensor), "the gradient was lost on the way"
            np.testing.assert_allclose(seen[-1].detach().numpy(), expected, rtol=1e-12, atol=1e-14)
            direction = np.random.default_rng(i).standard_normal(x.shape)
            up, down = (np.sum(weights * call(f, *args[:i], x + h * direction, *args[i + 1:])) for h in (1e-5, -1e-5))
            slope = np.sum(gradient.detach().numpy() * direction)
            np.testing.assert_allclose(slope, (up - down) / 2e-5, rtol=1e-6, atol=1e-7)
        if order:
            check_grads(lambda *xs: call(f, *xs), tuple(map(tensor, args)), order=order, modes=["rev"])


@pytest.mark.parametrize("name", UNCHANGED)
def test_a_function_as_it_is(name):
    pytest.importorskip(name.split(".")[0])
    if SINCE.get(name, SCIPY) > SCIPY:
        pytest.skip(f"runs as it is since SciPy {SINCE[name]}")
    verify(name, *UNCHANGED[name])


def test_the_hessian_of_a_determinant():
    """d2 log|A| / dA[i, j] dA[k, l] = -inv(A)[j, k] inv(A)[l, i]."""
    fast_logdet = pytest.importorskip("sklearn.utils.extmath").fast_logdet
    inverse = np.linalg.inv(S)
    np.testing.assert_allclose(hessian(fast_logdet)(S), -np.einsum("jk,li->ijkl", inverse, inverse), rtol=1e-10)


def test_what_others_do_is_looked_at():
    """A function that is differentiated wrongly, or on the way leaves the tape, would be noticed."""
    with pytest.raises(AssertionError):
        verify("numpy.polynomial.chebyshev.chebval", lambda f, t: f(t, Y) if isinstance(t, Tensor) else f(1.001 * t, Y), (X,), 1)
    with pytest.raises(AssertionError, match="lost"):
        verify("numpy.polynomial.chebyshev.chebval", lambda f, t: f(np.array(t.tolist()), Y), (X,), 1)


# ---- with the Array API -------------------------------------------------------------------------------------------


def tried():
    """What became of each function: "" or what went wrong. (Runs in a process of its own.)"""
    results = {}
    with contextlib.suppress(ImportError):
        importlib.import_module("sklearn").set_config(array_api_dispatch=True)
    for name, row in ARRAY_API.items():
        try:
            verify(name, *row)
            results[name] = ""
        except pytest.skip.Exception as e:
            results[name] = f"skipped: {e}"
        except Exception as e:
            results[name] = f"{type(e).__name__}: {e}"
    return results


def run(*arguments):
    env = {**os.environ, "SCIPY_ARRAY_API": "1", "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


@cache
def in_its_process():
    done = run("-m", "tests.test_third_party")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def of_the_array_api():
    if SCIPY < (1, 17):
        pytest.skip("written for the SciPy that asks arrays for their library almost everywhere")


@pytest.mark.parametrize("name", ARRAY_API)
def test_a_function_for_any_array_library(name):
    of_the_array_api()
    outcome = in_its_process()[name]
    if outcome.startswith("skipped"):
        pytest.skip(outcome)
    assert not outcome


def test_the_programs_of_the_page():
    """Those that need the Array API, in a process that has it; the others are run by `test_readme.py`."""
    of_the_array_api()
    pytest.importorskip("sklearn")
    programs = re.findall(r"^```py\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert programs
    for program in programs:
        done = run("-c", program)
        claims = re.findall(r"# -> (.*)$", program, re.MULTILINE)
        assert done.returncode == 0 and done.stdout.splitlines() == claims, done.stdout + done.stderr


# ---- what cannot work, and the page -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_lose_a_gradient_is_refused(name):
    pytest.importorskip(name.split(".")[0])
    call, args, message = REFUSED[name]
    f = load(name)
    call(f, *args)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises((TypeError, ValueError), match=message):
            grad(lambda *xs: np.sum(call(f, *xs)))(*map(tensor, args))


def test_the_page_lists_them():
    listed = re.findall(r"^\| `([\w.]+)`", PAGE.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted([*UNCHANGED, *ARRAY_API, *REFUSED])


if __name__ == "__main__":
    print(json.dumps(tried()))
