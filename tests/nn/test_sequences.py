"""Embeddings, recurrent layers, attention and transformers: what PyTorch's numbers in tests/peer do not say.

Read next: `test_parametrize.py`.
"""

import numpy as np
import pytest

import nn
from autograd import tensor
from autograd.tape import history
from nn import functional as F


def real(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


# ---- embeddings -----------------------------------------------------------------------------------------------------


def test_each_row_gets_what_its_words_get():
    table = nn.Embedding(4, 2, padding_idx=3).to(float)
    assert not table.weight.data[3].any()
    words, g = np.array([[1, 1, 3], [0, 1, 3]]), real(2, 3, 2)
    (table(words) * g).sum().backward()
    np.testing.assert_allclose(table.weight.grad.data, [g[1, 0], g[0, 0] + g[0, 1] + g[1, 1], [0, 0], [0, 0]])


def test_frequent_words_may_be_slowed_down():
    """(PyTorch's EmbeddingBag divides by other numbers than its Embedding; ours by the frequencies both say.)"""
    words, g = np.array([[1, 1, 3], [0, 1, 3]]), real(2, 2)
    bag = nn.EmbeddingBag(4, 2, mode="sum", scale_grad_by_freq=True).to(float)
    (bag(words) * g).sum().backward()
    np.testing.assert_allclose(bag.weight.grad.data, [g[1], (2 * g[0] + g[1]) / 3, [0, 0], (g[0] + g[1]) / 2])


def test_a_table_from_elsewhere():
    table = nn.Embedding.from_pretrained(real(5, 3))
    np.testing.assert_array_equal(table(np.array([4])).data[0], real(5, 3)[4])
    assert not table.weight.requires_grad
    assert nn.Embedding.from_pretrained(real(5, 3), freeze=False, padding_idx=0).weight.requires_grad
    with pytest.raises(ValueError, match="two axes"):
        nn.Embedding.from_pretrained(real(5))


@pytest.mark.parametrize("words, error, said", [
    ([0, 7], IndexError, r"(?s)rows 0 to 3.*row 7.*8 rows"), ([0, -1], IndexError, "row -1"), ([0.0], TypeError, r"astype\(int\)")])
def test_words_that_are_no_rows(words, error, said):
    with pytest.raises(error, match=said):
        nn.Embedding(4, 2)(np.array(words))


def test_bags_are_checked():
    bag = nn.EmbeddingBag(4, 2)
    for offsets in ([1, 2], [0, 3, 2], [0, 9]):
        with pytest.raises(ValueError, match="offsets start at 0"):
            bag(np.array([0, 1, 2]), np.array(offsets))
    with pytest.raises(ValueError, match="offsets are missing"):
        bag(np.array([0, 1, 2]))
    assert not bag(np.array([], dtype=int), np.array([0, 0])).data.any()


# ---- recurrent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_a_layer_is_its_cell_again_and_again(kind):
    layer, cell = getattr(nn, kind)(3, 4, rng=0).to(float), getattr(nn, f"{kind}Cell")(3, 4).to(float)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in layer.state_dict().items()})
    x, state, outputs = real(5, 2, 3), None, []
    for x_t in x:
        state = cell(x_t, state)
        outputs.append((state[0] if kind == "LSTM" else state).data)
    y, last = layer(x)
    np.testing.assert_allclose(y.data, outputs, rtol=1e-12)
    for a, b in zip(last if kind == "LSTM" else [last], state if kind == "LSTM" else [state]):
        np.testing.assert_allclose(a.data[0], b.data, rtol=1e-12)


def test_reading_from_the_end():
    x = real(5, 2, 3)
    both, one = nn.GRU(3, 4, bidirectional=True, rng=0), nn.GRU(3, 4)
    one.load_state_dict({name: value for name, value in both.state_dict(prefix="").items() if "reverse" not in name})
    np.testing.assert_allclose(both(x)[0].data[..., :4], one(x)[0].data, rtol=1e-6)
    one.load_state_dict({name.removesuffix("_reverse"): value for name, value in both.state_dict().items() if "reverse" in name})
    np.testing.assert_allclose(both(x)[0].data[..., 4:], one(x[::-1])[0].data[::-1], rtol=1e-6)


def test_a_long_sequence_costs_no_more_per_step():
    """The tape of T steps holds T times as much as that of one: nothing grows with T squared."""
    def size(T):
        y, _ = nn.LSTM(2, 3, rng=0)(tensor(real(T, 1, 2), requires_grad=True))
        return len(list(history([y.node])))

    assert size(80) - size(40) == size(40) - size(20) + (size(40) - size(20))


def test_a_network_learns_to_remember():
    """The first of eight numbers comes out at the end."""
    import optim

    rng = np.random.default_rng(0)
    model = nn.LSTM(1, 8, rng=0)
    head = nn.Linear(8, 1, rng=0)
    steps = optim.Adam([*model.parameters(), *head.parameters()], lr=0.02)
    for _ in range(150):
        x = rng.choice([-1.0, 1.0], (8, 32, 1)).astype(np.float32)
        loss = ((head(model(x)[0][-1]) - x[0]) ** 2).mean()
        steps.zero_grad()
        loss.backward()
        steps.step()
    assert loss.item() < 0.05


@pytest.mark.parametrize("call, said", [
    (lambda: nn.LSTM(3, 4)(real(5, 2, 6)), r"LSTM\(6, 4\)"),
    (lambda: nn.LSTM(3, 4)(real(5, 2, 3), real(1, 2, 4)), "a state of shape"),
    (lambda: nn.GRU(3, 4, 2)(real(5, 2, 3), real(1, 2, 4)), r"\(2, 2, 4\).*\(1, 2, 4\)"),
    (lambda: nn.GRU(3, 4)(real(0, 2, 3)), "at least one element"),
    (lambda: nn.RNN(3, 4, nonlinearity="sin"), "'tanh' or 'relu'"),
    (lambda: nn.LSTM(3, 4, proj_size=4), "proj_size 4"),
    (lambda: nn.GRUCell(3, 4)(real(2, 5)), r"GRUCell\(5, 4\)"),
    (lambda: nn.Bilinear(2, 3, 4)(real(5, 3), real(5, 3)), r"Bilinear\(3, 3, 4\)"),
])
def test_what_does_not_fit_is_explained(call, said):
    with pytest.raises(ValueError, match=f"(?s){said}"):
        call()


# ---- attention ------------------------------------------------------------------------------------------------------


def test_attention_is_what_the_paper_says():
    """Vaswani et al. 2017, equation 1."""
    q, k, v = real(2, 3, 4), real(2, 5, 4, seed=1), real(2, 5, 6, seed=2)
    scores = np.exp(q @ k.swapaxes(1, 2) / 2)
    np.testing.assert_allclose(F.scaled_dot_product_attention(q, k, v), scores / scores.sum(-1, keepdims=True) @ v)


def test_nothing_is_seen_of_the_future():
    layer, x = nn.MultiheadAttention(4, 2, rng=0).to(float), real(5, 2, 4)
    later = x.copy()
    later[3:] = 7
    a, b = layer(x, x, x, is_causal=True)[0].data, layer(later, later, later, is_causal=True)[0].data
    np.testing.assert_array_equal(a[:3], b[:3])
    assert (a[3:] != b[3:]).all()


def test_a_query_that_may_look_nowhere_gets_nothing():
    x = tensor(real(2, 3, 4), requires_grad=True)
    mask = np.array([[True, False, False], [False, False, False], [True, True, True]])
    y = F.scaled_dot_product_attention(x, x, x, mask)
    assert not y.data[:, 1].any()
    (y * real(2, 3, 4)).sum().backward()
    assert np.isfinite(x.grad.data).all()
    with pytest.raises(ValueError, match="not both"):
        F.scaled_dot_product_attention(x, x, x, mask, is_causal=True)


def test_an_empty_batch_has_no_attention():
    layer, x = nn.MultiheadAttention(4, 2, batch_first=True), np.ones((0, 3, 4), np.float32)
    y, weights = layer(x, x, x, key_padding_mask=np.zeros((0, 3), bool))
    y.sum().backward()
    assert y.shape == (0, 3, 4) and weights.shape == (0, 3, 3)
    np.testing.assert_array_equal(layer.in_proj_weight.grad.data, np.zeros((12, 4)))
    assert nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)(x).shape == (0, 3, 4)


def test_padding_is_not_looked_at():
    layer, q, k = nn.MultiheadAttention(4, 2, rng=0).to(float), real(3, 2, 4), real(5, 2, 4, seed=1)
    padding = np.array([[False] * 5, [False] * 3 + [True] * 2])
    y, weights = layer(q, k, k, key_padding_mask=padding)
    assert not weights.data[1, :, 3:].any()
    np.testing.assert_allclose(y.data[:, 1], layer(q[:, 1:], k[:3, 1:], k[:3, 1:])[0].data[:, 0])


@pytest.mark.parametrize("call, said", [
    (lambda m: m(real(3, 2, 5), real(3, 2, 4), real(3, 2, 4)), r"\(3, 2, 5\)"),
    (lambda m: m(real(3, 2, 4), real(3, 1, 4), real(3, 1, 4)), "all with or all without N"),
    (lambda m: m(real(3, 2, 4), real(3, 2, 4), real(3, 2, 4), attn_mask=np.ones((2, 2), bool)), "attn_mask"),
    (lambda m: m(real(3, 2, 4), real(3, 2, 4), real(3, 2, 4), key_padding_mask=np.ones((3, 2), bool)), "key_padding_mask"),
    (lambda m: nn.MultiheadAttention(5, 2), "divide embed_dim=5"),
    (lambda m: nn.PositionalEncoding(4, max_len=3)(real(5, 2, 4)), "T up to 3"),
    (lambda m: nn.TransformerEncoderLayer(4, 2, activation="sin"), "'relu', 'gelu'"),
])
def test_attention_explains_what_does_not_fit(call, said):
    with pytest.raises(ValueError, match=f"(?s){said}"):
        call(nn.MultiheadAttention(4, 2))


def test_positions_are_waves():
    """Vaswani et al. 2017, section 3.5."""
    p = nn.PositionalEncoding(6, dropout=0.0, max_len=10, dtype=float)(np.zeros((10, 1, 6)))[:, 0].data
    t, i = np.arange(10)[:, None], np.arange(3)
    np.testing.assert_allclose(p[:, 0::2], np.sin(t / 10000 ** (2 * i / 6)), atol=1e-12)
    np.testing.assert_allclose(p[:, 1::2], np.cos(t / 10000 ** (2 * i / 6)), atol=1e-12)
    assert nn.PositionalEncoding(5)(np.zeros((3, 2, 5), np.float32)).shape == (3, 2, 5)  # an odd length too
    x = real(2, 3, 6)
    np.testing.assert_allclose(nn.PositionalEncoding(6, 0.0, batch_first=True)(x).data[1], x[1] + p[:3], atol=1e-6)
    assert not nn.PositionalEncoding(6).state_dict()
    assert list(nn.LearnedPositionalEncoding(6).state_dict()) == ["weight"]


def test_a_transformer_has_pytorchs_names():
    names = {name for name, _ in nn.Transformer(4, 2, 1, 1, 8).named_parameters()}
    for name in ("encoder.layers.0.self_attn.in_proj_weight", "encoder.layers.0.self_attn.out_proj.bias", "encoder.norm.weight",
                 "decoder.layers.0.multihead_attn.in_proj_bias", "decoder.layers.0.norm3.bias", "decoder.layers.0.linear2.weight"):
        assert name in names
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    np.testing.assert_array_equal(mask.data, np.triu(np.full((3, 3), -np.inf), 1))


def test_layers_of_a_stack_are_copies():
    layer = nn.TransformerEncoderLayer(4, 2, 8)
    encoder = nn.TransformerEncoder(layer, 2)
    assert encoder.layers[0].linear1.weight is not encoder.layers[1].linear1.weight
    np.testing.assert_array_equal(encoder.layers[0].linear1.weight.data, layer.linear1.weight.data)


def test_programs_of_sequences_replay():
    """What was traced on one sentence runs on another one, with another mask."""
    from autograd import trace

    table, layer, gru = nn.Embedding(9, 4, rng=0), nn.TransformerEncoderLayer(4, 2, 8, norm_first=True, rng=0).eval(), nn.GRU(4, 3, rng=0)

    def model(words, padding):
        return gru(layer(table(words), src_key_padding_mask=padding))[0]

    program = trace(model, np.array([[1, 2], [3, 4], [5, 6]]), np.zeros((2, 3), bool))
    words, padding = np.array([[8, 7], [2, 2], [0, 1]]), np.array([[True, True, True], [False, False, True]])
    np.testing.assert_allclose(program(words, padding), model(words, padding).data, rtol=1e-6)
