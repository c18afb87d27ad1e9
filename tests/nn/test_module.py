"""Is the tree of attributes walked right, saved right, named right?"""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd import tensor


class Odd(nn.Module):
    """Everything a module may hold, in every container."""

    def __init__(self):
        self.first = nn.Linear(2, 3)
        self.heads = {"a": nn.Linear(3, 1), "b": [nn.Linear(3, 1), nn.ReLU()]}
        self.scale = nn.Parameter([1.0])
        self.pair = (nn.Parameter([2.0]), 7)
        self.mean = nn.Buffer(np.zeros(3))
        self.cache = nn.Buffer(np.zeros(3), persistent=False)
        self.tied = self.first
        self.word = "no module"

    def forward(self, x):
        h = self.first(x)
        return self.heads["a"](h) + self.heads["b"][0](h) * self.scale


NAMES = ["scale", "pair.0", "first.weight", "first.bias", "heads.a.weight", "heads.a.bias", "heads.b.0.weight", "heads.b.0.bias"]


def mlp():
    return nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))


def test_the_walk_finds_everything_once_and_in_order():
    model = Odd()
    assert [name for name, _ in model.named_parameters()] == NAMES
    assert [name for name, _ in model.named_modules()] == ["", "first", "heads.a", "heads.b.0", "heads.b.1"]
    assert [name for name, _ in model.named_children()] == ["first", "heads.a", "heads.b.0", "heads.b.1"]
    assert [name for name, _ in model.named_buffers()] == ["mean", "cache"]
    assert [name for name, _ in model.named_parameters("m", recurse=False)] == ["m.scale", "m.pair.0"]
    assert [name for name, _ in model.named_parameters(remove_duplicate=False)] == [*NAMES, "tied.weight", "tied.bias"]
    assert model.get_submodule("heads.b.1") is model.heads["b"][1]
    with pytest.raises(KeyError, match=r"heads\.b\.0"):
        model.get_submodule("heads.b.2")


def test_a_module_may_hold_its_parent():
    model = mlp()
    model[0].parent = model
    assert len(list(model.parameters())) == 4
    assert len(list(model.modules())) == 4
    assert len(model.state_dict()) == 4
    visited = []
    assert model.apply(visited.append) is model
    assert visited == [model[0], model[1], model[2], model]
    assert repr(model) == """Sequential(
  (0): Linear(
    in_features=4, out_features=6, bias=True
    (parent): Sequential(...)  # above
  )
  (1): ReLU()
  (2): Linear(in_features=6, out_features=3, bias=True)  # 21
)  # 51 parameters"""


def test_what_is_assigned_later_is_found_and_what_is_gone_is_not():
    model = Odd()
    model.late = nn.Linear(1, 1)
    del model.heads["b"]
    assert [name for name, _ in model.named_parameters()] == [*NAMES[:6], "late.weight", "late.bias"]


def test_train_eval_freeze_apply_and_zero_grad():
    model = Odd()
    assert model.training
    assert model.eval() is model
    assert not any(m.training for m in model.modules())
    assert all(m.training for m in model.train().modules())
    model.requires_grad_(False)
    assert not any(p.requires_grad for p in model.parameters())
    assert len(list(model.parameters())) == len(NAMES)  # frozen, and still there
    assert not model(np.ones((1, 2))).requires_grad
    model.requires_grad_()
    model(np.ones((1, 2))).sum().backward()
    assert model.first.weight.grad is not None
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())
    visited = []
    model.apply(lambda m: visited.append(type(m).__name__))
    assert visited == ["Linear", "Linear", "Linear", "ReLU", "Odd"]
    with pytest.raises(TypeError, match="True or False"):
        model.train("no")


def test_to_changes_dtypes_in_place():
    model = Odd()
    model.count = nn.Buffer(3)
    weight = model.first.weight
    model(np.ones((1, 2), np.float32)).sum().backward()
    assert model.to("float64") is model
    assert model.first.weight is weight
    assert weight.dtype == weight.grad.dtype == np.float64
    assert model.count.dtype == np.int64
    model.zero_grad()
    model(np.ones((1, 2))).sum().backward()
    assert weight.grad.dtype == np.float64
    with pytest.raises(TypeError, match="int"):
        model.to(int)
    assert weight.dtype == np.float64


def test_copies_and_pickles_are_independent():
    model = Odd()
    model(np.ones((1, 2)))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.first is twin.tied
        assert [name for name, _ in twin.named_parameters()] == NAMES
        assert not list(twin.buffers())[1].persistent
        for p, q in zip(model.parameters(), twin.parameters()):
            assert type(q) is nn.Parameter
            assert q.requires_grad
            np.testing.assert_array_equal(p.data, q.data)
        with twin.scale.writing() as array:
            array += 1
        assert model.scale.data[0] == 1
        assert twin(np.ones((1, 2))).node.scope.path == ""


# ---- state --------------------------------------------------------------------------------------------------------


def test_state_dict_round_trip_and_snapshot():
    model, other = Odd(), Odd()
    state = model.state_dict()
    assert list(state) == ["scale", "pair.0", "mean", "first.weight", "first.bias", "heads.a.weight", "heads.a.bias", "heads.b.0.weight",
                           "heads.b.0.bias", "tied.weight", "tied.bias"]
    before = state["first.weight"].copy()
    with model.first.weight.writing() as array:
        array += 1
    np.testing.assert_array_equal(state["first.weight"], before)  # a snapshot
    assert other.load_state_dict(state) == ([], [])
    np.testing.assert_array_equal(other.first.weight.data, before)
    with other.first.weight.writing() as array:
        array += 1
    np.testing.assert_array_equal(state["first.weight"], before)  # values were copied
    assert other.first.weight.dtype == np.float32


def test_a_path_leads_to_one_thing():
    model = nn.Module()
    model.parts = {1: nn.Linear(2, 3), "1": nn.Linear(4, 5)}
    with pytest.raises(ValueError, match=r"two things at 'parts\.1\.weight', f32\[3,2\] and f32\[5,4\]"):
        model.state_dict()
    model.parts["1"] = model.parts[1]
    assert list(model.state_dict()) == ["parts.1.weight", "parts.1.bias"]


def test_of_two_paths_to_one_parameter_the_last_one_counts():
    model = nn.Module()
    model.tied = [nn.Linear(1, 1)] * 12
    model.load_state_dict({f"tied.{i}.{name}": np.full(shape, i) for name, shape in (("bias", 1), ("weight", (1, 1))) for i in range(12)})
    assert model.tied[0].weight.item() == model.tied[0].bias.item() == 11


def test_loading_reports_every_problem_and_changes_nothing():
    model = mlp()
    before = {name: array.copy() for name, array in model.state_dict().items()}
    bad = {"0.weight": np.zeros((6, 5)), "0.bias": np.array(["x"] * 6), "2.weight": np.zeros((3, 6)), "extra.weight": np.zeros(3)}
    with pytest.raises(RuntimeError) as error:
        model.load_state_dict(bad)
    for said in ("0.weight: the model has f32[6,4], the state has f64[6,5]", "0.bias: a Tensor holds numbers",
                 "2.bias: missing in the state; the model has f32[3]", "extra.weight: in the state, but not in the model",
                 "nothing was changed"):
        assert said in str(error.value)
    with pytest.raises(RuntimeError, match="f64"):
        model.load_state_dict(bad, strict=False)  # shapes must fit anyway
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    result = model.load_state_dict({"2.bias": [1, 2, 3], "new": 1}, strict=False)
    assert result.missing_keys == ["0.weight", "0.bias", "2.weight"]
    assert result.unexpected_keys == ["new"]
    np.testing.assert_array_equal(model[2].bias.data, [1, 2, 3])
    with pytest.raises(TypeError, match="dict"):
        model.load_state_dict([1])


# ---- errors -------------------------------------------------------------------------------------------------------


def test_a_parameter_is_not_replaced_by_accident():
    layer = nn.Linear(2, 3)
    for value in (np.zeros((3, 2)), tensor(np.zeros((3, 2)))):
        with pytest.raises(TypeError, match=r"Linear\.weight is a Parameter of shape \(3, 2\)"):
            layer.weight = value
    with pytest.raises(ValueError, match=r"Linear\.weight is a Parameter of shape \(3, 2\), and one of shape \(5, 2\)"):
        layer.weight = nn.Parameter(np.ones((5, 2)))
    assert layer.weight.shape == (3, 2)
    layer.weight = nn.Parameter(np.zeros((3, 2)))
    layer.bias = None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    layer.bias = nn.Parameter(np.zeros(1))  # what is not there has no shape


def test_a_buffer_is_assigned_to_without_its_graph():
    model = Odd()
    with pytest.raises(TypeError, match="Buffer"):
        model.mean = 0.9 * model.mean
    model.mean.assign(tensor(np.ones(3), requires_grad=True) * 2)
    np.testing.assert_array_equal(model.mean.data, [2, 2, 2])
    assert not model.mean.requires_grad
    with pytest.raises(ValueError, match="shape"):
        model.mean.assign(tensor(np.ones(4)))


def test_a_tensor_that_should_be_a_parameter_is_reported():
    model = mlp()
    model.scale = tensor([1.0], requires_grad=True)
    with pytest.raises(TypeError, match=r"Sequential\.scale .* nn\.Parameter"):
        list(model.parameters())


def test_forward_must_be_defined():
    with pytest.raises(NotImplementedError, match="Nothing does not define forward"):
        type("Nothing", (nn.Module,), {})()(1)


# ---- calls: scopes and names --------------------------------------------------------------------------------------


def scopes(result):
    """(path, class, call) of each node from the newest to the oldest."""
    found, stack = {}, [result.node]
    while stack:
        node = stack.pop()
        found[node.id] = node
        stack += [n for n in node.inputs if n is not None and n.id not in found]
    return [(n.scope.path, n.scope.kind, n.scope.call) for _, n in sorted(found.items(), reverse=True) if n.scope is not None]


def test_nodes_know_their_module_and_parameters_their_names():
    model = Odd()
    assert {p.name for p in model.parameters()} == {None}
    y = model(np.ones((1, 2)))
    assert scopes(y) == [("", "Odd", 0), ("", "Odd", 0), ("heads.b.0", "Linear", 0), ("heads.a", "Linear", 0), ("first", "Linear", 0)]
    assert [p.name for p in model.parameters()] == NAMES
    y.sum()
    assert y.sum().node.scope is None


def test_calls_of_one_module_are_counted():
    class Twice(nn.Module):
        def __init__(self):
            self.inner = nn.Sequential(nn.ReLU())

        def forward(self, x):
            return self.inner(self.inner(x))

    y = Twice()(tensor([1.0], requires_grad=True))
    assert scopes(y) == [("inner.0", "ReLU", 1), ("inner.0", "ReLU", 0)]
    assert y.node.scope.parent.path == "inner"
    assert y.node.scope.parent.call == 1
    assert repr(y.node.scope) == "inner.0#1"


def test_names_follow_when_the_structure_changes():
    model = mlp()
    x = np.ones((1, 4), np.float32)
    assert [path for path, *_ in scopes(model(x))] == ["2", "1", "0"]
    model.insert(0, nn.Linear(4, 4))
    assert [path for path, *_ in scopes(model(x))] == ["3", "2", "1", "0"]
    model[3] = nn.Linear(6, 2)
    model(x)
    assert model[3].weight.name == "3.weight"
    layers = nn.Module()
    layers.kept = [model]
    layers.forward = lambda x: layers.kept[0](x)
    assert [path for path, *_ in scopes(layers(x))] == ["kept.0.3", "kept.0.2", "kept.0.1", "kept.0.0"]
    assert model[3].weight.name == "kept.0.3.weight"
    assert [path for path, *_ in scopes(model(x))] == ["3", "2", "1", "0"]  # called as a root again


def test_a_shared_module_is_named_by_its_caller():
    class Outer(nn.Module):
        def __init__(self):
            shared = nn.ReLU()
            self.a, self.b = nn.Sequential(nn.Tanh(), shared), nn.Sequential(shared)
            self.deep = nn.Sequential(nn.Sequential(nn.Sigmoid()))

        def forward(self, x):
            x = self.b(self.a(x))
            x = self.deep[0][0](x)  # past two calls
            return nn.ReLU()(x)  # made on the spot

    for _ in range(2):
        y = Outer()(tensor([1.0], requires_grad=True))
        assert [path for path, *_ in scopes(y)] == ["ReLU", "deep.0.0", "b.0", "a.1", "a.0"]


def test_a_name_the_user_gave_stays():
    model = nn.Sequential(nn.Linear(1, 1))
    model[0].bias = nn.Parameter([0.0], name="offset")
    model(np.ones(1))
    assert [p.name for p in model.parameters()] == ["0.weight", "offset"]


def test_the_scope_is_left_when_forward_fails():
    model = mlp()
    with pytest.raises(ValueError, match="at '0' takes 4"):
        model(np.ones((1, 5)))
    assert autograd.node.get_mode().scope is None


def test_a_tape_keeps_no_model_alive():
    gc.disable()
    try:
        model = mlp()
        y = model(np.ones((1, 4), np.float32)).sum()
        y.backward()
        alive = weakref.ref(model)
        del model
        assert alive() is None
    finally:
        gc.enable()


# ---- in words -----------------------------------------------------------------------------------------------------


def test_repr():
    model = Odd()
    model.first.requires_grad_(False)
    assert repr(model) == """Odd(
  (first): Linear(in_features=2, out_features=3, bias=True)  # 9 (frozen)
  (heads.a): Linear(in_features=3, out_features=1, bias=True)  # 4
  (heads.b.0): Linear(in_features=3, out_features=1, bias=True)  # 4
  (heads.b.1): ReLU()
)  # 19 parameters"""
    assert repr(nn.ReLU()) == "ReLU()"
    assert repr(nn.Sequential(nn.Sequential(nn.ReLU()))) == "Sequential(\n  (0): Sequential(\n    (0): ReLU()\n  )\n)"
