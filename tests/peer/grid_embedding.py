"""Tables, and products of two inputs."""

from tests.peer.comparison import classes, compare, fixed, normal

OFFSETS = [0, 2, 2, 5]

GRID = [
    *[compare("Embedding", 5, 3, inputs=[classes(5, 4, 2)], **options) for options in (
        {}, {"padding_idx": 1}, {"padding_idx": -1}, {"max_norm": 1.0}, {"max_norm": 1.5, "norm_type": 1.0}, {"scale_grad_by_freq": True},
        {"scale_grad_by_freq": True, "padding_idx": 0})],
    compare("Embedding", 5, 3, inputs=[classes(5)]),
    *[compare("EmbeddingBag", 5, 3, mode=mode, inputs=[classes(5, 4, 2)], **options) for mode in ("sum", "mean", "max") for options in (
        {}, {"padding_idx": 1})],
    *[compare("EmbeddingBag", 5, 3, mode=mode, inputs=[classes(5, 7), fixed(OFFSETS)], **options) for mode in ("sum", "mean", "max")
      for options in ({}, {"padding_idx": 2})],
    *[compare("EmbeddingBag", 5, 3, mode=mode, inputs=[classes(5, 7), fixed([0, 2, 2, 7])], include_last_offset=True)
      for mode in ("sum", "mean", "max")],
    compare("EmbeddingBag", 5, 3, mode="sum", inputs=[classes(5, 4, 2)], call={"per_sample_weights": normal(4, 2)}),
    compare("EmbeddingBag", 5, 3, mode="sum", inputs=[classes(5, 7), fixed(OFFSETS)], call={"per_sample_weights": normal(7)}),
    compare("Bilinear", 3, 4, 2, inputs=[normal(5, 3), normal(5, 4)]),
    compare("Bilinear", 3, 4, 2, bias=False, inputs=[normal(2, 3, 3), normal(2, 3, 4)]),
    compare("Bilinear", 3, 4, 2, inputs=[normal(3), normal(4)]),
]
