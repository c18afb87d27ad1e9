"""What does a user hear who gives data that cannot be meant?

Read next: `../training/test_mistakes.py`.
"""

import pickle

import numpy as np
import pytest
from PIL import Image

from nn import data


def test_a_csv_with_another_delimiter_has_no_inputs(tmp_path):
    (tmp_path / "a.csv").write_text("a;b;y\n1;2;0\n3;4;1\n")
    with pytest.raises(ValueError, match=r"a.csv, line 2: there is one column only, '1;2;0'.*delimiter=';'"):
        data.CSVDataset(tmp_path / "a.csv")
    assert len(data.CSVDataset(tmp_path / "a.csv", delimiter=";")[0][0]) == 2


def test_a_column_without_targets_is_fine(tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n2\n")
    assert len(data.CSVDataset(tmp_path / "a.csv", target=None)) == 2


@pytest.mark.parametrize("cut", [data.random_split, data.train_val_test_split])
def test_one_share_is_no_list(cut):
    with pytest.raises(TypeError, match=r"such as \[0.8, 0.2\]"):
        cut(data.ArrayDataset(np.zeros((10, 2))), 0.8)


def test_cifar_whose_keys_are_bytes(tmp_path):
    content = {b"data": np.arange(2 * 3072).reshape(2, 3072).astype(np.uint8), b"labels": [3, 7]}
    for name in [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]:
        (tmp_path / name).write_bytes(pickle.dumps(content, 2))
    assert data.CIFAR10(tmp_path).targets.tolist() == [3, 7] * 5


def test_preprocessing_names_the_file(tmp_path):
    for number, width in enumerate((8, 9)):
        (tmp_path / "cat").mkdir(exist_ok=True)
        Image.fromarray(np.zeros((8, width, 3), np.uint8)).save(tmp_path / "cat" / f"{number}.png")
    with pytest.raises(ValueError, match=r"1\.png\) does not fit into a batch with sample 0 .*0\.png"):
        data.ChannelStandardize().fit(data.ImageFolder(tmp_path))


def test_a_transform_that_returns_nothing():
    with pytest.raises(TypeError, match="the transform flip returned None"):
        def flip(x):
            x[:] = x[::-1].copy()
        data.ArrayDataset(np.zeros((3, 2), np.float32), transform=flip)[0]
