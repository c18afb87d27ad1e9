"""How the products are called in tests."""

from hypothesis import strategies as st

from autograd import ops
from autograd.testing.cases import case
from autograd.testing.strategies import arrays, broadcastable

length = st.integers(0, 3)


def stacks(draw, *cores):
    """Arrays with these last axes, and before them axes that broadcast."""
    batches = draw(broadcastable(len(cores), max_dims=2, max_side=3))
    return tuple(draw(arrays(shape=batch + core)) for batch, core in zip(batches, cores))


@case(ops.matmul)
def _(draw):
    n, k, m = draw(length), draw(length), draw(length)
    return stacks(draw, (n, k), (k, m)), {}


@case(ops.matmul, "vectors")
def _(draw):
    k, m = draw(length), draw(length)
    vector, (matrices,), (transposed,) = draw(arrays(shape=(k,))), stacks(draw, (k, m)), stacks(draw, (m, k))
    return draw(st.sampled_from([(vector, matrices), (transposed, vector), (vector, vector.copy())])), {}


LABELS = {  # the labels, and the lengths where a letter has not always the same one
    "one": ["ij->ji", "ij->", "ij->j", "ii", "ii->i", "iij->ji", "...i->...", "i...->i...", "iii->i"],
    "two": ["ij,jk->ik", "ij,jk->ki", "ij,kj", "bij,bjk->bik", "bij,bkj->kbi", "bhid,bhjd->bhij", "i,j->ij", "i,j->ji", "ij,ij->ij",
            "ij,ij->i", "ij,ij->", "ij,kl->jl", "ij,k->", "iij,jk->ik", "ii,ii->i", "ij,j->", "...ij,...jk->...ik", "...i,i...->...",
            "i,i", "i,->i"],
    "three": ["ij,jk,kl->il", "i,ij,j->", "i,j,k->kji", "ij,ij,ij->j", "ij,ik,il->jkl", "ii,ij,j->i", "...i,...i,i->..."],
}


def operands(draw, labels, ones=False):
    lengths = {c: draw(st.integers(0 if c in "ijk" else 1, 3)) for c in labels}
    batch = draw(st.sampled_from([(), (2,), (1, 2)]))

    def of(term):
        free = ones and len(set(term)) == len(term)
        shape = tuple([1 if free and draw(st.booleans()) else lengths[c] for c in term.replace("...", "")])
        return tuple(batch) + shape if term.startswith("...") else shape + tuple(batch) if term.endswith("...") else shape

    return tuple(draw(arrays(shape=of(term))) for term in labels.split("->")[0].split(","))


for name in LABELS:
    @case(ops.einsum, name)
    def _(draw, name=name):
        labels = draw(st.sampled_from(LABELS[name]))
        return (labels, *operands(draw, labels)), {}


@case(ops.einsum, "broadcast")
def _(draw):
    labels = draw(st.sampled_from([each for each in LABELS["two"] if "." not in each]))
    return (labels, *operands(draw, labels, ones=True)), {}


@case(ops.einsum, "lists")
def _(draw):
    return (draw(arrays(shape=(2, 3))), [0, 1], draw(arrays(shape=(3, 2))), [1, ...], [..., 0]), {}


@case(ops.contract)
def _(draw):
    labels, shape = draw(st.sampled_from([
        ("ij,jk->ik", (2, 4)), ("ij,jk->ki", (4, 2)), ("ij,jk->iik", (2, 2, 4)), ("ij,jk->zk", (5, 4)), ("ij,jk->ik", (1, 4)),
        ("ij,jk->", ())]))
    return (draw(arrays(shape=(2, 3))), draw(arrays(shape=(3, 4))), labels, shape), {}


@case(ops.relabel)
def _(draw):
    labels, shape = draw(st.sampled_from([
        ("ii->i", (3,)), ("ij->ji", (3, 3)), ("ij->zi", (2, 3)), ("ij->iij", (3, 3, 3)), ("ij->ij", (1, 3)), ("ij->", ())]))
    return (draw(arrays(shape=(3, 3))), labels, shape), {}


DOT = [((3,), (3,)), ((2, 3), (3, 4)), ((2, 2, 3), (3, 2)), ((2, 2, 3), (4, 3, 2)), ((3,), (4, 3, 2)), ((2, 2, 3), (3,)),
       ((), (2, 3)), ((2,), ()), ((2, 0), (0, 3))]


@case(ops.dot)
def _(draw):
    return tuple(draw(arrays(shape=shape)) for shape in draw(st.sampled_from(DOT))), {}


@case(ops.inner)
def _(draw):
    a, b = draw(st.sampled_from(DOT))
    return (draw(arrays(shape=a)), draw(arrays(shape=(*b[:-2], *b[:-3:-1])))), {}


@case(ops.outer)
def _(draw):
    return (draw(arrays(max_dims=2)), draw(arrays(max_dims=2))), {}


@case(ops.vdot)
def _(draw):
    a = draw(arrays())
    return (a, draw(arrays(shape=a.shape[::-1]))), {}


@case(ops.tensordot)
def _(draw):
    a, b, axes = draw(st.sampled_from([
        ((2, 3, 4), (3, 4, 2), 2), ((2, 3), (3, 2), 1), ((2, 3), (2,), 0), ((2, 3, 4), (4, 2, 5), ([0, 2], [1, 0])),
        ((2, 3, 4), (4, 2, 5), (-1, 0)), ((2, 0), (0, 3), 1)]))
    return (draw(arrays(shape=a)), draw(arrays(shape=b)), axes), {}


@case(ops.kron)
def _(draw):
    return (draw(arrays(max_dims=2, max_side=3)), draw(arrays(max_dims=2, max_side=3))), {}


@case(ops.crossed)
def _(draw):
    return stacks(draw, (3,), (3,)), {}


@case(ops.cross)
def _(draw):
    return (draw(arrays(shape=(2, 3, 4))), draw(arrays(shape=(2, 3, 4)))), {"axis": 1}


@case(ops.multi_dot)
def _(draw):
    shapes = draw(st.sampled_from([[(2, 3), (3, 4), (4, 2)], [(3,), (3, 4), (4,)], [(2, 3), (3, 1)], [(3,), (3, 2), (2, 2), (2, 3)]]))
    return ([draw(arrays(shape=shape)) for shape in shapes],), {}


@case(ops.vecdot)
def _(draw):
    return stacks(draw, (3,), (3,)), {}


@case(ops.matvec)
def _(draw):
    return stacks(draw, (2, 3), (3,)), {}


@case(ops.vecmat)
def _(draw):
    return stacks(draw, (2,), (2, 3)), {}
