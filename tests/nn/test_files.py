"""Is a saved state read back as it was, and is a file whole or not there?"""

import os
import pickle
import struct
import sys

import numpy as np
import pytest

import nn
import optim
from autograd.files import load, save

FORMATS = ["npz", "safetensors"]


@pytest.fixture(params=FORMATS)
def path(request, tmp_path):
    if request.param == "safetensors":
        pytest.importorskip("safetensors")
    return tmp_path / f"state.{request.param}"


def same(a, b):
    if isinstance(a, dict):
        return type(b) is dict and list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    return type(a) is type(b) and a == b


def test_a_model(path):
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    save(model.state_dict(), path)
    other = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    other.load_state_dict(load(path))
    assert all(np.array_equal(a, b) for a, b in zip(model.state_dict().values(), other.state_dict().values()))
    assert set(nn.load_pretrained(path)) == set(model.state_dict())


@pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "c8"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_dtypes_and_shapes(path, dtype, shape):
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    save({"a": array, "file": array.T, "b.npy": array[..., ::-1] if shape else array, "b": array.astype(array.dtype.newbyteorder(">"))},
         path)
    loaded = load(path)
    assert same(loaded["a"], array)
    assert same(loaded["file"], array.T)
    assert same(loaded["b.npy"], array[..., ::-1] if shape else array)
    assert same(loaded["b"], array)
    assert all(a.flags.writeable for a in loaded.values())


def test_trees(path):
    state = {"model": {"weight": np.ones(3), "a/b": np.zeros(2)}, "a": {"b": np.ones(1)}, "a/b": np.zeros(1), "epoch": 7,
             "best": float("inf"),
             "rng": 2 ** 120, "list": [1, [], {}, (), None, True, "text", (np.arange(2), "x")], "ints": {0: np.ones(1), -1: 2.5},
             "__structure__": np.ones(2), "#": "é\n"}
    save(state, path)
    assert same(load(path), state)
    save([np.ones(2), 3], path)
    assert same(load(path), [np.ones(2), 3])


def test_an_optimiser_goes_on_where_it_was(path):
    def trained(steps, model, optimizer):
        for _ in range(steps):
            optimizer.zero_grad()
            (model(np.ones((2, 3), np.float32)) ** 2).sum().backward()
            optimizer.step()
        return model.weight.data

    model = nn.Linear(3, 2)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    trained(3, model, optimizer)
    save({"model": model.state_dict(), "optim": optimizer.state_dict()}, path)
    expected = trained(2, model, optimizer).copy()
    again = nn.Linear(3, 2)
    second = optim.Adam(again.parameters())
    state = load(path)
    again.load_state_dict(state["model"])
    second.load_state_dict(state["optim"])
    assert np.array_equal(trained(2, again, second), expected)


def test_a_file_is_whole_or_not_there(path, monkeypatch):
    save({"a": np.zeros(3)}, path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError("no space left")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            with pytest.raises(OSError, match="no space"):
                save({"a": np.ones(3)}, path)
        assert path.read_bytes() == before
        assert os.listdir(path.parent) == [path.name]
    with pytest.raises(TypeError, match="a has dtype object"):
        save({"a": np.array([object()])}, path)
    with pytest.raises(TypeError, match="b is a set"):
        save({"a": np.ones(2), "b": {1}}, path)
    with pytest.raises(TypeError, match=r"save\(model.state_dict\(\), path\)"):
        save(nn.Linear(1, 1), path)
    assert path.read_bytes() == before


@pytest.mark.skipif(os.name != "posix", reason="folders are not synchronised elsewhere")
def test_the_disk_is_asked_in_the_right_order(path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file"), fsync(fd))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append("rename"), replace(a, b))[1])
    save({"a": np.ones(1)}, path)
    assert calls == (["file", "rename", "folder"] if sys.platform == "linux" else calls)


def test_a_link_stays_a_link(path):
    real = path.with_name("real" + path.suffix)
    path.symlink_to(real)
    save({"a": np.ones(1)}, path)
    assert path.is_symlink()
    assert same(load(real), {"a": np.ones(1)})


def test_truncated_and_corrupted(path):
    save({"weight": np.arange(100.0), "epoch": 3}, path)
    data = path.read_bytes()
    for n in (0, 1, 7, 50, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:n])
        with pytest.raises(ValueError, match=f"{path.name} is truncated"):
            load(path)
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(data), 200):
        bad = bytearray(data)
        bad[at] ^= int(rng.integers(1, 256))
        path.write_bytes(bad)
        try:
            load(path)
        except ValueError as error:
            assert path.name in str(error)
    with pytest.raises(FileNotFoundError):
        load(path.with_name("none" + path.suffix))


def test_every_byte_of_the_directory_counts(tmp_path):
    state, path = {"a": np.ones(3), "b": np.zeros(2), "c": np.ones(2)}, tmp_path / "a.npz"
    save(state, path)
    data = path.read_bytes()
    for at in range(data.index(b"PK\1\2"), len(data)):
        for flip in (1, 0x80):
            bad = bytearray(data)
            bad[at] ^= flip
            path.write_bytes(bad)
            try:
                assert same(load(path), state)
            except ValueError as error:
                assert "corrupted" in str(error)


def test_pickles_are_never_loaded(tmp_path):
    class Armed:
        def __reduce__(self):
            return pytest.fail, ("a pickle was loaded",)

    np.savez(tmp_path / "bad.npz", a=np.array([Armed()], dtype=object))
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Armed()))
    for name in ("bad", "pickle"):
        with pytest.raises(ValueError, match="truncated, corrupted"):
            load(tmp_path / f"{name}.npz")


def test_files_of_others(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.ones(2))
    assert same(load(tmp_path / "a.npz"), {"x": np.ones(2)})
    save({"x": np.ones(2)}, tmp_path / "b.npz")
    assert np.array_equal(np.load(tmp_path / "b.npz")["x"], np.ones(2))
    for name in ("model.pt", "model", "model.h5"):
        with pytest.raises(ValueError, match=r"\.npz or \.safetensors"):
            save({"x": np.ones(2)}, tmp_path / name)


def test_safetensors_of_others(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    package.save_file({"x": np.ones(2, np.float32)}, tmp_path / "a.safetensors", {"format": "pt"})
    assert same(load(tmp_path / "a.safetensors"), {"x": np.ones(2, np.float32)})
    head = b'{"b":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    (tmp_path / "b.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + struct.pack("<2H", 0x3F80, 0xC040))
    assert same(load(tmp_path / "b.safetensors"), {"b": np.array([1, -3], np.float32)})
    head = b'{"b":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}'
    (tmp_path / "c.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + b"ab")
    with pytest.raises(ValueError, match="F8_E4M3"):
        load(tmp_path / "c.safetensors")


def test_a_name_that_could_not_be_read_again_is_refused(tmp_path):
    pytest.importorskip("safetensors")
    for state in ({"__metadata__": np.ones(2)}, {"__metadata__": np.ones(2), "epoch": 3}):
        with pytest.raises(ValueError, match="another name"):
            save(state, tmp_path / "a.safetensors")
        assert not os.listdir(tmp_path)


def test_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ImportError, match=r'pip install "onetape\[files\]"'):
        save({"x": np.ones(2)}, tmp_path / "a.safetensors")
    assert not os.listdir(tmp_path)
