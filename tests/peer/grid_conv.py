"""Convolutions, transposed convolutions and padding."""

import itertools

from tests.peer.comparison import compare, normal

GRID = [
    *[compare("Conv1d", 2, 4, 3, stride=s, padding=p, dilation=d, groups=g, inputs=[normal(2, 2, 9)])
      for s, p, d, g in itertools.product((1, 2), (0, 1), (1, 2), (1, 2))],
    *[compare(f"Conv{n}d", 2, 2, k, padding="same", dilation=d, padding_mode=mode, inputs=[normal(1, 2, *(5, 4, 4)[:n])])
      for n, k, d, mode in ((1, 2, 1, "zeros"), (1, 3, 2, "circular"), (2, (2, 3), 1, "reflect"), (2, 2, 2, "zeros"),
                            (3, 2, 1, "replicate"))],
    *[compare(f"Conv{n}d", 2, 3, 3, padding=2, padding_mode=mode, inputs=[normal(1, 2, *(4, 3, 3)[:n])])
      for n in (1, 2) for mode in ("zeros", "reflect", "replicate", "circular")],
    compare("Conv2d", 3, 2, (3, 2), stride=(2, 1), padding=(0, 1), dilation=(1, 2), inputs=[normal(2, 3, 6, 5)]),
    compare("Conv2d", 3, 6, 3, groups=3, padding="valid", inputs=[normal(1, 3, 4, 4)]),
    compare("Conv2d", 4, 4, 1, bias=False, inputs=[normal(2, 4, 3, 3)]),
    compare("Conv2d", 1, 2, 3, padding=(1, 2), padding_mode="reflect", stride=2, inputs=[normal(1, 1, 4, 4)]),
    compare("Conv2d", 2, 3, 2, inputs=[normal(2, 4, 4)]),
    compare("Conv3d", 2, 2, (1, 2, 2), stride=(1, 2, 1), padding=(0, 1, 0), groups=2, inputs=[normal(1, 2, 2, 3, 3)]),
    compare("Conv3d", 1, 2, 2, padding=1, padding_mode="circular", inputs=[normal(1, 1, 2, 2, 3)]),
    *[compare("ConvTranspose1d", 2, 4, 3, stride=s, padding=p, output_padding=o, dilation=d, groups=g, inputs=[normal(2, 2, 4)])
      for s, p, o, d, g in itertools.product((1, 2), (0, 1), (0, 1), (1, 2), (1, 2)) if o < max(s, d)],
    compare("ConvTranspose2d", 3, 2, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), inputs=[normal(2, 3, 3, 2)]),
    compare("ConvTranspose2d", 2, 3, 3, stride=2, padding=1, inputs=[normal(1, 2, 3, 3)], call={"output_size": [6, 5]}),
    compare("ConvTranspose2d", 4, 2, 2, groups=2, bias=False, inputs=[normal(4, 2, 3)]),
    compare("ConvTranspose3d", 2, 2, 2, stride=2, padding=(0, 1, 0), output_padding=(1, 0, 0), groups=2, inputs=[normal(1, 2, 1, 2, 2)]),
    compare("LazyLinear", 3, inputs=[normal(2, 4)]),
    compare("LazyConv1d", 2, 2, inputs=[normal(1, 3, 4)]),
    compare("LazyConv2d", 4, 2, groups=2, bias=False, inputs=[normal(1, 4, 2, 3)]),
    compare("LazyConv3d", 1, 2, inputs=[normal(1, 1, 2, 3, 2)]),
    compare("LazyConvTranspose1d", 2, 2, inputs=[normal(3, 4)]),
    compare("LazyConvTranspose2d", 2, 2, groups=2, inputs=[normal(1, 4, 2, 2)]),
    *[compare(f"LazyBatchNorm{n}d", inputs=[normal(2, 3, *(2, 2, 1)[:n])], modes=["train", "eval"]) for n in (1, 2, 3)],
    *[compare(f"LazyInstanceNorm{n}d", inputs=[normal(2, 3, *(2, 2, 1)[:n])], **options) for n in (1, 2, 3)
      for options in ({}, {"affine": False, "track_running_stats": False}, {"bias": False})],
    compare("LazyConvTranspose3d", 2, 2, inputs=[normal(1, 1, 2, 1, 2)]),
    *[compare(f"ConstantPad{n}d", p, 1.5, inputs=[normal(1, 2, *(3, 4, 2)[:n])])
      for n, p in ((1, 2), (1, (-1, 2)), (2, (1, 0, -1, 2)), (3, 1))],
    *[compare(f"{kind}{n}d", p, inputs=[normal(1, 2, *(3, 4, 2)[:n])])
      for kind in ("ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad")
      for n, p in ((1, 2), (1, (0, 1)), (2, (1, 0, 2, 1)), (2, 1), (3, (1, 1, 0, 2, 1, 0)))],
    compare("ReplicationPad1d", 5, inputs=[normal(2, 3)]),
    compare("ReflectionPad2d", (1, 2, 0, 1), inputs=[normal(2, 3, 3)]),
    compare("functional.pad", inputs=[normal(2, 3, 2)], call={"pad": (1, 0, 0, 2, 1, 1)}),
    compare("functional.pad", inputs=[normal(2, 3)], call={"pad": (-1, 2), "value": 3.0}),
    compare("functional.pad", inputs=[normal(2, 5)], call={"pad": (-1, 2), "mode": "replicate"}),
    compare("functional.pad", inputs=[normal(2, 5)], call={"pad": (2, -1), "mode": "reflect"}),
    compare("functional.pad", inputs=[normal(2, 5)], call={"pad": (2, -1), "mode": "circular"}),
    *[compare(f"functional.conv{t}{n}d", inputs=[normal(1, 2, *(3, 4, 2)[:n]), normal(2, 2, *(2, 1, 2)[:n]), normal(2)], call={"stride": 2})
      for n in (1, 2, 3) for t in ("", "_transpose")],
]
