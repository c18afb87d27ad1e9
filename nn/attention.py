r"""How does a network look things up?

By asking. A query q is compared with all keys k; the values v are averaged, weighted by how well their keys fit:

    attention(q, k, v) = softmax(q k^T / sqrt(d)) v

Several heads do so side by side, each on its own linear picture of q, k and v, and a last linear layer puts together what they
found. (Vaswani et al. 2017, "Attention is all you need"; CS231n, "Attention and transformers".)

Read next: `transformer.py`.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from autograd import ops, tensor
from autograd.node import get_mode
from autograd.random import generator
from nn import init
from nn.dropout import check_probability, dropout
from nn.linear import Linear
from nn.module import Module
from nn.parameter import Parameter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

IMPOSSIBLE = -1e30  # a score whose softmax is 0; finite, so that a query that may look nowhere gets 0 and not NaN


def causal(rows: int, columns: int) -> Any:
    """Where query i may look at key j: at j <= i, a lower triangle of True."""
    return ops.expand_dims(tensor(range(rows)), 1) >= tensor(range(columns))


def attention_weights(query: Any, key: Any, mask: Any = None, scale: float | None = None) -> Any:
    """softmax(q k^T scale + mask): (..., L, d) and (..., S, d) -> (..., L, S). See `scaled_dot_product_attention`."""
    scores = (query * (1 / sqrt(query.shape[-1]) if scale is None else scale)) @ key.swapaxes(-1, -2)
    if mask is None:
        return ops.softmax(scores)
    if mask.dtype.kind != "b":
        return ops.softmax(scores + mask)
    weights = ops.softmax(ops.where(mask, scores, IMPOSSIBLE))
    somewhere = ops.any(mask, -1, keepdims=True)
    traced = get_mode().traced  # by somebody who may come back with another mask
    return weights * somewhere if traced or not somewhere.all() else weights


def scaled_dot_product_attention(query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
                                 scale: float | None = None, enable_gqa: bool = False, rng: init.Rng = None) -> Any:
    """softmax(q k^T / sqrt(d) + mask) v.

    query, key, value:  (..., L, d), (..., S, d), (..., S, e); returns (..., L, e)
    attn_mask:  broadcasts against (..., L, S): booleans, True where a query may look; or numbers to add to the scores
    dropout_p:  the probability to drop a weight. It always acts: give 0 in use
    is_causal:  query i looks at keys 0 to i only
    scale:      instead of 1 / sqrt(d)
    enable_gqa: may several heads of queries, (..., heads, L, d), share one of keys and values? (Ainslie et al. 2023)

    A query that may look nowhere gets 0.
    """
    if enable_gqa:
        key, value = [ops.repeat(x, query.shape[-3] // x.shape[-3], -3) for x in (key, value)]
    if is_causal:
        if attn_mask is not None:
            raise ValueError("is_causal makes a mask of its own: give it or attn_mask, not both")
        attn_mask = causal(query.shape[-2], key.shape[-2])
    return dropout(attention_weights(query, key, attn_mask, scale), dropout_p, True, rng) @ value


def both(allowed: Any, mask: Any) -> Any:
    """Two masks as one, each True where a query must NOT look, or numbers to add; the result True where it may, or numbers to add."""
    mask = ~mask if mask.dtype.kind == "b" else mask
    if allowed is None:
        return mask
    if allowed.dtype.kind == mask.dtype.kind == "b":
        return allowed & mask
    numbers = [ops.where(m, 0.0, float("-inf")) if m.dtype.kind == "b" else m for m in (allowed, mask)]
    return numbers[0] + numbers[1]


class MultiheadAttention(Module):
    """Attention with several heads, between linear layers.

    embed_dim:      E, the length of the queries; num_heads divides it
    num_heads:      how many heads, each of which sees E / num_heads numbers
    dropout:        the probability to drop a weight of attention in training
    bias:           have the linear layers a bias?
    add_bias_kv:    have one more key and value, which are trained?
    add_zero_attn:  have one more key and value, which are 0?
    kdim, vdim:     the lengths of keys and values; default E
    batch_first:    are they (N, L, E) instead of (L, N, E)? Without N, (L, E) works too

    Called with query, key, value, and
    key_padding_mask:      (N, S), True for keys to be ignored (or numbers to add to the scores)
    attn_mask:             (L, S) or (N * num_heads, L, S), True where a query must not look (or numbers to add)
    need_weights:          return the weights too, averaged over the heads if average_attn_weights?
    is_causal:             query i looks at keys 0 to i only (with an attn_mask, which then says so, this is ignored)

    Returns the output in the shape of the query, and the weights (N, L, S), (N, num_heads, L, S), or None.
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
                 add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False, *,
                 dtype: DTypeLike | None = None, rng: init.Rng = None) -> None:
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(f"the heads share the numbers evenly, but {num_heads} heads do not divide embed_dim={embed_dim}")
        self.embed_dim, self.num_heads, self.batch_first = embed_dim, num_heads, batch_first
        self.dropout = check_probability(dropout, "dropout")
        self.kdim, self.vdim = kdim or embed_dim, vdim or embed_dim
        self.add_zero_attn = add_zero_attn
        self.rng = rng if rng is None else generator(rng)
        self._together = self.kdim == self.vdim == embed_dim
        if self._together:
            self.in_proj_weight = init.blank(3 * embed_dim, embed_dim, dtype=dtype)
        else:
            self.q_proj_weight = init.blank(embed_dim, embed_dim, dtype=dtype)
            self.k_proj_weight = init.blank(embed_dim, self.kdim, dtype=dtype)
            self.v_proj_weight = init.blank(embed_dim, self.vdim, dtype=dtype)
        self.in_proj_bias: Parameter | None = init.blank(3 * embed_dim, dtype=dtype) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype, rng=self.rng)
        self.bias_k: Parameter | None = init.blank(1, 1, embed_dim, dtype=dtype) if add_bias_kv else None
        self.bias_v: Parameter | None = init.blank(1, 1, embed_dim, dtype=dtype) if add_bias_kv else None
        self.reset_parameters(self.rng)

    def reset_parameters(self, rng: init.Rng = None) -> None:
        """Draw new initial values: Xavier's for the projections going in, no bias."""
        rng = generator(rng)
        for p in [self.in_proj_weight] if self._together else [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]:
            init.xavier_uniform_(p, rng=rng)
        if self.in_proj_bias is not None and self.out_proj.bias is not None:
            init.zeros_(self.in_proj_bias)
            init.zeros_(self.out_proj.bias)
        if self.bias_k is not None and self.bias_v is not None:
            init.xavier_normal_(self.bias_k, rng=rng)
            init.xavier_normal_(self.bias_v, rng=rng)

    def _check(self, query: Any, key: Any, value: Any) -> None:
        shapes = [self.shape_of(x, name) for x, name in ((query, "the query"), (key, "the key"), (value, "the value"))]
        batch, length = (0, 1) if self.batch_first else (1, 0)
        q, k, v = shapes
        fits = len(q) == len(k) == len(v) and len(q) in (2, 3) and (q[-1], k[-1], v[-1]) == (self.embed_dim, self.kdim, self.vdim)
        if fits and len(q) == 3:
            fits = q[batch] == k[batch] == v[batch] and k[length] == v[length]
        elif fits:
            fits = k[0] == v[0]
        if not fits:
            n, size = ("N, L", "N, S") if self.batch_first else ("L, N", "S, N")
            raise ValueError(f"{self.place()} takes a query ({n}, {self.embed_dim}), a key ({size}, {self.kdim}) and a value ({size}, "
                             f"{self.vdim}), all with or all without N, but they have the shapes {q}, {k} and {v}.")

    def _projected(self, query: Any, key: Any, value: Any) -> list[Any]:
        """The linear pictures of query, key and value; if they are one and the same thing, by one product."""
        bias = self.in_proj_bias
        if self._together and query is key and key is value:
            return ops.split(ops.linear(query, self.in_proj_weight, bias), 3, -1)
        weights = ops.split(self.in_proj_weight, 3) if self._together else [self.q_proj_weight, self.k_proj_weight, self.v_proj_weight]
        biases = [None] * 3 if bias is None else ops.split(bias, 3)
        return [ops.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]

    def _heads(self, x: Any) -> Any:
        """(N, L, E) -> (N, heads, L, E / heads)."""
        return ops.reshape(x, (*x.shape[:2], self.num_heads, self.embed_dim // self.num_heads)).swapaxes(1, 2)

    def _mask(self, n: int, rows: int, columns: int, attn_mask: Any, key_padding_mask: Any, is_causal: bool) -> Any:
        """What broadcasts against the scores, (N, heads, L, S): True where a query may look, or numbers to add; or None."""
        mask = None
        if attn_mask is not None:
            shape = self.shape_of(attn_mask, "attn_mask")
            if shape not in ((rows, columns), (n * self.num_heads, rows, columns)):
                raise ValueError(f"{self.place()}: attn_mask has a row for each query and a column for each key, {(rows, columns)} or "
                                 f"{(n * self.num_heads, rows, columns)}, not {shape}")
            mask = both(None, attn_mask if len(shape) == 2 else ops.reshape(attn_mask, (n, self.num_heads, rows, columns)))
        elif is_causal:
            mask = causal(rows, columns)
        if key_padding_mask is not None:
            shape = self.shape_of(key_padding_mask, "key_padding_mask")
            if shape not in ((n, columns), (columns,)):
                raise ValueError(f"{self.place()}: key_padding_mask says of each key whether to ignore it, {(n, columns)}, not {shape}")
            mask = both(mask, ops.reshape(key_padding_mask, (*shape[:-1], 1, 1, columns)))
        more = (self.bias_k is not None) + self.add_zero_attn
        if mask is None or not more:
            return mask
        return ops.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, more)], constant_values=mask.dtype.kind == "b")

    def forward(self, query: Any, key: Any, value: Any, key_padding_mask: Any = None, need_weights: bool = True, attn_mask: Any = None,
                average_attn_weights: bool = True, is_causal: bool = False) -> tuple[Any, Any]:
        self._check(query, key, value)
        single = len(query.shape) == 2
        q, k, v = self._projected(query, key, value)
        if single:
            q, k, v = q[None], k[None], v[None]
        elif not self.batch_first:
            q, k, v = q.swapaxes(0, 1), k.swapaxes(0, 1), v.swapaxes(0, 1)
        n, rows, columns = q.shape[0], q.shape[1], k.shape[1]
        if self.bias_k is not None:
            k, v = [ops.concatenate([x, ops.broadcast_to(b, (n, 1, self.embed_dim))], 1) for x, b in ((k, self.bias_k), (v, self.bias_v))]
        if self.add_zero_attn:
            k, v = ops.pad(k, [(0, 0), (0, 1), (0, 0)]), ops.pad(v, [(0, 0), (0, 1), (0, 0)])
        mask = self._mask(n, rows, columns, attn_mask, key_padding_mask, is_causal)
        weights = dropout(attention_weights(self._heads(q), self._heads(k), mask), self.dropout, self.training, self.rng)
        y = ops.reshape((weights @ self._heads(v)).swapaxes(1, 2), (n, rows, self.embed_dim))
        y = self.out_proj(y[0] if single else y if self.batch_first else y.swapaxes(0, 1))
        if not need_weights:
            return y, None
        if average_attn_weights:
            weights = ops.mean(weights, 1)
        return y, weights[0] if single else weights

    def extra_repr(self) -> str:
        said = {"dropout": 0.0, "add_zero_attn": False, "kdim": self.embed_dim, "vdim": self.embed_dim, "batch_first": False}
        options = [f", {name}={getattr(self, name)}" for name, default in said.items() if getattr(self, name) != default]
        return f"{self.embed_dim}, {self.num_heads}{''.join(options)}"
