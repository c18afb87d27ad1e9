"""Upsampling, shuffling, folding, flattening."""

from tests.peer.comparison import compare, normal

SIDES = (4, 3, 2)

GRID = [
    *[compare("Upsample", mode=mode, inputs=[normal(1, 2, *SIDES[:n])], **size)
      for n in (1, 2, 3) for mode in ("nearest", "nearest-exact", "area")
      for size in ({"size": 7}, {"scale_factor": 2}, {"scale_factor": 1.7}, {"scale_factor": 0.6})],
    *[compare("Upsample", mode=mode, align_corners=align, inputs=[normal(1, 1, *SIDES[:n])], **size)
      for n, mode in ((1, "linear"), (2, "bilinear"), (2, "bicubic"), (3, "trilinear")) for align in (None, True)
      for size in ({"size": 5}, {"size": 1}, {"scale_factor": 1.7}, {"scale_factor": 1.7, "recompute_scale_factor": True})],
    compare("Upsample", scale_factor=(2, 1.5), mode="bilinear", inputs=[normal(1, 2, 3, 4)]),
    compare("Upsample", (2, 5), mode="bicubic", align_corners=False, inputs=[normal(1, 2, 3, 4)]),
    compare("UpsamplingNearest2d", scale_factor=2, inputs=[normal(1, 2, 3, 2)]),
    compare("UpsamplingBilinear2d", (5, 4), inputs=[normal(1, 2, 3, 2)]),
    *[compare("functional.interpolate", inputs=[normal(1, 1, 6, 5)], call={"mode": mode, "antialias": True, "align_corners": align, **size})
      for mode in ("bilinear", "bicubic") for align in (None, True)
      for size in ({"size": (3, 2)}, {"size": (8, 4)}, {"scale_factor": 0.4})],
    compare("PixelShuffle", 2, inputs=[normal(2, 8, 2, 3)]),
    compare("PixelShuffle", 3, inputs=[normal(9, 1, 2)]),
    compare("PixelUnshuffle", 2, inputs=[normal(2, 1, 4, 6)]),
    compare("PixelUnshuffle", 3, inputs=[normal(2, 3, 6)]),
    compare("ChannelShuffle", 3, inputs=[normal(2, 6, 2, 2)]),
    compare("Unfold", 2, inputs=[normal(2, 2, 4, 3)]),
    compare("Unfold", (3, 2), dilation=(1, 2), padding=(2, 1), stride=(2, 1), inputs=[normal(1, 2, 4, 3)]),
    compare("Unfold", 2, stride=2, inputs=[normal(2, 4, 4)]),
    compare("Fold", (4, 3), 2, inputs=[normal(2, 8, 6)]),
    compare("Fold", (4, 3), (3, 2), dilation=(1, 2), padding=(2, 1), stride=(2, 1), inputs=[normal(1, 12, 9)]),
    compare("Fold", 4, 2, stride=2, inputs=[normal(8, 4)]),
    compare("Flatten", inputs=[normal(2, 3, 2, 2)]),
    compare("Flatten", 0, 1, inputs=[normal(2, 3, 2)]),
    compare("Flatten", -2, inputs=[normal(2, 3, 2)]),
    compare("Unflatten", 1, (2, 3), inputs=[normal(2, 6, 2)]),
    compare("Unflatten", -1, (2, -1), inputs=[normal(2, 6)]),
    compare("Identity", 54, unused=True, inputs=[normal(2, 3)]),
]
