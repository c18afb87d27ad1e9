"""Neural networks: layers, losses and initialisers, built purely from `autograd.ops`.

Names, arguments, defaults and `state_dict` keys are PyTorch's, so that code and weights come over by name. Reading order:

    parameter.py   what does a module own?
    module.py      what is a module?
    call.py        how does the tape know which module an operation belongs to?
    linear.py      what does a fully connected layer compute?
    activation.py  what makes a network more than one big matrix?
    hooks.py       how does one look into a module without touching its code?
    container.py   how are modules put together?
    loss.py        how wrong is the network?
    init.py        what should the weights be before training?
    functional.py  what do the layers compute, without the layers?
"""

from nn import functional, init
from nn.activation import ReLU, Sigmoid, Tanh
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
from nn.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
from nn.lazy import LazyConv1d, LazyConv2d, LazyConv3d, LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d, LazyLinear
from nn.linear import Linear
from nn.loss import CrossEntropyLoss, MSELoss
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
from nn.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from nn.shape import Flatten, Unflatten, Identity
from nn.upsample import Upsample, UpsamplingNearest2d, UpsamplingBilinear2d, PixelShuffle, PixelUnshuffle, ChannelShuffle
from nn.transformer import (
    LearnedPositionalEncoding, PositionalEncoding, Transformer, TransformerDecoder, TransformerDecoderLayer, TransformerEncoder,
    TransformerEncoderLayer,
)

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
    "AlphaDropout", "AvgPool1d", "AvgPool2d", "AvgPool3d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Bilinear", "Buffer",
    "ChannelShuffle", "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "Conv1d",
    "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "CrossEntropyLoss", "DropConnect", "Dropout",
    "Dropout1d", "Dropout2d", "Dropout3d", "Embedding", "EmbeddingBag", "FeatureAlphaDropout", "Flatten", "Fold", "FractionalMaxPool2d",
    "FractionalMaxPool3d", "GRU", "GRUCell", "GlobalAvgPool", "GlobalMaxPool", "GroupNorm", "Identity", "InstanceNorm1d",
    "InstanceNorm2d", "InstanceNorm3d", "LPPool1d", "LPPool2d", "LPPool3d", "LSTM", "LSTMCell", "LayerNorm", "LazyConv1d", "LazyConv2d",
    "LazyConv3d", "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d", "LazyLinear", "LearnedPositionalEncoding",
    "Linear", "LocalResponseNorm", "MSELoss", "MaxPool1d", "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
    "Module", "ModuleDict", "ModuleList", "MultiheadAttention", "Parameter", "PixelShuffle", "PixelUnshuffle", "PositionalEncoding",
    "RMSNorm", "RNN", "RNNCell", "ReLU", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d",
    "ReplicationPad3d", "Sequential", "Sigmoid", "StochasticDepth", "Tanh", "Transformer", "TransformerDecoder",
    "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer", "Unflatten", "Unfold", "Upsample", "UpsamplingBilinear2d",
    "UpsamplingNearest2d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d", "functional", "init",
]
