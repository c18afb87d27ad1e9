"""Are inputs centred, scaled and decorrelated as the formulas say, and back again, and saved with the model?

Read next: `test_transforms.py`.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from nn import data
from nn.data import preprocessing, transforms

KINDS = [data.MeanImage, data.ChannelMean, data.ChannelStandardize, data.MinMax, data.PCA, data.ZCA,
         lambda dtype=np.float32: data.PCA(4, whiten=True, dtype=dtype)]
IDS = ["MeanImage", "ChannelMean", "ChannelStandardize", "MinMax", "PCA", "ZCA", "whitened PCA"]


def images(n=50, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2, 3, 4)) @ rng.normal(size=(4, 4))  # correlated
    return x * np.array([1, 5]).reshape(2, 1, 1) + np.array([100, -3]).reshape(2, 1, 1)


X = images()


def test_the_formulas():
    axes = (0, 2, 3)
    expected = {
        data.MeanImage: X - X.mean(axis=0),
        data.ChannelMean: X - X.mean(axis=axes, keepdims=True),
        data.ChannelStandardize: (X - X.mean(axis=axes, keepdims=True)) / X.std(axis=axes, keepdims=True),
        data.MinMax: (X - X.min(axis=axes, keepdims=True)) / np.ptp(X, axis=axes, keepdims=True),
    }
    for kind, y in expected.items():
        np.testing.assert_allclose(kind(dtype=np.float64).fit(X)(X), y, rtol=1e-10, atol=1e-10)


def test_pca_and_zca_by_singular_values():
    flat = X.reshape(50, -1)
    centred = flat - flat.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    pca = data.PCA(5, dtype=np.float64).fit(X)
    np.testing.assert_allclose(np.abs(pca(X)), np.abs(centred @ vt[:5].T), atol=1e-8)
    np.testing.assert_allclose(pca.variance.data, s[:5] ** 2 / 50, rtol=1e-9)
    white = data.PCA(whiten=True, eps=0, dtype=np.float64).fit(X)(X)
    np.testing.assert_allclose(white.T @ white / 50, np.eye(24), atol=1e-6)
    zca = data.ZCA(eps=0.1, dtype=np.float64).fit(X)
    np.testing.assert_allclose(zca(X).reshape(50, -1), centred @ vt.T @ np.diag(1 / np.sqrt(s ** 2 / 50 + 0.1)) @ vt, atol=1e-8)
    assert zca(X).shape == X.shape and pca(X[0]).shape == (5,)
    tight = data.ZCA(eps=0, dtype=np.float64).fit(X)(X).reshape(50, -1)
    np.testing.assert_allclose(tight.T @ tight / 50, np.eye(24), atol=1e-6)


@pytest.mark.parametrize("make", KINDS[:6], ids=IDS[:6])
@given(seed=st.integers(0, 100), single=st.booleans(), dtype=st.sampled_from([np.float32, np.float64]))
def test_there_and_back(make, seed, single, dtype):
    x = images(30, seed)
    fitted = make(dtype=dtype).fit(x)
    x = (x[3] if single else x).astype(dtype)
    back = fitted.inverse(fitted(x))
    assert back.dtype == dtype and back.shape == x.shape
    np.testing.assert_allclose(back, x, rtol=1e-3 if dtype == np.float32 else 1e-8, atol=1e-2 if dtype == np.float32 else 1e-8)


@pytest.mark.parametrize("make", KINDS, ids=IDS)
def test_one_sample_a_batch_a_tensor_and_a_data_set(make):
    fitted = make(dtype=np.float64).fit(X)
    y = fitted(X)
    assert isinstance(y, np.ndarray)
    np.testing.assert_allclose(fitted(X[2]), y[2], atol=1e-9)
    z = fitted(autograd.tensor(X))
    assert isinstance(z, autograd.Tensor) and isinstance(fitted.inverse(z), autograd.Tensor)
    np.testing.assert_allclose(z.data, y, atol=1e-9)
    np.testing.assert_allclose(data.ArrayDataset(X, transform=fitted).__getitems__([2, 4])[0], y[[2, 4]], atol=1e-9)
    np.testing.assert_allclose(transforms.Compose([fitted])(X[2]), y[2], atol=1e-9)


@pytest.mark.parametrize("make", KINDS[:4], ids=IDS[:4])
@given(seed=st.integers(0, 10 ** 6), dtype=st.sampled_from([np.float32, np.float64]))
def test_alone_and_in_a_batch_the_same_bits(make, seed, dtype):
    x = np.random.default_rng(seed).normal(size=(70, 3, 5, 7)).astype(dtype)
    dataset = data.ArrayDataset(x, transform=make().fit(x))
    order = np.random.default_rng(seed).permutation(70)
    together = dataset.__getitems__(order)[0]
    for size in (1, 17, 45):
        for start in range(0, 70 if size > 1 else 5, size):
            part = dataset.__getitems__(order[start: start + size])[0]
            np.testing.assert_array_equal(part, together[start: start + size], strict=True)


@pytest.mark.parametrize("make", KINDS, ids=IDS)
def test_many_chunks_are_as_one(make, monkeypatch):
    one = make(dtype=np.float64).fit(X).state_dict()
    monkeypatch.setattr(preprocessing, "CHUNK", 7)
    plain = [(row, 0) for row in X]
    for source in (X, data.ArrayDataset(X, np.arange(50)), plain, data.ArrayDataset(X, names=["x"]), list(X)):
        if source is plain or type(source) is list:
            source = [(np.asarray(x, np.float32) if not isinstance(x, tuple) else (x[0].astype(np.float32), 0)) for x in source]
        many = make(dtype=np.float64).fit(source).state_dict()
        exact = isinstance(source, np.ndarray | data.ArrayDataset)
        for name, value in one.items():
            if name not in ("components", "directions") or exact:
                np.testing.assert_allclose(many[name], value, rtol=1e-7 if exact else 1e-3, atol=1e-7 if exact else 1e-2)


@pytest.mark.parametrize("make", KINDS, ids=IDS)
def test_saved_with_the_model(make, tmp_path):
    def model():
        return nn.Sequential(make(), nn.Flatten(), nn.LazyLinear(3))

    x = X.astype(np.float32)
    one = model()
    one[0].fit(x)
    expected = one(x).data
    autograd.save(one.state_dict(), tmp_path / "model.npz")
    other = model()
    other.load_state_dict(autograd.load(tmp_path / "model.npz"))
    np.testing.assert_array_equal(other(x).data, expected)
    assert not list(one[0].parameters()) and "samples of" in repr(one[0])


def test_a_state_that_does_not_fit_changes_nothing():
    scale = data.ChannelStandardize()
    with pytest.raises(RuntimeError, match="std"):
        scale.load_state_dict({"mean": np.zeros((2, 1, 1))})
    assert scale.mean is None and scale.std is None and "not fitted" in repr(scale)
    scale.fit(X)
    before = scale.state_dict()
    with pytest.raises(RuntimeError, match="std"):
        scale.load_state_dict({"mean": np.zeros((5, 1, 1))})
    assert all((scale.state_dict()[name] == value).all() for name, value in before.items())
    assert scale.fit(np.zeros((4, 5))).mean.shape == (5,)  # fitted anew, to other shapes


def test_channels_that_do_not_vary():
    x = np.stack([np.full(9, 0.1), np.arange(9.0)], axis=1)
    for kind in (data.ChannelStandardize, data.MinMax):
        fitted = kind(dtype=np.float64).fit(x)
        np.testing.assert_allclose(fitted(x)[:, 0], 0, atol=1e-12)
        np.testing.assert_allclose(fitted.inverse(fitted(x)), x)
    assert np.isfinite(data.ZCA().fit(x)(x)).all()


def test_large_offsets_lose_nothing():
    x = np.random.default_rng(0).normal(size=(5000, 1)) + 1e9
    np.testing.assert_allclose(data.ChannelStandardize(dtype=np.float64).fit(x).std.data, x.std(axis=0), rtol=1e-9)


def test_gradients_flow_through():
    scale = data.ChannelStandardize(dtype=np.float64).fit(X)
    x = autograd.tensor(X, requires_grad=True)
    scale(x).sum().backward()
    np.testing.assert_allclose(x.grad.data, np.broadcast_to(1 / scale.std.data, X.shape))


@pytest.mark.parametrize("make, error, says", [
    (lambda: data.MeanImage()(X), RuntimeError, "not fitted"), (lambda: data.PCA().inverse(X), RuntimeError, "not fitted"),
    (lambda: data.MinMax().fit(X[:0]), ValueError, "no data"), (lambda: data.MinMax().fit(3), TypeError, "data set"),
    (lambda: data.MinMax().fit(np.zeros(3)), ValueError, "of some shape"),
    (lambda: data.ZCA().fit(np.where(np.arange(50)[:, None, None, None] == 7, np.nan, X)), ValueError, "sample 7 has 24 values"),
    (lambda: data.MeanImage().fit(X)(X[:, :, :2]), ValueError, r"fitted to samples of shape \(2, 3, 4\)"),
    (lambda: data.ChannelMean().fit(X)(np.zeros((3, 9, 9))), ValueError, r"\(2, 1, 1\)"),
    (lambda: data.MeanImage().fit(X)(np.zeros((2, 3, 4), np.uint8)), TypeError, "ToFloat"),
    (lambda: data.PCA(25).fit(X), ValueError, "24 numbers"), (lambda: data.PCA(0), ValueError, "at least 1"),
    (lambda: data.PCA(eps=-1), ValueError, "eps"), (lambda: data.ZCA(eps=-1), ValueError, "eps"),
])
def test_what_is_refused(make, error, says):
    with pytest.raises(error, match=says):
        make()
