r"""How is a sequence turned into another one, all at once?

By layers in which every element looks at every other (attention), and is then changed by itself (two linear layers), each as a
residual branch:

    encoder layer    x + attention(x, x, x);   x + linear2(relu(linear1(x)))
    decoder layer    the same, and in between x + attention(x, memory, memory), a look at what the encoder made

with layer normalisation after each sum, or before each branch (`norm_first`). Attention does not know the order of a sequence, so a
code of the positions is added to the input. (Vaswani et al. 2017, "Attention is all you need"; CS231n assignment 3.)

Read next: `parametrize.py`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from math import log
from typing import TYPE_CHECKING, Any

from autograd import ops, tensor
from nn import functional, init
from nn.attention import MultiheadAttention, causal
from nn.container import ModuleList
from nn.dropout import Dropout
from nn.layer_norm import LayerNorm
from nn.linear import Linear
from nn.module import Module
from nn.parameter import Buffer

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Activation = str | Callable[[Any], Any]


def activation_of(activation: Activation) -> Callable[[Any], Any]:
    """A function for 'relu' or 'gelu'; a function or module is one already."""
    if callable(activation):
        return activation
    if activation not in ("relu", "gelu"):
        raise ValueError(f"activation is 'relu', 'gelu' or a function, not {activation!r}")
    return functional.relu if activation == "relu" else functional.gelu


class TransformerLayer(Module):
    """What encoder and decoder layers share: the residual branches, and when they are normalised."""

    norm_first: bool
    activation: Callable[[Any], Any]
    linear1: Linear
    linear2: Linear
    dropout: Dropout

    def _add(self, x: Any, norm: LayerNorm, branch: Callable[[Any], Any]) -> Any:
        """norm(x + branch(x)), or x + branch(norm(x)) with norm_first."""
        return x + branch(norm(x)) if self.norm_first else norm(x + branch(x))

    def _feed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(TransformerLayer):
    """Attention of a sequence to itself, then two linear layers on each element; each a residual branch with layer normalisation.

    d_model:           the length of each element
    nhead:             how many heads look around
    dim_feedforward:   the length between the two linear layers
    dropout:           the probability to drop, in three places
    activation:        between the linear layers: 'relu', 'gelu' or a function
    layer_norm_eps:    of the normalisations
    batch_first:       is x (N, L, d_model) instead of (L, N, d_model)?
    norm_first:        normalise before each branch instead of after each sum?
    bias:              have linear layers and normalisations a bias?

    Called with x, and the masks of `MultiheadAttention`: src_mask (L, L), src_key_padding_mask (N, L), is_causal.
    """

    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1, activation: Activation = "relu",
                 layer_norm_eps: float = 1e-5, batch_first: bool = False, norm_first: bool = False, bias: bool = True, *,
                 dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=rng)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype, rng=rng)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1, self.dropout2 = Dropout(dropout, rng=rng), Dropout(dropout, rng=rng)
        self.norm_first, self.activation = norm_first, activation_of(activation)

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        def look(x: Any) -> Any:
            return self.dropout1(self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0])

        x = self._add(src, self.norm1, look)
        return self._add(x, self.norm2, lambda x: self.dropout2(self._feed_forward(x)))


class TransformerDecoderLayer(TransformerLayer):
    """A `TransformerEncoderLayer` that also looks at a memory, what an encoder made of another sequence.

    Called with tgt and memory, and masks for both: tgt_mask (L, L), memory_mask (L, S), tgt_key_padding_mask (N, L),
    memory_key_padding_mask (N, S), tgt_is_causal, memory_is_causal.
    """

    def __init__(self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1, activation: Activation = "relu",
                 layer_norm_eps: float = 1e-5, batch_first: bool = False, norm_first: bool = False, bias: bool = True, *,
                 dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=rng)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=rng)
        self.linear1 = Linear(d_model, dim_feedforward, bias, dtype=dtype, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, dtype=dtype, rng=rng)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1, self.dropout2, self.dropout3 = Dropout(dropout, rng=rng), Dropout(dropout, rng=rng), Dropout(dropout, rng=rng)
        self.norm_first, self.activation = norm_first, activation_of(activation)

    def forward(self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, tgt_key_padding_mask: Any = None,
                memory_key_padding_mask: Any = None, tgt_is_causal: bool = False, memory_is_causal: bool = False) -> Any:
        def look(x: Any) -> Any:
            return self.dropout1(self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0])

        def remember(x: Any) -> Any:
            y, _ = self.multihead_attn(x, memory, memory, memory_key_padding_mask, False, memory_mask, is_causal=memory_is_causal)
            return self.dropout2(y)

        x = self._add(tgt, self.norm1, look)
        x = self._add(x, self.norm2, remember)
        return self._add(x, self.norm3, lambda x: self.dropout3(self._feed_forward(x)))


class TransformerEncoder(Module):
    """`num_layers` copies of an encoder layer, one after the other, and `norm` at the end. They all start with the same weights."""

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = ModuleList(copy.deepcopy(encoder_layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def forward(self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None) -> Any:
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, bool(is_causal))
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """`num_layers` copies of a decoder layer, one after the other, and `norm` at the end. They all start with the same weights."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = ModuleList(copy.deepcopy(decoder_layer) for _ in range(num_layers))
        self.num_layers, self.norm = num_layers, norm

    def forward(self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, tgt_key_padding_mask: Any = None,
                memory_key_padding_mask: Any = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False) -> Any:
        for layer in self.layers:
            tgt = layer(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, bool(tgt_is_causal),
                        memory_is_causal)
        return tgt if self.norm is None else self.norm(tgt)


class Transformer(Module):
    """An encoder that reads one sequence, and a decoder that looks at what it made while it writes another.

    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias:  of all layers
    num_encoder_layers, num_decoder_layers:  how many there are
    custom_encoder, custom_decoder:          modules to be used instead

    Called with src, tgt and their masks; returns a sequence in the shape of tgt. Words become vectors, and vectors words, outside.
    """

    def __init__(self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
                 dim_feedforward: int = 2048, dropout: float = 0.1, activation: Activation = "relu", custom_encoder: Module | None = None,
                 custom_decoder: Module | None = None, layer_norm_eps: float = 1e-5, batch_first: bool = False, norm_first: bool = False,
                 bias: bool = True, *, dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        rng = rng if rng is None else init.generator(rng)
        args = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)
        self.encoder = custom_encoder or TransformerEncoder(TransformerEncoderLayer(*args, dtype=dtype, rng=rng), num_encoder_layers,
                                                            LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        self.decoder = custom_decoder or TransformerDecoder(TransformerDecoderLayer(*args, dtype=dtype, rng=rng), num_decoder_layers,
                                                            LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        self.d_model, self.nhead, self.batch_first = d_model, nhead, batch_first
        self.reset_parameters(rng)

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw all matrices anew, by Xavier's rule."""
        rng = init.generator(rng)
        for p in self.parameters():
            if p.ndim > 1:
                init.xavier_uniform_(p, rng=rng)

    def forward(self, src: Any, tgt: Any, src_mask: Any = None, tgt_mask: Any = None, memory_mask: Any = None,
                src_key_padding_mask: Any = None, tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
                src_is_causal: bool | None = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False) -> Any:
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(tgt, memory, tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask, tgt_is_causal,
                            memory_is_causal)

    @staticmethod
    def generate_square_subsequent_mask(sz: int) -> Any:
        """0 where query i may look at key j (j <= i), -inf elsewhere: (sz, sz)."""
        return ops.where(causal(sz, sz), 0.0, float("-inf"))


# ---- positions ------------------------------------------------------------------------------------------------------


class PositionalEncoding(Module):
    """x_t + p_t, with p_{t,2i} = sin(t / 10000^(2i/d)) and p_{t,2i+1} = cos(t / 10000^(2i/d)).

    d_model:      d, the length of each element
    dropout:      the probability to drop a number of the sum
    max_len:      how long a sequence may be
    batch_first:  is x (N, T, d) instead of (T, N, d)?

    (Vaswani et al. 2017, section 3.5; CS231n assignment 3, where batch_first holds.)
    """

    def __init__(self, d_model: int, dropout: float = 0.1, max_len: int = 5000, batch_first: bool = False, *,
                 dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        self.d_model, self.max_len, self.batch_first = d_model, max_len, batch_first
        self.dropout = Dropout(dropout, rng=rng)
        self._make(dtype, rng)

    def _make(self, dtype: DTypeLike | None, rng: init.Rng) -> None:
        rates = ops.exp(tensor(range(0, self.d_model, 2)) * (-log(10000.0) / max(self.d_model, 1)))
        angles = ops.expand_dims(tensor(range(self.max_len)), 1) * rates
        waves = ops.reshape(ops.stack([ops.sin(angles), ops.cos(angles)], -1), (self.max_len, -1))
        self.pe = Buffer(ops.split(waves, [self.d_model], 1)[0], dtype="float32" if dtype is None else dtype, persistent=False)

    def _table(self) -> Any:
        return self.pe

    def forward(self, x: Any) -> Any:
        shape = self.shape_of(x)
        length = shape[-2 if self.batch_first or len(shape) == 2 else 0] if len(shape) in (2, 3) else -1
        if not 0 <= length <= self.max_len or shape[-1] != self.d_model:
            axes = "(N, T, " if self.batch_first else "(T, N, "
            raise ValueError(f"{self.place()} takes {axes}{self.d_model}) with T up to {self.max_len}, but the input has shape {shape}.")
        positions = ops.split(self._table(), [length])[0]
        return self.dropout(x + (ops.expand_dims(positions, 1) if len(shape) == 3 and not self.batch_first else positions))

    def extra_repr(self) -> str:
        return f"{self.d_model}, max_len={self.max_len}, batch_first={self.batch_first}"


class LearnedPositionalEncoding(PositionalEncoding):
    """x_t + weight_t, with a trained vector for each position, (max_len, d_model), normal with deviation 0.02 at first.

    Arguments as for `PositionalEncoding`. (Radford et al. 2018; Devlin et al. 2019, "BERT".)
    """

    def _make(self, dtype: DTypeLike | None, rng: init.Rng) -> None:
        self.weight = init.normal_(init.blank(self.max_len, self.d_model, dtype=dtype), std=0.02, rng=rng)

    def _table(self) -> Any:
        return self.weight
