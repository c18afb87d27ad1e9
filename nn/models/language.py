"""How does a Transformer write?

It reads the characters so far and scores each character that may come next. Every place sees itself and what is before it, so one
pass gives the scores, and the loss, at all places at once.

    scores = head(norm(encoder layers(token vector + place vector)))

(Radford et al. 2018, "GPT", with normalisation before each branch as in GPT-2; Vaswani et al. 2017.)

Read next: `../pretrained.py`.
"""

from __future__ import annotations

from typing import Any

from autograd import no_grad, ops, tensor
from nn import init
from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.layer_norm import LayerNorm
from nn.linear import Linear
from nn.module import Module
from nn.transformer import TransformerEncoder, TransformerEncoderLayer


class CharTransformer(Module):
    """A character language model: integers (N, L) -> scores (N, L, vocab_size) for the character after each.

    vocab_size:      how many characters there are
    context:         the longest L
    d_model:         the length of the vectors
    nhead, num_layers, dim_feedforward, dropout:  as in `TransformerEncoderLayer`; dim_feedforward is 4 d_model by default

    The loss is cross_entropy(scores.reshape((-1, vocab_size)), next.reshape(-1)).

    >>> import numpy as np
    >>> from nn.models import CharTransformer
    >>> CharTransformer(27, context=16)(np.zeros((2, 5), int)).shape
    (2, 5, 27)

    Raises ValueError for sequences longer than the context, IndexError for characters that are not in the vocabulary.
    """

    def __init__(self, vocab_size: int, context: int = 64, d_model: int = 64, nhead: int = 4, num_layers: int = 2,
                 dim_feedforward: int | None = None, dropout: float = 0.1, *, rng: init.Rng = None) -> None:
        drops, rng = rng if rng is None else init.generator(rng), init.generator(rng)
        self.vocab_size, self.context = vocab_size, context
        with init.skipped():
            self.token = Embedding(vocab_size, d_model)
            self.place_code = Embedding(context, d_model)
            self.dropout = Dropout(dropout, rng=drops)
            layer = TransformerEncoderLayer(d_model, nhead, dim_feedforward or 4 * d_model, dropout, "gelu", batch_first=True,
                                            norm_first=True, rng=drops)
            self.encoder = TransformerEncoder(layer, num_layers, LayerNorm(d_model))
            self.head = Linear(d_model, vocab_size)
        for p in self.parameters():
            if p.ndim > 1:
                init.normal_(p, 0.0, 0.02, rng)
        for module in self.modules():
            if hasattr(module, "rng"):
                module.rng = drops  # the layers are copies, and would all drop the same

    def forward(self, x: Any) -> Any:
        shape = self.shape_of(x)
        if len(shape) != 2 or not 1 <= shape[1] <= self.context:
            raise ValueError(f"CharTransformer takes integers of shape (N, L) with L from 1 to {self.context}, its context, "
                             f"but the input has shape {shape}")
        y = self.dropout(self.token(x) + self.place_code(tensor(range(shape[1]))))
        return self.head(self.encoder(y, is_causal=True))

    def generate(self, start: Any, length: int, temperature: float = 1.0, rng: init.Rng = None) -> list[int]:
        """Continue a list of characters by so many more, each drawn from softmax(scores / temperature). Dropout is off meanwhile."""
        if not temperature > 0:
            raise ValueError(f"temperature is positive, the lower the more predictable; but it is {temperature}")
        generator, text, training = init.generator(rng), [int(c) for c in start], self.training
        self.eval()
        try:
            with no_grad():
                for _ in range(length):
                    scores = self(tensor([text[-self.context:]]))[0, -1]
                    below = ops.cumsum(ops.softmax(scores / temperature)) < generator.random()
                    text.append(min(int(ops.sum(below)), self.vocab_size - 1))
        finally:
            self.train(training)
        return text
