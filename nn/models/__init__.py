"""The networks of the field and of the course, with torchvision's names, shapes and numbers of parameters.

Weights that were saved by torchvision fit: `model.load_state_dict(nn.load_pretrained("resnet18-f37072fd.pth"))`. Every model takes
`rng=`, where its initial weights come from; inside `nn.init.skipped()` none are drawn. Reading order:

    start.py         with which weights do the models start?
    mlp.py           what is the plainest network?
    lenet.py         what did the first convolutional network that was used look like?
    alexnet.py       which network began it all?
    vgg.py           what do small kernels and depth do?
    inception.py     how does a layer choose its own kernel size?
    googlenet.py     how deep can a network be before its gradient gets lost?
    resnet.py        why can a network have a hundred layers?
    cifar_resnet.py  what does a ResNet for small images look like?
    language.py      how does a Transformer write?
"""

from nn.models.alexnet import AlexNet, alexnet
from nn.models.cifar_resnet import CifarResNet, PaddedShortcut, resnet20, resnet32, resnet44, resnet56, resnet110
from nn.models.googlenet import GoogLeNet, GoogLeNetOutputs, InceptionAux, googlenet
from nn.models.inception import BasicConv2d, Inception, InceptionNaive
from nn.models.language import CharTransformer
from nn.models.lenet import LeNet5
from nn.models.mlp import MLP
from nn.models.resnet import BasicBlock, Bottleneck, ResNet, resnet18, resnet34, resnet50, resnet101, resnet152
from nn.models.vgg import VGG, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

__all__ = [
    "AlexNet", "BasicBlock", "BasicConv2d", "Bottleneck", "CharTransformer", "CifarResNet", "GoogLeNet", "GoogLeNetOutputs", "Inception",
    "InceptionAux", "InceptionNaive", "LeNet5", "MLP", "PaddedShortcut", "ResNet", "VGG", "alexnet", "googlenet", "resnet18", "resnet20",
    "resnet32", "resnet34", "resnet44", "resnet50", "resnet56", "resnet101", "resnet110", "resnet152", "vgg11", "vgg11_bn", "vgg13",
    "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
]
