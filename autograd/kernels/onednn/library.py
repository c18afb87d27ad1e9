"""Where is oneDNN, and can it be used?

oneDNN is Intel's library of the operations of deep learning, for any x86 and Arm processor. It has an interface in C, so `ctypes`
suffices to call it: no compiler, nothing to build. It is looked for once, when the first operation is large enough to gain by it:

1. the file that the environment variable AUTOGRAD_ONEDNN names,
2. `libdnnl.so.3` where Python packages put it (`pip install onednn-cpu-gomp`, or Conda's `onednn`),
3. `libdnnl.so.3` where the system finds its libraries (Debian's `libdnnl3`).

That there is none is no error: NumPy computes the same. A file that is there and cannot be used is told once, by a warning.

Threads. oneDNN runs as many as OMP_NUM_THREADS says, and as there are processors otherwise, which is also NumPy's rule for its
matrix products. A process that was forked has none of its parent's threads, and the library would wait for them for ever: there,
NumPy computes.

Read next: `primitives.py`.
"""

from __future__ import annotations

import ctypes
import os
import site
import sys
import warnings
from ctypes import POINTER, c_char_p, c_float, c_int, c_int64, c_size_t, c_uint, c_void_p
from pathlib import Path
from typing import TYPE_CHECKING, Any

MAJOR = 3
"""The version of the C interface that is spoken here. Within it, functions and numbers stay as they are."""

RUNTIMES = {1: "one thread", 2: "OpenMP", 4: "TBB"}
"""What runs its threads. Others (SYCL, the caller's own threads) would need more than is done here."""

HANDLE, DIMS = c_void_p, POINTER(c_int64)
OUT = POINTER(HANDLE)

SIGNATURES: dict[str, tuple[Any, ...]] = {
    "engine_create": (OUT, c_int, c_size_t),
    "stream_create": (OUT, HANDLE, c_uint),
    "stream_destroy": (HANDLE,),
    "memory_desc_create_with_strides": (OUT, c_int, DIMS, c_int, DIMS),
    "memory_desc_create_with_tag": (OUT, c_int, DIMS, c_int, c_int),
    "memory_desc_destroy": (HANDLE,),
    "memory_create": (OUT, HANDLE, HANDLE, c_void_p),
    "memory_set_data_handle": (HANDLE, c_void_p),
    "memory_get_memory_desc": (HANDLE, OUT),
    "memory_destroy": (HANDLE,),
    "primitive_attr_create": (OUT,),
    "primitive_attr_set_scratchpad_mode": (HANDLE, c_int),
    "primitive_attr_set_scales_mask": (HANDLE, c_int, c_int),
    "primitive_attr_set_post_ops": (HANDLE, HANDLE),
    "primitive_attr_destroy": (HANDLE,),
    "post_ops_create": (OUT,),
    "post_ops_append_eltwise": (HANDLE, c_int, c_float, c_float),
    "post_ops_append_binary": (HANDLE, c_int, HANDLE),
    "post_ops_append_sum": (HANDLE, c_float, c_int, c_int),
    "post_ops_destroy": (HANDLE,),
    "primitive_create": (OUT, HANDLE),
    "primitive_desc_destroy": (HANDLE,),
    "primitive_execute": (HANDLE, HANDLE, c_int, c_void_p),
    "primitive_destroy": (HANDLE,),
    "set_primitive_cache_capacity": (c_int,),
    # what is computed: (description, engine, what and how ..., attributes)
    "reorder_primitive_desc_create": (OUT, HANDLE, HANDLE, HANDLE, HANDLE, HANDLE),
    "convolution_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, *(HANDLE,) * 4, *(DIMS,) * 4, HANDLE),
    "convolution_backward_data_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 3, *(DIMS,) * 4, HANDLE, HANDLE),
    "convolution_backward_weights_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 4, *(DIMS,) * 4, HANDLE, HANDLE),
    "matmul_primitive_desc_create": (OUT, HANDLE, *(HANDLE,) * 5),
    "binary_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 4),
    "pooling_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, *(HANDLE,) * 2, *(DIMS,) * 5, HANDLE),
    "pooling_backward_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 2, *(DIMS,) * 5, HANDLE, HANDLE),
    "batch_normalization_forward_primitive_desc_create": (OUT, HANDLE, c_int, HANDLE, HANDLE, c_float, c_uint, HANDLE),
    "batch_normalization_backward_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 3, c_float, c_uint, HANDLE, HANDLE),
    "layer_normalization_forward_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 3, c_float, c_uint, HANDLE),
    "layer_normalization_backward_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 4, c_float, c_uint, HANDLE, HANDLE),
    "softmax_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, HANDLE, HANDLE, c_int, HANDLE),
    "softmax_backward_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 3, c_int, HANDLE, HANDLE),
    "eltwise_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, HANDLE, HANDLE, c_float, c_float, HANDLE),
    "eltwise_backward_primitive_desc_create": (OUT, HANDLE, c_int, *(HANDLE,) * 3, c_float, c_float, HANDLE, HANDLE),
    "vanilla_rnn_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, c_int, *(HANDLE,) * 7, c_uint, c_float, c_float, HANDLE),
    "vanilla_rnn_backward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, c_int, *(HANDLE,) * 14, c_uint, c_float, c_float, HANDLE,
                                                   HANDLE),
    "lstm_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, *(HANDLE,) * 11, c_uint, HANDLE),
    "lstm_backward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, *(HANDLE,) * 22, c_uint, HANDLE, HANDLE),
    "lbr_gru_forward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, *(HANDLE,) * 7, c_uint, HANDLE),
    "lbr_gru_backward_primitive_desc_create": (OUT, HANDLE, c_int, c_int, *(HANDLE,) * 14, c_uint, HANDLE, HANDLE),
}
"""The functions that are called, each named dnnl_..., and their arguments. All return a status, of which 0 is success."""


class Version(ctypes.Structure):
    """What `dnnl_version` points to."""

    _fields_ = [("major", c_int), ("minor", c_int), ("patch", c_int), ("hash", c_char_p), ("cpu_runtime", c_uint),
                ("gpu_runtime", c_uint)]


class Library:
    """oneDNN, loaded: its functions under their names without 'dnnl_', and an engine, the processor.

    path:     where it was found
    version:  '3.2.0'
    runtime:  what runs its threads
    """

    def __init__(self, path: str) -> None:
        self.path = path
        found = ctypes.CDLL(path)
        found.dnnl_version.restype = POINTER(Version)
        version = found.dnnl_version().contents
        self.version = f"{version.major}.{version.minor}.{version.patch}"
        if version.major != MAJOR:
            raise OSError(f"it is version {self.version}, and version {MAJOR} is needed")
        if version.cpu_runtime not in RUNTIMES:
            raise OSError(f"it was built for other threads than {', '.join(RUNTIMES.values())}")
        self.runtime = RUNTIMES[version.cpu_runtime]
        for name, arguments in SIGNATURES.items():
            function = getattr(found, f"dnnl_{name}")
            function.restype, function.argtypes = c_int, arguments
            setattr(self, name, function)
        self.query_md: Any = found.dnnl_primitive_desc_query_md
        self.query_md.restype, self.query_md.argtypes = HANDLE, (HANDLE, c_int, c_int)
        self.memory_desc_get_size: Any = found.dnnl_memory_desc_get_size
        self.memory_desc_get_size.restype, self.memory_desc_get_size.argtypes = c_size_t, (HANDLE,)
        self.memory_desc_equal: Any = found.dnnl_memory_desc_equal
        self.memory_desc_equal.restype, self.memory_desc_equal.argtypes = c_int, (HANDLE, HANDLE)
        self.engine = self.made("engine_create", 1, 0)  # the first processor
        self.attributes = self.made("primitive_attr_create")
        self.call("primitive_attr_set_scratchpad_mode", self.attributes, 1)  # working memory is ours: threads must not share it
        self.call("set_primitive_cache_capacity", 0)  # what is worth keeping is kept in `primitives.py`

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function and check its status."""
        status = getattr(self, name)(*arguments)
        if status:
            raise Refused(f"oneDNN {self.version} ({self.path}): dnnl_{name} answers with status {status}")

    def made_from(self, name: str, handle: Any) -> Any:
        """What a function finds in another thing: a handle that lives as long as that."""
        found = HANDLE()
        self.call(name, handle, ctypes.byref(found))
        return found

    def made(self, name: str, *arguments: Any) -> Any:
        """What a function makes: an address that it writes where its first argument points."""
        handle = HANDLE()
        self.call(name, ctypes.byref(handle), *arguments)
        return handle


    if TYPE_CHECKING:
        def __getattr__(self, name: str) -> Any: ...  # the functions


class Refused(RuntimeError):
    """oneDNN cannot do what was asked for: NumPy can."""


# ---- the search ---------------------------------------------------------------------------------------------------

NAMES = {"darwin": ("libdnnl.3.dylib",), "win32": ("dnnl.dll",)}.get(sys.platform, ("libdnnl.so.3",))


def candidates() -> list[str]:
    """The files to try, in order."""
    named = os.environ.get("AUTOGRAD_ONEDNN")
    if named:
        return [named]
    roots = dict.fromkeys(Path(root) for root in (sys.prefix, site.getuserbase(), sys.base_prefix))
    folders = [root / part for root in roots for part in ("lib", "Library/bin")]
    return [str(folder / name) for folder in folders for name in NAMES if (folder / name).exists()] + list(NAMES)


def load() -> Library | None:
    """The first usable library, or None."""
    for path in candidates():
        try:
            return Library(path)
        except (OSError, AttributeError, Refused) as error:
            if path not in NAMES:  # a file that is there, or that was asked for
                mend = ("Install the OpenMP runtime that it needs (Debian: apt-get install libgomp1)" if "libgomp" in str(error) else
                        "Reinstall it (pip install --force-reinstall onednn-cpu-gomp)")
                advice = f"{mend}, or set AUTOGRAD_KERNELS=numpy to do without."
                warnings.warn(f"oneDNN is not used, NumPy computes instead: {path} cannot be used: {error}. {advice}", RuntimeWarning,
                              stacklevel=2)
                return None
    return None
