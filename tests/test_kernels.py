"""Which kernels are used, and what happens where oneDNN is missing, broken, switched off, or its process is forked?"""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import autograd
from autograd import kernels, ops
from autograd.kernels import active, memory
from autograd.kernels.layout import channels_last, empty_channels_last, is_channels_last
from tests.kernels.backends import MISSING, WHY, normal


def run(program, **environment):
    """What a fresh process prints."""
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, timeout=120,
                            env={**os.environ, **environment})
    assert result.returncode == 0, result.stderr
    return result.stdout.strip(), result.stderr


CONVOLVE = """
    import numpy as np, warnings
    warnings.simplefilter("always")
    import autograd
    from autograd import ops
    x, w = np.ones((4, 16, 16, 16), np.float32), np.ones((16, 16, 3, 3), np.float32)
    print(float(ops.conv(x, w).sum()), ops.conv(x, w).max(), autograd.config.kernels.onednn)
"""


def test_the_settings_are_printed():
    text = repr(autograd.config)
    assert "kernels.onednn" in text and f"NumPy {np.__version__}" in text and "keep_memory" in text
    with autograd.config.kernels.using(onednn=False):
        assert "off" in repr(autograd.config.kernels).splitlines()[0] and autograd.config.kernels.onednn is False


def test_what_cannot_be_set():
    with pytest.raises(AttributeError, match="no setting 'threads'"):
        autograd.config.threads = 2
    with pytest.raises(TypeError, match="True or False, not 'yes'"):
        autograd.config.kernels.onednn = "yes"
    with pytest.raises(ValueError, match="cannot be switched off"):
        autograd.config.kernels.numpy = False
    with pytest.raises(TypeError, match="True or False"):
        autograd.config.keep_memory = None
    with pytest.raises(ValueError, match=r"'cuda'.*only 'numpy'"):
        active.chosen_kernels("numpy, 'cuda'")


def test_a_block_without_onednn_ends():
    before = active.SWITCH.wanted
    with pytest.raises(KeyError), autograd.config.kernels.using(onednn=False):
        raise KeyError
    assert active.SWITCH.wanted is before


def test_the_environment_chooses():
    assert run(CONVOLVE, AUTOGRAD_KERNELS="numpy")[0].endswith("False")
    assert active.chosen_kernels("") and active.chosen_kernels("numpy,onednn") and not active.chosen_kernels("numpy")


@pytest.mark.parametrize("content", [b"", b"no library", None])
def test_a_broken_library_is_told_once_and_numpy_computes(tmp_path, content):
    path = tmp_path / "libdnnl.so.3"
    if content is not None:
        path.write_bytes(content)
    printed, warned = run(CONVOLVE, AUTOGRAD_ONEDNN=str(path), AUTOGRAD_KERNELS="")
    assert printed.split()[1:] == ["144.0", "False"]
    assert warned.count("RuntimeWarning") == 1 and str(path) in warned and "NumPy computes instead" in warned


def test_a_library_that_is_another_one_is_refused():
    import ctypes.util

    other = ctypes.util.find_library("m")
    if other is None:
        pytest.skip("there is no other library to try")
    printed, warned = run(CONVOLVE, AUTOGRAD_ONEDNN=other, AUTOGRAD_KERNELS="")
    assert printed.endswith("False") and warned.count("RuntimeWarning") == 1 and other in warned


def test_nothing_is_looked_for_until_it_is_needed():
    printed, _ = run("""
        import sys, autograd, nn, numpy as np
        from autograd.kernels.active import SWITCH
        nn.Linear(4, 3)(np.ones((2, 4), np.float32))
        print(SWITCH.looked, "autograd.kernels.onednn" in sys.modules, "autograd.configuration" in sys.modules, "ctypes" in sys.modules
              and "autograd.kernels.onednn.library" in sys.modules)
    """, AUTOGRAD_KERNELS="")
    assert printed == "False False False False"


@pytest.mark.skipif(MISSING, reason=WHY)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_computes_with_numpy():
    printed, _ = run(CONVOLVE + """
    import os, sys
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, f"{ops.conv(x, w).sum()} {autograd.config.kernels.onednn} {autograd.config.kernels.why_not()}".encode())
        os._exit(0)
    os.wait()
    print(os.read(reader, 1000).decode())
    print(float(ops.conv(x, w).sum()), autograd.config.kernels.onednn)
    """, AUTOGRAD_KERNELS="")
    first, child, again = printed.splitlines()
    total = first.split()[0]
    assert child.split()[:2] == [total, "False"] and "forked" in child and again == f"{total} True"


@pytest.mark.skipif(MISSING, reason=WHY)
def test_a_failure_is_told_and_not_repeated(monkeypatch):
    from autograd.kernels import onednn

    def fails(*_):
        raise onednn.Refused("no memory")

    for name in ("looked", "library", "reason"):
        monkeypatch.setattr(active.SWITCH, name, getattr(active.SWITCH, name))
    monkeypatch.setattr(active.SWITCH, "wanted", True)
    monkeypatch.setattr(onednn, "conv", fails)
    x, w = normal(4, 16, 16, 16), normal(16, 16, 3, 3)
    with pytest.warns(RuntimeWarning, match=r"not used any more.*no memory"):
        y = ops.conv(x, w)
    assert np.allclose(y, kernels.numpy.conv(x, w, None, ops.convolution.conv_axes(x.shape, (3, 3), 1, 0, 1), 1), atol=1e-4)
    assert not autograd.config.kernels.onednn and "no memory" in repr(autograd.config)
    with pytest.raises(RuntimeError, match="cannot be switched on: it failed"):
        autograd.config.kernels.onednn = True


@pytest.mark.skipif(MISSING, reason=WHY)
def test_plans_are_forgotten():
    """Only so many are kept, and what they held is freed."""
    import gc
    import weakref

    from autograd.kernels.onednn.elementwise import planned

    planned.cache_clear()
    plan = weakref.ref(planned(active.SWITCH.find(), 12345, False))
    assert plan() is not None
    planned.cache_clear()
    gc.collect()
    assert plan() is None
    assert planned.cache_info().maxsize is not None


def test_memory_is_kept_or_not():
    try:
        autograd.config.keep_memory = False
        assert not autograd.config.keep_memory
        memory.keep()
        autograd.config.keep_memory = True
        assert autograd.config.keep_memory and not memory.KEEPING.told
    finally:
        autograd.config.keep_memory = True


def test_layouts():
    x = normal(2, 3, 4, 5)
    y = channels_last(x)
    assert is_channels_last(y) and not is_channels_last(x) and np.array_equal(x, y) and channels_last(y) is y
    z = empty_channels_last(x, (0, 3, 4), np.float64)
    assert z.shape == (0, 3, 4) and z.dtype == np.float64


def test_layers_pass_channels_last_on():
    """From one convolution to the next nothing is copied into another order."""
    import nn

    x = autograd.tensor(channels_last(normal(2, 8, 8, 8)), requires_grad=True)
    for layer in (nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.AvgPool2d(2), nn.BatchNorm2d(8).eval(),
                  nn.Tanh()):
        assert is_channels_last(layer(x).data), layer
    assert is_channels_last(layer(x).data + x.data) and is_channels_last(ops.pad(x.data, ((0, 0), (2, 2), (1, 1), (1, 1))))
