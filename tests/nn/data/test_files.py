"""Are the files of the field read as they are published, and is a damaged one named?

The files are made here, byte by byte, in the published formats: the pickles as Python 2 wrote them.

Read next: `test_preprocessing.py`.
"""

import gzip
import io
import pickle
import shutil
import struct
import tarfile

import numpy as np
import pytest
from PIL import Image

from nn import data
from nn.data import transforms
from nn.data.pickled import Refused, read_pickle

# ---- CIFAR, as Python 2 pickled it --------------------------------------------------------------------------------


class Python2:
    """Writes the instructions that cPickle of Python 2, protocol 2, wrote for the dicts of CIFAR."""

    def __init__(self):
        self.out, self.memo = bytearray(b"\x80\x02"), 0

    def put(self):
        self.memo += 1
        self.out += b"q" + bytes([self.memo]) if self.memo < 256 else b"r" + struct.pack("<i", self.memo)

    def text(self, value):
        self.out += b"U" + bytes([len(value)]) + value if len(value) < 256 else b"T" + struct.pack("<i", len(value)) + value
        self.put()

    def integer(self, n):
        self.out += b"K" + bytes([n]) if n < 256 else b"M" + struct.pack("<H", n)

    def values(self, items, write):
        self.out += b"]"
        self.put()
        for start in range(0, len(items), 1000):
            self.out += b"("
            for item in items[start: start + 1000]:
                write(item)
            self.out += b"e"

    def array(self, array):
        self.out += b"cnumpy.core.multiarray\n_reconstruct\n"
        self.put()
        self.out += b"cnumpy\nndarray\n"
        self.put()
        self.out += b"K\x00\x85"
        self.put()
        self.text(b"b")
        self.out += b"\x87"
        self.put()
        self.out += b"R"
        self.put()
        self.out += b"(K\x01"
        for n in array.shape:
            self.integer(n)
        self.out += b"\x86"
        self.put()
        self.out += b"cnumpy\ndtype\n"
        self.put()
        self.text(b"u1")
        self.out += b"K\x00K\x01\x87"
        self.put()
        self.out += b"R"
        self.put()
        self.out += b"(K\x03"
        self.text(b"|")
        self.out += b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t"
        self.put()
        self.out += b"b\x89"
        self.text(array.tobytes())
        self.out += b"t"
        self.put()
        self.out += b"b"

    def mapping(self, content):
        self.out += b"}"
        self.put()
        self.out += b"("
        for key, value in content.items():
            self.text(key)
            if isinstance(value, np.ndarray):
                self.array(value)
            elif isinstance(value, bytes):
                self.text(value)
            else:
                self.values(value, self.text if isinstance(value[0], bytes) else self.integer)
        self.out += b"u."
        return bytes(self.out)


def photos(n, seed, classes):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 3072), np.uint8), rng.integers(0, classes, n)


NAMES10 = [f"kind{i}" for i in range(10)]
FINE, COARSE = [f"fine{i}" for i in range(100)], [f"coarse{i}" for i in range(20)]


def cifar10(folder, form):
    """Five training files of 30 photos and a test file of 20, as published. Returns (training images, labels)."""
    place = folder / ("cifar-10-batches-py" if form == "python" else "cifar-10-batches-bin")
    place.mkdir(parents=True)
    batches = [photos(30, i, 10) for i in range(5)] + [photos(20, 9, 10)]
    for i, (pixels, labels) in enumerate(batches):
        name = f"data_batch_{i + 1}" if i < 5 else "test_batch"
        if form == "python":
            (place / name).write_bytes(Python2().mapping({
                b"batch_label": b"training batch %d of 5" % (i + 1), b"labels": labels.tolist(), b"data": pixels,
                b"filenames": [b"photo_s_%06d.png" % n for n in range(len(labels))]}))
        else:
            (place / f"{name}.bin").write_bytes(b"".join(bytes([t]) + p.tobytes() for t, p in zip(labels, pixels)))
    if form == "python":
        meta = {b"num_cases_per_batch": [30], b"label_names": [n.encode() for n in NAMES10], b"num_vis": [3072 % 256]}
        (place / "batches.meta").write_bytes(Python2().mapping(meta))
    else:
        (place / "batches.meta.txt").write_text("\n".join(NAMES10) + "\n\n")
    return place, np.concatenate([p for p, _ in batches[:5]]).reshape(-1, 3, 32, 32), np.concatenate([t for _, t in batches[:5]])


def cifar100(folder, form):
    place = folder / f"cifar-100-{form}"
    place.mkdir(parents=True)
    for name, n in (("train", 40), ("test", 10)):
        pixels, fine = photos(n, n, 100)
        coarse = fine // 5
        if form == "python":
            (place / name).write_bytes(Python2().mapping({
                b"filenames": [b"x.png"] * n, b"batch_label": b"training batch 1 of 1", b"fine_labels": fine.tolist(),
                b"coarse_labels": coarse.tolist(), b"data": pixels}))
        else:
            (place / f"{name}.bin").write_bytes(b"".join(bytes([c, f]) + p.tobytes() for c, f, p in zip(coarse, fine, pixels)))
    if form == "python":
        (place / "meta").write_bytes(Python2().mapping({b"fine_label_names": [n.encode() for n in FINE],
                                                        b"coarse_label_names": [n.encode() for n in COARSE]}))
    else:
        (place / "fine_label_names.txt").write_text("\n".join(FINE) + "\n")
        (place / "coarse_label_names.txt").write_text("\n".join(COARSE) + "\n")
    return place, *photos(40, 40, 100)


def packed(place, archive):
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(place, place.name)
    shutil.rmtree(place)


def test_python_2_wrote_this():
    """The writer above is right: Python's own reader gets the same from it."""
    pixels, labels = photos(300, 0, 10)
    content = pickle.loads(Python2().mapping({b"labels": labels.tolist(), b"data": pixels, b"names": [b"a", b"b"] * 600}), encoding="bytes")
    np.testing.assert_array_equal(content[b"data"], pixels)
    assert content[b"labels"] == labels.tolist() and content[b"names"] == [b"a", b"b"] * 600


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("form", ["python", "binary"])
def test_cifar10(tmp_path, form, archived):
    place, pixels, labels = cifar10(tmp_path, form)
    if archived:
        packed(place, tmp_path / f"cifar-10-{form}.tar.gz")
    roots = [tmp_path, tmp_path / f"cifar-10-{form}.tar.gz" if archived else place]
    for root in roots:
        train, test = data.CIFAR10(root), data.CIFAR10(root, train=False)
        assert len(train) == 150 and len(test) == 20 and train.classes == NAMES10
        np.testing.assert_array_equal(train.inputs, pixels)
        np.testing.assert_array_equal(train.targets, labels)
        x, t = train[42]
        assert x.dtype == np.float32 and t == labels[42]
        np.testing.assert_allclose(x, pixels[42] / 255, atol=1e-7)
    assert train.describe(35) == f"sample 35 (number 5 of data_batch_2{'' if form == 'python' else '.bin'})"


@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("form", ["python", "binary"])
def test_cifar100(tmp_path, form, archived):
    place, pixels, fine = cifar100(tmp_path, form)
    if archived:
        packed(place, tmp_path / "another name.tar.gz")
    root = tmp_path / "another name.tar.gz" if archived else tmp_path
    train, coarse = data.CIFAR100(root), data.CIFAR100(root, coarse=True)
    np.testing.assert_array_equal(train.inputs, pixels.reshape(-1, 3, 32, 32))
    np.testing.assert_array_equal(train.targets, fine)
    np.testing.assert_array_equal(coarse.targets, fine // 5)
    assert (train.classes, coarse.classes, len(data.CIFAR100(root, train=False))) == (FINE, COARSE, 10)


def test_pickles_of_python_3(tmp_path):
    pixels, labels = photos(20, 9, 10)
    for protocol in (2, 3, 4):
        raw = pickle.dumps({"labels": labels.tolist(), "data": pixels}, protocol)
        np.testing.assert_array_equal(read_pickle(raw)["data"], pixels)


def test_arrays_of_every_kind():
    for array in (np.asfortranarray(np.arange(6, dtype=">i4").reshape(2, 3)), np.arange(3, dtype="<f8"), np.zeros((0, 2), np.float32)):
        for protocol in (2, 4):
            np.testing.assert_array_equal(read_pickle(pickle.dumps(array, protocol)), array, strict=True)


class Evil:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("evil", [Evil(print, "run!"), Evil(eval, "1/0"), {"data": Evil(__import__, "os")}, [np.array([print])]])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_is_not_run(evil, protocol, capsys):
    with pytest.raises(Refused):
        read_pickle(pickle.dumps(evil, protocol))
    assert capsys.readouterr().out == ""


def test_no_cut_pickle_is_read():
    raw = Python2().mapping({b"labels": [1, 2], b"data": photos(2, 0, 10)[0]})
    assert read_pickle(raw)["labels"] == [1, 2]
    for end in [*range(0, 200), *range(200, len(raw), 97)]:
        with pytest.raises(Refused):
            read_pickle(raw[:end])


def test_damaged_cifar(tmp_path):
    place, _, _ = cifar10(tmp_path, "python")
    whole = (place / "data_batch_3").read_bytes()
    for content, says in ((whole[:5000], "truncated"), (b"", "truncated"), (pickle.dumps({"data": 1}), "no array 'data'"),
                          (pickle.dumps({"data": np.zeros((2, 3072), np.uint8), "labels": [1]}), "2 integers"),
                          (pickle.dumps([1]), "no array"),
                          (pickle.dumps(Evil(print, 1)), "asks for")):
        (place / "data_batch_3").write_bytes(content)
        with pytest.raises(ValueError, match=f"data_batch_3.*{says}"):
            data.CIFAR10(tmp_path)
    raw = Python2().mapping({b"labels": [1, 17], b"data": photos(2, 0, 10)[0]})
    (place / "data_batch_3").write_bytes(raw)
    with pytest.raises(ValueError, match=r"sample 61 \(number 1 of data_batch_3\) has class 17, but there are 10"):
        data.CIFAR10(tmp_path)
    (place / "data_batch_3").unlink()
    with pytest.raises(FileNotFoundError, match="no data_batch_3 in"):
        data.CIFAR10(tmp_path)
    (place / "batches.meta").write_bytes(pickle.dumps({"label_names": ["a"]}))
    with pytest.raises(ValueError, match=r"batches\.meta.*1 classes of 10"):
        data.CIFAR10(tmp_path, train=False)
    with pytest.raises(FileNotFoundError, match=r"no CIFAR100 in .* sought: cifar-100-python"):
        data.CIFAR100(tmp_path)


def test_damaged_archives(tmp_path):
    place, _, _ = cifar10(tmp_path, "binary")
    (place / "data_batch_2.bin").write_bytes(b"x" * 5000)
    with pytest.raises(ValueError, match=r"data_batch_2\.bin.*5000 bytes are no multiple of the 3073"):
        data.CIFAR10(tmp_path)
    archive = tmp_path / "cifar-10-binary.tar.gz"
    packed(place, archive)
    whole = archive.read_bytes()
    for end in (0, 10, 1000, len(whole) // 2, len(whole) - 100):
        archive.write_bytes(whole[:end])
        with pytest.raises((ValueError, FileNotFoundError), match=r"cifar-10-binary\.tar\.gz"):
            data.CIFAR10(tmp_path)


# ---- MNIST --------------------------------------------------------------------------------------------------------


def idx(array, code):
    big = array.astype(array.dtype.newbyteorder(">"))
    return bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + big.tobytes()


@pytest.mark.parametrize("code, dtype", [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")])
def test_idx(tmp_path, code, dtype):
    array = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("f8") * 50
    array = (np.abs(array) if dtype == "u1" else array).astype(dtype)
    (tmp_path / "a").write_bytes(idx(array, code))
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx(array, code)))
    for name in ("a", "a.gz"):
        np.testing.assert_array_equal(data.read_idx(tmp_path / name), array, strict=True)


@pytest.mark.parametrize("end, folder, dot", [("", "", "-"), (".gz", "", "-"), (".gz", "MNIST/raw", "-"), ("", "raw", ".")])
def test_mnist(tmp_path, end, folder, dot):
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (25, 28, 28), np.uint8), rng.integers(0, 10, 25, np.uint8)
    for part, n in (("train", 25), ("t10k", 5)):
        for kind, array in ((f"images{dot}idx3", images[:n]), (f"labels{dot}idx1", labels[:n])):
            content = idx(array, 8)
            (tmp_path / folder / f"{part}-{kind}-ubyte{end}").write_bytes(gzip.compress(content) if end else content)
    train, test = data.MNIST(tmp_path, transform=transforms.Pad(2)), data.MNIST(tmp_path, train=False)
    assert (len(train), len(test), train[0][0].shape, train[0][1]) == (25, 5, (1, 32, 32), labels[0])
    np.testing.assert_allclose(test[3][0], images[3:4] / 255, atol=1e-7)
    assert train.targets.dtype == np.int64 and train.classes[7] == "7"


def test_damaged_mnist(tmp_path):
    names = [f"train-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1")]
    images, labels = idx(photos(4, 0, 10)[0][:, :784].reshape(4, 28, 28), 8), idx(np.arange(4, dtype=np.uint8), 8)

    def check(contents, error, says, compress=True):
        for name, content in zip(names, contents):
            (tmp_path / name).write_bytes(gzip.compress(content) if compress else content)
        with pytest.raises(error, match=says):
            data.FashionMNIST(tmp_path)

    with pytest.raises(FileNotFoundError, match="no train-images-idx3-ubyte in"):
        data.FashionMNIST(tmp_path)
    for end in (0, 3, 10, 200):
        check((images[:end], labels), ValueError, "train-images-idx3-ubyte.gz is truncated")
        check((gzip.compress(images)[:end], gzip.compress(labels)), ValueError, "train-images-idx3-ubyte.gz is truncated", compress=False)
    check((images + b"x", labels), ValueError, "3137 bytes of data")
    check((images, labels[:-1]), ValueError, "train-labels")
    check((images, idx(np.arange(3, dtype=np.uint8), 8)), ValueError, "4 images and labels of shape")
    check((images, idx(np.array([1, 2, 99, 3], np.uint8), 8)), ValueError, "sample 2 of train-labels.* has class 99")
    check((idx(np.zeros((4, 28), np.uint8), 8), labels), ValueError, "three axes")
    check((b"\x80\x02}", labels), ValueError, "starts with 0 0")
    check((b"\0\0\x08\x03" + struct.pack(">3I", 2 ** 31, 2 ** 31, 2 ** 31), labels), ValueError, "0 bytes of data")


# ---- tables -------------------------------------------------------------------------------------------------------


def csv(tmp_path, text, **options):
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    return data.CSVDataset(tmp_path / "t.csv", **options)


def test_csv(tmp_path):
    iris = csv(tmp_path, "\ufefflength, width,kind\n5.1,3.5,setosa\n\n4,1e-1,\"iris, blue\"\n6,2,setosa\n")
    assert (iris.columns, iris.classes, iris.targets.tolist()) == (["length", "width"], ["iris, blue", "setosa"], [1, 0, 1])
    np.testing.assert_array_equal(iris.inputs, np.array([[5.1, 3.5], [4, 0.1], [6, 2]], np.float32), strict=True)
    assert iris.describe(1).endswith("t.csv, line 4")
    plain = csv(tmp_path, "0;1.5\n1;2.5\n", target=0, delimiter=";")
    assert (plain.targets.tolist(), plain.inputs.tolist(), plain.columns, plain.classes) == ([0, 1], [[1.5], [2.5]], None, None)
    assert csv(tmp_path, "1,0.5\n2,1.0\n").targets.dtype == np.float32
    assert csv(tmp_path, "1,5\n2,1\n", task="numbers").targets.dtype == np.float32
    assert csv(tmp_path, "a,b\n2,1\n", target="a").targets.tolist() == [2]
    assert csv(tmp_path, "1,2\n3,4\n", target=None).inputs.shape == (2, 2)
    assert csv(tmp_path, "1,2\n3,4\n", header=True).inputs.tolist() == [[3]]
    assert csv(tmp_path, "5.1,setosa\n4,other\n").targets.tolist() == [1, 0]  # no header: the features are numbers


def test_missing_values(tmp_path):
    text = "a,b,t\n1,2,0\n,4,1\n3,NA,0\n5,6,?\n"
    assert csv(tmp_path, text, missing="drop").inputs.tolist() == [[1, 2]]
    text = text[:-6] + "5,6,1\n"
    assert csv(tmp_path, text, missing="mean").inputs.tolist() == [[1, 2], [3, 4], [3, 4], [5, 6]]
    assert csv(tmp_path, text, missing=-1).inputs.tolist() == [[1, 2], [-1, 4], [3, -1], [5, 6]]


@pytest.mark.parametrize("text, options, error, says", [
    ("a,b\n1,2\n1,2,3\n", {}, ValueError, "line 3: 3 cells, where the first line has 2"),
    ("1,2\n\n1,x\nb,3\n", {}, ValueError, r"line 4: 'b' in column 0 is no number"), ("", {}, ValueError, "is empty"),
    ("a,b\n", {}, ValueError, "only a header"), ("a,b\n1,2\n,3\n", {}, ValueError, "line 3: there is no value in column 'a'.*drop"),
    ("1,2\n3,\n", {"missing": "mean"}, ValueError, "line 2: there is no value in column 1"),
    ("?,1\n", {"missing": "drop"}, ValueError, "every line"),
    ("?,1\n?,2\n", {"missing": "mean"}, ValueError, "no value at all"), ("a,b\n1,2\n", {"target": "c"}, KeyError, "there are a, b"),
    ("1,2\n", {"target": 5}, IndexError, "2 columns"),
    ("1,x\n2,3\n", {"task": "numbers"}, ValueError, "line 1: the target 'x' is no number"),
    ("1,0.5\n", {"task": "classes"}, ValueError, "0.5 is neither"), ("1,2\n", {"task": "x"}, ValueError, "task"),
    ("1,2\n", {"missing": "x"}, ValueError, "missing"), ('1,"2\n', {}, ValueError, "line 1: unexpected end"),
    ("1,inf\ninf,2\n", {"target": None}, ValueError, r"t.csv, line 1 has 1 values"),
])
def test_bad_tables(tmp_path, text, options, error, says):
    with pytest.raises(error, match=says) as caught:
        csv(tmp_path, text, **options)
    assert "t.csv" in str(caught.value) or "missing is" in str(caught.value) or "task is" in str(caught.value)


def test_a_table_that_is_no_text(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"1,2\n\xff\xfe,3\n")
    with pytest.raises(ValueError, match="no text in UTF-8"):
        data.CSVDataset(tmp_path / "t.csv")


def test_npz(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(6.0).reshape(3, 2), t=np.array([0, 1, 1]))
    assert data.NpzDataset(path)[2][1] == 1 and data.NpzDataset(path, ["t", "x"])[2][0] == 1
    with pytest.raises(KeyError, match="no array 'y'; it holds x, t"):
        data.NpzDataset(path, ["y"])
    with pytest.raises(ValueError, match=r"sample 1 of .*a\.npz has class 1, but there are 1 classes"):
        data.NpzDataset(path, num_classes=1)
    np.savez(path, a=[1], b=[2], c=[3])
    with pytest.raises(ValueError, match="holds a, b, c: say which"):
        data.NpzDataset(path)
    np.savez(path, a=np.array([print], object))
    with pytest.raises(ValueError, match=r"a\.npz"):
        data.NpzDataset(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"a\.npz is truncated"):
        data.NpzDataset(path)


# ---- images -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name, size in (("b/1.png", (6, 5)), ("b/deep/2.PNG", (6, 5)), ("a/3.png", (6, 5)), ("a/4.bmp", (9, 7))):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(path, "bmp" if name.endswith("bmp") else "png")
    (tmp_path / "a/notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_image_folder(folder):
    dataset = data.ImageFolder(folder)
    assert dataset.classes == ["a", "b"] and dataset.targets.tolist() == [0, 0, 1, 1] and len(dataset) == 4
    assert [file.name for file in dataset.files] == ["3.png", "4.bmp", "1.png", "2.PNG"]
    x, t = dataset[1]
    assert x.dtype == np.float32 and t == 0
    np.testing.assert_allclose(x, np.asarray(Image.open(folder / "a/4.bmp").convert("RGB")).transpose(2, 0, 1) / 255, atol=1e-7)
    assert data.ImageFolder(folder, mode="L")[0][0].shape == (1, 6, 5)
    x, t = next(iter(data.DataLoader(data.ImageFolder(folder, size=(4, 3)), 4, num_workers=1)))
    assert x.shape == (4, 3, 4, 3) and t.tolist() == [0, 0, 1, 1]
    shown = Image.open(folder / "a/4.bmp").resize((3, 4), Image.Resampling.BILINEAR)
    np.testing.assert_allclose(x[1], np.asarray(shown).transpose(2, 0, 1) / 255, atol=1e-6)
    cropped = data.ImageFolder(folder, transforms.RandomResizedCrop(4), target_transform=lambda t: -t)
    batches = [np.concatenate([x for x, _ in data.DataLoader(cropped, size, seed=1)]) for size in (1, 4)]
    np.testing.assert_array_equal(*batches)  # together they are of two sizes, alone of one
    assert [int(t) for _, t in cropped] == [0, 0, -1, -1]


def test_images_that_do_not_fit(folder):
    with pytest.raises(ValueError, match=r"sample 1 \(.*4\.bmp\) does not fit .* sample 0 \(.*3\.png\): its shape \(3, 9, 7\)"):
        next(iter(data.DataLoader(data.ImageFolder(folder), 4)))
    whole = (folder / "b/1.png").read_bytes()
    for content in (whole[:60], b"", b"no image"):
        (folder / "b/1.png").write_bytes(content)
        with pytest.raises(ValueError, match=r"sample 2 \(.*1\.png.*is truncated, corrupted"):
            list(data.DataLoader(data.ImageFolder(folder, size=4), 4))
    (folder / "c").mkdir()
    with pytest.raises(FileNotFoundError, match="the class 'c' has no images"):
        data.ImageFolder(folder)
    with pytest.raises(FileNotFoundError, match="is no folder"):
        data.ImageFolder(folder / "none")
    with pytest.raises(FileNotFoundError, match="each class needs one"):
        data.ImageFolder(folder / "c")
    with pytest.raises(ValueError, match="mode"):
        data.ImageFolder(folder, mode="CMYK")
    with pytest.raises(FileNotFoundError):
        data.read_image(folder / "gone.png")


def test_extras_that_are_not_there(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL.Image", None)
    with pytest.raises(ImportError, match=r"onetape\[train\]"):
        data.ImageFolder(folder)
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    with pytest.raises(ImportError, match=r"onetape\[train\]"):
        data.Digits()


def test_digits():
    whole, train, test = data.Digits(), data.Digits(True), data.Digits(False)
    assert (len(whole), len(train), len(test)) == (1797, 1198, 599)
    assert whole[0][0].shape == (1, 8, 8) and whole.inputs.dtype == np.float32 and whole.inputs.max() == 1 and whole.inputs.min() == 0
    assert np.abs(np.bincount(train.targets) / 2 - np.bincount(test.targets)).max() <= 1.5
    together = np.concatenate([train.inputs, test.inputs]).reshape(1797, -1)
    np.testing.assert_array_equal(*(np.unique(images, axis=0) for images in (together, whole.inputs.reshape(1797, -1))))
    assert io.StringIO(repr(train)).read() == "Digits(1198 samples of float32[1, 8, 8], int64[])"
