"""Pooling and unpooling."""

import itertools

import numpy as np

from tests.peer.comparison import compare, normal, uniform

SIDES = (5, 4, 3)


def samples(*shape):
    return np.random.RandomState(0).random_sample(shape).round(2)


GRID = [
    *[compare("MaxPool1d", k, stride=s, padding=p, dilation=d, ceil_mode=c, return_indices=True, inputs=[normal(1, 2, 8)])
      for k, s, p, d, c in itertools.product((2, 3), (None, 2), (0, 1), (1, 2), (False, True))],
    *[compare(f"MaxPool{n}d", k, s, p, d, inputs=[normal(1, 2, *SIDES[:n])])
      for n, k, s, p, d in ((2, 2, None, 0, 1), (2, (3, 2), (1, 2), (1, 0), 1), (2, 2, 1, 1, 2), (3, 2, 1, 1, 1), (3, (2, 1, 2), 2, 0, 1))],
    compare("MaxPool2d", 3, 2, 1, return_indices=True, ceil_mode=True, inputs=[normal(2, 6, 5)]),
    compare("MaxPool3d", 2, return_indices=True, inputs=[normal(1, 2, 4, 2, 3)]),
    *[compare("AvgPool1d", k, stride=s, padding=p, ceil_mode=c, count_include_pad=i, inputs=[normal(1, 2, 8)])
      for k, s, p, c, i in itertools.product((2, 3), (None, 2), (0, 1), (False, True), (False, True))],
    *[compare(f"AvgPool{n}d", k, s, p, ceil_mode=c, count_include_pad=i, divisor_override=d, inputs=[normal(1, 2, *SIDES[:n])])
      for n, k, s, p, c, i, d in ((2, 2, None, 0, False, True, None), (2, (3, 2), (2, 1), (1, 0), True, False, None),
                                  (2, 3, 2, 1, True, True, None), (2, 2, None, 1, False, True, 3), (3, 2, 1, 1, False, False, None),
                                  (3, 2, 2, 0, True, True, 5))],
    *[compare(f"LPPool{n}d", p, k, s, c, inputs=[uniform(1, 2, *SIDES[:n], low=0.1, high=2)])
      for n, p, k, s, c in ((1, 2, 2, None, False), (1, 3, 3, 2, True), (1, 1, 2, 1, False), (2, 2, 2, None, False),
                            (2, 1.5, (3, 2), 1, True), (3, 2, 2, 1, False))],
    *[compare(f"AdaptiveAvgPool{n}d", size, inputs=[normal(2, 2, *SIDES[:n])])
      for n, size in ((1, 1), (1, 3), (1, 7), (2, 1), (2, (3, None)), (2, (2, 3)), (3, 2), (3, (None, 1, 2)))],
    *[compare(f"AdaptiveMaxPool{n}d", size, return_indices=True, inputs=[normal(2, 2, *SIDES[:n])])
      for n, size in ((1, 1), (1, 3), (1, 7), (2, 1), (2, (3, None)), (2, (2, 3)), (3, 2), (3, (None, 1, 2)))],
    compare("AdaptiveAvgPool2d", 2, inputs=[normal(3, 5, 5)]),
    *[compare(f"MaxUnpool{n}d after MaxPool{n}d", inputs=[normal(1, 2, *sides)],
              build=lambda nn, n=n: lambda x: getattr(nn, f"MaxUnpool{n}d")(2)(*getattr(nn, f"MaxPool{n}d")(2, return_indices=True)(x)))
      for n, sides in ((1, (6,)), (2, (4, 6)), (3, (2, 4, 2)))],
    compare("MaxUnpool2d with padding and a size", inputs=[normal(2, 5, 6)],
            build=lambda nn: lambda x: nn.MaxUnpool2d(3, 3, 1)(*nn.MaxPool2d(3, 3, 1, return_indices=True)(x), output_size=(5, 6))),
    *[compare(f"FractionalMaxPool{n}d", k, return_indices=True, _random_samples=samples(2, 2, n), **size,
              inputs=[normal(2, 2, *(7, 6, 5)[:n])])
      for n, k, size in ((2, 2, {"output_size": (4, 3)}), (2, (3, 2), {"output_ratio": 0.6}), (2, 2, {"output_size": 1}),
                         (3, 2, {"output_size": (4, 3, 2)}), (3, (2, 1, 2), {"output_ratio": (0.5, 0.7, 0.4)}))],
    *[compare(f"functional.{name}{n}d", inputs=[uniform(2, *SIDES[:n], low=0.1), *more], call=call)
      for n in (1, 2, 3) for name, more, call in (("max_pool", [2], {"stride": 1}), ("avg_pool", [2], {"padding": 1}),
                                                  ("lp_pool", [2, 2], {}), ("adaptive_avg_pool", [2], {}), ("adaptive_max_pool", [2], {}))],
    compare("functional.fractional_max_pool2d", inputs=[normal(2, 5, 5), 2],
            call={"output_size": 3, "_random_samples": samples(1, 2, 2)}),
]
