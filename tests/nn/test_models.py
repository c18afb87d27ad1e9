"""Do the models have torchvision's names, shapes and numbers of parameters, and do they compute what the papers say?"""

from pathlib import Path

import numpy as np
import pytest

import nn
from autograd import no_grad
from nn import models


def torchvision():
    """From each model's name to its number of parameters and its state: names and shapes, in order."""
    found = {}
    for line in (Path(__file__).parent / "data" / "torchvision.txt").read_text().splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        if len(words) == 2:
            count, state = int(words[1]), {}
            found[words[0]] = count, state
            continue
        path, kind, sizes = words
        shape = tuple(map(int, sizes.split("x")))
        shapes = {"weight": shape}
        if kind != "conv":
            shapes["bias"] = shape[:1]
        if kind == "norm":
            shapes |= {"running_mean": shape, "running_var": shape, "num_batches_tracked": ()}
        state.update({f"{path}.{name}": s for name, s in shapes.items()})
    return found


TORCHVISION = torchvision()
COUNTS = {"resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032, "resnet101": 44_549_160, "resnet152": 60_192_808,
          "vgg11": 132_863_336, "vgg13": 133_047_848, "vgg16": 138_357_544, "vgg19": 143_667_240, "vgg11_bn": 132_868_840,
          "vgg13_bn": 133_053_736, "vgg16_bn": 138_365_992, "vgg19_bn": 143_678_248, "alexnet": 61_100_840, "googlenet": 13_004_888}


def built(name, *args, **options):
    """A model without initial weights, which costs nothing."""
    with nn.init.skipped():
        return getattr(models, name)(*args, **options)


def count(model):
    return sum(p.size for p in model.parameters())


def picture(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("name", COUNTS)
def test_names_shapes_and_counts_are_torchvisions(name):
    model = built(name)
    expected, state = TORCHVISION[name]
    assert count(model) == expected == COUNTS[name]
    own = {key: value.shape for key, value in model.state_dict().items()}
    assert own == state
    assert list(own) == list(state)


def test_other_counts():
    assert count(built("googlenet", aux_logits=False)) == 6_624_904
    assert count(models.LeNet5()) == 61_706
    assert count(models.MLP([784, 100, 10])) == 79_510
    depths = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962}  # 0.27 M ... 1.7 M in He et al. (2015), table 6
    for depth, expected in depths.items():
        model = built(f"resnet{depth}")
        assert count(model) == expected
        weighted = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
        assert len(weighted) == depth  # the shortcuts have no weights


@pytest.mark.parametrize("name, shape", [("resnet18", (2, 3, 40, 40)), ("resnet50", (2, 3, 33, 33)), ("alexnet", (1, 3, 63, 63)),
                                         ("vgg11_bn", (2, 3, 32, 32)), ("resnet20", (2, 3, 16, 16)), ("LeNet5", (2, 1, 32, 32))])
def test_they_run_and_learn(name, shape):
    model = getattr(models, name)(num_classes=5, rng=0) if name not in ("alexnet", "vgg11_bn") else built(name, num_classes=5)
    scores = model(picture(*shape))
    assert scores.shape == (shape[0], 5)
    assert scores.dtype == np.float32
    scores.sum().backward()
    assert all(p.grad is not None and p.grad.shape == p.shape for p in model.parameters())


def test_googlenet():
    model = models.googlenet(num_classes=7, rng=0)
    x = picture(2, 3, 48, 48)
    out = model(x)
    assert [y.shape for y in out] == [(2, 7)] * 3
    assert out.aux_logits2 is out[1]
    (out.logits.sum() + 0.3 * (out.aux_logits1.sum() + out.aux_logits2.sum())).backward()
    assert all(p.grad is not None for p in model.parameters())
    with no_grad():
        assert model.eval()(x).shape == (2, 7)
        model.transform_input = True  # images normalised for torchvision's other models are taken back to [-1, 1]
        mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        pixels = np.random.default_rng(0).random((1, 3, 32, 32))
        a = model(((pixels - mean[:, None, None]) / std[:, None, None]).astype(np.float32))
        model.transform_input = False
        b = model((2 * pixels - 1).astype(np.float32))
    np.testing.assert_allclose(a.data, b.data, rtol=1e-3, atol=1e-6)


def test_inception_blocks_against_their_formula():
    """Szegedy et al. (2014), figure 2: the branches side by side."""
    x = picture(2, 8, 6, 5)
    naive = models.InceptionNaive(8, 4, 6, 3, rng=0).eval()
    y = naive(x)
    assert y.shape == (2, 4 + 6 + 3 + 8, 6, 5)
    norm = 1 / np.sqrt(1 + 0.001)
    for part, branch, padding in ((y[:, :4], naive.branch1, 0), (y[:, 4:10], naive.branch2, 1), (y[:, 10:13], naive.branch3, 2)):
        expected = np.maximum(nn.functional.conv2d(x, branch.conv.weight.data, padding=padding) * norm, 0)
        np.testing.assert_allclose(part.data, expected, rtol=1e-5, atol=1e-6)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    pooled = np.max([padded[:, :, i: i + 6, j: j + 5] for i in range(3) for j in range(3)], axis=0)
    np.testing.assert_array_equal(y[:, 13:].data, pooled)
    block = models.Inception(8, 4, 3, 6, 2, 3, 5, rng=0)
    assert block(x).shape == (2, 4 + 6 + 3 + 5, 6, 5)
    assert block.branch3[1].conv.weight.shape == (3, 2, 5, 5)


def test_multiply_adds_of_the_inception_blocks():
    """CS231n, lecture 9: 28 x 28 x 256 with 128, 192, 96 filters takes 854 million operations, and returns 672 channels."""
    with nn.init.skipped():
        naive, block = models.InceptionNaive(256, 128, 192, 96), models.Inception(256, 128, 64, 192, 64, 96, 64)
    whole = nn.summary(naive, (1, 256, 28, 28))
    assert round(whole.multiply_adds / 1e6) == 854
    assert whole.rows[0].output == "f32[1,672,28,28]"
    assert round(nn.summary(block, (1, 256, 28, 28)).multiply_adds / 1e6) == 271


def test_padded_shortcut_is_option_a():
    """He et al. (2015), section 3.3: identity, with zeros for the new dimensions."""
    x = picture(1, 4, 5, 6)
    y = models.PaddedShortcut(4, 8)(x)
    assert np.array_equal(y, np.pad(x[:, :, ::2, ::2], ((0, 0), (2, 2), (0, 0), (0, 0))))
    assert not list(models.PaddedShortcut(4, 8).parameters())


def test_character_transformer():
    model = models.CharTransformer(11, context=8, d_model=16, nhead=2, rng=0).eval()
    text = np.random.default_rng(0).integers(0, 11, (2, 8))
    other = text.copy()
    other[:, 5] = (other[:, 5] + 1) % 11
    a, b = model(text), model(other)
    assert a.shape == (2, 8, 11)
    assert np.array_equal(a[:, :5].data, b[:, :5].data)  # nobody looks ahead
    assert not np.allclose(a[:, 5:].data, b[:, 5:].data)
    model.train()
    assert model.generate([1, 2], 20, rng=1) == model.generate([1, 2], 20, rng=1)
    assert len(model.generate([1], 5, rng=0)) == 6
    assert model.training
    assert all(m.training for m in model.modules())
    with pytest.raises(ValueError, match="L from 1 to 8"):
        model(np.zeros((1, 9), int))


def test_character_transformer_learns():
    import optim

    cycle = np.arange(40) % 5
    x, t = np.stack([cycle[i: i + 8] for i in range(30)]), np.stack([cycle[i + 1: i + 9] for i in range(30)])
    model = models.CharTransformer(5, context=8, d_model=16, nhead=2, num_layers=1, dropout=0.0, rng=0)
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x).reshape((-1, 5)), t.reshape(-1))
        loss.backward()
        optimizer.step()
    assert float(loss) < 0.05
    assert model.generate([0, 1, 2], 7, temperature=0.1, rng=0) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]


def test_initial_weights():
    a, b, c = (models.resnet20(rng=seed).state_dict() for seed in (0, 0, 1))
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert not np.array_equal(a["conv1.weight"], c["conv1.weight"])
    assert abs(a["layer3.2.conv2.weight"].std() / np.sqrt(2 / (64 * 9)) - 1) < 0.03
    assert np.abs(a["fc.weight"]).max() <= 1 / np.sqrt(64)
    zero = models.ResNet(models.BasicBlock, (1, 1, 1, 1), 2, zero_init_residual=True)
    assert not zero.layer1[0].bn2.weight.data.any()
    assert zero.layer1[0].bn1.weight.data.all()
    assert not any(value.any() for name, value in built("resnet20").state_dict().items() if "conv" in name)


@pytest.mark.parametrize("make, x, message", [
    (lambda: built("resnet18"), (3, 32, 32), r"x\[None\]"), (lambda: built("resnet20"), (1, 1, 32, 32), r"images \(N, 3, height, width\)"),
    (lambda: built("alexnet"), (1, 3, 32, 32), "at least 63 x 63"), (models.LeNet5, (1, 1, 28, 28), "at least 32 x 32"),
    (models.LeNet5, (1, 1, 40, 40), "exactly 32 x 32"), (lambda: models.CifarResNet(21), (1,), "6n \\+ 2"),
    (lambda: models.MLP([3]), (1,), "at least two")])
def test_bad_input(make, x, message):
    with pytest.raises(ValueError, match=message):
        make()(picture(*x))


def test_a_file_of_torchvision_loads(tmp_path):
    from autograd.files import save

    source = models.resnet20(rng=0)
    save(source.state_dict(), tmp_path / "resnet20.npz")
    model = built("resnet20")
    model.load_state_dict(nn.load_pretrained(tmp_path / "resnet20.npz"))
    x = picture(1, 3, 8, 8)
    assert np.array_equal(model.eval()(x).data, source.eval()(x).data)
