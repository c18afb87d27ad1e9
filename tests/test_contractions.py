"""What do the laws not see of contractions? That errors are NumPy's, and that the work is done in the right order and place.

Read next: `test_engine.py`.
"""

import numpy as np
import pytest

from autograd import Tensor, grad, ops

a, b = np.ones((2, 3)), np.ones((3, 4))


@pytest.mark.parametrize("operands", [("ij,jk", a, a), ("ij,jk->iz", a, b), ("ijk", a), ("ij", a, b), ("ij->ii", a), ("i$j", a),
                                      ("...i->i", a), ("ii->i", np.ones((1, 3)))], ids=lambda o: o[0])
def test_labels_that_do_not_fit(operands):
    with pytest.raises(ValueError, match="called as einsum"):
        ops.einsum(*operands)
    with pytest.raises(ValueError):
        np.einsum(*operands)


@pytest.mark.parametrize("shapes", [((2, 3), (2, 3)), ((2, 3), (2,)), ((), (3,))])
def test_matmul_of_wrong_shapes(shapes):
    with pytest.raises(ValueError, match="matmul"):
        ops.matmul(*[Tensor(np.ones(shape)) for shape in shapes])


@pytest.mark.parametrize("optimize", [True, False, "greedy", "optimal", ("greedy", 1000), ["einsum_path", (1, 2), (0, 1)]])
def test_every_optimize_of_numpy(optimize):
    xs = [np.random.default_rng(i).normal(size=shape) for i, shape in enumerate([(2, 3), (3, 4), (4, 2)])]
    assert np.allclose(ops.einsum("ij,jk,kl->il", *xs, optimize=optimize), xs[0] @ xs[1] @ xs[2])


def test_many_operands_are_contracted_in_pairs():
    """A naive product over all six labels would have 40^6 terms, and its gradient six times as many."""
    xs = [np.full((40, 40), 0.1) for _ in range(5)]
    g = grad(lambda x: ops.einsum("ab,bc,cd,de,ef->", x, *xs[1:]))(xs[0])
    assert np.allclose(g, 0.1**4 * 40**4)


def test_one_operand_used_twice():
    x = np.random.default_rng(0).normal(size=(3, 3))
    assert np.allclose(grad(lambda x: ops.einsum("ij,ij->", x, x))(x), 2 * x)
    assert np.allclose(grad(lambda x: ops.einsum("ij,ji->", x, x))(x), 2 * x.T)


def test_a_product_keeps_only_what_the_other_side_needs():
    w = Tensor(b, requires_grad=True)
    y = ops.einsum("ij,jk->ik", a, w)
    kept = [s for s in y.node.saved if isinstance(s, np.ndarray)]
    assert len(kept) == 1 and kept[0].shape == a.shape
    assert not any(isinstance(s, np.ndarray) for s in ops.einsum("ij->ji", w).node.saved)
