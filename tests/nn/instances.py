"""A tiny instance of every module, for the laws that hold for all of them (`test_laws.py`); `test_complete.py` looks for those without.

INSTANCES: from a class to a function that returns (module, inputs); inputs is a tuple of arrays, float64 where they are real numbers.
To add a module, add a line, or `INSTANCES.update(...)` in the part of its family.
TWO_WAYS: the classes that compute something else in training than in use.
INITIALISERS: from the name of an initialiser to what follows its tensor, and the mean and the standard deviation that it gives.

Read next: `test_laws.py`.
"""

from math import sqrt

import numpy as np

import nn
from autograd import tensor
from nn import models


def real(*shape, seed=0):
    """Normal numbers, always the same."""
    return np.random.default_rng(seed).standard_normal(shape)


def apart(*shape):
    """Numbers that are not close to each other, for maxima."""
    n = int(np.prod(shape))
    return np.random.default_rng(0).permutation(np.linspace(-2, 2, n)).reshape(shape)


INSTANCES = {
    nn.Linear: lambda: (nn.Linear(3, 2), (real(4, 3),)),
    nn.Sequential: lambda: (nn.Sequential(nn.Linear(3, 2), nn.Tanh()), (real(4, 3),)),
}

# ---- convolution, pooling, resizing (see ../peer/grid_conv.py, grid_pool.py, grid_resize.py) ---------------------------

SIDES = {1: (5,), 2: (5, 4), 3: (4, 3, 3)}

for n, sides in SIDES.items():
    for kind, make in {
        "Conv": lambda layer: layer(2, 4, 2, stride=2, padding=1, groups=2, padding_mode="reflect"),
        "ConvTranspose": lambda layer: layer(2, 4, 2, stride=2, padding=1, output_padding=1, groups=2),
        "LazyConv": lambda layer: layer(2, 2), "LazyConvTranspose": lambda layer: layer(2, 2),
        "LazyBatchNorm": lambda layer: layer(), "LazyInstanceNorm": lambda layer: layer(),
        "ZeroPad": lambda layer: layer(1), "ConstantPad": lambda layer: layer(1, 2.0), "ReflectionPad": lambda layer: layer(1),
        "ReplicationPad": lambda layer: layer(1), "CircularPad": lambda layer: layer(1),
        "MaxPool": lambda layer: layer(2, 1, 1), "AvgPool": lambda layer: layer(2, 1, 1), "LPPool": lambda layer: layer(2, 2),
        "AdaptiveAvgPool": lambda layer: layer(2), "AdaptiveMaxPool": lambda layer: layer(2),
    }.items():
        if hasattr(nn, f"{kind}{n}d"):
            INSTANCES[getattr(nn, f"{kind}{n}d")] = lambda make=make, name=f"{kind}{n}d", sides=sides: (
                make(getattr(nn, name)), ((apart if "Max" in name else real)(2, 2, *sides),))
    INSTANCES[getattr(nn, f"MaxUnpool{n}d")] = lambda n=n: (
        getattr(nn, f"MaxUnpool{n}d")(2), (real(1, 2, *(2,) * n), np.arange(2**n)[::-1].reshape(1, 1, *(2,) * n).repeat(2, 1)))

INSTANCES.update({
    nn.LazyLinear: lambda: (nn.LazyLinear(2), (real(4, 3),)),
    nn.FractionalMaxPool2d: lambda: (nn.FractionalMaxPool2d(2, (3, 2), eval_draws=0), (apart(2, 2, 5, 4),)),
    nn.FractionalMaxPool3d: lambda: (nn.FractionalMaxPool3d(2, (2, 2, 3), eval_draws=0), (apart(1, 2, 3, 3, 5),)),
    nn.GlobalAvgPool: lambda: (nn.GlobalAvgPool(), (real(2, 2, 3, 2),)),
    nn.GlobalMaxPool: lambda: (nn.GlobalMaxPool(), (apart(2, 2, 3, 2),)),
    nn.Upsample: lambda: (nn.Upsample(scale_factor=2, mode="bicubic"), (real(1, 2, 3, 2),)),
    nn.UpsamplingNearest2d: lambda: (nn.UpsamplingNearest2d(scale_factor=2), (real(1, 2, 3, 2),)),
    nn.UpsamplingBilinear2d: lambda: (nn.UpsamplingBilinear2d(5), (real(1, 2, 3, 2),)),
    nn.PixelShuffle: lambda: (nn.PixelShuffle(2), (real(1, 4, 2, 2),)),
    nn.PixelUnshuffle: lambda: (nn.PixelUnshuffle(2), (real(1, 1, 2, 4),)),
    nn.ChannelShuffle: lambda: (nn.ChannelShuffle(2), (real(1, 4, 2, 2),)),
    nn.Fold: lambda: (nn.Fold((3, 2), 2), (real(1, 4, 2),)),
    nn.Unfold: lambda: (nn.Unfold(2), (real(1, 2, 3, 2),)),
    nn.Flatten: lambda: (nn.Flatten(), (real(2, 2, 3),)),
    nn.Unflatten: lambda: (nn.Unflatten(1, (2, -1)), (real(2, 6),)),
    nn.Identity: lambda: (nn.Identity(), (real(2, 3),)),
})

# ---- normalisation, dropout (see ../peer/grid_norm.py) ------------------------------------------------------------------

for n, sides in SIDES.items():
    for kind in ("BatchNorm", "InstanceNorm"):
        INSTANCES[getattr(nn, f"{kind}{n}d")] = lambda name=f"{kind}{n}d", sides=sides: (
            getattr(nn, name)(2, eps=0.1, affine=True, track_running_stats=True), (real(3, 2, *sides),))
    INSTANCES[getattr(nn, f"Dropout{n}d")] = lambda n=n, sides=sides: (getattr(nn, f"Dropout{n}d")(0.4), (real(3, 2, *sides),))

INSTANCES.update({
    nn.LayerNorm: lambda: (nn.LayerNorm((3, 4), eps=0.1), (real(2, 3, 4),)),
    nn.RMSNorm: lambda: (nn.RMSNorm(4), (real(2, 3, 4),)),
    nn.GroupNorm: lambda: (nn.GroupNorm(2, 4, eps=0.1), (real(2, 4, 3),)),
    nn.LocalResponseNorm: lambda: (nn.LocalResponseNorm(3, alpha=0.5), (real(2, 4, 3),)),
    nn.Dropout: lambda: (nn.Dropout(0.4), (real(3, 4),)),
    nn.AlphaDropout: lambda: (nn.AlphaDropout(0.4), (real(3, 4),)),
    nn.FeatureAlphaDropout: lambda: (nn.FeatureAlphaDropout(0.4), (real(3, 4, 2),)),
    nn.StochasticDepth: lambda: (nn.StochasticDepth(0.4, "row"), (real(5, 2),)),
    nn.DropConnect: lambda: (nn.DropConnect(3, 2, 0.4), (real(4, 3),)),
})

# ---- tables, sequences (see ../peer/grid_embedding.py, grid_recurrent.py, grid_attention.py) ----------------------------

INSTANCES.update({
    nn.Embedding: lambda: (nn.Embedding(5, 3), (np.array([[0, 1, 4], [4, 4, 2]]),)),
    nn.EmbeddingBag: lambda: (nn.EmbeddingBag(5, 3), (np.array([0, 1, 4, 4, 2]), np.array([0, 2, 2]))),
    nn.Bilinear: lambda: (nn.Bilinear(3, 2, 4), (real(5, 3), real(5, 2, seed=1))),
    nn.RNNCell: lambda: (nn.RNNCell(3, 2), (real(4, 3), real(4, 2, seed=1))),
    nn.GRUCell: lambda: (nn.GRUCell(3, 2), (real(4, 3), real(4, 2, seed=1))),
    nn.LSTMCell: lambda: (nn.LSTMCell(3, 2), (real(4, 3),)),
    nn.RNN: lambda: (nn.RNN(3, 2, 2, dropout=0.3), (real(4, 2, 3),)),
    nn.LSTM: lambda: (nn.LSTM(3, 2, proj_size=1, bidirectional=True), (real(3, 2, 3),)),
    nn.GRU: lambda: (nn.GRU(3, 2, batch_first=True), (real(2, 3, 3),)),
    nn.MultiheadAttention: lambda: (nn.MultiheadAttention(4, 2, dropout=0.2),
                                    (real(3, 2, 4), real(2, 2, 4, seed=1), real(2, 2, 4, seed=2))),
    nn.TransformerEncoderLayer: lambda: (nn.TransformerEncoderLayer(4, 2, 3, activation="gelu"), (real(3, 2, 4),)),
    nn.TransformerDecoderLayer: lambda: (nn.TransformerDecoderLayer(4, 2, 3, activation="gelu"), (real(3, 2, 4), real(2, 2, 4, seed=1))),
    nn.TransformerEncoder: lambda: (nn.TransformerEncoder(nn.TransformerEncoderLayer(2, 1, 2, activation="gelu"), 2), (real(3, 1, 2),)),
    nn.TransformerDecoder: lambda: (nn.TransformerDecoder(nn.TransformerDecoderLayer(2, 1, 2, activation="gelu"), 1, nn.LayerNorm(2)),
                                    (real(3, 1, 2), real(2, 1, 2, seed=1))),
    nn.Transformer: lambda: (nn.Transformer(2, 1, 1, 1, 2, activation="gelu"), (real(2, 1, 2), real(3, 1, 2, seed=1))),
    nn.PositionalEncoding: lambda: (nn.PositionalEncoding(4, max_len=6), (real(5, 2, 4),)),
    nn.LearnedPositionalEncoding: lambda: (nn.LearnedPositionalEncoding(4, max_len=6), (real(5, 2, 4),)),
})

# ---- activations, losses, distances, regularisers (see ../peer/grid_activation.py, grid_loss.py) ------------------------

CLASSES, SIGNS, SHARES = np.array([2, 0, 1, 2, 0]), np.array([1, -1, -1, 1, 1]), np.random.default_rng(1).uniform(0.1, 0.9, (5, 3))
PAIR, TRIPLET = (real(5, 3), real(5, 3, seed=1)), (real(5, 3), real(5, 3, seed=1), real(5, 3, seed=2))

INSTANCES.update({getattr(nn, name): lambda name=name, args=args: (getattr(nn, name)(*args), (real(2, 4, 3, 2),)) for name, args in {
    "CELU": (), "ELU": (), "GELU": (), "GLU": (1,), "Hardshrink": (), "Hardsigmoid": (), "Hardswish": (), "Hardtanh": (), "LeakyReLU": (),
    "LogSigmoid": (), "LogSoftmax": (1,), "Maxout": (2,), "Mish": (), "PReLU": (4,), "RReLU": (), "ReLU": (), "ReLU6": (), "SELU": (),
    "SiLU": (), "Sigmoid": (), "Softmax": (1,), "Softmax2d": (), "Softmin": (1,), "Softplus": (), "Softshrink": (), "Softsign": (),
    "Tanh": (), "Tanhshrink": (), "Threshold": (0.1, 2.0)}.items()})
INSTANCES.update({getattr(nn, name): lambda name=name, inputs=inputs: (getattr(nn, name)(), inputs) for name, inputs in {
    "BCELoss": (SHARES, SHARES[::-1]), "BCEWithLogitsLoss": (real(5, 3), SHARES), "CosineEmbeddingLoss": (*PAIR, SIGNS),
    "CosineSimilarity": PAIR, "CrossEntropyLoss": (real(5, 3), CLASSES), "FocalLoss": (real(5, 3), SHARES),
    "CTCLoss": (np.log(np.full((4, 2, 3), 1 / 3)) + real(4, 2, 3), np.array([[1, 2], [1, 1]]), np.array([4, 3]), np.array([2, 2])),
    "GaussianNLLLoss": (*PAIR, SHARES), "HingeEmbeddingLoss": (real(5), SIGNS), "HuberLoss": PAIR, "KLDivLoss": (real(5, 3), SHARES),
    "L1Loss": PAIR, "MSELoss": PAIR, "MarginRankingLoss": (real(5), real(5, seed=1), SIGNS),
    "MultiLabelMarginLoss": (real(2, 3), np.array([[2, 0, -1], [1, -1, 0]])), "MultiLabelSoftMarginLoss": (real(5, 3), SHARES),
    "MultiMarginLoss": (real(5, 3), CLASSES), "NLLLoss": (real(5, 3), CLASSES), "PairwiseDistance": PAIR,
    "PoissonNLLLoss": (real(5, 3), SHARES), "SmoothL1Loss": PAIR, "SoftMarginLoss": (real(5), SIGNS), "TripletMarginLoss": TRIPLET,
    "TripletMarginWithDistanceLoss": TRIPLET}.items()})
INSTANCES.update({
    nn.regularizer.L1: lambda: (nn.regularizer.L1(0.1), (real(3, 2),)),
    nn.regularizer.L2: lambda: (nn.regularizer.L2(0.1, half=True), (real(3, 2),)),
    nn.regularizer.ElasticNet: lambda: (nn.regularizer.ElasticNet(0.1, 0.5), (real(3, 2),)),
})

# ---- what networks are built of, computed weights -----------------------------------------------------------------------

INSTANCES.update({
    models.BasicConv2d: lambda: (models.BasicConv2d(2, 3, 3), (real(2, 2, 4, 4),)),
    models.InceptionNaive: lambda: (models.InceptionNaive(2, 1, 2, 1), (real(2, 2, 4, 3),)),
    models.Inception: lambda: (models.Inception(2, 1, 1, 2, 1, 1, 2), (real(2, 2, 4, 3),)),
    models.InceptionAux: lambda: (models.InceptionAux(1, 2), (real(2, 1, 4, 5),)),
    models.BasicBlock: lambda: (models.BasicBlock(2, 2), (real(2, 2, 4, 3),)),
    models.Bottleneck: lambda: (models.Bottleneck(4, 1), (real(2, 4, 4, 3),)),
    models.PaddedShortcut: lambda: (models.PaddedShortcut(2, 4), (real(2, 2, 4, 3),)),
    models.MLP: lambda: (models.MLP([3, 4, 2]), (real(2, 3),)),
    models.CharTransformer: lambda: (models.CharTransformer(3, 4, 2, 1, 1), (np.array([[0, 2, 1], [1, 1, 0]]),)),
    nn.parametrize.WeightNorm: lambda: (nn.parametrize.WeightNorm(0), (real(3, 1), real(3, 2, seed=1))),
    nn.parametrize.SpectralNorm: lambda: (nn.parametrize.SpectralNorm(tensor(real(3, 2))).eval(), (real(3, 2, seed=1),)),
})

TWO_WAYS = {
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.DropConnect, nn.StochasticDepth,
    nn.RReLU, nn.RNN, nn.MultiheadAttention, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.InstanceNorm1d, nn.InstanceNorm2d,
    nn.InstanceNorm3d, nn.FractionalMaxPool2d, nn.FractionalMaxPool3d, nn.parametrize.SpectralNorm,
}

# ---- initial weights: of 300 outputs and 200 inputs ---------------------------------------------------------------------

FAN_OUT, FAN_IN = 300, 200
INITIALISERS = {
    "zeros_": ((), 0, 0), "ones_": ((), 1, 0), "constant_": ((2.0,), 2, 0),
    "eye_": ((), 1 / FAN_OUT, sqrt(1 / FAN_OUT)), "dirac_": ((), 1 / FAN_OUT, sqrt(1 / FAN_OUT)),
    "uniform_": ((-1.0, 5.0), 2, sqrt(3)), "normal_": ((1.0, 0.5), 1, 0.5), "small_random_": ((), 0, 0.01),
    "trunc_normal_": ((), 0, 0.8796), "orthogonal_": ((2.0,), 0, 2 / sqrt(FAN_OUT)), "sparse_": ((0.25, 2.0), 0, 2 * sqrt(0.75)),
    "xavier_uniform_": ((2.0,), 0, 2 * sqrt(2 / (FAN_IN + FAN_OUT))), "xavier_normal_": ((), 0, sqrt(2 / (FAN_IN + FAN_OUT))),
    "kaiming_uniform_": ((), 0, sqrt(2 / FAN_IN)), "kaiming_normal_": ((0.0, "fan_out", "relu"), 0, sqrt(2 / FAN_OUT)),
    "lecun_uniform_": ((), 0, sqrt(1 / FAN_IN)), "lecun_normal_": ((), 0, sqrt(1 / FAN_IN)),
}
