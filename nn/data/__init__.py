"""Data: where do the batches come from?

A data set is indexed, a sampler says in which order, a loader makes batches, in other processes if that is wanted. Nothing is random
but by (seed, epoch, index): results depend neither on the number of workers nor on where a run was stopped and continued. Reading order:

    draws.py          where does the randomness of one sample come from?
    dataset.py        what is a data set?
    combined.py       how is a data set made of others?
    split.py          how does one know that a network has learned, and not memorised?
    collate.py        how do samples become a batch?
    sampler.py        in which order are the samples seen?
    fetch.py          how does a batch come out of a data set?
    workers.py        how is the next batch ready when the network asks for it? (with shared.py)
    loader.py         how does training get its batches?
    transforms/       how does a small data set become a large one?
    preprocessing.py  in which form does a network see its input? (with whitening.py)
    synthetic.py      which problems show in a picture what a network can do?
    digits.py         which images are there without downloading anything?
    idx.py            MNIST (with files.py)
    cifar.py          CIFAR (with pickled.py)
    folder.py         a folder of images
    table.py          CSV and .npz
"""

from nn.data import transforms
from nn.data.cifar import CIFAR10, CIFAR100
from nn.data.collate import collate
from nn.data.combined import ConcatDataset, MixedDataset, Subset, TransformedDataset
from nn.data.dataset import ArrayDataset, Dataset, IterableDataset
from nn.data.digits import Digits
from nn.data.draws import Draws, sample_rng
from nn.data.folder import ImageFolder, read_image
from nn.data.idx import MNIST, ByteImages, FashionMNIST, read_idx
from nn.data.loader import DataLoader
from nn.data.preprocessing import ChannelMean, ChannelStandardize, MeanImage, MinMax, Preprocessing
from nn.data.sampler import (
    BatchSampler,
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    StratifiedSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from nn.data.split import KFold, random_split, train_val_test_split
from nn.data.synthetic import blobs, circles, moons, spiral, xor
from nn.data.table import CSVDataset, NpzDataset
from nn.data.whitening import PCA, ZCA

__all__ = [
    "ArrayDataset", "BatchSampler", "ByteImages", "CIFAR10", "CIFAR100", "CSVDataset", "ChannelMean", "ChannelStandardize",
    "ConcatDataset", "DataLoader", "Dataset", "Digits", "DistributedSampler", "Draws", "FashionMNIST", "ImageFolder", "IterableDataset",
    "KFold", "MNIST", "MeanImage", "MinMax", "MixedDataset", "NpzDataset", "PCA", "Preprocessing", "RandomSampler", "Sampler",
    "SequentialSampler", "StratifiedSampler", "Subset", "SubsetRandomSampler", "TransformedDataset", "WeightedRandomSampler", "ZCA",
    "blobs", "circles", "collate", "moons", "random_split", "read_idx", "read_image", "sample_rng", "spiral", "train_val_test_split",
    "transforms", "xor",
]
