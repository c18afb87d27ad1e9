"""How the Fourier transforms are called in tests: real and complex, odd and even, cut off and filled up, over repeated axes."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, axes, axis

NORMS = st.sampled_from([None, "backward", "ortho", "forward"])


def spectrum(draw, **options):
    """A complex array."""
    x = draw(arrays(**options))
    return x + 1j * draw(arrays(shape=x.shape))


def options(draw, x):
    return {"n": draw(st.one_of(st.none(), st.integers(1, 6))), "axis": draw(axis(x.ndim, none=False)), "norm": draw(NORMS)}


def longer(x, given):
    """A half spectrum of one place alone does not tell a length: give one."""
    return {**given, "n": given["n"] or max(2 * (x.shape[given["axis"]] - 1), 3)}


for f in (ops.fft, ops.ifft, ops.rfft, ops.ihfft, ops.irfft, ops.hfft):
    half = f.__name__ in ("irfft", "hfft")

    @case(f)
    def _(draw, half=half):
        x = draw(arrays(min_dims=1, min_side=1))
        given = options(draw, x)
        return (x,), longer(x, given) if half else given

for f in (ops.fft, ops.ifft, ops.irfft, ops.hfft):
    half = f.__name__ in ("irfft", "hfft")

    @case(f, "complex")
    def _(draw, half=half):
        x = spectrum(draw, min_dims=1, min_side=1)
        given = options(draw, x)
        return (x,), longer(x, given) if half else given

for f in (ops.irfft, ops.hfft):
    @case(f, "default_length")
    def _(draw):
        return (spectrum(draw, min_dims=1, min_side=2),), {"axis": draw(st.sampled_from([0, -1])), "norm": draw(NORMS)}


def places(draw, x, some=False):
    """Lengths, or none, for a few axes, which may be repeated."""
    where = draw(st.lists(st.integers(-x.ndim, x.ndim - 1), min_size=int(some), max_size=3))
    lengths = draw(st.one_of(st.none(), st.lists(st.integers(1, 5), min_size=len(where), max_size=len(where))))
    return {"axes": where, "s": lengths, "norm": draw(NORMS)}


for f in (ops.fftn, ops.ifftn, ops.rfftn):
    @case(f)
    def _(draw, f=f):
        x = draw(arrays(min_dims=1, min_side=1))
        return (x,), places(draw, x, f is ops.rfftn)

for f in (ops.fftn, ops.ifftn):
    @case(f, "complex")
    def _(draw):
        x = spectrum(draw, min_dims=1, min_side=1)
        return (x,), places(draw, x)


@case(ops.irfftn)
def _(draw):
    x = spectrum(draw, min_dims=1, min_side=2)
    given = places(draw, x, True)
    return (x,), {**given, "s": given["s"] or [3 + i for i, _ in enumerate(given["axes"])]}


@case(ops.irfftn, "default_lengths")
def _(draw):
    return (spectrum(draw, min_dims=1, min_side=2),), {"norm": draw(NORMS)}


for f in (ops.fft2, ops.ifft2, ops.rfft2):
    @case(f)
    def _(draw):
        x = draw(arrays(min_dims=2, min_side=1))
        return (x,), {"s": draw(st.sampled_from([None, (3, 4), (2, -1)])), "norm": draw(NORMS)}

for f in (ops.fft2, ops.ifft2, ops.irfft2):
    @case(f, "complex")
    def _(draw):
        x = spectrum(draw, min_dims=2, min_side=2)
        where = draw(st.sampled_from([(-2, -1), (1, 0)]))
        return (x,), {"s": draw(st.sampled_from([None, (3, 4), (2, 3)])), "axes": where, "norm": draw(NORMS)}


for f in (ops.fftshift, ops.ifftshift):
    @case(f)
    def _(draw):
        x = draw(arrays())
        return (x,), {"axes": draw(axes(x.ndim))}


