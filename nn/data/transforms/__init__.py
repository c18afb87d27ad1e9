"""Augmentation: how does a small data set become a large one?

Every time a sample is seen it is changed in a way that leaves its meaning. Names, arguments and defaults are torchvision's. They take
NumPy arrays, one sample or a batch, and the result for a sample depends on (seed, epoch, index) alone. Reading order:

    transform.py    what is a transform?
    compose.py      how are transforms put together?
    flip.py         mirrored
    crop.py         another part of the image
    resize.py       another size, and a part of random size
    affine.py       turned, moved, scaled, sheared
    color.py        another light
    blur.py         a bad camera
    erase.py        a part is missing
    mix.py          two samples at once
    randaugment.py  a few of them at random
"""

from nn.data.transforms.affine import RandomAffine, RandomRotation, RandomScale
from nn.data.transforms.blur import GaussianBlur, GaussianNoise
from nn.data.transforms.color import ColorJitter, Grayscale, RandomGrayscale
from nn.data.transforms.compose import Compose, Normalize, RandomApply, RandomChoice, ToFloat
from nn.data.transforms.crop import CenterCrop, FiveCrop, Pad, RandomCrop, TenCrop
from nn.data.transforms.erase import Cutout, RandomErasing
from nn.data.transforms.flip import RandomHorizontalFlip, RandomVerticalFlip
from nn.data.transforms.mix import CutMix, MixUp
from nn.data.transforms.randaugment import RandAugment
from nn.data.transforms.resize import RandomResizedCrop, Resize
from nn.data.transforms.transform import Transform

__all__ = [
    "CenterCrop", "ColorJitter", "Compose", "CutMix", "Cutout", "FiveCrop", "GaussianBlur", "GaussianNoise", "Grayscale", "MixUp",
    "Normalize", "Pad", "RandAugment", "RandomAffine", "RandomApply", "RandomChoice", "RandomCrop", "RandomErasing", "RandomGrayscale",
    "RandomHorizontalFlip", "RandomResizedCrop", "RandomRotation", "RandomScale", "RandomVerticalFlip", "Resize", "TenCrop", "ToFloat",
    "Transform",
]
