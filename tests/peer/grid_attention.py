"""Attention and transformers."""

from tests.peer.comparison import compare, fixed, normal

UPPER = fixed([[False, True, True], [False, False, True], [False, False, False]])
PADDING = fixed([[False, False, True], [False, True, True]])


def attend(heads=2, **options):
    """MultiheadAttention of something to itself."""
    def build(nn):
        class SelfAttention(nn.Module):
            def __init__(self):
                super().__init__()
                self.attention = nn.MultiheadAttention(4, heads, **options)

            def forward(self, x, **call):
                return self.attention(x, x, x, **call)
        return SelfAttention()
    return build


QKV = [normal(5, 2, 4), normal(3, 2, 4), normal(3, 2, 4)]
MASK = fixed([[False, True, True], [False, False, True], [False, False, False], [False, True, False], [False, False, True]])
BOTH_MASKS = {"attn_mask": MASK, "key_padding_mask": PADDING}
CAUSAL = {"attn_mask": UPPER, "is_causal": True}
FUNCTION = "functional.scaled_dot_product_attention"
HEADS = [normal(2, 3, 5, 4), normal(2, 3, 6, 4), normal(2, 3, 6, 2)]

GRID = [
    compare(FUNCTION, inputs=HEADS),
    compare(FUNCTION, inputs=HEADS, is_causal=True),
    compare(FUNCTION, inputs=HEADS, scale=0.3),
    compare(FUNCTION, inputs=[normal(2, 4, 5, 4), normal(2, 2, 6, 4), normal(2, 2, 6, 3)], enable_gqa=True),
    compare(FUNCTION, inputs=HEADS, call={"attn_mask": normal(5, 6)}),
    compare(FUNCTION, inputs=[normal(2, 3, 4), normal(2, 3, 4), normal(2, 3, 4)], call={"attn_mask": UPPER}),
    compare("MultiheadAttention", 4, 2, inputs=QKV, dropout=0.3, modes=("eval",)),
    *[compare("MultiheadAttention", 4, 2, inputs=QKV, **options) for options in (
        {}, {"bias": False}, {"add_bias_kv": True}, {"add_zero_attn": True})],
    compare("MultiheadAttention", 4, 2, kdim=3, vdim=5, inputs=[normal(5, 2, 4), normal(3, 2, 3), normal(3, 2, 5)]),
    compare("MultiheadAttention", 4, 2, inputs=[normal(5, 4), normal(3, 4), normal(3, 4)]),
    compare("MultiheadAttention", 4, 2, batch_first=True, inputs=[normal(2, 5, 4), normal(2, 3, 4), normal(2, 3, 4)]),
    *[compare("MultiheadAttention", 4, 2, inputs=QKV, call=call) for call in (
        {"need_weights": False}, {"average_attn_weights": False}, {"attn_mask": MASK}, {"key_padding_mask": PADDING},
        {"attn_mask": normal(5, 3)}, {"attn_mask": normal(4, 5, 3)}, BOTH_MASKS,
        {"attn_mask": normal(5, 3), "key_padding_mask": normal(2, 3).constant()})],
    compare("MultiheadAttention", 4, 2, add_bias_kv=True, add_zero_attn=True, inputs=QKV, call=BOTH_MASKS),
    compare("self-attention", build=attend(), inputs=[normal(3, 2, 4)], call={"attn_mask": UPPER}),
    compare("causal self-attention", build=attend(), inputs=[normal(3, 2, 4)], call={**CAUSAL, "need_weights": False}),
]

SMALL = {"dim_feedforward": 5, "dropout": 0.0}
LAYERS = [{}, {"norm_first": True}, {"activation": "gelu"}, {"bias": False}, {"layer_norm_eps": 0.1}]


def stack(kind, n, norm=False, **options):
    """A transformer's encoder or decoder."""
    def build(nn):
        layer = getattr(nn, f"Transformer{kind}Layer")(4, 2, **SMALL, **options)
        return getattr(nn, f"Transformer{kind}")(layer, n, norm=nn.LayerNorm(4) if norm else None)
    return build


SRC, TGT, SRC_MASK = normal(3, 2, 4), normal(5, 2, 4), {"src_key_padding_mask": PADDING}
MASKS = {"tgt_mask": normal(5, 5).constant(), "memory_mask": MASK, "memory_key_padding_mask": PADDING}

GRID += [
    *[compare("TransformerEncoderLayer", 4, 2, **SMALL, **options, inputs=[SRC]) for options in LAYERS],
    compare("TransformerEncoderLayer", 4, 2, **SMALL, batch_first=True, inputs=[normal(2, 3, 4)]),
    compare("TransformerEncoderLayer", 4, 2, dim_feedforward=5, dropout=0.4, inputs=[SRC], modes=["eval"]),
    compare("TransformerEncoderLayer", 4, 2, **SMALL, inputs=[SRC], call={"src_mask": UPPER, **SRC_MASK}),
    *[compare("TransformerDecoderLayer", 4, 2, **SMALL, **options, inputs=[TGT, SRC]) for options in LAYERS],
    compare("TransformerDecoderLayer", 4, 2, **SMALL, inputs=[TGT, SRC], call=MASKS),
    compare("encoder", build=stack("Encoder", 2), inputs=[SRC], call={"mask": UPPER}),
    compare("encoder with norm", build=stack("Encoder", 2, True, norm_first=True), inputs=[SRC]),
    compare("decoder", build=stack("Decoder", 2, True), inputs=[TGT, SRC], call=MASKS),
    compare("Transformer", 4, 2, 1, 2, **SMALL, inputs=[SRC, TGT], call={**SRC_MASK, **MASKS}),
    compare("Transformer", 4, 2, 1, 1, **SMALL, norm_first=True, batch_first=True, inputs=[normal(2, 3, 4), normal(2, 5, 4)]),
]
