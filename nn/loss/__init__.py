"""How wrong is the network?

A loss takes the output and the target and returns one number to make small (or one for each example, with
`reduction="none"`). Each is a function and a module of it.

    loss.py            what do all losses share?
    classification.py  which class is it?
    margin.py          is the right answer ahead by a margin?
    regression.py      how far off are the numbers?
    distance.py        how far apart are two vectors?
    ctc.py             which sequence is it, if nobody says when?

Read next: `loss.py`.
"""

# ruff: noqa: I001  - many names in a line

from nn.loss.classification import (
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, FocalLoss, NLLLoss, binary_cross_entropy, binary_cross_entropy_with_logits,
    cross_entropy, nll_loss, one_hot, sigmoid_focal_loss,
)
from nn.loss.ctc import CTCLoss, ctc_loss
from nn.loss.distance import (
    CosineEmbeddingLoss, CosineSimilarity, PairwiseDistance, TripletMarginLoss, TripletMarginWithDistanceLoss, cosine_embedding_loss,
    cosine_similarity, pairwise_distance, triplet_margin_loss, triplet_margin_with_distance_loss,
)
from nn.loss.loss import Loss
from nn.loss.margin import (
    HingeEmbeddingLoss, MarginRankingLoss, MultiLabelMarginLoss, MultiLabelSoftMarginLoss, MultiMarginLoss, SoftMarginLoss,
    hinge_embedding_loss, margin_ranking_loss, multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss, soft_margin_loss,
)
from nn.loss.regression import (
    GaussianNLLLoss, HuberLoss, KLDivLoss, L1Loss, MSELoss, PoissonNLLLoss, SmoothL1Loss, gaussian_nll_loss, huber_loss, kl_div, l1_loss,
    mse_loss, poisson_nll_loss, smooth_l1_loss,
)

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss", "CosineSimilarity", "CrossEntropyLoss", "FocalLoss",
    "GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "Loss", "MSELoss", "MarginRankingLoss",
    "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss", "PairwiseDistance", "PoissonNLLLoss",
    "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss", "TripletMarginWithDistanceLoss", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cosine_similarity", "cross_entropy", "ctc_loss", "gaussian_nll_loss",
    "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "margin_ranking_loss", "mse_loss", "multi_margin_loss",
    "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss", "one_hot", "pairwise_distance", "poisson_nll_loss",
    "sigmoid_focal_loss", "smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss",
]
