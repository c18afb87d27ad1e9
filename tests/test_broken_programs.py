"""What does a broken program hear? A hundred of them, each with the words its error must hold.

What was called, with which shapes, inside which module and on which line; why it cannot work; and, where the mistake has a usual
cause, what to write instead.

Read next: `test_bad_input.py`.
"""

import copy
import inspect
import math
import pickle

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import grad, jvp, ops, primitive, tensor, trace, vjp
from autograd.primitive import REGISTRY
from autograd.tracer import TraceError
from nn import functional as F

AxisError = np.exceptions.AxisError
PROGRAMS = []


def broken(kind, *words):
    """Register a program that must fail with this kind of error, whose message holds these words."""

    def register(program):
        PROGRAMS.append(pytest.param(program, kind, words, id=program.__name__))
        return program

    return register


@pytest.fixture(autouse=True)
def registry():
    """Primitives that a program declares are forgotten."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


def leaf(*shape):
    return tensor(np.ones(shape), requires_grad=True)


# ---- shapes --------------------------------------------------------------------------------------------------------


@broken(ValueError, "add", "(3,) (2,)", "lined up at the right", "a: f64[3], b: f64[2]", "test_broken_programs.py, line")
def add():
    leaf(3) + np.ones(2)


@broken(ValueError, "matmul", "a: f64[2,3], b: f64[4,2]", "last axis of a has length 3", "4")
def matmul():
    leaf(2, 3) @ np.ones((4, 2))


@broken(ValueError, "Linear(in_features=5", "at '2'", "(2, 3)", "Linear(3, 2)")
def linear():
    nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(5, 2))(tensor(np.ones((2, 4))))


@broken(ValueError, "at '0'", "3 channels", "(2, 1, 8, 8)", "Conv2d(1, 4")
def conv_channels():
    nn.Sequential(nn.Conv2d(3, 4, 3))(tensor(np.ones((2, 1, 8, 8))))


@broken(ValueError, "(N, C, H, W)", "(8, 8)", "reshape")
def conv_dims():
    nn.Conv2d(3, 4, 3)(tensor(np.ones((8, 8))))


@broken(ValueError, "kernel of size (7, 7)", "(5, 5)", "in module Conv2d", "test_broken_programs.py, line")
def conv_small():
    nn.Conv2d(3, 4, 7)(tensor(np.ones((1, 3, 5, 5))))


@broken(ValueError, "kernel of size (7, 7)", "(5, 5)", "in module MaxPool2d")
def pool_small():
    nn.MaxPool2d(7)(tensor(np.ones((1, 3, 5, 5))))


@broken(ValueError, "Linear(in_features=72", "(2, 2, 6, 6)", "x.reshape((2, -1))")
def flat_forgotten():
    nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(72, 10))(tensor(np.ones((2, 1, 8, 8))))


@broken(ValueError, "6 elements", "(4, 2) would take 8", "reshape((-1, 2))", "f64[2,3]")
def reshape():
    leaf(2, 3).reshape(4, 2)


@broken(ValueError, "concatenate", "[f64[2,3], f64[2,4]]", "axis=0")
def cat():
    ops.concatenate([leaf(2, 3), leaf(2, 4)])


@broken(ValueError, "stack", "[f64[2], f64[3]]")
def stack():
    np.stack([leaf(2), leaf(3)])


@broken(ValueError, "cross_entropy", "(4, 3)", "targets of shape (4,), not (2,)")
def ce_shape():
    F.cross_entropy(leaf(4, 3), np.array([0, 1]))


@broken(IndexError, "cross_entropy", "position 1 is class 3", "3 classes", "ignore_index")
def ce_range():
    F.cross_entropy(leaf(2, 3), np.array([0, 3]))


@broken(ValueError, "cross_entropy", "one-hot", "target.astype(float)")
def ce_onehot_int():
    F.cross_entropy(leaf(2, 3), np.eye(3, dtype=int)[:2])


@broken(ValueError, "mse_loss", "(4, 1)", "(4,)", ".reshape((4, 1))")
def mse():
    F.mse_loss(leaf(4, 1), np.ones(4))


@broken(ValueError, "l1_loss", "(4, 1)", ".reshape((4,))")
def l1():
    nn.L1Loss()(leaf(4), np.ones((4, 1)))


@broken(ValueError, "binary_cross_entropy_with_logits", "(4, 1)", "(4,)")
def bce():
    F.binary_cross_entropy_with_logits(leaf(4, 1), np.ones(4))


@broken(ValueError, "probabilities", "binary_cross_entropy_with_logits")
def bce_prob():
    F.binary_cross_entropy(tensor([1.5, 0.2], requires_grad=True), np.ones(2))


@broken(ValueError, "3 channels", "(2, 4, 5, 5)", "BatchNorm2d(4)")
def bn():
    nn.BatchNorm2d(3)(tensor(np.ones((2, 4, 5, 5))))


@broken(ValueError, "(2, 3, 5, 5)", "BatchNorm2d")
def bn_dim():
    nn.BatchNorm1d(3)(tensor(np.ones((2, 3, 5, 5))))


@broken(ValueError, "(1, 3)", "variance of a single value", "model.eval()")
def bn_one():
    nn.BatchNorm1d(3)(tensor(np.ones((1, 3))))


@broken(ValueError, "(4,)", "(2, 3)", "LayerNorm(3)")
def ln():
    nn.LayerNorm(4)(tensor(np.ones((2, 3))))


@broken(IndexError, "rows 0 to 4", "row 5", "has 6 rows")
def emb():
    nn.Embedding(5, 2)(np.array([0, 5]))


@broken(TypeError, "looks up integers", "float64", ".astype(int)")
def embf():
    nn.Embedding(5, 2)(np.array([0.0, 1.0]))


@broken(ValueError, "einsum", "'j'", "3 and 4", "ij,jk->ik")
def einsum():
    ops.einsum("ij,jk->ik", leaf(2, 3), leaf(4, 2))


@broken(ValueError, "tensordot", "(2, 3)", "(4, 2)")
def tensordot():
    np.tensordot(leaf(2, 3), leaf(4, 2), 1)


@broken(ValueError, "broadcast_to", "f64[3]", "[2, 4]")
def bto():
    np.broadcast_to(leaf(3), (2, 4))


@broken(IndexError, "x[index]", "index 5", "size 3")
def index():
    leaf(3)[5]


@broken(IndexError, "x[index]", "1-dimensional, but 2 were indexed")
def index2():
    leaf(3)[0, 1]


@broken(AxisError, "transpose", "axis 2", "axes are 0 to 1, or -2 to -1")
def transpose():
    leaf(2, 3).transpose(0, 2)


@broken(ValueError, "squeeze", "f64[2,3], axis=0")
def squeeze():
    leaf(2, 3).squeeze(0)


@broken(ValueError, "LSTM(4, 5)", "(2, 3, 6)", "LSTM(6, 5)")
def lstm():
    nn.LSTM(4, 5)(tensor(np.ones((2, 3, 6))))


@broken(ValueError, "2 heads", "embed_dim=5")
def mha():
    nn.MultiheadAttention(5, 2)


# ---- axes ----------------------------------------------------------------------------------------------------------


@broken(AxisError, "sum", "axis 2", "axes are 0 to 1")
def sumaxis():
    leaf(2, 3).sum(axis=2)


@broken(AxisError, "softmax", "axis 2", "axes are 0 to 1")
def softmaxaxis():
    ops.softmax(leaf(2, 3), axis=2)


@broken(ValueError, "sum", "duplicate", "axis=[0, 0]")
def dupaxis():
    leaf(2, 3).sum(axis=(0, 0))


@broken(TypeError, "sum", "whole number: axis=1")
def floataxis():
    leaf(2, 3).sum(axis=1.0)


# ---- other libraries' words ----------------------------------------------------------------------------------------


@broken(TypeError, "'dim'", "is axis here", "x, axis, keepdims")
def torchdim():
    leaf(2, 3).sum(dim=1)


@broken(TypeError, "'keepdim'", "is keepdims here")
def torchkeepdim():
    leaf(2, 3).sum(1, keepdim=True)


@broken(AttributeError, "'view'", "x.reshape")
def torchview():
    leaf(2, 3).view(3, 2)


@broken(AttributeError, "'unsqueeze'", "x[:, None]")
def torchunsq():
    leaf(2, 3).unsqueeze(0)


# ---- dtypes --------------------------------------------------------------------------------------------------------


@broken(TypeError, "int64", "no derivative", "3.0")
def gradint():
    grad(lambda x: x * 2.0)(3)


@broken(TypeError, "floating-point", "int64", "3.0")
def rgint():
    tensor([1, 2], requires_grad=True)


@broken(TypeError, "x += v", "complex128", "float64", "x = x")
def iaddc():
    x = tensor([1.0])
    x += 1j


@broken(TypeError, "float64", "int64", ".astype(float)")
def writefloat():
    x = tensor([1, 2])
    x[0] = 1.5


@broken(TypeError, "numbers", "object", "np.stack")
def obj():
    tensor([object()])


@broken(TypeError, "numeric", "str")
def strs():
    leaf(2) + "a"


@broken(TypeError, "matrix", "np.asarray(m)")
def matrix():
    leaf(2, 2) * np.matrix([[1.0, 2.0], [3.0, 4.0]])


@broken(TypeError, "MaskedArray", "m.filled(value)")
def masked():
    leaf(2) * np.ma.array([1.0, 2.0], mask=[0, 1])


@broken(TypeError, ".grad", "float64", "float32", "astype('float64')")
def graddtype():
    leaf(2).grad = np.ones(2, np.float32)


@broken(ValueError, ".grad", "(2,)", "(3,)")
def gradshape():
    leaf(2).grad = np.ones(3)


# ---- the backward pass ---------------------------------------------------------------------------------------------


@broken(RuntimeError, "already used by a backward pass", "multiply", "retain_graph=True")
def twice():
    loss = (leaf(2) * 2).sum()
    square = loss * loss
    square.backward()
    square.backward()


@broken(RuntimeError, "(2,)", "scalar", ".sum()", "gradient=")
def nonscalar():
    (leaf(2) * 2).backward()


@broken(RuntimeError, "no", "requires grad", "requires_grad=True")
def nograph():
    tensor([1.0]).sum().backward()


@broken(RuntimeError, "detached", ".detach()")
def detached():
    (leaf(2) * 2).detach().sum().backward()


@broken(RuntimeError, "no_grad()")
def nograd():
    with autograd.no_grad():
        loss = leaf(2).sum()
    loss.backward()


@broken(RuntimeError, "requires_grad=True", "parameters of a module")
def forgotten():
    w = tensor(np.ones(2))
    (w * 2).sum().backward()


@broken(ValueError, "(3,)", "(2,)")
def seedshape():
    (leaf(2) * 2).backward(np.ones(3))


@broken(TypeError, "float64", "complex128")
def seedcomplex():
    (leaf(2) * 2).backward(np.ones(2) * 1j)


# ---- optimisers ----------------------------------------------------------------------------------------------------


@broken(ValueError, "SGD", "no parameters", "generator")
def optnone():
    optim.SGD([], lr=0.1)


@broken(ValueError, "leaves", "computed by multiply")
def optnonleaf():
    optim.SGD([leaf(2) * 2], lr=0.1)


@broken(TypeError, "SGD", "Parameters", "ndarray")
def optarr():
    optim.SGD([np.ones(2)], lr=0.1)


@broken(ValueError, "Adam", "lr", "-1")
def optlr():
    optim.Adam([leaf(2)], lr=-1)


@broken(TypeError, "Adam", "model.parameters()", "Linear")
def optmodel():
    optim.Adam(nn.Linear(2, 2), lr=0.001)


# ---- writing -------------------------------------------------------------------------------------------------------


@broken(RuntimeError, "x += v", "leaf", "no_grad()")
def inplace():
    x = leaf(2)
    x += 1


@broken(RuntimeError, "x[i] = v", "leaf", "no_grad()")
def setleaf():
    x = leaf(2)
    x[0] = 1.0


@broken(TypeError, "y[0, 1] = v")
def chained():
    y = leaf(2, 2) * 1
    y[0][1] = 3.0


# ---- leaving the tape ----------------------------------------------------------------------------------------------


@broken(TypeError, "np.stack", "autograd.numpy.array", "x.detach().numpy()")
def nparray():
    np.array([leaf(), leaf()])


@broken(TypeError, "computed by multiply", "x.detach().numpy()")
def npasarray():
    np.asarray(leaf(2) * 2)


@broken(TypeError, "lose its gradient")
def npfull():
    np.full(3, leaf())


@broken(TypeError, "X @ t")
def arraydot():
    np.ones((2, 2)).dot(leaf(2))


@broken(TypeError, "float()", "x.item()")
def floatgrad():
    grad(lambda x: float(x) * 2)(1.0)


@broken(TypeError, "np.sin and not math.sin")
def mathsin():
    grad(lambda x: math.sin(x))(1.0)


@broken(TypeError, "autograd.tensor(a)")
def outarr2():

    def f(x):
        out = np.zeros(2)
        out[:] = x
        return out.sum()
    grad(f)(np.ones(2))


@broken(ValueError, "(2,)", ".any() or .all()")
def ifarr():
    if leaf(2) > 0:
        pass


@broken(TypeError, "x.detach().numpy()")
def numpyrec():
    (leaf(2) * 2).numpy()


@broken(RuntimeError, "pickled", "x.detach()")
def pick():
    pickle.dumps(leaf(2) * 2)


@broken(RuntimeError, "copied", "x.detach()")
def deep():
    copy.deepcopy(leaf(2) * 2)


# ---- rules and hooks -----------------------------------------------------------------------------------------------


@broken(ValueError, "hook", "(3,)", "(2,)")
def hook():
    x = leaf(2)
    x.register_hook(lambda g: np.ones(3))
    (x * 2).sum().backward()


@broken(TypeError, "foo", "'z'", "g, y, x, x_shape")
def rulename():
    primitive(lambda x: x, name="foo", x=lambda g, z: g)


@broken(ValueError, "gradient of foo", "shape ()", "(2,)", "broadcasts=True")
def ruleshape():

    @primitive(x=lambda g: g.sum())
    def foo(x):
        return x * 2
    foo(leaf(2)).sum().backward()


@broken(TypeError, "gradient of foo", "NoneType", "zeros_like(g)")
def rulenone():

    @primitive(x=lambda g: None)
    def foo(x):
        return x * 2
    foo(leaf(2)).sum().backward()


@broken(TypeError, "foo", "list", "np.array")
def fwdlist():

    @primitive(x=lambda g: g)
    def foo(x):
        return [1.0, 2.0]
    foo(leaf(2))


# ---- functions -----------------------------------------------------------------------------------------------------


@broken(TypeError, "(2,)", "jacobian or elementwise_grad")
def gradnonscalar():
    grad(lambda x: x * 2)(np.ones(2))


@broken(TypeError, "argument 1", "1 by position")
def gradargnum():
    grad(lambda x: x * 2, 1)(1.0)


@broken(TypeError, "one scalar", "has_aux=True")
def gradtuple():
    grad(lambda x: (x, x))(1.0)


@broken(TypeError, "one scalar", "None")
def gradnone():
    grad(lambda x: None)(1.0)


@broken(ValueError, "tangent", "(3,)", "(2,)")
def jvpshape():
    jvp(lambda x: x * 2, (np.ones(2),), (np.ones(3),))


@broken(ValueError, "cotangent", "(3,)", "(2,)")
def vjpshape():
    vjp(lambda x: x * 2, np.ones(2))[1](np.ones(3))


# ---- modules -------------------------------------------------------------------------------------------------------


@broken(RuntimeError, "nothing was changed", "weight: the model has f32[3,2], the state has f64[3,4]")
def loadshape():
    nn.Linear(2, 3).load_state_dict({"weight": np.ones((3, 4)), "bias": np.ones(3)})


@broken(RuntimeError, "weight: missing", "weigth: in the state, but not in the model")
def loadkeys():
    nn.Linear(2, 3).load_state_dict({"weigth": np.ones((3, 2)), "bias": np.ones(3)})


@broken(NotImplementedError, "M", "def forward(self, x)")
def noforward():

    class M(nn.Module):
        pass
    M()(tensor([1.0]))


@broken(TypeError, "Sequential holds modules", "nn.ReLU()")
def nonmodule():
    nn.Sequential(nn.Linear(2, 2), np.tanh)


@broken(TypeError, "ReLU is a class", "ReLU(...)")
def modclass():
    nn.Sequential(nn.Linear(2, 2), nn.ReLU)(tensor(np.ones((1, 2))))


# ---- programs ------------------------------------------------------------------------------------------------------


@broken(TraceError, "test_broken_programs.py, line", "if", "autograd.ops.where")
def traceif():
    trace(lambda x: x if x > 0 else -x, 1.0)


@broken(TraceError, "test_broken_programs.py, line", "float()")
def tracefloat():
    trace(lambda x: math.sin(x), 1.0)


@broken(ValueError, "f64[2]", "f64[3]", "trace again")
def progshape():
    trace(lambda x: x * 2, np.ones(2))(np.ones(3))


@broken(ValueError, "probability", "1.5")
def dropoutp():
    nn.Dropout(1.5)


@broken(ValueError, "5 elements", "2 equal parts", "array_split")
def split():
    np.split(leaf(5), 2)


@broken(RuntimeError, "result", "x = x.detach()")
def requiresresult():
    (leaf(2) * 2).requires_grad_(False)


# ---- and they do fail like that --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program, kind, words", PROGRAMS)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_broken_program_is_told_what_is_wrong(program, kind, words):
    with pytest.raises(kind) as caught:
        program()
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_there_are_enough_of_them():
    assert len(PROGRAMS) >= 60


EDITS = [
    (lambda: leaf(2, 3) @ leaf(2, 3), "Write a @ b.T"),
    (lambda: leaf(3, 2) @ leaf(3, 4), "Write a.T @ b"),
    (lambda: leaf(5, 2, 3) @ leaf(5, 2, 3), "Write a @ b.mT"),
    (lambda: leaf(4, 3) + np.ones(4), "b[:, None]"),
    (lambda: np.ones(4) * leaf(4, 2, 3), "a[:, None, None]"),
    (lambda: leaf(4, 3) / np.ones((3, 4)), "write b.T"),
    (lambda: leaf(6).reshape(4, -1), "a multiple of 4"),
    (lambda: np.flip(leaf(), 0), "0-d array has no axis"),
]


@pytest.mark.parametrize("program, edit", EDITS, ids=[edit for _, edit in EDITS])
def test_the_edit_that_mends_it(program, edit):
    with pytest.raises((ValueError, AxisError)) as caught:
        program()
    assert edit in str(caught.value)


def test_the_suggested_edits_work():
    assert (leaf(2, 3) @ leaf(2, 3).T).shape == (2, 2) and (leaf(3, 2).T @ leaf(3, 4)).shape == (2, 4)
    assert (leaf(4, 3) + np.ones(4)[:, None]).shape == (4, 3)
    assert (leaf(4, 3) / np.ones((3, 4)).T).shape == (4, 3)
    assert leaf(2, 3).reshape(-1, 2).shape == (3, 2)


def test_missing_names_stay_attribute_errors():
    x = leaf(2)
    assert not hasattr(x, "view") and not hasattr(x, "_private") and getattr(x, "cuda", None) is None
    with pytest.raises(AttributeError, match=r"write np\.sinh"):
        x.sinh()


def test_names_of_pytorch_say_what_to_write():
    module = nn.Linear(2, 2)
    for owner, name, edit in ((module, "register_buffer", r"nn\.Buffer"), (module, "cuda", "CPU"), (autograd, "zeros", r"np\.zeros"),
                              (autograd, "Function", r"@autograd\.primitive"), (nn, "utils", r"nn\.data"),
                              (leaf(2), "topk", r"np\.argsort")):
        assert not hasattr(owner, name)
        with pytest.raises(AttributeError, match=edit):
            getattr(owner, name)
    with pytest.raises(AttributeError, match=r"write x\.assign"):
        module.weight.data = np.zeros((2, 2))
    with pytest.raises(TypeError, match="What PyTorch calls dim is axis here"):
        leaf(2, 2).argmax(dim=1)


def test_words_are_no_results_and_no_arguments():
    with pytest.raises(TypeError, match="must return one scalar, and returned 'a'"):
        grad(lambda x: "a")(1.0)
    with pytest.raises(TypeError, match="pass it as an argument of its own"):
        grad(lambda p: p["w"])({"w": 1.0, "name": "abc"})


def test_a_hook_has_a_handle():
    x = leaf()
    handle = x.register_hook(lambda g: g * 2)
    (x * 1.0).backward()
    handle.remove()
    handle.remove()
    (x * 1.0).backward()
    assert x.grad == 3.0


def test_arguments_can_be_asked_for():
    assert str(inspect.signature(ops.softmax)) == "(x, axis=-1)" and str(inspect.signature(ops.exp)) == "(x)"
    assert "forward" in inspect.signature(type(ops.exp)).parameters
