"""Does the tape tell what happened, and does a program do it again?"""

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import Tape, checkpoint, grad, hessian, jvp, no_grad, ops, random, tensor, trace, value_and_grad
from autograd.listing import bytes_text
from autograd.node import MODE, Mode, Scope, get_mode
from autograd.tracer import TraceError
from autograd.tree import flatten
from tests.work import grows_in_proportion


class inside:
    """What a module call does: a scope around the operations."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        mode = get_mode()
        self.token = MODE.set(Mode(mode.recording, Scope(self.path, "Linear", 0, mode.scope), mode.observer))

    def __exit__(self, *_):
        MODE.reset(self.token)


def mlp():
    """A small network's loss, and its parameters."""
    f32 = np.float32
    w1, b1 = tensor(np.full((4, 3), 0.5, f32), requires_grad=True, name="w1"), tensor(np.zeros(3, f32), requires_grad=True, name="b1")
    w2 = tensor(np.full((3, 2), 0.25, f32), requires_grad=True)
    x = tensor(np.arange(20, dtype=f32).reshape(5, 4))
    with inside("mlp.0"):
        h = ops.matmul(x, w1) + b1
    with inside("mlp.1"):
        h = ops.relu(h)
    with inside("mlp.2"):
        y = ops.matmul(h, w2)
    return ops.sum((y - 1.0) * 2.0, axis=1).sum(), (w1, b1, w2)


MLP = """\
tape(w1: f32[4,3], b1: f32[3], x0: f32[3,2])
  %1: f32[5,3] = matmul f32[5,4] w1  keeps a     80 B  mlp.0
  %2: f32[5,3] = add %1 b1                             mlp.0
  %3: f32[5,3] = relu %2             keeps y     60 B  mlp.1
  %4: f32[5,2] = matmul %3 x0        keeps a, b  84 B  mlp.2
  %5: f32[5,2] = subtract %4 const
  %6: f32[5,2] = multiply %5 2.0
  %7: f32[5]   = sum %6 axis=1
  %8: f32      = sum %7
8 ops, keeps 164 B"""


def test_golden_text():
    loss, _ = mlp()
    assert str(Tape.of(loss)) == repr(Tape.of(loss)) == MLP


def test_freed_after_backward():
    loss, _ = mlp()
    before = Tape.of(loss)
    loss.backward()
    after = Tape.of(loss)
    assert [e.expression.split()[0] for e in after] == [e.expression.split()[0] for e in before]
    assert "freed a, b" in str(after) and str(after).endswith("8 ops, freed by backward")
    assert after.kept_bytes == 0 and after["%3"].freed and not before["%3"].freed
    assert str(before) == MLP  # a description does not change


def test_entries():
    loss, _ = mlp()
    tape = Tape.of(loss)
    assert [leaf.name for leaf in tape.leaves] == ["w1", "b1", "x0"]
    assert tape["%4"].slots == ("%3", "x0") and tape["%4"].shape == (5, 2) and tape["%4"].dtype == np.float32
    assert tape["%4"].scope == (("mlp.2", "Linear"),) and tape["%7"].options == (("axis", "1"),)
    assert tape.outputs == ("%8",) and len(tape) == 8
    with pytest.raises(KeyError, match="w1, b1, x0"):
        tape["w7"]


def test_two_slots_and_several_losses():
    x = tensor(2.0, requires_grad=True, name="x")
    y, z = x * x, ops.exp(x)
    assert Tape.of(y).ops[0].slots == ("x", "x")
    assert Tape.of(y, z).outputs == Tape.of([y, z]).outputs == ("%1", "%2")
    joined = Tape.of(ops.concatenate([tensor([1.0], requires_grad=True, name="a"), [2.0], tensor([3.0], requires_grad=True, name="b")]))
    assert joined.ops[0].slots[0] == "a" and joined.ops[0].slots[2] == "b"


def test_names_are_unique_and_on_one_line():
    names = ["w", "w", "", "x0", "two\nlines", "%1", "const", "3.0"]
    leaves = [tensor(1.0, requires_grad=True, name=name or None) for name in names]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = total + leaf
    found = [leaf.name for leaf in Tape.of(total).leaves]
    assert found == ["w", "w.2", "x1", "x0", r"'two\nlines'", "'%1'", "'const'", "'3.0'"]
    assert len(str(Tape.of(total)).splitlines()) == 2 + len(leaves) - 1


def test_memory_is_counted_once():
    x = tensor(np.ones((100, 10)), requires_grad=True)
    y = x * x
    z = (y * x).sum()
    tape = Tape.of(z)
    assert [e.kept_bytes for e in tape] == [8000, 16000, 0] and tape.kept_bytes == 16000
    row = tensor(np.ones(10), requires_grad=True)
    wide = ops.broadcast_to(row, (1000, 10))
    assert Tape.of(wide * wide).kept_bytes == 80  # what the view looks into


def test_keeps_nothing_alive():
    loss, _ = mlp()
    tape, node = Tape.of(loss), weakref.ref(loss.node)
    gc.disable()
    try:
        del loss
        assert node() is None and tape.node("%8") is None
    finally:
        gc.enable()
    assert str(tape) == MLP


def test_no_tape():
    with pytest.raises(ValueError, match="no_grad"):
        Tape.of(tensor(1.0))
    with pytest.raises(TypeError, match="ndarray"):
        Tape.of(np.ones(3))
    with pytest.raises(ValueError, match="result"):
        Tape.of()


def multiplied(times):
    y = tensor(1.0, requires_grad=True, name="x")
    for _ in range(times):
        y = y * 1.0
    return y


def test_long_and_deep():
    short, y = multiplied(5_000), multiplied(100_000)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(200)
    try:
        tape = Tape.of(y)
        text = str(tape)
        assert grows_in_proportion(lambda: str(Tape.of(short)), lambda: str(Tape.of(y)), 20)
    finally:
        sys.setrecursionlimit(limit)
    assert len(text.splitlines()) == 100_002 and "%100000: f64" in text
    assert "... 99,941 more operations" in repr(tape) and len(repr(tape).splitlines()) == 62


def test_many_paths():
    x = tensor(1.0, requires_grad=True)
    for _ in range(64):
        x = x * x
    assert len(Tape.of(x)) == 64


def test_bytes():
    assert [bytes_text(n) for n in (0, 999, 1024, 100352, 1 << 20, 3 << 30)] == ["0 B", "999 B", "1.0 kB", "98 kB", "1.0 MB", "3.0 GB"]


def test_the_same_text_in_every_process():
    script = ("from tests.test_tape import mlp, loss_of; import numpy as np; from autograd import Tape, trace, value_and_grad, draw\n"
              "print(Tape.of(mlp()[0])); print(trace(value_and_grad(loss_of), {'w': np.ones(3), 'b': np.ones(3)}, np.ones((2, 3))))\n"
              "print(draw(mlp()[0]).to_dot())")
    texts = {subprocess.run([sys.executable, "-c", script], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, check=True,
                            capture_output=True, text=True).stdout for seed in ("1", "2", "77")}
    assert len(texts) == 1 and "0x" not in texts.pop()


# ---- programs -----------------------------------------------------------------------------------------------------


def loss_of(p, x):
    h = ops.relu(x * p["w"] + p["b"])
    h = ops.where(h > 0.5, h, ops.sigmoid(h))
    return (h**2).sum()


def equal(mine, theirs):
    """The same trees of the same arrays, bit for bit."""
    a, s = flatten(mine)
    b, t = flatten(theirs)
    assert s == t
    for x, y in zip(a, b):
        assert isinstance(x, autograd.Tensor) == isinstance(y, autograd.Tensor) and np.asarray(x).dtype == np.asarray(y).dtype
        np.testing.assert_array_equal(x, y)


def arguments(seed):
    rng = np.random.default_rng(seed)
    return {"w": rng.normal(size=3), "b": rng.normal(size=3)}, rng.normal(size=(2, 3))


def test_program_of_a_gradient():
    program = trace(value_and_grad(loss_of), *arguments(0))
    assert str(program).splitlines()[0] == "program loss_of(p.w: f64[3], p.b: f64[3], x: f64[2,3])"
    assert str(program).splitlines()[-2].strip().startswith("return (%8, {'w': %")
    assert "sigmoid %3" in str(program) and "greater %3 0.5" in str(program)
    for seed in range(5):
        equal(program(*arguments(seed)), value_and_grad(loss_of)(*arguments(seed)))


@pytest.mark.parametrize("f", [
    grad(lambda x: ops.sum(x * ops.exp(x))),
    hessian(lambda x: (ops.exp(x) * x).sum()),
    lambda x: grad(lambda y: (y**3).sum())(x * 2),
    lambda x: jvp(lambda y: ops.sin(y) * y, (x,), (x,)),
    lambda x: grad(lambda y: checkpoint(lambda z: ops.sin(z) * z)(y).sum())(x),
    lambda x: ((x.sum() > 0) * x, x.sum() > 0, ops.argmax(x), True, 3.0),
    lambda x: (x, x * 1.0, [ops.transpose(x)]),
    lambda x: ops.concatenate([x, np.ones(2), x]),
], ids=lambda f: "")
def test_replay(f):
    rng = np.random.default_rng(1)
    program = trace(f, rng.normal(size=4))
    for _ in range(3):
        x = rng.normal(size=4)
        mine = program(x)
        equal(mine, detached(f(tensor(x))))
        for result in flatten(mine)[0]:
            assert not isinstance(result, np.ndarray) or (result.flags.owndata and result.flags.writeable and result is not x)


def detached(tree):
    leaves, structure = flatten(tree)
    return structure.unflatten([leaf.detach()._array if isinstance(leaf, autograd.Tensor) else leaf for leaf in leaves])


OPERATIONS = [ops.exp, ops.tanh, ops.relu, ops.sin, lambda a: a * 0.5, lambda a: a > 0, lambda a: a**2, lambda a: 1.0 - a, ops.square]
PAIRS = [ops.add, ops.multiply, ops.subtract, ops.maximum, lambda a, b: ops.where(a > b, a, b), lambda a, b: a * (b < 1)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(OPERATIONS) + len(PAIRS) - 1), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12),
       st.integers(0, 2**31))
def test_replay_of_random_programs(steps, seed):
    def f(x, y, s):
        values = [x, y, s]
        for op, i, j in steps:
            a, b = values[i % len(values)], values[j % len(values)]
            a, b = ops.astype(a, float), ops.astype(b, float)
            values.append(OPERATIONS[op](a) if op < len(OPERATIONS) else PAIRS[op - len(OPERATIONS)](a, b))
        return ops.sum(ops.tanh(sum(ops.astype(v, float) for v in values)))

    rng = np.random.default_rng(seed)

    def draw():
        return rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal()

    both = value_and_grad(f, (0, 1, 2))
    with np.errstate(all="ignore"):
        program = trace(both, *draw())
        new = draw()
        equal(program(*new), both(*new))


def test_exponent_that_is_an_input():
    """The gradient of a ** n computes n - 1 although n has no gradient: that must be in the program too."""

    def f(x, n):
        return (x**n).sum()

    x = np.array([1.5, 2.0, 3.0])
    program = trace(grad(f), x, np.array(3))
    equal(program(x, np.array(2)), grad(f)(x, np.array(2)))


def test_training_step():
    def step(w, x):
        loss = ((w * x) ** 2).sum()
        loss.backward()
        return loss, w.grad

    w, x = tensor([1.0, 2.0], requires_grad=True), np.arange(6.0).reshape(3, 2)
    program = trace(step, w, x)
    assert w.grad is None
    loss, g = program(w.detach(), 2 * x)
    expected = step(w, 2 * x)
    np.testing.assert_array_equal(loss.numpy(), expected[0].detach().numpy())
    np.testing.assert_array_equal(g.numpy(), expected[1].numpy())
    with pytest.raises(TypeError, match="gradient of w would be lost"):
        program(w, x)
    with no_grad():
        program(w, x)


def test_constants_are_copied():
    table, w = np.ones(3), tensor(np.full(3, 2.0), requires_grad=True, name="w")
    program = trace(lambda x: x * table + w, np.ones(3))
    assert list(program.constants) == ["c0", "w"]
    table[:] = 100
    with no_grad():
        w *= 50.0
    np.testing.assert_array_equal(program(np.ones(3)), [3, 3, 3])
    program(np.ones(3))[:] = 7
    np.testing.assert_array_equal(program(np.ones(3)), [3, 3, 3])


def test_constant_written_between_two_operations():
    buffer = np.ones(2)

    def f(x):
        y = x + buffer
        buffer[:] = 5
        return y + buffer

    np.testing.assert_array_equal(trace(f, np.zeros(2))(np.zeros(2)), [6, 6])


def test_one_array_given_twice_is_two_inputs():
    x = np.ones(2)
    np.testing.assert_array_equal(trace(lambda a, b: a - b, x, x)(3 * x, x), [2, 2])


def test_booleans_are_not_confused():
    program = trace(lambda a, b: (a > 0, b > 0, ops.where(a > 0, 1.0, 2.0), ops.where(b > 0, 1.0, 2.0)), 1.0, 1.0)
    assert program(1.0, -1.0) == (True, False, 1.0, 2.0)


def test_dead_operations_are_left_out():
    def f(x):
        ops.exp(x)
        return x * 2.0

    assert [e.op for e in trace(f, 1.0)] == ["multiply"]
    assert trace(lambda x: 3.0, 1.0)(2.0) == 3.0


def test_loops_unroll_and_names_follow_the_arguments():
    program = trace(lambda x, layers: sum(x * w for w in layers), np.ones(2), [np.ones(2), 2 * np.ones(2), np.ones(2)])
    assert [leaf.name for leaf in program.leaves] == ["x", "layers[0]", "layers[1]", "layers[2]"]
    assert [e.op for e in program].count("multiply") == 3


@pytest.mark.parametrize(("f", "what"), [
    (lambda x: x if x.sum() > 0 else -x, "where"),
    (lambda x: x * float(x.sum()), "float"),
    (lambda x: x * x.sum().item(), "item"),
    (lambda x: [x[i] for i in range(int(x.sum()))], "int"),
])
def test_looking_at_values_is_refused(f, what):
    with pytest.raises(TraceError, match=rf"(?s)test_tape\.py, line \d+.*{what}"):
        trace(f, np.ones(3))


def test_looking_at_constants_is_allowed():
    scale = tensor(3.0)
    assert trace(lambda x: x * float(scale), 1.0)(2.0) == 6.0


def test_randomness_is_refused():
    with pytest.raises(TraceError, match="random"):
        trace(lambda x: x * random.generator().normal(), 1.0)


def test_wrong_arguments():
    program = trace(loss_of, *arguments(0))
    p, x = arguments(0)
    with pytest.raises(TypeError, match="structure"):
        program(p)
    with pytest.raises(ValueError, match=r"x: f64\[2,3\], and got f64\[1,3\]"):
        program(p, x[:1])
    with pytest.raises(TypeError, match=r"x: f64\[2,3\], and got f32\[2,3\]"):
        program(p, x.astype(np.float32))
    with pytest.raises(TypeError, match="closure"):
        trace(loss_of, p, "text")
    with pytest.raises(TraceError, match="already"):
        trace(lambda y: trace(ops.exp, y)(y), x)
    with pytest.raises(RuntimeError, match="being traced"):
        trace(lambda y: program(p, y), x)


def test_errors_leave_the_mode_alone():
    mode = get_mode()
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: 1 / 0, 1.0)
    assert get_mode() is mode
