"""The losses and distances: all reductions and options."""

import numpy as np

from tests.peer.comparison import classes, compare, fixed, normal, signs, uniform

REDUCTIONS = ("mean", "sum", "none")
W3, W4 = np.array([0.5, 1.0, 2.0]), np.array([0.2, 1.0, 3.0, 0.7])


def each(name, *inputs, reductions=REDUCTIONS, **options):
    """A loss with each reduction."""
    return [compare(name, inputs=list(inputs), reduction=reduction, **options)[0] for reduction in reductions]


X, C = normal(6, 4), classes(4, 6)
IMAGE, PLACES = normal(2, 4, 3, 2), classes(4, 2, 3, 2)
P, T = uniform(5, 4, low=0.01, high=0.99), uniform(5, 4)
NUMBERS, OTHERS = normal(5, 3), normal(5, 3)

GRID = [
    # one of C classes
    *[each(name, x, c, **options) for name in ("CrossEntropyLoss", "NLLLoss") for x, c in ((X, C), (IMAGE, PLACES), (normal(4), fixed(3)))
      for options in ({}, {"weight": W4}, {"ignore_index": 2}, {"weight": W4, "ignore_index": 0})],
    *[each("CrossEntropyLoss", X, C, label_smoothing=0.1, **options)
      for options in ({}, {"weight": W4}, {"weight": W4, "ignore_index": 1})],
    *[each("CrossEntropyLoss", x, uniform(*shape), **options) for x, shape in ((X, (6, 4)), (IMAGE, (2, 4, 3, 2)))
      for options in ({}, {"weight": W4, "label_smoothing": 0.2})],
    *[each("MultiMarginLoss", x, c, **options) for x, c in ((X, C), (normal(4), fixed(2)))
      for options in ({}, {"p": 2}, {"margin": 0.5, "weight": W4}, {"p": 2, "weight": W4})],
    # several classes, yes or no
    *[each("BCELoss", P, T, **options) for options in ({}, {"weight": W4}, {"weight": np.arange(20.0).reshape(5, 4)})],
    # values only: the gradient there is 1e12, and PyTorch rounds that to float32
    each("BCELoss", fixed([0.0, 0.0, 1.0, 1.0, 0.5]), fixed([0.0, 1.0, 0.0, 1.0, 1.0])),
    *[each("BCEWithLogitsLoss", normal(5, 4), T, **options)
      for options in ({}, {"weight": W4}, {"pos_weight": W4}, {"weight": W4, "pos_weight": W4[::-1].copy()})],
    each("BCEWithLogitsLoss", fixed([-800.0, -30, 0, 30, 800], grad=True), fixed([1.0, 0, 1, 1, 0])),
    each("MultiLabelMarginLoss", normal(3, 4), fixed([[3, 0, -1, 1], [-1, 2, 2, 2], [0, 1, 2, 3]])),
    each("MultiLabelMarginLoss", normal(4), fixed([2, 0, -1, 0])),
    *[each("MultiLabelSoftMarginLoss", x, t, **options)
      for x, t in ((normal(5, 4), fixed((np.arange(20) % 3 == 0).reshape(5, 4) * 1.0)), (normal(4), fixed([0.0, 1, 1, 0])))
      for options in ({}, {"weight": W4})],
    each("SoftMarginLoss", normal(5, 3), signs(5, 3)),
    # numbers
    *[each(name, NUMBERS, OTHERS) for name in ("MSELoss", "L1Loss")],
    *[each("HuberLoss", NUMBERS, OTHERS, delta=delta) for delta in (1.0, 0.3)],
    *[each("SmoothL1Loss", NUMBERS, OTHERS, beta=beta) for beta in (1.0, 0.3, 0.0)],
    *[each(name, fixed([0.0, 1, -1, 2, 3], grad=True), fixed([0.0, 0, 0, 0, 3], grad=True))
      for name in ("L1Loss", "HuberLoss", "SmoothL1Loss")],
    *[each("PoissonNLLLoss", uniform(5, 3, low=0.1, high=3), uniform(5, 3, low=0, high=5).constant(), log_input=log_input, full=full)
      for log_input in (True, False) for full in (True, False)],
    *[each("GaussianNLLLoss", NUMBERS, OTHERS, uniform(*shape, low=0.1, high=2), full=full)
      for shape in ((5, 3), (5, 1), (5,)) for full in (True, False)],
    each("GaussianNLLLoss", normal(3), normal(3), fixed([0.0, 1e-9, 0.5], grad=True), eps=1e-3),
    *[each("KLDivLoss", normal(5, 3), t, log_target=log_target, reductions=(*REDUCTIONS, "batchmean"))
      for t, log_target in ((uniform(5, 3, low=0.1), False), (normal(5, 3), True))],
    each("KLDivLoss", normal(3), fixed([0.0, 0.3, 0.7])),
    # distances
    *[each("HingeEmbeddingLoss", uniform(7, 2, high=3), signs(7, 2), margin=margin) for margin in (1.0, 2.0)],
    *[each("MarginRankingLoss", normal(7), normal(7), signs(7), margin=margin) for margin in (0.0, 0.5)],
    *[each("CosineEmbeddingLoss", normal(7, 3), normal(7, 3), signs(7), margin=margin) for margin in (0.0, 0.5)],
    each("CosineEmbeddingLoss", normal(3), normal(3), fixed(-1)),
    *[each("TripletMarginLoss", normal(6, 3), normal(6, 3), normal(6, 3), **options)
      for options in ({}, {"margin": 0.3, "swap": True}, {"p": 1.0}, {"p": 3.0, "eps": 1e-3})],
    each("TripletMarginLoss", normal(3), normal(3), normal(3)),
    *[each("TripletMarginWithDistanceLoss", normal(6, 3), normal(6, 3), normal(6, 3), **options)
      for options in ({}, {"margin": 0.3, "swap": True})],
    compare("triplet with another distance", inputs=[normal(6, 3), normal(6, 3), normal(6, 3)], build=lambda nn: (
        nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: 1 - nn.functional.cosine_similarity(a, b), margin=0.5))),
    *[compare("PairwiseDistance", inputs=[normal(*a), normal(*b)], **options) for a, b in (((5, 3), (5, 3)), ((3,), (3,)), ((5, 3), (3,)))
      for options in ({}, {"p": 1.0}, {"p": 3.0, "keepdim": True}, {"p": float("inf"), "eps": 0.1})],
    *[compare("CosineSimilarity", inputs=[normal(*shape), normal(*shape)], dim=dim)
      for shape, dim in (((5, 3), 1), ((5, 3), 0), ((2, 3, 4), -1))],
    compare("CosineSimilarity", inputs=[fixed([[0.0, 0, 0], [1, 2, 3]], grad=True), normal(2, 3)]),
    # functions
    compare("functional.one_hot", inputs=[classes(4, 6)], num_classes=5),
    compare("functional.cross_entropy", inputs=[X, C], ignore_index=1),
    compare("functional.kl_div", inputs=[NUMBERS, uniform(5, 3)], reduction="batchmean"),
    compare("functional.triplet_margin_loss", inputs=[NUMBERS, OTHERS, normal(5, 3)], margin=2.0),
    *[compare(f"functional.{name}", inputs=[NUMBERS, OTHERS]) for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss",
                                                                         "cosine_similarity", "pairwise_distance")],
]


def ctc(options, *args):
    """CTC of scores: of its gradient PyTorch returns only what passes a log_softmax."""
    return lambda nn: lambda x: nn.CTCLoss(**options)(nn.functional.log_softmax(x, dim=-1), *as_tensors(nn, args))


def as_tensors(nn, args):
    import importlib

    return [importlib.import_module("torch").tensor(a) for a in args] if nn.__name__.startswith("torch") else [np.array(a) for a in args]


LENGTHS = {
    "padded": (normal(7, 3, 5), [[1, 2, 2, 4], [3, 3, 0, 0], [4, 0, 0, 0]], [7, 6, 3], [4, 2, 1]),
    "in a row": (normal(7, 3, 5), [1, 2, 2, 4, 3, 3, 4], [7, 6, 3], [4, 2, 1]),
    "empty target": (normal(4, 2, 3), [[1, 2], [1, 1]], [4, 3], [2, 0]),
    "impossible": (normal(4, 2, 3), [[1, 1, 1], [1, 2, 2]], [4, 4], [3, 2]),
    "single": (normal(5, 4), [1, 1, 3], [5], [3]),
    "long": (normal(40, 2, 6), [[1, 2, 3, 4, 5] * 3, [5, 5, 4, 4, 3] * 3], [40, 33], [15, 14]),
}
GRID += [
    compare(f"CTCLoss({reduction}, zero_infinity={name == 'impossible'}): {name}", inputs=[x],
            build=ctc({"reduction": reduction, "zero_infinity": name == "impossible"}, *args))
    for name, (x, *args) in LENGTHS.items() for reduction in REDUCTIONS
]
GRID += [compare("CTCLoss, another blank", inputs=[normal(6, 2, 4)], build=ctc({"blank": 3}, [[1, 2, 0], [0, 0, 1]], [6, 6], [3, 2]))]
