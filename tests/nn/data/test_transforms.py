"""Is a sample changed in the same way alone and in a batch, and as torchvision, Pillow and SciPy would change it?

Read next: `test_loader.py`.
"""

import colorsys
import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps
from scipy import ndimage

import nn
from nn.data import Draws, transforms
from nn.data.draws import draws_for, rooted
from nn.data.transforms import affine, color, randaugment, resize
from nn.data.transforms.mix import Mix
from nn.data.transforms.transform import transformed

CASES = [
    transforms.Compose([transforms.RandomCrop(8, padding=2), transforms.RandomHorizontalFlip(), lambda x, rng: x + rng.random(1)]),
    transforms.RandomApply([transforms.RandomVerticalFlip(1), transforms.GaussianNoise()], 0.6),
    transforms.RandomChoice([transforms.Cutout(4), transforms.RandomHorizontalFlip(1), lambda x: 1 - x], [1, 2, 3]),
    transforms.ToFloat(), transforms.Normalize([0.1, 0.2, 0.3], [1, 2, 3]),
    transforms.RandomHorizontalFlip(), transforms.RandomVerticalFlip(0.3), transforms.Pad((1, 2, 3, 0), 0.5), transforms.CenterCrop(6),
    transforms.RandomCrop((5, 7)), transforms.RandomCrop(12, pad_if_needed=True, padding_mode="reflect"), transforms.FiveCrop(5),
    transforms.TenCrop((4, 6)), transforms.Resize((5, 13)), transforms.RandomResizedCrop(8), transforms.RandomRotation(40, fill=0.3),
    transforms.RandomAffine(20, (0.2, 0.1), (0.7, 1.4), (-10, 10, -5, 5)), transforms.RandomAffine(20, interpolation="nearest"),
    transforms.RandomScale(), transforms.ColorJitter(0.5, 0.4, 0.6, 0.2), transforms.Grayscale(3), transforms.RandomGrayscale(0.5),
    transforms.GaussianBlur((3, 5)), transforms.GaussianNoise(0.1, 0.2), transforms.GaussianNoise(clip=False), transforms.Cutout(5, p=0.7),
    transforms.RandomErasing(0.8), transforms.RandomErasing(1, value="random"), transforms.RandAugment(3, 12),
]
BYTES = (transforms.RandomHorizontalFlip, transforms.RandomCrop, transforms.RandomResizedCrop, transforms.RandomRotation, transforms.Cutout)


def some(n=6, shape=(3, 10, 11), dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, *shape), np.uint8) if dtype == np.uint8 else rng.random((n, *shape)).astype(dtype)


def test_every_transform_has_a_case():
    public = {value for value in vars(transforms).values() if inspect.isclass(value) and issubclass(value, transforms.Transform)}
    assert public - {type(case) for case in CASES} == {transforms.Transform}


@pytest.mark.parametrize("transform", CASES, ids=lambda t: type(t).__name__)
@given(seed=st.integers(0, 2 ** 40), dtype=st.sampled_from([np.float32, np.float64]))
def test_alone_and_in_a_batch_the_same_bits(transform, seed, dtype):
    x = some(dtype=dtype, seed=seed)
    before = x.copy()
    with rooted(seed, 1):
        together = transformed(transform, x, draws_for(range(6)))
        for i in range(6):
            alone = transformed(transform, x[i: i + 1], draws_for([i]))
            np.testing.assert_array_equal(alone[0], together[i], strict=True)
        np.testing.assert_array_equal(transformed(transform, x[::-1], draws_for([5, 4, 3, 2, 1, 0]))[::-1], together, strict=True)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("transform", CASES, ids=lambda t: type(t).__name__)
def test_type_is_kept_and_chance_matters(transform):
    x = some(40)
    one, two, again = (np.asarray(transformed(transform, x, Draws.of(seed, 40))) for seed in (1, 2, 1))
    np.testing.assert_array_equal(one, again)
    if not isinstance(transform, transforms.Compose | transforms.RandomChoice):  # they hold functions of float64
        assert one.dtype == np.float32
    fixed = (transforms.ToFloat, transforms.Normalize, transforms.Pad, transforms.CenterCrop, transforms.FiveCrop, transforms.TenCrop,
             transforms.Resize, transforms.Grayscale)
    assert bool((one == two).all()) is isinstance(transform, fixed)
    if not isinstance(transform, transforms.Normalize | transforms.Compose) and getattr(transform, "clip", True) and not getattr(
            transform, "value", 0):
        assert one.min() >= -1e-5 and one.max() <= 1 + 1e-5


@pytest.mark.parametrize("transform", [case for case in CASES if isinstance(case, BYTES)], ids=lambda t: type(t).__name__)
def test_bytes_stay_bytes(transform):
    x = some(dtype=np.uint8)
    as_bytes = transform.batch(x, Draws.of(3, 6))
    as_floats = transform.batch(x.astype(np.float64), Draws.of(3, 6))
    assert as_bytes.dtype == np.uint8
    assert np.abs(as_bytes - as_floats).max() <= 0.501


def test_called_on_one_sample():
    x = some(1)[0]
    flip = transforms.RandomHorizontalFlip()
    assert {bool((flip(x, np.random.default_rng(i)) == x).all()) for i in range(10)} == {True, False}
    np.testing.assert_array_equal(flip(x, 7), flip(x, 7))
    assert transforms.Compose([flip, transforms.Resize(5)])(x).shape == (3, 5, 5)


def test_steps_draw_independently():
    flip = transforms.RandomHorizontalFlip()
    x = np.arange(8.0).reshape(1, 1, 1, 8).repeat(400, 0)
    made = transforms.Compose([flip, flip]).batch(x, Draws.of(0, 400))
    assert 0.4 < np.mean(made[:, 0, 0, 0] == 7) < 0.6  # with the same draws the second would undo the first


def test_samples_of_different_shapes():
    made = transformed(transforms.Compose([transforms.RandomHorizontalFlip(), transforms.Resize((6, 6))]),
                       [some(1, (3, n, 8))[0] for n in (5, 9)], draws_for([0, 1]))
    assert made.shape == (2, 3, 6, 6)


# ---- what they do -------------------------------------------------------------------------------------------------


def test_flips():
    x = some()
    np.testing.assert_array_equal(transforms.RandomHorizontalFlip(1).batch(x, Draws.of(0, 6)), x[..., ::-1])
    np.testing.assert_array_equal(transforms.RandomVerticalFlip(1).batch(x, Draws.of(0, 6)), x[..., ::-1, :])
    share = np.mean(transforms.RandomHorizontalFlip(0.3).batch(some(4000, (1, 1, 2)), Draws.of(0, 4000)) != some(4000, (1, 1, 2)))
    assert abs(share - 0.3) < 0.04


@given(st.integers(0, 10 ** 6))
def test_random_crop_is_a_window(seed):
    x = some(3, seed=seed)
    padded = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)))
    for sample, crop in zip(padded, transforms.RandomCrop((10, 11), padding=2).batch(x, Draws.of(seed, 3))):
        assert any((sample[:, i: i + 10, j: j + 11] == crop).all() for i in range(5) for j in range(5))


def test_random_crop_reaches_every_place():
    x = np.broadcast_to(np.arange(16.0).reshape(1, 1, 4, 4), (600, 1, 4, 4))
    first = transforms.RandomCrop(2).batch(x, Draws.of(0, 600))[:, 0, 0, 0]
    counts = np.unique(first, return_counts=True)
    assert counts[0].tolist() == [0, 1, 2, 4, 5, 6, 8, 9, 10] and counts[1].min() > 35


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect", "symmetric"])
def test_pad(mode):
    x = some()
    np.testing.assert_array_equal(transforms.Pad((1, 2, 3, 4), padding_mode=mode)(x[0]),
                                  np.pad(x[0], ((0, 0), (2, 4), (1, 3)), mode))


def test_five_and_ten_crops():
    x = np.arange(20.0).reshape(1, 4, 5)
    assert [crop[0, 0, 0] for crop in transforms.FiveCrop(2)(x)] == [0, 3, 10, 13, x[0, 1, 2]]
    ten = transforms.TenCrop(2)(x)
    np.testing.assert_array_equal(ten[:5], transforms.FiveCrop(2)(x))
    np.testing.assert_array_equal(ten[5:], transforms.FiveCrop(2)(x[..., ::-1]))
    np.testing.assert_array_equal(transforms.TenCrop(2, vertical_flip=True)(x)[5:], transforms.FiveCrop(2)(x[:, ::-1]))
    assert transforms.CenterCrop((6, 3))(x).shape == (1, 6, 3)  # padded where the image is smaller


@pytest.mark.parametrize("size", [(5, 4), (23, 31), (10, 30), (1, 1)])
def test_resize_is_pillows(size):
    x = some(1, (1, 17, 20))[0]
    expected = np.asarray(Image.fromarray(x[0]).resize(size[::-1], Image.Resampling.BILINEAR))
    np.testing.assert_allclose(transforms.Resize(size)(x)[0], expected, atol=2e-6)


def test_resize_of_a_part_is_the_resized_part():
    x = some(2, (3, 12, 15))
    boxes = tuple(np.array(v) for v in ([1, 3], [2, 0], [7, 9], [5, 11]))
    for part, sample, top, left, h, w in zip(resize.resized(x, boxes, (6, 6)), x, *boxes):
        np.testing.assert_allclose(part, transforms.Resize((6, 6))(sample[:, top: top + h, left: left + w]), atol=2e-6)


def test_shorter_side():
    assert transforms.Resize(5)(np.zeros((3, 10, 20))).shape == (3, 5, 10)
    assert transforms.Resize(5)(np.zeros((3, 20, 10))).shape == (3, 10, 5)


@given(st.integers(0, 10 ** 6), st.integers(3, 40), st.integers(3, 40))
def test_boxes_of_the_resized_crop(seed, height, width):
    crop = transforms.RandomResizedCrop(8, scale=(0.2, 0.9), ratio=(0.5, 2))
    top, left, h, w = crop.boxes(height, width, Draws.of(seed, 50))
    assert (top >= 0).all() and (left >= 0).all() and (top + h <= height).all() and (left + w <= width).all()
    assert (h >= 1).all() and (w >= 1).all()
    if min(height, width) > 15:
        assert (np.abs(np.log2(w / h)) <= 1.2).all() and (h * w / height / width > 0.15).all()


@given(st.floats(-180, 180), st.floats(-3, 3), st.floats(-3, 3), st.floats(0.5, 2), st.floats(-30, 30), st.floats(-30, 30))
def test_affine_is_scipys(angle, right, down, scale, shear_x, shear_y):
    """The map of torchvision's documentation, M = T C RotateScaleShear C^-1, inverted by NumPy, and SciPy's interpolation."""
    x = some(1, (1, 9, 12), np.float64)
    r, sx, sy = np.radians([angle, shear_x, shear_y])
    turn = np.array([[np.cos(r), -np.sin(r)], [np.sin(r), np.cos(r)]])
    shear = np.array([[1, -np.tan(sx)], [0, 1]]), np.array([[1, 0], [-np.tan(sy), 1]])
    forward = scale * turn @ shear[1] @ shear[0]
    middle = np.array([5.5, 4.0])
    grid = np.stack(np.meshgrid(np.arange(12.0), np.arange(9.0)))
    source = np.einsum("ij,jhw->ihw", np.linalg.inv(forward), grid - (middle + [right, down])[:, None, None]) + middle[:, None, None]
    expected = ndimage.map_coordinates(x[0, 0], source[::-1], order=1, mode="grid-constant", cval=0.25)
    np.testing.assert_allclose(affine.moved(x, angle, (right, down), scale, (shear_x, shear_y), 0.25)[0, 0], expected, atol=1e-5)


def test_rotation_by_a_quarter_goes_against_the_clock():
    x = some(2, (3, 8, 8), np.float64)
    np.testing.assert_allclose(transforms.RandomRotation((90, 90)).batch(x, Draws.of(0, 2)), np.rot90(x, 1, (2, 3)), atol=1e-5)
    np.testing.assert_array_equal(affine.moved(x, translate=(2, -1), interpolation="nearest")[:, :, :7, 2:], x[:, :, 1:, :6])


def test_translation_is_within_bounds():
    x = np.zeros((300, 1, 9, 9))
    x[:, :, 4, 4] = 1
    moved = transforms.RandomAffine(0, translate=(0.3, 0.1)).batch(x, Draws.of(0, 300))
    _, _, rows, columns = np.nonzero(moved > 0.5)
    assert set(columns) == set(range(1, 8)) and set(rows) == {3, 4, 5}


@given(st.floats(-0.5, 0.5))
def test_hue_is_that_of_colorsys(turn):
    x = some(1, (3, 4, 4), np.float64)
    made = color.hue(x, np.array([turn]))
    for i in range(4):
        h, s, v = colorsys.rgb_to_hsv(*x[0, :, i, i])
        np.testing.assert_allclose(made[0, :, i, i], colorsys.hsv_to_rgb((h + turn) % 1, s, v), atol=1e-9)


def test_light():
    x = some(2, (3, 5, 5), np.float64)
    two = np.array([2.0, 0.0])
    np.testing.assert_allclose(color.brightness(x, two)[0], np.clip(2 * x[0], 0, 1))
    assert (color.brightness(x, two)[1] == 0).all()
    grey = np.tensordot([0.2989, 0.587, 0.114], x, (0, 1))[:, None]
    np.testing.assert_allclose(color.saturation(x, two)[1], np.broadcast_to(grey[1], (3, 5, 5)))
    np.testing.assert_allclose(color.contrast(x, two)[1], grey[1].mean())
    np.testing.assert_allclose(color.contrast(x, two)[0], np.clip(2 * x[0] - grey[0].mean(), 0, 1))
    np.testing.assert_allclose(transforms.Grayscale()(x[0]), grey[0])
    np.testing.assert_array_equal(transforms.ColorJitter()(x[0]), x[0])
    assert transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)(x[0, :1]).shape == (1, 5, 5)  # grey images have no hue


@pytest.mark.parametrize("name, low, high", [("brightness", 0.5, 1.5), ("contrast", 0.5, 1.5), ("saturation", 0.5, 1.5),
                                             ("hue", -0.5, 0.5)])
def test_jitter_changes_each_within_its_bounds(name, low, high):
    x = some(200, (3, 4, 4), np.float64) * 0.4 + 0.3  # nothing is cut off
    made = transforms.ColorJitter(**{name: 0.5}).batch(x, Draws.of(0, 200))
    draws = Draws.of(0, 200)
    factors = [draws.uniform(*bounds) for bounds in [(0.5, 1.5) if name == other else (1, 1) for other in
                                                    ("brightness", "contrast", "saturation")] + [(-0.5, 0.5) if name == "hue" else (0, 0)]]
    factor = factors[["brightness", "contrast", "saturation", "hue"].index(name)]
    assert low <= factor.min() < low + 0.1 and high - 0.1 < factor.max() <= high
    np.testing.assert_allclose(made, getattr(color, name)(x, factor), atol=1e-12)


def test_jitter_in_different_orders():
    x = some(1, (3, 4, 4), np.float64).repeat(300, 0)
    jitter = transforms.ColorJitter((1.3, 1.3), (1.5, 1.5), (0.4, 0.4), (0.2, 0.2))  # no chance but the order
    made = jitter.batch(x, Draws.of(0, 300)).round(9)
    assert 6 <= len(np.unique(made, axis=0)) <= 24


def test_blur_is_scipys():
    x = some(1, (2, 9, 11), np.float64)
    weights = np.exp(-0.5 * (np.arange(-2, 3) / 1.3) ** 2)
    expected = x
    for axis in (2, 3):
        expected = ndimage.correlate1d(expected, weights / weights.sum(), axis, mode="mirror")
    np.testing.assert_allclose(transforms.GaussianBlur(5, 1.3)(x[0]), expected[0], atol=1e-12)


def test_noise_has_the_deviation():
    noise = transforms.GaussianNoise(0.5, 0.2, clip=False)(np.zeros((40, 50)), 0)
    assert abs(noise.mean() - 0.5) < 0.02 and abs(noise.std() - 0.2) < 0.02


def test_cutout_is_one_square():
    erased = transforms.Cutout(4).batch(np.ones((200, 2, 8, 8)), Draws.of(0, 200)) == 0
    sizes = erased[:, 0].sum(axis=(1, 2))
    assert sizes.max() == 16 and sizes.min() == 4  # whole, or in a corner: the centre may be any pixel
    assert (erased[:, 0] == erased[:, 1]).all()
    for square in erased[:20, 0]:
        rows, columns = np.flatnonzero(square.any(axis=1)), np.flatnonzero(square.any(axis=0))
        assert square.sum() == len(rows) * len(columns) and square[rows[0]: rows[-1] + 1, columns[0]: columns[-1] + 1].all()


def test_erasing_has_its_area():
    erased = transforms.RandomErasing(1, scale=(0.1, 0.2), ratio=(1, 1)).batch(np.ones((100, 1, 20, 20)), Draws.of(0, 100)) == 0
    areas = erased.sum(axis=(1, 2, 3)) / 400
    assert 0.08 < areas.min() < areas.max() < 0.22
    filled = transforms.RandomErasing(1, value=[1, 2, 3])(np.zeros((3, 20, 20)), 0)
    assert [set(np.unique(channel)) for channel in filled] == [{0, 1}, {0, 2}, {0, 3}]


@pytest.mark.parametrize("name, ours, theirs", [
    ("equalize", randaugment.equalize, ImageOps.equalize), ("autocontrast", randaugment.autocontrast, ImageOps.autocontrast),
    ("posterize", lambda x, m: randaugment.posterize(x, m + 3), lambda image: ImageOps.posterize(image, 3)),
    ("solarize", lambda x, m: randaugment.solarize(x, m + 100 / 255), lambda image: ImageOps.solarize(image, 100)),
    ("sharpness", randaugment.sharpness, lambda image: image.filter(ImageFilter.SMOOTH)),
], ids=lambda v: v if isinstance(v, str) else "")
def test_changes_of_randaugment_are_pillows(name, ours, theirs):
    pixels = (some(1, (8, 9, 3), np.float64)[0] * 200 + 20).astype(np.uint8)
    made = ours(pixels.transpose(2, 0, 1)[None] / 255.0, np.zeros(1))[0] * 255
    expected = np.asarray(theirs(Image.fromarray(pixels))).transpose(2, 0, 1)
    assert np.abs(made - expected).max() <= 1.01  # Pillow rounds


def test_randaugment_goes_both_ways(monkeypatch):
    monkeypatch.setattr(randaugment, "TABLE", {"Rotate": randaugment.TABLE["Rotate"]})
    x = some(1).repeat(40, 0)
    made = transforms.RandAugment(1, 30).batch(x, Draws.of(0, 40))
    left, right = (affine.moved(x[:1], angle)[0] for angle in (-30, 30))
    lefts, rights = (np.isclose(made, turned, atol=1e-6).all(axis=(1, 2, 3)) for turned in (left, right))
    assert (lefts ^ rights).all() and 8 < lefts.sum() < 32


def test_randaugment_takes_everything():
    x = some(300, (3, 6, 6))
    calls = set()
    table = {name: ((lambda x, m, name=name: calls.add(name) or x), size, directed)
             for name, (_, size, directed) in randaugment.TABLE.items()}
    old, randaugment.TABLE = randaugment.TABLE, table
    try:
        transforms.RandAugment(1).batch(x, Draws.of(0, 300))
    finally:
        randaugment.TABLE = old
    assert calls == set(table) and len(table) == 14


# ---- mixtures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mix", [transforms.MixUp(4, 0.7), transforms.CutMix(4)], ids=lambda m: type(m).__name__)
@given(seed=st.integers(0, 10 ** 6))
def test_a_mixture_has_the_shares_of_its_targets(mix, seed):
    """Constant images 0, 1, 2, ...: the mean of the mixture tells the share, and the targets must tell the same."""
    t = np.random.default_rng(seed).permutation(4)
    x = np.broadcast_to(np.arange(4.0)[t, None, None, None], (4, 2, 7, 9)).astype(np.float32)
    mixed, targets = mix(x, t, seed)
    assert targets.dtype == np.float32 and mixed.dtype == np.float32
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(mixed.mean(axis=(1, 2, 3)), targets @ np.arange(4.0), atol=1e-5)
    assert all(row[other] == 0 for row, a, b in zip(targets, t, np.roll(t, 1)) for other in {0, 1, 2, 3} - {a, b})


def test_lam_is_beta():
    lam = transforms.MixUp(2, alpha=0.4).lam(Draws.of(0, 3000))
    assert abs(lam.mean() - 0.5) < 0.03 and abs(lam.var() - 1 / (4 * 1.8)) < 0.01  # of Beta(a, a): 1 / (4 (2 a + 1))


def test_the_loss_takes_mixed_targets():
    scores = some(4, (4,)) * 5
    _, targets = transforms.MixUp(4)(some(4), np.arange(4), 0)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(float(nn.CrossEntropyLoss()(scores, targets)), -(targets * logs).sum(axis=1).mean(), rtol=1e-5)


# ---- what they refuse ---------------------------------------------------------------------------------------------

IMAGE = np.zeros((3, 8, 8), np.float32)


@pytest.mark.parametrize("make, error, says", [
    (lambda: transforms.RandomHorizontalFlip(1.5), ValueError, "between 0 and 1"),
    (lambda: transforms.RandomCrop(0), ValueError, "size"), (lambda: transforms.RandomCrop(9)(IMAGE), ValueError, "9 x 9 out of an image"),
    (lambda: transforms.Pad((1, 2, 3)), ValueError, "one, two or four"), (lambda: transforms.FiveCrop(9)(IMAGE), ValueError, "smaller"),
    (lambda: transforms.RandomHorizontalFlip()(np.zeros(3)), ValueError, r"images \(C, H, W\)"),
    (lambda: transforms.ColorJitter(0.1)(IMAGE.astype(np.uint8)), TypeError, "ToFloat"),
    (lambda: transforms.RandomHorizontalFlip()(IMAGE.astype(int)), TypeError, "ToFloat"),
    (lambda: transforms.ColorJitter(hue=0.7), ValueError, "hue"),
    (lambda: transforms.ColorJitter(0.1)(np.zeros((2, 4, 4))), ValueError, "2"),
    (lambda: transforms.Normalize([0, 0], 1)(IMAGE), ValueError, "2 means"), (lambda: transforms.Normalize(0, 0), ValueError, "above 0"),
    (lambda: transforms.ToFloat()(IMAGE.astype(np.int16)), TypeError, "range"), (lambda: transforms.ToFloat(int), TypeError, "floating"),
    (lambda: transforms.GaussianBlur(4), ValueError, "odd"), (lambda: transforms.GaussianBlur(17, 1.0)(IMAGE), ValueError, "too wide"),
    (lambda: transforms.RandomRotation(-3), ValueError, "degrees"),
    (lambda: transforms.RandomAffine(0, interpolation="cubic"), ValueError, "cubic"),
    (lambda: transforms.RandomAffine(0, translate=(2, 0)), ValueError, "shares"), (lambda: transforms.Cutout(0), ValueError, "positive"),
    (lambda: transforms.RandomErasing(value="noise"), ValueError, "random"),
    (lambda: transforms.RandomErasing(1, value=[1, 2])(IMAGE), ValueError, "2 channels"),
    (lambda: transforms.RandAugment(magnitude=31), ValueError, "magnitude"), (lambda: transforms.Compose([3]), TypeError, "function"),
    (lambda: transforms.RandomChoice([]), ValueError, "weight"),
    (lambda: transforms.RandomResizedCrop(4, scale=(0.9, 0.1)), ValueError, "scale"),
    (lambda: transforms.RandomApply(transforms.Resize(4), 1)(IMAGE), ValueError, "keep their shape"),
    (lambda: transforms.MixUp(4, alpha=0), ValueError, "alpha"), (lambda: transforms.MixUp()(IMAGE, [0, 1, 2]), ValueError, "num_classes"),
    (lambda: transforms.MixUp(2)(IMAGE, [0, 1, 2]), ValueError, "target 2"),
    (lambda: transforms.MixUp(3)(IMAGE, [0.5, 1, 2]), TypeError, "classes"),
    (lambda: transforms.MixUp(3)(IMAGE.astype(np.uint8), [0, 1, 2]), TypeError, "ToFloat"),
    (lambda: transforms.CutMix(3)(np.zeros((3, 5)), [0, 1, 2]), ValueError, "MixUp"),
    (lambda: transforms.MixUp(3).batch((IMAGE,), Draws.of(0, 3)), TypeError, "inputs, targets"),
    (lambda: transforms.Transform()(IMAGE), NotImplementedError, "batch"),
    (lambda: transforms.ToFloat().__call__(IMAGE, Draws.of(0, 2)), ValueError, "draws for 2"),
])
def test_what_they_refuse(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_they_say_what_they_are():
    assert repr(transforms.RandomCrop(4, padding=1)).startswith("RandomCrop(size=(4, 4), padding=1,")
    assert repr(transforms.MixUp(10)) == "MixUp(num_classes=10, alpha=1.0)" and issubclass(transforms.CutMix, Mix)
