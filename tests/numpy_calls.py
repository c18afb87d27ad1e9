"""A fair call of each of NumPy's functions: expressions that are evaluated on arrays and on Tensors.

The names in them:

    x, y     3 by 4, between 0.3 and 0.95, and between 1.2 and 1.9: no two alike, none whole or half, fit for nearly every function
    c        2 by 3 by 4, like x
    u, v     4 numbers, like x and like y
    t        6 numbers in ascending order;  q the same numbers in another order
    A, B     4 by 4, well-conditioned;  P a positive definite one
    s        one number
    m, i     3 by 4: a mask, and whole numbers from 0 to 3;  k an array of 4 such
    wrote    calls the function on a copy of its first argument, and returns that

Read next: `test_overrides.py`.
"""

import numpy as np

from autograd.overrides.table import DIFFERENTIABLE


def wrote(function, x, *args, **kwargs):
    x = x + 0
    assert function(x, *args, **kwargs) is None
    return x


def filled(function, out, *args, **kwargs):
    """What is in `out` after a call with `out=`."""
    out = out + 0
    assert function(*args, out=out, **kwargs) is out
    return out


def names(seed=0):
    """What the names stand for."""
    rng = np.random.default_rng(seed)

    def numbers(low, high, *shape):
        n = int(np.prod(shape))
        grid = np.linspace(low, high, n + 2)[1:-1] + rng.uniform(-0.2, 0.2) * (high - low) / (n + 2)
        grid[np.abs(grid - 0.5) < 0.01] += 0.011
        return rng.permutation(grid).reshape(shape)

    t = np.sort(numbers(0.3, 0.95, 6))
    a = rng.standard_normal((4, 4))
    return {
        "x": numbers(0.32, 0.93, 3, 4),
        "y": numbers(1.2, 1.9, 3, 4),
        "c": numbers(0.32, 0.93, 2, 3, 4),
        "u": numbers(0.32, 0.93, 4),
        "v": numbers(1.2, 1.9, 4),
        "t": t,
        "q": rng.permutation(t),
        "A": a + 3 * np.eye(4),
        "B": rng.standard_normal((4, 4)),
        "P": a @ a.T + 2 * np.eye(4),
        "s": np.float64(rng.uniform(0.4, 0.45)),
        "m": rng.permutation(np.arange(12) % 2).reshape(3, 4) > 0,
        "i": rng.integers(0, 4, (3, 4)),
        "k": rng.integers(0, 4, 4),
    }


HELPERS = {"np": np, "path": __file__, "wrote": wrote, "filled": filled}

# ---- functions with a gradient ------------------------------------------------------------------------------------

OF_ONE = """
    amax amin around average copy cumprod cumsum cumulative_prod cumulative_sum diff ediff1d fix flip fliplr flipud i0 matrix_transpose
    max mean median min nan_to_num nancumprod nancumsum nanmax nanmean nanmedian nanmin nanprod nanstd nansum nanvar prod ptp ravel real
    real_if_close round sinc sort sort_complex squeeze std sum transpose trapezoid tril triu unique unique_values unwrap var diagflat
    trace diagonal diag gradient atleast_1d atleast_2d atleast_3d corrcoef cov unstack rot90"""
OF_MATRIX = "det inv pinv qr slogdet svdvals cond norm vector_norm matrix_norm diagonal trace matrix_transpose eigvals"
"""Of which f(x), or np.linalg.f(A), is a fair call."""

CALLS = {
    "ufunc.arccosh": ["np.arccosh(y)"],
    "ufunc.imag": ["np._core.umath.imag(x * (1 + 2j))"],
    "ufunc.real": ["np._core.umath.real(x * (1 + 2j))"],
    "ufunc.ldexp": ["np.ldexp(x, i)", "np.ldexp(x, 2)"],
    "ufunc.add": [
        "x + y",
        "np.add(x, y, out=None)",
        "np.add(x, u, dtype=np.float64)",
        "np.add.reduce(x)",
        "np.add.reduce(x, axis=(0, 1))",
        "np.add.reduce(x, axis=1, keepdims=True, initial=s, where=m)",
        "np.add.accumulate(x, axis=1)",
        "np.add.reduceat(x, [0, 2, 1], 1)",
        "np.add.outer(u, v)",
        "wrote(np.add.at, u, [0, 0, 1], v[:3])",
        "filled(np.add, x, x, u)",
        "filled(np.add, x, x, y, where=m)",
        "wrote(np.add.at, x, (i[0] % 3, k), v)",
    ],
    "ufunc.subtract": [
        "np.subtract(x, v)",
        "np.subtract.reduce(x)",
        "np.subtract.outer(u, v)",
        "wrote(np.subtract.at, u, [0, 0, 1], v[:3])",
        "np.subtract.accumulate(x, axis=-1)",
        "filled(np.subtract.reduce, u, x)",
    ],
    "ufunc.multiply": [
        "np.multiply(x, v)",
        "np.multiply.reduce(x)",
        "np.multiply.reduce(x, axis=None)",
        "np.multiply.outer(u, x)",
        "wrote(np.multiply.at, u, [0, 0, 1], v[:3])",
        "np.multiply.accumulate(x)",
        "filled(np.multiply.accumulate, x, x)",
        "np.multiply.reduceat(x, [0, 1])",
    ],
    "ufunc.divide": ["np.divide(x, v)", "np.divide.accumulate(x)", "filled(np.divide, x, x, y, where=m)", "wrote(np.divide.at, u, k, v)"],
    "ufunc.maximum": [
        "np.maximum(x, y)",
        "np.maximum.reduce(x, axis=1)",
        "np.maximum.reduce(x, initial=s, where=m)",
        "np.maximum.accumulate(x, axis=1)",
    ],
    "ufunc.minimum": ["np.minimum(x, y)", "np.minimum.reduce(x, axis=None)"],
    "ufunc.fmax": ["np.fmax(x, y)", "np.fmax.reduce(x)"],
    "ufunc.logaddexp": [
        "np.logaddexp(x, y)",
        "np.logaddexp.reduce(x, axis=1)",
        "np.logaddexp.reduce(x, axis=(0, 1), keepdims=True)",
        "np.logaddexp.reduce(x, where=m)",
        "np.logaddexp.accumulate(x)",
    ],
    "ufunc.hypot": ["np.hypot(x, y)", "np.hypot.reduce(x)", "np.hypot.reduce(x, axis=None, initial=2.0)"],
    "ufunc.power": ["np.power(x, y)", "x ** 2", "np.power.outer(u, v)", "np.power.reduce(x)", "np.power.accumulate(u)"],
    "ufunc.exp": ["np.exp(x)", "filled(np.exp, y, x)", "filled(np.exp, y, x, where=m)", "wrote(np.exp.at, u, [1, 1, 2])"],
    "ufunc.log": ["np.log(x)", "filled(np.log, y, x - 0.5, where=x > 0.5)", "np.log(x, casting='same_kind', order='C', subok=False)"],
    "ufunc.matmul": [
        "np.matmul(x, x.T)",
        "np.matmul(x, u)",
        "np.matmul(u, A)",
        "np.matmul(c, c, axes=[(1, 2), (2, 1), (0, 1)])",
        "filled(np.matmul, A, A, B)",
    ],
    "ufunc.vecdot": ["np.vecdot(x, y)", "np.vecdot(x, y, axis=0)", "np.vecdot(x, v)"],
    "ufunc.matvec": ["np.matvec(x, u)", "np.matvec(c, u)"] if hasattr(np, "matvec") else [],
    "ufunc.vecmat": ["np.vecmat(u, A)", "np.vecmat(u, c.transpose(0, 2, 1))"] if hasattr(np, "vecmat") else [],
    "ufunc.clip": ["np.clip(x, 0.45, 0.75, dtype=float)"],
    "ufunc.negative": ["-x", "wrote(np.negative.at, u, [1, 1, 2])"],
    "numpy.angle": ["np.angle(x + 1j * y)", "np.angle(x, deg=True)"],
    "numpy.append": ["np.append(x, y)", "np.append(x, y, axis=1)"],
    "numpy.apply_along_axis": ["np.apply_along_axis(lambda r: r * r.sum(), 1, x)", "np.apply_along_axis(np.sum, 0, x)"],
    "numpy.apply_over_axes": ["np.apply_over_axes(np.sum, c, [0, 2])"],
    "numpy.array": ["np.array(x, like=x)"],
    "numpy.asarray": ["np.asarray([x, y], like=x)"],
    "numpy.asanyarray": ["np.asanyarray(x, like=x)"],
    "numpy.ascontiguousarray": ["np.ascontiguousarray(x, like=x)"],
    "numpy.asfortranarray": ["np.asfortranarray(x, like=x)"],
    "numpy.require": ["np.require(x, like=x)", "np.require(x, None, ['C'], like=x)"],
    "numpy.full": ["np.full((3, 2), s, like=x)", "np.full((2, 4), u, like=u)"],
    "numpy.full_like": ["np.full_like(x, s)", "np.full_like(x, u, shape=(2, 4))"],
    "numpy.array_split": ["np.array_split(x, 3, axis=1)"],
    "numpy.split": ["np.split(x, [1, 3], axis=1)", "np.split(x, 3)"],
    "numpy.astype": ["np.astype(x, np.float64)", "np.astype(x, np.complex128)"],
    "numpy.average": ["np.average(x, axis=1, weights=v)", "np.average(x, weights=y, returned=True)"],
    "numpy.bincount": ["np.bincount(k, weights=u)", "np.bincount(k, u, minlength=6)"],
    "numpy.block": ["np.block([[x, y], [y, x]])"],
    "numpy.broadcast_arrays": ["np.broadcast_arrays(x, u)", "np.broadcast_arrays(x, s, subok=True)"],
    "numpy.broadcast_to": ["np.broadcast_to(u, (3, 4))"],
    "numpy.choose": ["np.choose(k % 2, [u, v])", "np.choose(k, (u, v), mode='wrap')"],
    "numpy.clip": [
        "np.clip(x, 0.45, 0.75)",
        "np.clip(x, s, None)",
        "np.clip(x, min=0.45)",
        "np.clip(x, max=y - 1)",
        "filled(np.clip, y, x, 0.45, 0.75)",
        "np.clip(a=x, a_min=0.45, a_max=s + 0.3)",
    ],
    "numpy.column_stack": ["np.column_stack([u, v, A])"],
    "numpy.compress": ["np.compress(k > 1, x, axis=1)", "np.compress([True, False, True], x, 0)", "np.compress([True, False, True], x)"],
    "numpy.concatenate": [
        "np.concatenate([x, y])",
        "np.concatenate((x, y), axis=1, dtype=np.complex128)",
        "np.concatenate([x, u], axis=None)",
        "filled(np.concatenate, A[:, 0] * 0 + 1, [u[:1], v[:3]])",
    ],
    "numpy.convolve": ["np.convolve(u, v)", "np.convolve(t, u, mode='same')", "np.convolve(t, u, 'valid')"],
    "numpy.copyto": ["wrote(np.copyto, x, y)", "wrote(np.copyto, x, u, where=m)", "wrote(np.copyto, x, 3, where=m)"],
    "numpy.corrcoef": ["np.corrcoef(x)", "np.corrcoef(u, v)", "np.corrcoef(x, rowvar=False)"],
    "numpy.correlate": ["np.correlate(t, u)", "np.correlate(u, v, mode='full')"],
    "numpy.cov": ["np.cov(x)", "np.cov(u, v, ddof=0)", "np.cov(x, rowvar=False, bias=True)", "np.cov(x, aweights=[1.0, 2.0, 3.0, 1.0])"],
    "numpy.cross": ["np.cross(x.T, y.T)", "np.cross(x, y, axis=0)"],
    "numpy.cumprod": ["np.cumprod(x)", "np.cumprod(x, 1)"],
    "numpy.cumsum": ["np.cumsum(x)", "np.cumsum(x, axis=0, dtype=float)", "filled(np.cumsum, y, x, 1)"],
    "numpy.cumulative_sum": ["np.cumulative_sum(x, axis=1)", "np.cumulative_sum(u, include_initial=True)"],
    "numpy.cumulative_prod": ["np.cumulative_prod(x, axis=1)", "np.cumulative_prod(u, include_initial=True)"],
    "numpy.delete": ["np.delete(x, 1, axis=1)", "np.delete(x, [0, 5])"],
    "numpy.diag": ["np.diag(u)", "np.diag(x, 1)"],
    "numpy.diff": ["np.diff(x)", "np.diff(x, n=2, axis=0)", "np.diff(u, prepend=s, append=1.0)"],
    "numpy.dot": ["np.dot(x, A)", "np.dot(u, v)", "filled(np.dot, A, A, B)"],
    "numpy.dsplit": ["np.dsplit(c, 2)"],
    "numpy.hsplit": ["np.hsplit(x, 2)"],
    "numpy.vsplit": ["np.vsplit(x, 3)"],
    "numpy.dstack": ["np.dstack([x, y])"],
    "numpy.hstack": ["np.hstack([x, y])", "np.hstack([u, v], dtype=np.float64)"],
    "numpy.vstack": ["np.vstack([u, x])", "np.vstack((u, v), casting='safe')"],
    "numpy.stack": ["np.stack([u, v])", "np.stack([x, y], axis=-1)", "np.stack([x, y], 1, dtype=np.complex128)"],
    "numpy.ediff1d": ["np.ediff1d(u)", "np.ediff1d(x, to_end=s, to_begin=[1.0, 2.0])"],
    "numpy.einsum": [
        "np.einsum('ij,kj->ik', x, y)",
        "np.einsum('ij,j', x, u, optimize=True)",
        "np.einsum(x, [0, 1], u, [1], [0])",
        "filled(np.einsum, A, 'ij,jk', A, B)",
    ],
    "numpy.expand_dims": ["np.expand_dims(x, 1)", "np.expand_dims(x, (0, 3))"],
    "numpy.extract": ["np.extract(m, x)"],
    "numpy.fill_diagonal": [
        "wrote(np.fill_diagonal, A, u)",
        "wrote(np.fill_diagonal, A, s)",
        "wrote(np.fill_diagonal, c[0].T, u[:3], wrap=True)",
    ],
    "numpy.flip": ["np.flip(x)", "np.flip(m=x, axis=1)"],
    "numpy.geomspace": ["np.geomspace(s, 3.0, 5)", "np.geomspace(u, v, num=4, axis=1)"],
    "numpy.linspace": [
        "np.linspace(s, 3.0, 5)",
        "np.linspace(u, v, num=4, endpoint=False, axis=1)",
        "np.linspace(0.0, s, 4, retstep=True)",
    ],
    "numpy.logspace": ["np.logspace(s, 1.0, 5)", "np.logspace(u, v, num=4, base=2.0)"],
    "numpy.gradient": ["np.gradient(x)", "np.gradient(t, 0.5)", "np.gradient(x, axis=1, edge_order=2)"],
    "numpy.histogram": ["np.histogram(k, bins=[0, 1, 2, 4], weights=u)", "np.histogram(k, 3, weights=u, density=True)"],
    "numpy.histogram2d": ["np.histogram2d(k, k, bins=[[0, 2, 4], [0, 1, 4]], weights=u)"],
    "numpy.histogramdd": ["np.histogramdd(np.stack([k, k], 1) * 1.0, bins=2, range=[(0, 4), (0, 4)], weights=u)"],
    "numpy.histogram_bin_edges": ["np.histogram_bin_edges(x, 4)"],
    "numpy.imag": ["np.imag(x * (1 + 2j))"],
    "numpy.inner": ["np.inner(x, y)", "np.inner(u, v)"],
    "numpy.insert": ["np.insert(x, 1, u, axis=0)", "np.insert(u, [1, 3], v[:2])", "np.insert(u, 2, s)"],
    "numpy.interp": ["np.interp(u, t, np.arange(6.0))", "np.interp(0.5, t, t * t)", "np.interp(u * 2, t, q, left=-1.0, right=s)"],
    "numpy.intersect1d": ["np.intersect1d(u, np.concatenate([u[:2], v]))"],
    "numpy.union1d": ["np.union1d(u, v)"],
    "numpy.setdiff1d": ["np.setdiff1d(u, v)"],
    "numpy.setxor1d": ["np.setxor1d(u, np.concatenate([u[:2], v]))"],
    "numpy.unique": ["np.unique(x)", "np.unique(x, return_index=True, return_counts=True)", "np.unique(x, axis=0)"],
    "numpy.unique_all": ["np.unique_all(x)"],
    "numpy.unique_counts": ["np.unique_counts(x)"],
    "numpy.unique_inverse": ["np.unique_inverse(x)"],
    "numpy.kron": ["np.kron(x, A)", "np.kron(u, v)"],
    "numpy.max": ["np.max(x)", "np.max(x, 1, None, True)", "np.max(x, axis=0, initial=s, where=m)", "np.max(x, keepdims=np._NoValue)"],
    "numpy.amax": ["np.amax(x, axis=1)"],
    "numpy.amin": ["np.amin(x, axis=(0, 1), keepdims=True)"],
    "numpy.min": ["np.min(x, axis=1)", "np.min(x, axis=0, initial=s, where=m)", "filled(np.min, u, x, 0)"],
    "numpy.mean": ["np.mean(x)", "np.mean(x, 1, float, None, True)", "np.mean(x, axis=0, where=m | (i > 1))"],
    "numpy.median": ["np.median(x, axis=1)", "np.median(x, None, None, True, True)"],
    "numpy.meshgrid": ["np.meshgrid(u, v)", "np.meshgrid(u, v, indexing='ij', sparse=True)", "np.meshgrid(u, t, copy=False)"],
    "numpy.moveaxis": ["np.moveaxis(c, 0, -1)", "np.moveaxis(c, (0, 1), (2, 0))"],
    "numpy.nan_to_num": ["np.nan_to_num(x)", "np.nan_to_num(x, copy=False, nan=1.0)"],
    "numpy.nansum": ["np.nansum(x)", "np.nansum(np.where(m, x, np.nan), axis=0, initial=s)", "np.nansum(x, 0, where=m)"],
    "numpy.nanprod": ["np.nanprod(np.where(m, x, np.nan), axis=0, keepdims=True)"],
    "numpy.nanmean": ["np.nanmean(np.where(i != 1, x, np.nan))", "np.nanmean(x, axis=None, where=m)"],
    "numpy.nanvar": ["np.nanvar(np.where(i != 1, x, np.nan), ddof=1)", "np.nanvar(x, where=m)"],
    "numpy.nanstd": ["np.nanstd(np.where(i != 1, x, np.nan), correction=1)", "np.nanstd(x, mean=np.mean(x, keepdims=True))"],
    "numpy.nanmax": ["np.nanmax(x, axis=0)", "np.nanmax(x, initial=s, where=m)"],
    "numpy.nanmin": ["np.nanmin(x, axis=0, keepdims=True)"],
    "numpy.nanmedian": ["np.nanmedian(np.where(i != 1, x, np.nan))", "np.nanmedian(x, axis=1, keepdims=True)"],
    "numpy.nanpercentile": ["np.nanpercentile(x, 30.0)", "np.nanpercentile(np.where(i != 1, x, np.nan), [30.0, 60.0])"],
    "numpy.nanquantile": ["np.nanquantile(x, 0.3, axis=1)"],
    "numpy.outer": ["np.outer(u, v)", "filled(np.outer, A, u, v)"],
    "numpy.pad": [
        "np.pad(x, 1)",
        "np.pad(x, ((1, 2), (0, 1)), mode='edge')",
        "np.pad(x, 1, 'reflect')",
        "np.pad(x, 1, constant_values=s)",
        "np.pad(x, 1, mode='mean', stat_length=2)",
        "np.pad(x, 1, 'linear_ramp', end_values=2.0)",
    ],
    "numpy.partition": ["np.sort(np.partition(u, 2)[:2])"],
    "numpy.percentile": ["np.percentile(x, 30.0)", "np.percentile(x, [30.0, 60.0], axis=1, method='linear', keepdims=True)"],
    "numpy.quantile": ["np.quantile(x, 0.3)", "np.quantile(x, 0.3, 1, None, False, 'linear', True)"],
    "numpy.piecewise": ["np.piecewise(x, [x < 0.5, x >= 0.5], [lambda z: z * z, lambda z: 3 * z])", "np.piecewise(x, [m], [np.sin, 2.0])"],
    "numpy.place": ["wrote(np.place, x, m, y)", "wrote(np.place, x, m, v[:2])"],
    "numpy.put": ["wrote(np.put, x, [0, 5, -1], v[:3])", "wrote(np.put, x, [0, 15], v[:1], mode='wrap')"],
    "numpy.putmask": ["wrote(np.putmask, x, m, y)", "wrote(np.putmask, x, m, v)", "wrote(np.putmask, x, x > 0.5, 2.0)"],
    "numpy.put_along_axis": ["wrote(np.put_along_axis, x, np.argmax(y, axis=1, keepdims=True), s, axis=1)"],
    "numpy.poly": ["np.poly(u)", "np.poly(A)"],
    "numpy.polyadd": ["np.polyadd(u, t)"],
    "numpy.polyder": ["np.polyder(t)", "np.polyder(t, 2)"],
    "numpy.polydiv": ["np.polydiv(t, u)"],
    "numpy.polyfit": ["np.polyfit(t, q, 2)", "np.polyfit(t, q, 1, w=np.arange(1.0, 7.0))"],
    "numpy.polyint": ["np.polyint(u)", "np.polyint(u, m=2, k=[1.0, 2.0])"],
    "numpy.polymul": ["np.polymul(u, v)"],
    "numpy.polysub": ["np.polysub(u, t)"],
    "numpy.polyval": ["np.polyval(u, x)", "np.polyval(u, s)"],
    "numpy.roots": ["np.sort_complex(np.roots(u))"],
    "numpy.vander": ["np.vander(u)", "np.vander(u, 3, increasing=True)"],
    "numpy.prod": ["np.prod(x)", "np.prod(x, axis=0, keepdims=True, initial=s, where=m)", "np.prod(x, 0, float, None, False)"],
    "numpy.ptp": ["np.ptp(x)", "np.ptp(x, axis=0)", "filled(np.ptp, u, x, 0)"],
    "numpy.ravel": ["np.ravel(x)", "np.ravel(x, order='F')"],
    "numpy.repeat": ["np.repeat(x, 2)", "np.repeat(x, [1, 0, 2], axis=0)"],
    "numpy.reshape": [
        "np.reshape(x, (4, 3))",
        "np.reshape(x, -1, order='F', copy=True)",
        "np.reshape(x, shape=(2, 6))",
    ],
    "numpy.resize": ["np.resize(x, (5, 4))"],
    "numpy.roll": ["np.roll(x, 2)", "np.roll(x, (1, 1), axis=(0, 1))"],
    "numpy.rollaxis": ["np.rollaxis(c, 2)"],
    "numpy.select": ["np.select([x < 0.4, x < 0.6], [x, y], default=2.0)"],
    "numpy.sort": [
        "np.sort(x)",
        "np.sort(x, axis=None)",
        "np.sort(x, axis=0, kind='stable')",
        "np.sort(x, stable=True)",
        "np.sort(x, 0, descending=True)",
    ],
    "numpy.squeeze": ["np.squeeze(x[None])", "np.squeeze(x[:, None], axis=1)"],
    "numpy.std": [
        "np.std(x)",
        "np.std(x, axis=0, ddof=1, keepdims=True)",
        "np.std(x, where=m)",
        "np.std(x, 1, float, None, 1, True)",
        "np.std(x, axis=1, mean=np.mean(x, axis=1, keepdims=True))",
    ],
    "numpy.var": ["np.var(x)", "np.var(x, axis=0, correction=1)", "np.var(x, where=m, ddof=1)", "filled(np.var, u, x, 0)"],
    "numpy.sum": [
        "np.sum(x)",
        "np.sum(a=x, axis=0)",
        "np.sum(x, 1, float, None, True)",
        "np.sum(x, axis=(0, 1), initial=s, where=m)",
        "filled(np.sum, u, x, axis=0)",
        "np.sum(x, keepdims=np._NoValue)",
    ],
    "numpy.swapaxes": ["np.swapaxes(c, 0, 2)"],
    "numpy.take": ["np.take(x, [0, 5, 0])", "np.take(x, k, axis=1)", "np.take(x, [9, -7], 0, None, 'wrap')"],
    "numpy.take_along_axis": ["np.take_along_axis(x, np.argsort(x, axis=1), axis=1)"],
    "numpy.tensordot": ["np.tensordot(x, y, axes=([0], [0]))", "np.tensordot(c, A, 1)"],
    "numpy.tile": ["np.tile(x, 2)", "np.tile(A=u, reps=(2, 2))"],
    "numpy.trace": ["np.trace(A)", "np.trace(c, 1, 1, 2)", "np.trace(A, dtype=np.float64)"],
    "numpy.transpose": ["np.transpose(x)", "np.transpose(c, (2, 0, 1))"],
    "numpy.trapezoid": ["np.trapezoid(x)", "np.trapezoid(u, dx=0.5)", "np.trapezoid(q, t)"],
    "numpy.trim_zeros": ["np.trim_zeros(np.concatenate([[0.0], u, [0.0]]))"],
    "numpy.unwrap": ["np.unwrap(np.cumsum(x * 5))", "np.unwrap(x * 9, axis=0, period=2.0)"],
    "numpy.vdot": ["np.vdot(u, v)", "np.vdot(x, y)"],
    "numpy.where": ["np.where(m, x, y)", "np.where(x > 0.5, x, 0)"],
    "numpy.linalg.cholesky": ["np.linalg.cholesky(P + P.T)", "np.linalg.cholesky(P + P.T, upper=True)"],
    "numpy.linalg.cond": ["np.linalg.cond(A)", "np.linalg.cond(A, 'fro')"],
    "numpy.linalg.cross": ["np.linalg.cross(x.T, y.T)", "np.linalg.cross(x, y, axis=0)"],
    "numpy.linalg.eig": ["np.linalg.eig(A)[0]"],
    "numpy.linalg.eigh": ["np.linalg.eigh(P + P.T)[0]", "np.linalg.eigh(P + P.T, UPLO='U').eigenvalues"],
    "numpy.linalg.eigvalsh": ["np.linalg.eigvalsh(P + P.T)", "np.linalg.eigvalsh(P + P.T, 'U')"],
    "numpy.linalg.lstsq": ["np.linalg.lstsq(A[:, :2], u, rcond=None)[0]", "np.linalg.lstsq(A, B)[0]"],
    "numpy.linalg.matmul": ["np.linalg.matmul(x, A)"],
    "numpy.linalg.matrix_power": ["np.linalg.matrix_power(A, 3)", "np.linalg.matrix_power(A, -2)"],
    "numpy.linalg.matrix_norm": [
        "np.linalg.matrix_norm(A)",
        "np.linalg.matrix_norm(A, ord=1, keepdims=True)",
        "np.linalg.matrix_norm(c, ord='nuc')",
    ],
    "numpy.linalg.multi_dot": ["np.linalg.multi_dot([x, A, u])"],
    "numpy.linalg.norm": [
        "np.linalg.norm(x)",
        "np.linalg.norm(x, axis=1)",
        "np.linalg.norm(x, 2)",
        "np.linalg.norm(x, ord=3, axis=0, keepdims=True)",
    ],
    "numpy.linalg.outer": ["np.linalg.outer(u, v)"],
    "numpy.linalg.solve": ["np.linalg.solve(A, B)", "np.linalg.solve(A, u)"],
    "numpy.linalg.svd": ["np.linalg.svd(A)[1]", "np.linalg.svd(A, compute_uv=False)", "np.linalg.svd(P + P.T, hermitian=True).S"],
    "numpy.linalg.tensordot": ["np.linalg.tensordot(x, A, axes=1)"],
    "numpy.linalg.tensorinv": ["np.linalg.tensorinv(A.reshape(2, 2, 4), ind=2)"],
    "numpy.linalg.tensorsolve": ["np.linalg.tensorsolve(A.reshape(4, 2, 2), u)"],
    "numpy.linalg.vecdot": ["np.linalg.vecdot(x, y)", "np.linalg.vecdot(x, y, axis=0)"],
    "numpy.linalg.vector_norm": ["np.linalg.vector_norm(x)", "np.linalg.vector_norm(x, axis=1, ord=3)"],
    "numpy.linalg.trace": ["np.linalg.trace(A)", "np.linalg.trace(c, offset=1)"],
    "numpy.linalg.diagonal": ["np.linalg.diagonal(c)"],
    "numpy.lib.scimath.logn": ["np.emath.logn(2.0, x)"],
    "numpy.lib.scimath.power": ["np.emath.power(x, y)", "np.emath.power(-x, 2)"],
    "numpy.lib.scimath.sqrt": ["np.emath.sqrt(x)", "np.emath.sqrt(-x)"],
    "numpy.lib.scimath.log": ["np.emath.log(x)", "np.emath.log(-x)"],
    "numpy.lib.stride_tricks.sliding_window_view": [
        "np.lib.stride_tricks.sliding_window_view(u, 2)",
        "np.lib.stride_tricks.sliding_window_view(x, (2, 2))",
    ],
    "numpy.polynomial.polynomial.polyval2d": ["np.polynomial.polynomial.polyval2d(u, v, x)"],
    "numpy.polynomial.polynomial.polyvalnd": [
        "np.polynomial.polynomial.polyvalnd([u, v, u], c)",
        "np.polynomial.polynomial.polyvalnd(x[:2], y)",
        "np.polynomial.polynomial.polyvalnd((s, 2.0), x)",
    ],
    "numpy.polynomial.polynomial.polygrid2d": ["np.polynomial.polynomial.polygrid2d(u, v[:2], x)"],
    "numpy.fft.fftshift": ["np.fft.fftshift(x)", "np.fft.fftshift(x, axes=1)"],
    "numpy.fft.ifftshift": ["np.fft.ifftshift(x)"],
    "numpy.fft.fft": ["np.fft.fft(x)", "np.fft.fft(x, 3, axis=0, norm='ortho')"],
    "numpy.fft.irfft": ["np.fft.irfft(x)", "np.fft.irfft(x, n=5)"],
    "numpy.fft.rfft": ["np.fft.rfft(x)", "np.fft.rfft(x, 5, 0, 'forward')"],
}


def differentiable_calls():
    """All calls of functions with a gradient, by the name of the row."""
    calls = {}
    for module, given in DIFFERENTIABLE.items():
        for short in given.split():
            name = f"{module}.{short}"
            if name in CALLS:
                calls[name] = CALLS[name]
            elif module == "ufunc":
                ufunc = getattr(np, short)
                calls[name] = [f"np.{short}(x)" if ufunc.nin == 1 else f"np.{short}(x, y)"]
            elif module == "numpy" and short in OF_ONE.split():
                calls[name] = [f"np.{short}(x)"]
            elif module == "numpy.linalg" and short in OF_MATRIX.split():
                calls[name] = [f"np.linalg.{short}(A)"]
            elif module in ("numpy.fft", "numpy.lib.scimath"):
                calls[name] = [f"np.{'fft' if module == 'numpy.fft' else 'emath'}.{short}(x)"]
            else:
                raise AssertionError(f"{name} is differentiable: write a call of it into tests/numpy_calls.py")
    return calls


# ---- functions without one ----------------------------------------------------------------------------------------

OF_ONE_CONSTANT = """
    all any argmax argmin argsort argwhere array2string array_repr array_str count_nonzero empty_like flatnonzero iscomplex iscomplexobj
    isneginf isposinf isreal isrealobj min_scalar_type nanargmax nanargmin ndim nonzero ones_like result_type shape size
    tril_indices_from triu_indices_from zeros_like common_type"""

CONSTANT_CALLS = {
    "numpy.all": ["np.all(x > 0.5, axis=0)", "np.all(x, where=m, keepdims=True)"],
    "numpy.any": ["np.any(x > 0.5, axis=0)", "np.any(x, where=m)"],
    "numpy.allclose": ["np.allclose(x, x + 1e-12)", "np.allclose(x, y, atol=9.0)"],
    "numpy.arange": ["np.arange(3.0, like=x)"],
    "numpy.argmax": ["np.argmax(x)", "np.argmax(x, axis=0, keepdims=True)"],
    "numpy.argpartition": ["np.argpartition(x, 2)[:, 2]", "np.argpartition(x, 1, kind='introselect')[:, 1]"],
    "numpy.argsort": [
        "np.argsort(x)",
        "np.argsort(x, axis=None, kind='stable')",
        "np.argsort(x, stable=True)",
        "np.argsort(x, 0, descending=True)",
    ],
    "numpy.array_equal": ["np.array_equal(x, y)", "np.array_equal(x, x, equal_nan=True)"],
    "numpy.array_equiv": ["np.array_equiv(u, [u, u])"],
    "numpy.array2string": ["np.array2string(x, precision=2)"],
    "numpy.can_cast": ["np.can_cast(x.dtype, np.float32)"],
    "numpy.diag_indices_from": ["np.diag_indices_from(A)"],
    "numpy.digitize": ["np.digitize(x, [0.4, 0.6])", "np.digitize(x, t, right=True)"],
    "numpy.einsum_path": ["np.einsum_path('ij,kj->ik', x, y)"],
    "numpy.empty": ["np.empty(0, like=x)"],
    "numpy.eye": ["np.eye(2, 3, like=x)"],
    "numpy.empty_like": ["np.empty_like(x) * 0", "np.empty_like(x, dtype=int, shape=(2,)) * 0"],
    "numpy.fromfile": ["np.fromfile(path, np.uint8, 8, like=x)"],
    "numpy.frombuffer": ["np.frombuffer(b'12345678', like=x)"],
    "numpy.fromiter": ["np.fromiter(range(3), float, like=x)"],
    "numpy.fromfunction": ["np.fromfunction(lambda a, b: a + b, (2, 2), like=x)"],
    "numpy.fromstring": ["np.fromstring('1 2', sep=' ', like=x)"],
    "numpy.genfromtxt": ["np.genfromtxt(['1 2', '3 4'], like=x)"],
    "numpy.loadtxt": ["np.loadtxt(['1 2', '3 4'], like=x)"],
    "numpy.identity": ["np.identity(2, like=x)"],
    "numpy.ones": ["np.ones((2, 2), like=x)"],
    "numpy.zeros": ["np.zeros(2, int, like=x)"],
    "numpy.tri": ["np.tri(2, 3, like=x)"],
    "numpy.in1d": ["np.in1d(x, u)"] if hasattr(np, "in1d") and np.__version__ < "2.4" else [],
    "numpy.isclose": ["np.isclose(x, x + 1e-9)"],
    "numpy.isin": ["np.isin(x, x[0])", "np.isin(x, u, invert=True)"],
    "numpy.ix_": ["np.ix_(k, i[0])"],
    "numpy.lexsort": ["np.lexsort((u, v))"],
    "numpy.may_share_memory": ["np.may_share_memory(x, y)"],
    "numpy.shares_memory": ["np.shares_memory(x, y)"],
    "numpy.packbits": ["np.packbits(m)", "np.packbits(m, axis=1, bitorder='little')"],
    "numpy.unpackbits": ["np.unpackbits(i.astype(np.uint8), axis=1)"],
    "numpy.ones_like": ["np.ones_like(x)", "np.ones_like(x, dtype=int, shape=2)"],
    "numpy.zeros_like": ["np.zeros_like(x)", "np.zeros_like(x, np.float32, 'F', False, (2, 2))"],
    "numpy.ravel_multi_index": ["np.ravel_multi_index((k, k), (4, 5))"],
    "numpy.unravel_index": ["np.unravel_index(i, (2, 2))"],
    "numpy.result_type": ["np.result_type(x, np.float32)"],
    "numpy.size": ["np.size(x, 1)"],
    "numpy.save": ["np.save(file(), x)"],
    "numpy.savetxt": ["np.savetxt(file(), x)"],
    "numpy.savez": ["np.savez(file(), x, second=y)"],
    "numpy.savez_compressed": ["np.savez_compressed(file(), x)"],
    "numpy.searchsorted": ["np.searchsorted(t, u)", "np.searchsorted(q, u, side='right', sorter=np.argsort(q))"],
    "numpy.linalg.matrix_rank": ["np.linalg.matrix_rank(A)", "np.linalg.matrix_rank(c, tol=0.1)"],
    "ufunc.invert": ["np.invert(i)"],
    "ufunc.bitwise_count": ["np.bitwise_count(i)"],
    "ufunc.less": ["x < y", "np.less.outer(u, v)", "filled(np.less, m, x, 0.5)"],
    "ufunc.logical_and": ["np.logical_and.reduce(x > 0.5, axis=1)"],
    "ufunc.logical_xor": ["np.logical_xor(x, y)", "np.logical_xor.reduce(x > 0.5)"],
    "ufunc.bitwise_or": ["np.bitwise_or(i, 1)", "np.bitwise_or.reduce(i, axis=1)"],
    "ufunc.gcd": ["np.gcd(i, k)", "np.gcd.reduce(i, axis=None)"],
}


def constant_calls(names_of_rows):
    """All calls of functions without a gradient, by the name of the row."""
    calls = {}
    for name in names_of_rows:
        module, _, short = name.rpartition(".")
        if name in CONSTANT_CALLS:
            calls[name] = CONSTANT_CALLS[name]
        elif module == "ufunc":
            whole = short.startswith("bitwise") or "shift" in short or short in ("lcm", "gcd")
            calls[name] = [f"np.{short}({'i, k' if whole else 'x, y'})" if getattr(np, short).nin == 2 else f"np.{short}(x)"]
        else:
            assert short in OF_ONE_CONSTANT.split(), f"{name} is classified as value-only: write a call of it into tests/numpy_calls.py"
            calls[name] = [f"np.{short}({'A' if 'indices' in short else 'x'})"]
    return calls
