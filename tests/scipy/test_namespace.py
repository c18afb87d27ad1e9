"""Can everything be imported as programs for HIPS/autograd import it, and what is said where SciPy is missing?"""

import subprocess
import sys

import numpy as np
import pytest

from autograd import ops

IMPORTS = """
import autograd.scipy
import autograd.scipy as sp
import autograd.scipy.special
import autograd.scipy.stats
import autograd.scipy.signal
import autograd.scipy.stats as sps
import autograd.scipy.stats.norm as norm
import autograd.scipy.stats.multivariate_normal as mvn
from autograd.scipy import integrate, linalg, misc, signal, special, stats
from autograd.scipy.integrate import odeint
from autograd.scipy.linalg import solve_triangular, sqrtm
from autograd.scipy.misc import logsumexp
from autograd.scipy.signal import convolve
from autograd.scipy.special import beta, betainc, betaln, digamma, erf, erfc, erfcinv, erfinv, expit, gamma, gammainc, gammaincc, gammaln
from autograd.scipy.special import gammasgn, i0, i1, iv, ive, j0, j1, jn, logit, logsumexp, multigammaln, polygamma, psi, rgamma, y0, y1, yn
from autograd.scipy.stats import beta, chi2, dirichlet, gamma, norm, poisson, t
from autograd.scipy.stats.norm import cdf, logcdf, logpdf, logsf, pdf, sf
assert norm.logpdf(0.0) < 0 and mvn.logpdf([0.0], [0.0], [[1.0]]) < 0 and sp.special.expit(0.0) == 0.5
"""


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_imports():
    found = python(IMPORTS)
    assert not found.returncode, found.stderr


def test_scipy_is_imported_when_it_is_needed():
    code = """
import sys
import autograd, autograd.numpy, autograd.scipy
from autograd.scipy.signal import convolve
from autograd.scipy.stats import expon, uniform
expon.logpdf(1.0), uniform.cdf(0.3), convolve([1.0], [2.0])
assert "scipy" not in sys.modules
sys.modules["scipy"] = None
for call in ("autograd.scipy.special.gamma(1.0)", "autograd.scipy.stats.norm.cdf(1.0)", "autograd.scipy.stats.norm.rvs()",
             "autograd.scipy.integrate.odeint(lambda y, t: -y, 1.0, [0.0, 1.0])", "autograd.scipy.signal.get_window"):
    try:
        eval(call)
    except ImportError as error:
        assert 'pip install "onetape[scipy]"' in str(error), (call, error)
    else:
        raise AssertionError(call)
"""
    found = python(code)
    assert not found.returncode, found.stderr


def test_what_is_not_there():
    import autograd.scipy

    with pytest.raises(AttributeError, match="it has integrate, linalg, misc, signal, special, stats"):
        _ = autograd.scipy.nothing
    assert {"special", "stats"} <= set(dir(autograd.scipy))
    assert "norm" in dir(autograd.scipy.stats) and "expit" in dir(autograd.scipy.special)


def test_numpys_fft_records_too():
    """`np.fft` and `autograd.numpy.fft` on Tensors, and under `grad`."""
    import autograd.numpy as anp
    from autograd import grad

    x = np.random.default_rng(0).normal(size=6)
    for module in (np.fft, anp.fft):
        g = grad(lambda x, m=module: np.sum(np.real(m.ifft(m.fft(x, norm="ortho") * np.arange(6))) ** 2))(x)
        assert np.allclose(g, grad(lambda x: np.sum(np.real(ops.ifft(ops.fft(x, norm="ortho") * np.arange(6))) ** 2))(x)) and g.any()
        assert np.array_equal(grad(lambda x, m=module: np.sum(m.fftshift(x) * m.fftfreq(6)))(x), np.fft.ifftshift(np.fft.fftfreq(6)))
        assert np.array_equal(grad(lambda x, m=module: m.irfftn(m.rfftn(x, s=(8,), axes=(0,)), (8,), [0])[2])(x).round(12), np.eye(6)[2])
