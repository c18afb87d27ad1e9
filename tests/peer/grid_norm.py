"""Normalisation."""

from tests.peer.comparison import compare, normal

BOTH = ("train", "eval")
SPACES = [(5,), (3, 4), (2, 3, 2)]

GRID = [
    compare("BatchNorm1d", 3, inputs=[normal(5, 3)], modes=BOTH),
    *[compare(f"BatchNorm{n}d", 3, inputs=[normal(4, 3, *space)], modes=BOTH) for n, space in enumerate(SPACES, 1)],
    *[compare("BatchNorm2d", 3, inputs=[normal(4, 3, 2, 2)], modes=BOTH, **options) for options in (
        {"momentum": None}, {"momentum": 0.3, "eps": 0.01}, {"affine": False}, {"bias": False}, {"track_running_stats": False},
        {"affine": False, "track_running_stats": False})],
    *[compare(f"InstanceNorm{n}d", 3, inputs=[normal(4, 3, *space)], modes=BOTH, **options) for n, space in enumerate(SPACES, 1)
      for options in ({}, {"affine": True, "track_running_stats": True}, {"affine": True, "bias": False})],
    compare("InstanceNorm2d", 3, inputs=[normal(3, 4, 4)], affine=True, momentum=0.2, track_running_stats=True, modes=BOTH),
    compare("InstanceNorm1d", 3, inputs=[normal(2, 3, 4)], momentum=None, track_running_stats=True),
    *[compare("LayerNorm", *shape, inputs=[normal(3, 4, 5)], **options) for shape in ((5,), ((5,),), ((4, 5),))
      for options in ({}, {"elementwise_affine": False}, {"bias": False}, {"eps": 0.1})],
    *[compare("RMSNorm", *shape, inputs=[normal(3, 4, 5)], **options) for shape in ((5,), ((4, 5),))
      for options in ({}, {"elementwise_affine": False}, {"eps": 0.1})],
    *[compare("GroupNorm", groups, 6, inputs=[normal(2, 6, *space)]) for groups in (1, 2, 6) for space in ((), (4,), (3, 2))
      if space or groups < 6],
    compare("GroupNorm", 3, 6, inputs=[normal(2, 6, 3)], affine=False, eps=0.01),
    compare("GroupNorm", 3, 6, inputs=[normal(2, 6, 3)], bias=False),
    *[compare("LocalResponseNorm", size, inputs=[normal(2, 6, *space)]) for size in (2, 3) for space in ((4,), (3, 2))],
    compare("LocalResponseNorm", 5, inputs=[normal(2, 6, 3, 3)], alpha=0.5, beta=0.6, k=2.0),
]
