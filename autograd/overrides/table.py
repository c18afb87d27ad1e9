"""Which of our functions answers for which of NumPy's?

Each of NumPy's functions is in one of three classes:

* differentiable: one of our functions answers, and records;
* value-only: the result has no gradient to carry (a comparison, an index, a shape, a print-out);
* refused: with the reason, and with what to write instead.

The tables here say so, by name, and import no family of operations. `docs/numpy.md` is made from them.

Read next: `arguments.py`.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np

# ---- the tables ---------------------------------------------------------------------------------------------------

DIFFERENTIABLE = {
    "ufunc": """
        absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh cbrt ceil clip conjugate copysign cos cosh deg2rad degrees
        divide divmod exp exp2 expm1 fabs float_power floor floor_divide fmax fmin fmod frexp heaviside hypot imag ldexp log log10 log1p
        log2 logaddexp logaddexp2 matmul matvec maximum minimum modf multiply negative nextafter positive power rad2deg radians real
        reciprocal remainder rint sign sin sinh spacing sqrt square subtract tan tanh trunc vecdot vecmat""",
    "numpy": """
        amax amin angle append apply_along_axis apply_over_axes around array array_split asanyarray asarray ascontiguousarray
        asfortranarray astype atleast_1d atleast_2d atleast_3d average bincount block broadcast_arrays broadcast_to choose clip
        column_stack compress concatenate convolve copy copyto corrcoef correlate cov cross cumprod cumsum cumulative_prod
        cumulative_sum delete diag diagflat diagonal diff dot dsplit dstack ediff1d einsum expand_dims extract fill_diagonal fix flip
        fliplr flipud full full_like geomspace gradient histogram histogram2d histogram_bin_edges histogramdd hsplit hstack i0 imag
        inner insert interp intersect1d kron linspace logspace matrix_transpose max mean median meshgrid min moveaxis nan_to_num
        nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar outer pad
        partition percentile piecewise place poly polyadd polyder polydiv polyfit polyint polymul polysub polyval prod ptp put
        put_along_axis putmask quantile ravel real real_if_close repeat require reshape resize roll rollaxis roots rot90 round select
        setdiff1d setxor1d sinc sort sort_complex split squeeze stack std sum swapaxes take take_along_axis tensordot tile trace
        transpose trapezoid tril trim_zeros triu union1d unique unique_all unique_counts unique_inverse unique_values unstack unwrap
        vander var vdot vsplit vstack where""",
    "numpy.linalg": """
        cholesky cond cross det diagonal eig eigh eigvals eigvalsh inv lstsq matmul matrix_norm matrix_power matrix_transpose multi_dot
        norm outer pinv qr slogdet solve svd svdvals tensordot tensorinv tensorsolve trace vecdot vector_norm""",
    "numpy.fft": """
        fft fft2 fftn fftshift hfft ifft ifft2 ifftn ifftshift ihfft irfft irfft2 irfftn rfft rfft2 rfftn""",
    "numpy.lib.scimath": "arccos arcsin arctanh log log10 log2 logn power sqrt",
    "numpy.lib.stride_tricks": "sliding_window_view",
    "numpy.polynomial.polynomial": "polygrid2d polyval2d polyvalnd",
}
"""The functions that record, by the module of NumPy that has them."""

VALUE_ONLY = {
    "ufunc": """
        bitwise_and bitwise_count bitwise_or bitwise_xor equal gcd greater greater_equal invert isfinite isinf isnan lcm left_shift less
        less_equal logical_and logical_not logical_or logical_xor not_equal right_shift signbit""",
    "numpy": """
        all any argmax argmin argpartition argsort argwhere count_nonzero digitize empty_like flatnonzero iscomplex isclose isin isneginf
        isposinf isreal lexsort nanargmax nanargmin nonzero ones_like packbits ravel_multi_index searchsorted unpackbits unravel_index
        zeros_like""",
    "numpy.linalg": "matrix_rank",
}
"""The functions whose result carries no gradient, and for which one of ours answers."""

BY_NUMPY = {
    "values": {"numpy": """
        allclose array2string array_equal array_equiv array_repr array_str in1d ix_ min_scalar_type save savetxt savez savez_compressed"""},
    "shapes": {"numpy": """
        can_cast common_type diag_indices_from einsum_path iscomplexobj isrealobj may_share_memory ndim result_type shape shares_memory size
        tril_indices_from triu_indices_from"""},
    "made": {"numpy": """
        arange empty eye frombuffer fromfile fromfunction fromiter fromstring genfromtxt identity loadtxt ones tri zeros"""},
}
"""Those that NumPy answers itself, on the arrays: by what they look at (`value_only.py`)."""


class Refusal(NamedTuple):
    """Why these functions are not for Tensors, and what to write instead."""

    reason: str
    instead: str
    names: dict[str, str]


REFUSED = (
    Refusal("it works on text, and a Tensor holds numbers",
            "call it on the array of strings; to print numbers write np.array2string(x)",
            {"ufunc": """
                _center _expandtabs _expandtabs_length _ljust _lstrip_chars _lstrip_whitespace _partition _partition_index _replace _rjust
                _rpartition _rpartition_index _rstrip_chars _rstrip_whitespace _slice _strip_chars _strip_whitespace _zfill count endswith
                find index isalnum isalpha isdecimal isdigit islower isnumeric isspace istitle isupper rfind rindex startswith str_len""",
             "numpy.strings": """
                _join _rsplit _split _splitlines capitalize center decode encode expandtabs ljust lower mod multiply partition replace
                rjust rpartition slice swapcase title translate upper zfill""",
             "numpy.char": "equal greater greater_equal less less_equal not_equal"}),
    Refusal("it works on dates, and a Tensor holds numbers",
            "call it on the array of dates, before the numbers made from it become a Tensor",
            {"ufunc": "isnat", "numpy": "busday_count busday_offset datetime_as_string is_busday"}),
    Refusal("it works on records with named fields, and a Tensor holds numbers of one kind",
            "take the field as an array of its own; to differentiate by several fields pass a dict of arrays",
            {"numpy.lib.recfunctions": """
                append_fields apply_along_fields assign_fields_by_name drop_fields find_duplicates join_by merge_arrays rec_append_fields
                rec_drop_fields rec_join recursive_fill_fields rename_fields repack_fields require_fields stack_arrays
                structured_to_unstructured unstructured_to_structured"""}),
    Refusal("NumPy uses it inside, on objects",
            "np.ones_like(x)",
            {"ufunc": "_ones_like"}),
)
"""The functions that make no sense of a Tensor."""

ANSWERS = {
    "ufunc.conjugate": "conj",
    "numpy.around": "round",
    "numpy.fix": "trunc",
    **{f"numpy.{name}": f"autograd.overrides.variants.{name}" for name in (
        "argsort", "clip", "empty_like", "full_like", "ones_like", "real_if_close", "roots", "searchsorted", "where", "zeros_like")},
    **{f"numpy.lib.scimath.{name}": f"principal_{name}" for name in DIFFERENTIABLE["numpy.lib.scimath"].split()},
    **{f"numpy.linalg.{name}": f"autograd.overrides.variants.linalg_{name}" for name in ("cross", "diagonal", "outer", "trace")},
    **{f"numpy.polynomial.polynomial.{name}": f"autograd.overrides.variants.{name}" for name in ("polygrid2d", "polyval2d", "polyvalnd")},
    **{f"numpy.{name}": f"autograd.overrides.writes.{name}" for name in (
        "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask")},
    **{f"numpy.{name}": f"autograd.numpy.creation.{name}" for name in ("array", "asanyarray", "asarray", "ascontiguousarray",
                                                                        "asfortranarray", "full", "require")},
}
"""Which function answers where it is not the one of the same name in `ops`."""

# ---- looking up ---------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """One function of NumPy's.

    name:    'numpy.linalg.inv' or 'ufunc.sin'
    kind:    'differentiable', 'value-only' or 'refused'
    answer:  which of our functions answers, for the two first
    reason, instead: for the last
    """

    name: str
    kind: str
    answer: str = ""
    reason: str = ""
    instead: str = ""


def rows() -> dict[str, Row]:
    """The table, by name."""
    table = {}
    for kind, classes in (("differentiable", DIFFERENTIABLE), ("value-only", VALUE_ONLY)):
        for module, names in classes.items():
            for short in names.split():
                name = f"{module}.{short}"
                table[name] = Row(name, kind, ANSWERS.get(name, short))
    for what, classes in BY_NUMPY.items():
        for module, names in classes.items():
            for short in names.split():
                table[f"{module}.{short}"] = Row(f"{module}.{short}", "value-only", f"autograd.overrides.value_only.{what}")
    for refusal in REFUSED:
        for module, names in refusal.names.items():
            for short in names.split():
                table[f"{module}.{short}"] = Row(f"{module}.{short}", "refused", "", refusal.reason, refusal.instead)
    return table


TABLE = rows()


def name_of(function: Any) -> str:
    """How the table calls a function of NumPy's."""
    name = function.__name__
    if not isinstance(function, np.ufunc):
        return f"{function.__module__}.{name}".replace("numpy.lib._scimath_impl.", "numpy.lib.scimath.")  # NumPy 2.0 says the first
    if getattr(np._core.umath, name, None) is function:  # type: ignore[attr-defined]
        return f"ufunc.{name}"
    special = sys.modules.get("scipy.special")
    return f"scipy.special.{name}" if getattr(special, name, None) is function else f"a ufunc called {name}"


def written(name: str) -> str:
    """How a user writes it: np.sum, np.linalg.inv."""
    return name.replace("ufunc.", "np.").replace("numpy.lib.scimath.", "np.emath.").replace("numpy.", "np.")
