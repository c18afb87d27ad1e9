"""Are PyTorch's files read right, and are bad ones refused before anything runs?

`MALICIOUS` are programs for Python's unpickler. Those marked as firing do run their payload there, which one test proves, so
that it means something that here they do not.
"""

import copyreg
import io
import pickle
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import nn

DATA = Path(__file__).parent / "data"

# ---- what PyTorch saved -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, key", [("model", None), ("odd", None), ("checkpoint", "state_dict")])
def test_files_of_pytorch(name, key):
    expected = np.load(DATA / f"{name}.npz")
    state = nn.load_pretrained(DATA / f"{name}.pt", key)
    assert list(state) == expected.files
    for entry, array in state.items():
        assert array.dtype == expected[entry].dtype, entry
        assert array.shape == expected[entry].shape, entry
        assert np.array_equal(array, expected[entry]), entry
        assert array.dtype.isnative
    if name == "odd":
        assert np.shares_memory(state["base"], state["transposed"])  # tensors that shared memory still do


def test_the_state_loads_into_the_model():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    state = nn.load_pretrained(DATA / "model.pt")
    assert list(model.state_dict()) == list(state)
    model.load_state_dict(state)
    assert all(np.array_equal(value, state[name]) for name, value in model.state_dict().items())


def test_the_answer_of_a_checkpoint_says_where_the_state_is():
    with pytest.raises(ValueError, match=r"write key='state_dict' \(there are 'epoch', 'lr', 'state_dict'"):
        nn.load_pretrained(DATA / "checkpoint.pt")
    with pytest.raises(ValueError, match=r"there is no 'model' in it \(there are 'epoch'"):
        nn.load_pretrained(DATA / "checkpoint.pt", key="model")


def test_reading_needs_no_pickle_and_no_torch():
    """In a fresh process in which `pickle` cannot load anything."""
    code = ("import pickle, _pickle, sys\n"
            "def no(*a, **k): raise SystemExit('unpickled')\n"
            "for m in (pickle, _pickle): m.load = m.loads = m.Unpickler = no\n"
            f"import nn; nn.load_pretrained({str(DATA / 'odd.pt')!r}); assert 'torch' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=DATA.parents[2])


# ---- a workshop for bad files -------------------------------------------------------------------------------------


def archive(path, program, storages=None, extra=None, compression=zipfile.ZIP_STORED, folder="archive"):
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr(f"{folder}/data.pkl", program)
        for key, data in (storages or {"0": struct.pack("<4f", 1, 2, 3, 4)}).items():
            file.writestr(f"{folder}/data/{key}", data)
        for name, data in (extra or {}).items():
            file.writestr(name, data)
    return path


def word(text):
    return b"X" + struct.pack("<I", len(text.encode())) + text.encode()


def glob(name):
    module, _, attribute = name.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def number(n):
    if 0 <= n < 2 ** 31:
        return b"J" + struct.pack("<i", n)
    data = n.to_bytes(n.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def shape(*numbers):
    return b"(" + b"".join(map(number, numbers)) + b"t"


def storage(key="0", elements=4, kind="torch.FloatStorage"):
    return b"(" + word("storage") + glob(kind) + word(key) + word("cpu") + number(elements) + b"tQ"


def rebuilt(source, offset=0, size=(4,), strides=(1,)):
    return (glob("torch._utils._rebuild_tensor_v2") + b"(" + source + number(offset) + shape(*size) + shape(*strides) + b"\x89"
            + glob("collections.OrderedDict") + b")RtR")


def rebuilt_v3(source, dtype, n):
    return (glob("torch._utils._rebuild_tensor_v3") + b"(" + source + number(0) + shape(n) + shape(1) + b"\x89N" + glob(dtype) + b"tR")


def state(value):
    return b"\x80\x02}" + word("weight") + value + b"s."


def test_the_workshop_makes_files_that_load(tmp_path):
    loaded = nn.load_pretrained(archive(tmp_path / "good.pt", state(rebuilt(storage()))))
    assert np.array_equal(loaded["weight"], [1, 2, 3, 4])


# ---- pickles that would run something -----------------------------------------------------------------------------


class Canary:
    """`touch` is what the payloads call."""

    path: Path

    @classmethod
    def touch(cls, *args):
        cls.path.touch()
        return {}


def touch(*args):
    return Canary.touch()


class Armed:
    """A class of this very module, to be instantiated."""

    def __new__(cls, *args, **kwargs):
        touch()
        return object.__new__(cls)

    def __setstate__(self, state):
        touch()

    def append(self, item):
        touch()

    extend = __setitem__ = append


HERE = __name__
SYSTEM = b"(" + word("touch CANARY") + b"t"
EVAL = b"(" + word("__import__('pathlib').Path('CANARY').touch()") + b"t"

MALICIOUS = {
    # what, the program, does Python's unpickler run it
    "os.system by REDUCE": (state(glob("os.system") + SYSTEM + b"R"), True),
    "posix.system by REDUCE": (state(glob("posix.system") + SYSTEM + b"R"), True),
    "builtins.eval": (state(glob("builtins.eval") + EVAL + b"R"), True),
    "builtins.exec": (state(glob("builtins.exec") + EVAL + b"R"), True),
    "builtins under its old name": (state(glob("__builtin__.eval") + EVAL + b"R"), True),
    "subprocess": (state(glob("subprocess.run") + b"((" + word("touch") + word("CANARY") + b"ltR"), True),
    "runpy": (state(glob("runpy.run_path") + b"(" + word("CANARY.py") + b"tR"), False),
    "getattr of a module": (state(glob("builtins.getattr") + b"(" + glob("builtins.__import__") + b"(" + word("os") + b"tR" + word("system")
                                  + b"tR" + SYSTEM + b"R"), True),
    "a dotted name by STACK_GLOBAL": (b"\x80\x04}" + word("weight") + word(HERE) + word("Canary.touch") + b"\x93)Rs.", True),
    "an allowed module, another name": (state(glob("torch._utils._import_dotted_name") + b"(" + word("os") + b"tR"), False),
    "an allowed function in another module": (state(glob("torch.os.system") + SYSTEM + b"R"), False),
    "a dotted name within torch": (b"\x80\x04}" + word("weight") + word("torch") + word("serialization.os.system") + b"\x93" + SYSTEM
                                   + b"Rs.", False),
    "INST": (b"(" + word("touch CANARY") + b"ios\nsystem\n.", True),
    "OBJ": (b"(" + glob("os.system") + word("touch CANARY") + b"o.", True),
    "NEWOBJ": (b"\x80\x02" + glob(f"{HERE}.Armed") + b")\x81.", True),
    "NEWOBJ_EX": (b"\x80\x04" + glob(f"{HERE}.Armed") + b")}\x92.", True),
    "BUILD with __setstate__": (b"\x80\x02" + glob("copyreg.__newobj__") + glob(f"{HERE}.Armed") + b"\x85R}" + word("a") + b"K\x01sb.",
                                True),
    "BUILD on an allowed function": (b"\x80\x02" + glob("torch._utils._rebuild_parameter") + b"}" + word("__defaults__") + b"Nsb.", False),
    "BUILD on a tensor": (state(rebuilt(storage()) + b"}b"), False),
    "APPENDS to what is no list": (b"\x80\x02" + glob(f"{HERE}.Armed") + b")R(K\x01e.", True),
    "SETITEM on what is no dict": (b"\x80\x02" + glob(f"{HERE}.Armed") + b")RK\x01K\x02s.", True),
    "an extension code in the cache": (b"\x80\x02\x82\xf0)R.", True),
    "a function as argument of an allowed one": (state(glob("torch._utils._rebuild_parameter") + b"(" + glob("os.system") + SYSTEM
                                                       + b"R\x89NtR"), False),
    "a payload inside a list that nobody reads": (b"\x80\x02]" + glob("os.system") + SYSTEM + b"Ra0}.", True),
    "a payload as key": (b"\x80\x02}" + glob("os.system") + SYSTEM + b"RK\x01s.", True),
    "a payload hidden in the hooks": (state(glob("torch._utils._rebuild_tensor_v2") + b"(" + storage() + number(0) + shape(4) + shape(1)
                                            + b"\x89"
                                            + glob("os.system") + SYSTEM + b"RtR"), False),
    "a payload in a persistent id": (state(glob("os.system") + SYSTEM + b"RQ"), False),
    "a pickle in a pickle": (state(glob("pickle.loads") + b"(" + b"U\x12cos\nsystem\n(S'a'\ntR" + b"tR"), False),
    "a persistent id as text": (b"\x80\x02P0\n.", False),
    "a buffer from outside": (b"\x80\x05\x97.", False),
    "calling a dict": (b"\x80\x02})R.", False),
    "calling a dtype": (b"\x80\x02" + glob("torch.float32") + b")R.", False),
    "calling the result of a call": (state(glob("torch._utils._rebuild_parameter") + b")R)R"), False),
    "a whole module": (state(glob("torch.nn.modules.linear.Linear") + b")\x81}b"), False),
    "numpy's own way to objects": (state(glob("numpy.core.multiarray._reconstruct") + b"(" + glob("numpy.ndarray") + b"K\x00\x85U\x01btR"),
                                   False),
    "joblib": (state(glob("joblib._memmapping_reducer.reduce") + b")R"), False),
}


def armed(program, canary):
    """The program with the canary's path in it."""
    for text in ("touch CANARY", "__import__('pathlib').Path('CANARY').touch()", "CANARY", "CANARY.py"):
        program = program.replace(word(text), word(text.replace("CANARY", str(canary))))
    return program


@pytest.fixture
def canary(tmp_path):
    Canary.path = tmp_path / "canary"
    copyreg.add_extension(HERE, "touch", 0xF0)
    pickle.loads(b"\x80\x02\x82\xf0.")  # it is in the cache now, where find_class is not asked
    yield Canary.path
    copyreg.remove_extension(HERE, "touch", 0xF0)


@pytest.mark.parametrize("what", MALICIOUS)
def test_malicious_pickles_are_refused_and_nothing_runs(what, canary, tmp_path):
    program = armed(MALICIOUS[what][0], canary)
    with pytest.raises(ValueError, match="nothing in it was run"):
        nn.load_pretrained(archive(tmp_path / "bad.pt", program))
    assert not canary.exists()


@pytest.mark.parametrize("what", [what for what, (_, fires) in MALICIOUS.items() if fires])
def test_they_are_malicious_indeed(what, canary):
    class Unpickler(pickle.Unpickler):
        persistent_load = print

    try:
        Unpickler(io.BytesIO(armed(MALICIOUS[what][0], canary))).load()
    except Exception as error:  # what comes after the payload may fail
        del error
    assert canary.exists()


def test_there_are_twenty():
    assert len(MALICIOUS) >= 20
    assert sum(fires for _, fires in MALICIOUS.values()) >= 15


# ---- pickles that lie or swell ------------------------------------------------------------------------------------

LIES = {
    "a huge shape": (rebuilt(storage(), size=(2 ** 40, 2 ** 40), strides=(2 ** 40, 1)), "beyond the 4 elements"),
    "a shape of huge integers": (rebuilt(storage(), size=(10 ** 60,)), "no such thing"),
    "a huge shape without strides": (rebuilt(storage(), size=(2 ** 40,), strides=(0,)), "far more than the file holds"),
    "a stride out of bounds": (rebuilt(storage(), size=(2, 2), strides=(3, 1)), "beyond the 4 elements"),
    "an offset out of bounds": (rebuilt(storage(), offset=1), "beyond the 4 elements"),
    "an offset beyond an empty tensor": (rebuilt(storage(), offset=2 ** 40, size=(0,)), "beyond the 4 elements"),
    "a negative offset": (rebuilt(storage(), offset=-1, size=(1,)), "no such thing"),
    "a negative stride": (rebuilt(storage(), offset=3, strides=(-1,)), "no such thing"),
    "a negative size": (rebuilt(storage(), size=(-4,)), "no such thing"),
    "more axes than strides": (rebuilt(storage(), size=(2, 2)), "no such thing"),
    "too many axes": (rebuilt(storage(), size=(1,) * 65, strides=(1,) * 65), "no such thing"),
    "a storage larger than its member": (rebuilt(storage(elements=5), size=(5,)), "16 bytes, and not the 20"),
    "a storage of another type": (rebuilt(storage(kind="torch.DoubleStorage")), "16 bytes, and not the 32"),
    "a storage that is not there": (rebuilt(storage(key="7")), "storage 7 is missing"),
    "a storage with a path": (rebuilt(storage(key="../../etc/passwd")), "malformed"),
    "a storage with Arabic digits": (rebuilt(storage(key="٠")), "malformed"),
    "a storage of negative length": (rebuilt(storage(elements=-4)), "malformed"),
    "a storage of no type": (rebuilt(b"(" + word("storage") + word("float") + word("0") + word("cpu") + number(4) + b"tQ"), "malformed"),
    "a reference that is a string": (rebuilt(word("0") + b"Q"), "malformed"),
    "a reference of four parts": (rebuilt(b"(" + word("storage") + word("0") + word("cpu") + number(4) + b"tQ"), "malformed"),
    "a dtype that nobody has": (rebuilt(storage(kind="torch.Float8Storage")), "it asks for 'torch.Float8Storage'"),
    "a wider type than the storage has": (rebuilt_v3(storage(), "torch.float64", 4), "beyond the 2 elements"),
    "a wider type than the bytes have": (rebuilt_v3(storage(elements=16, kind="torch.storage.UntypedStorage"), "torch.float64", 3),
                                         "beyond the 2 elements"),
    "a tensor of no storage": (rebuilt(number(4)), "no storage"),
    "a parameter of no tensor": (glob("torch._utils._rebuild_parameter") + b"(K\x01\x89NtR", "no tensor"),
    "a string for a tensor": (word("tensor"), "is a str"),
    "a tuple as key": (b"}" + b"K\x01\x85K\x01s", "keys other than strings"),
    "a size of thousands": (glob("torch.Size") + b"(" + shape(*range(100)) + b"tR", "at most 64"),
    "a memo far away": (b"r\xff\xff\xff\xff" + rebuilt(storage()), None),
    "a memo that is not there": (b"h\x07", "KeyError"),
    "an empty stack": (b"000R", "IndexError|instruction POP"),
    "the text opcode of integers": (b"I" + b"9" * 5000 + b"\n", "corrupted|instruction"),
}


@pytest.mark.parametrize("what", LIES)
def test_lies_are_refused(what, tmp_path):
    value, message = LIES[what]
    path = archive(tmp_path / "bad.pt", state(value))
    if message is None:  # Python's unpickler would allocate 32 GB here; a dict does not
        assert np.array_equal(nn.load_pretrained(path)["weight"], [1, 2, 3, 4])
        return
    with pytest.raises(ValueError, match=message):
        nn.load_pretrained(path)


def test_laughter_is_cheap(tmp_path):
    """A billion laughs: lists of lists of lists, each ten times the one before, and a tuple nested a hundred thousand times."""
    laughs = b"(]q\x00" + b"".join(b"](" + (b"h" + bytes([i])) * 10 + b"eq" + bytes([i + 1]) for i in range(60)) + b"t"
    with pytest.raises(ValueError, match="'weight' is a tuple"):
        nn.load_pretrained(archive(tmp_path / "laughs.pt", state(laughs)))
    with pytest.raises(ValueError, match="keys other than strings"):
        nn.load_pretrained(archive(tmp_path / "deep.pt", b"\x80\x02}" + b")" + b"\x85" * 100_000 + b"Ns."))
    selfish = b"\x80\x02}q\x00" + word("me") + b"h\x00s."
    with pytest.raises(ValueError, match="'me' is a dict"):
        nn.load_pretrained(archive(tmp_path / "selfish.pt", selfish))


@pytest.mark.parametrize("program", [b"", b".", b"\x80\x02", b"\x80\x02}", b"\x80\x02}}.", b"\x80\x02K\x01.", b"\x80\x02t.", b"\xff\xff",
                                     b"\x80\x02](e."])
def test_programs_that_make_no_sense(program, tmp_path):
    with pytest.raises(ValueError, match="nothing in it was run"):
        nn.load_pretrained(archive(tmp_path / "bad.pt", program))


def test_any_byte_may_be_wrong(tmp_path):
    """One byte changed anywhere: the file loads, or it is refused with a ValueError; nothing else happens."""
    good, rng = bytearray((DATA / "odd.pt").read_bytes()), np.random.default_rng(0)
    for at in rng.integers(0, len(good), 300):
        bad = bytearray(good)
        bad[at] ^= int(rng.integers(1, 256))
        (tmp_path / "bad.pt").write_bytes(bad)
        try:
            nn.load_pretrained(tmp_path / "bad.pt")
        except ValueError as error:
            assert "bad.pt" in str(error)


# ---- archives that are not as PyTorch writes them -----------------------------------------------------------------


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


ARCHIVES = {
    "a member above the archive": ({"extra": {"archive/../../evil": b"x"}}, "has the path"),
    "an absolute member": ({"extra": {"/etc/passwd": b"x"}}, "has the path"),
    "a Windows path": ({"extra": {"archive\\evil": b"x"}}, "has the path"),
    "a drive": ({"extra": {"C:evil": b"x"}}, "has the path"),
    "a symbolic link": ({"extra": {link("archive/data/1"): b"/etc/passwd"}}, "is a link"),
    "a compressed bomb": ({"storages": {"0": b"\0" * 10 ** 6}, "compression": zipfile.ZIP_DEFLATED}, "compressed"),
    "two pickles": ({"extra": {"other/data.pkl": b"."}}, "2 data.pkl"),
    "no pickle": ({"folder": "a/b"}, "0 data.pkl"),
    "a byte order": ({"extra": {"archive/byteorder": b"middle"}}, "neither little nor big"),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_odd_archives_are_refused(what, tmp_path):
    options, message = ARCHIVES[what]
    with pytest.raises(ValueError, match=message):
        nn.load_pretrained(archive(tmp_path / "bad.pt", state(rebuilt(storage())), **options))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.pt"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name(tmp_path):
    with pytest.raises(ValueError, match="same name"):
        nn.load_pretrained(archive(tmp_path / "bad.pt", state(rebuilt(storage())), extra={"archive/data/0": b"1234" * 4}))


def test_a_member_that_is_shorter_than_it_says(tmp_path):
    """The archive's directory promises 4000 bytes, of which 16 are there: a view of all of them would read foreign memory."""
    big = rebuilt(storage(elements=1000), size=(1000,))
    path = archive(tmp_path / "bad.pt", state(big))
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"archive/data/0"))
    data[entry + 24: entry + 28] = struct.pack("<I", 4000)
    path.write_bytes(bytes(8000) + data)  # in front of an archive anything may stand
    with zipfile.ZipFile(path) as file:
        assert file.getinfo("archive/data/0").file_size == 4000
    with pytest.raises(ValueError, match="16 bytes, and not the 4000"):
        nn.load_pretrained(path)


def test_big_endian_files_are_read(tmp_path):
    path = archive(tmp_path / "big.pt", state(rebuilt(storage())), {"0": struct.pack(">4f", 1, 2, 3, 4)}, {"archive/byteorder": b"big"})
    assert np.array_equal(nn.load_pretrained(path)["weight"], [1, 2, 3, 4])


def test_truncated_corrupted_legacy_and_missing(tmp_path):
    data = (DATA / "model.pt").read_bytes()
    bad = tmp_path / "bad.pt"
    for n in (0, 1, 100, len(data) // 2, len(data) - 1):
        bad.write_bytes(data[:n])
        with pytest.raises(ValueError, match="truncated"):
            nn.load_pretrained(bad)
    with zipfile.ZipFile(DATA / "model.pt") as file:
        at = data.index(file.read("model/data/0"))
    flipped = bytearray(data)
    flipped[at] ^= 1
    bad.write_bytes(flipped)
    with pytest.raises(ValueError, match="corrupted"):
        nn.load_pretrained(bad)
    bad.write_bytes(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.")
    with pytest.raises(ValueError, match=r"before 1\.6; with PyTorch, once"):
        nn.load_pretrained(bad)
    with pytest.raises(FileNotFoundError):
        nn.load_pretrained(tmp_path / "none.pt")
    with pytest.raises(ValueError, match=r"\.npz or \.safetensors"):
        nn.load_pretrained(tmp_path / "model.onnx")
