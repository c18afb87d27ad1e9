"""Neural networks: layers, losses and initialisers, built purely from `autograd.ops`.

Names, arguments, defaults and `state_dict` keys are PyTorch's, so that code and weights come over by name. Reading order:

    parameter.py   what does a module own?
    module.py      what is a module?
    call.py        how does the tape know which module an operation belongs to?
    linear.py      what does a fully connected layer compute?
    conv.py        what does a convolutional layer compute? (with axes.py and padding.py)
    pool.py        how does a network look at a coarser picture? (also adaptive.py, fractional.py)
    upsample.py    how does an image become larger? (also fold.py, shape.py)
    lazy.py        how many inputs will a layer have? its first input tells
    formula.py     how does a function become a module?
    activation.py  what makes a network more than one big matrix?
    softmax.py     how do the numbers along an axis compete?
    norm.py        how does a network keep its signal in range? (also layer_norm.py)
    dropout.py     how does a network learn not to rely on any single number?
    embedding.py   how do words become vectors? (also bilinear.py)
    recurrent.py   how does a network read a sequence?
    attention.py   how does a network look things up?
    transformer.py how is a sequence turned into another one, all at once?
    parametrize.py how is a weight made of other parameters?
    hooks.py       how does one look into a module without touching its code?
    container.py   how are modules put together?
    loss/          how wrong is the network?
    regularizer.py how is a model kept simple?
    init.py        what should the weights be before training?
    statistics.py  how does the signal fare from layer to layer?
    functional.py  what do the layers compute, without the layers?
    summary.py     how large is a model, how much work is it, and what does it keep?
    pretrained.py  how do weights come from elsewhere?
    freeze.py      how is a model kept as it is while something on top of it learns?
    models/        the networks of the field and of the course
    data/          where do the batches come from?
    training/      how is a model trained, watched, and kept from harm?
"""

# ruff: noqa: I001  - many names in a line

from nn import functional, init, parametrize, regularizer
from nn.activation import (
    CELU, ELU, GELU, SELU, Hardshrink, Hardsigmoid, Hardswish, Hardtanh, LeakyReLU, LogSigmoid, Mish, PReLU, ReLU, ReLU6, RReLU,
    Sigmoid, SiLU, Softplus, Softshrink, Softsign, Tanh, Tanhshrink, Threshold,
)
from nn.adaptive import (
    AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d, GlobalAvgPool,
    GlobalMaxPool,
)
from nn.attention import MultiheadAttention
from nn.bilinear import Bilinear
from nn.container import ModuleDict, ModuleList, Sequential
from nn.conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nn.dropout import AlphaDropout, DropConnect, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout, StochasticDepth
from nn.embedding import Embedding, EmbeddingBag
from nn.fold import Fold, Unfold
from nn.fractional import FractionalMaxPool2d, FractionalMaxPool3d
from nn.freeze import Freezing, freeze, unfreeze
from nn.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from nn.lazy import (
    LazyBatchNorm1d, LazyBatchNorm2d, LazyBatchNorm3d, LazyConv1d, LazyConv2d, LazyConv3d, LazyConvTranspose1d, LazyConvTranspose2d,
    LazyConvTranspose3d, LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d, LazyLinear,
)
from nn.linear import Linear
from nn.loss import (
    BCELoss, BCEWithLogitsLoss, CosineEmbeddingLoss, CosineSimilarity, CrossEntropyLoss, CTCLoss, FocalLoss, GaussianNLLLoss,
    HingeEmbeddingLoss, HuberLoss, KLDivLoss, L1Loss, MarginRankingLoss, MSELoss, MultiLabelMarginLoss, MultiLabelSoftMarginLoss,
    MultiMarginLoss, NLLLoss, PairwiseDistance, PoissonNLLLoss, SmoothL1Loss, SoftMarginLoss, TripletMarginLoss,
    TripletMarginWithDistanceLoss,
)
from nn.module import Module
from nn.norm import BatchNorm1d, BatchNorm2d, BatchNorm3d, InstanceNorm1d, InstanceNorm2d, InstanceNorm3d
from nn.padding import (
    CircularPad1d, CircularPad2d, CircularPad3d, ConstantPad1d, ConstantPad2d, ConstantPad3d, ReflectionPad1d, ReflectionPad2d,
    ReflectionPad3d, ReplicationPad1d, ReplicationPad2d, ReplicationPad3d, ZeroPad1d, ZeroPad2d, ZeroPad3d,
)
from nn.parameter import Buffer, Parameter
from nn.pool import (
    AvgPool1d, AvgPool2d, AvgPool3d, LPPool1d, LPPool2d, LPPool3d, MaxPool1d, MaxPool2d, MaxPool3d, MaxUnpool1d, MaxUnpool2d, MaxUnpool3d,
)
from nn.pretrained import load_pretrained
from nn.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from nn.shape import Flatten, Identity, Unflatten
from nn.transformer import (
    LearnedPositionalEncoding, PositionalEncoding, Transformer, TransformerDecoder, TransformerDecoderLayer, TransformerEncoder,
    TransformerEncoderLayer,
)
from nn.upsample import ChannelShuffle, PixelShuffle, PixelUnshuffle, Upsample, UpsamplingBilinear2d, UpsamplingNearest2d
from nn.softmax import GLU, LogSoftmax, Maxout, Softmax, Softmax2d, Softmin
from nn.statistics import activation_statistics
from nn.summary import Summary, summary

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
    "AlphaDropout", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d",
    "Bilinear", "Buffer", "CELU", "CTCLoss", "ChannelShuffle", "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d",
    "ConstantPad2d", "ConstantPad3d", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
    "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss", "DropConnect", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d",
    "ELU", "Embedding", "EmbeddingBag", "FeatureAlphaDropout", "Flatten", "FocalLoss", "Fold", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "Freezing", "GELU", "GLU", "GRU", "GRUCell", "GaussianNLLLoss", "GlobalAvgPool", "GlobalMaxPool",
    "GroupNorm", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "HingeEmbeddingLoss", "HuberLoss", "Identity", "InstanceNorm1d",
    "InstanceNorm2d", "InstanceNorm3d", "KLDivLoss", "L1Loss", "LPPool1d", "LPPool2d", "LPPool3d", "LSTM", "LSTMCell", "LayerNorm",
    "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d", "LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d",
    "LazyConvTranspose2d", "LazyConvTranspose3d", "LazyInstanceNorm1d", "LazyInstanceNorm2d", "LazyInstanceNorm3d", "LazyLinear",
    "LeakyReLU", "LearnedPositionalEncoding", "Linear", "LocalResponseNorm", "LogSigmoid", "LogSoftmax", "MSELoss", "MarginRankingLoss",
    "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d", "Maxout", "Mish", "Module", "ModuleDict",
    "ModuleList", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "MultiheadAttention", "NLLLoss", "PReLU",
    "PairwiseDistance", "Parameter", "PixelShuffle", "PixelUnshuffle", "PoissonNLLLoss", "PositionalEncoding", "RMSNorm", "RNN",
    "RNNCell", "RReLU", "ReLU", "ReLU6", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d",
    "ReplicationPad2d", "ReplicationPad3d", "SELU", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss", "SoftMarginLoss", "Softmax",
    "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "StochasticDepth", "Summary", "Tanh", "Tanhshrink", "Threshold",
    "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer",
    "TripletMarginLoss", "TripletMarginWithDistanceLoss", "Unflatten", "Unfold", "Upsample", "UpsamplingBilinear2d",
    "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d", "activation_statistics", "freeze", "functional", "init",
    "load_pretrained", "parametrize", "regularizer", "summary", "unfreeze",
]


def __getattr__(name: str) -> object:
    """`nn.models`, `nn.data` and `nn.training` are imported when they are first asked for."""
    if name in ("models", "data", "training"):
        import importlib

        return importlib.import_module(f"nn.{name}")
    hint = ": its clip_grad_norm_ is in optim, and data sets and loaders are in nn.data" if name == "utils" else ""
    raise AttributeError(f"module 'nn' has no attribute {name!r}{hint}")
