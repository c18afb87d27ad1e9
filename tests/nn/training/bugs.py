"""What goes wrong in training scripts?

One mistake each. Each function returns what the doctor is given: model, loss, optimiser, batch; the decorator says what is to be found, and
where.
"""

import collections
import functools

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.models import MLP
from tests.nn.training.healthy import CLASSES, classes, mlp, normal, sgd

F = nn.functional

BUGS = []


def bug(kind, place):
    def register(function):
        BUGS.append(pytest.param(function, kind, place, id=function.__name__))
        return function
    return register


class Net(nn.Module):
    """A small classifier with a place to go wrong."""

    def __init__(self, **more):
        self.first, self.last = nn.Linear(20, 30, rng=0), nn.Linear(30, 5, rng=1)
        for name, value in more.items():
            setattr(self, name, value)

    def forward(self, x):
        return self.last(F.relu(self.first(x)))


def usual(model, batch=CLASSES, loss=None, lr=0.1):
    return model, loss or nn.CrossEntropyLoss(), sgd(model, lr), batch


@bug("hidden", "blocks{}")
def modules_in_a_set():
    class Hidden(Net):
        def forward(self, x):
            for block in self.blocks:
                x = x + block(x)
            return super().forward(x)

    return usual(Hidden(blocks={nn.Linear(20, 20, rng=2), nn.Linear(20, 20, rng=3)}))


class Holder:
    """An object that is no Module."""

    def __init__(self, layer):
        self.layer = layer


@bug("hidden", "extra.layer")
def module_in_an_object():
    class Hidden(Net):
        def forward(self, x):
            return super().forward(self.extra.layer(x))

    return usual(Hidden(extra=Holder(nn.Linear(20, 20, rng=2))))


@bug("hidden", "branch.layer")
def module_in_a_closure():
    layer = nn.Linear(20, 20, rng=2)

    class Hidden(Net):
        def forward(self, x):
            return super().forward(self.branch(x))

    return usual(Hidden(branch=lambda x: x + layer(x)))


@bug("hidden", "branch.func")
def module_in_a_partial():
    class Hidden(Net):
        def forward(self, x):
            return super().forward(self.branch(x))

    return usual(Hidden(branch=functools.partial(nn.Linear(20, 20, rng=2))))


@bug("not in optimizer", "last")
def a_layer_replaced_after_the_optimiser_was_made():
    model = Net()
    optimizer = sgd(model)
    model.last = nn.Linear(30, 5, rng=2)
    return model, nn.CrossEntropyLoss(), optimizer, CLASSES


@bug("foreign parameter", "optimizer")
def the_old_layer_is_still_in_the_optimiser():
    return a_layer_replaced_after_the_optimiser_was_made()


@bug("not in optimizer", "first.bias")
def biases_left_out_of_the_optimiser():
    model = Net()
    return model, nn.CrossEntropyLoss(), optim.SGD([p for p in model.parameters() if p.ndim > 1], lr=0.1), CLASSES


@bug("twice in optimizer", "last.bias")
def a_parameter_in_two_groups():
    model = Net()
    optimizer = sgd(model)
    optimizer.param_groups.append({**optimizer.param_groups[0], "params": [model.last.bias], "lr": 0.01})
    return model, nn.CrossEntropyLoss(), optimizer, CLASSES


@bug("twice in optimizer", "first.weight")
def a_parameter_in_two_optimisers():
    model = Net()
    return model, nn.CrossEntropyLoss(), [sgd(model), optim.Adam([model.first.weight])], CLASSES


@bug("frozen in optimizer", "first")
def a_frozen_layer_in_the_optimiser():
    model = Net()
    optimizer = sgd(model)
    model.first.requires_grad_(False)
    return model, nn.CrossEntropyLoss(), optimizer, CLASSES


@bug("no gradient", "side")
def a_layer_that_forward_does_not_use():
    return usual(Net(side=nn.Linear(20, 20, rng=2)))


@bug("no gradient", "first")
def detached_on_the_way():
    class Cut(Net):
        def forward(self, x):
            return self.last(F.relu(self.first(x)).detach())

    return usual(Cut())


@bug("detached", "loss")
def a_loss_taken_out_of_the_tape():
    return usual(Net(), loss=lambda y, t: F.cross_entropy(y.detach(), t))


@bug("detached", "loss")
def a_loss_that_is_a_number():
    return usual(Net(), loss=lambda y, t: F.cross_entropy(y, t).item())


@bug("dead units", "1")
def dead_rectifiers():
    model = mlp(20, 30, 5)
    nn.init.constant_(model[0].bias, -50.0)
    return usual(model)


@bug("saturated", "1")
def saturated_tanh():
    model = mlp(20, 50, 50, 5, activation=nn.Tanh)
    nn.init.normal_(model[0].weight, 0, 3.0, rng=0)
    return usual(model, lr=1e-3)


@bug("saturated", "3")
def saturated_sigmoid():
    model = mlp(20, 50, 50, 5, activation=nn.Sigmoid)
    nn.init.normal_(model[2].weight, 0, 5.0, rng=0)
    return usual(model, lr=1e-3)


@bug("softmax twice", "loss")
def softmax_before_cross_entropy():
    return usual(nn.Sequential(*mlp(20, 30, 5), nn.Softmax()))


@bug("softmax twice", "loss")
def log_softmax_before_cross_entropy():
    return usual(nn.Sequential(*mlp(20, 30, 5), nn.LogSoftmax()))


@bug("sigmoid twice", "loss")
def sigmoid_before_a_loss_of_scores():
    model = nn.Sequential(*mlp(20, 30, 1), nn.Sigmoid())
    t = (CLASSES[1] > 2).astype(np.float32)
    return usual(model, (CLASSES[0], t), lambda y, t: F.binary_cross_entropy_with_logits(y.reshape(-1), t))


@bug("softmax axis", "3")
def softmax_over_the_batch():
    return usual(nn.Sequential(*mlp(20, 30, 5), nn.LogSoftmax(0)), loss=nn.NLLLoss())


@bug("no log", "loss")
def nll_of_probabilities():
    return usual(nn.Sequential(*mlp(20, 30, 5), nn.Softmax()), loss=nn.NLLLoss())


@bug("no log", "loss")
def nll_of_scores():
    return usual(Net(), loss=nn.NLLLoss())


@bug("relu before loss", "3")
def rectified_scores():
    return usual(nn.Sequential(*mlp(20, 30, 5), nn.ReLU()))


@bug("broadcasting", "loss")
def silent_broadcasting_by_hand():
    return usual(mlp(20, 30, 1), (CLASSES[0], normal(32)), lambda y, t: ((y - t) ** 2).mean())


@bug("broadcasting", "loss")
def column_against_row():
    return usual(mlp(20, 30, 1), (CLASSES[0], normal(32)), nn.MSELoss())


@bug("targets", "targets")
def a_target_too_few():
    return usual(Net(), (CLASSES[0], CLASSES[1][:-1]))


@bug("targets", "targets")
def classes_from_one():
    return usual(Net(), (CLASSES[0], np.r_[CLASSES[1][1:], 4] + 1))


@bug("targets", "targets")
def classes_as_real_numbers():
    return usual(Net(), (CLASSES[0], CLASSES[1].astype(np.float32)))


@bug("targets", "targets")
def signs_for_a_binary_cross_entropy():
    return usual(mlp(20, 30, 1), (CLASSES[0], np.where(CLASSES[1] > 2, 1, -1).astype(np.float32)[:, None]), nn.BCEWithLogitsLoss())


@bug("one class", "loss")
def cross_entropy_of_one_output():
    return usual(mlp(20, 30, 1), (CLASSES[0], 0 * CLASSES[1]))


@bug("not normalised", "inputs")
def pixels_from_0_to_255():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, rng=0), nn.ReLU(), nn.GlobalAvgPool(), nn.Linear(8, 5, rng=1))
    return usual(model, (np.random.default_rng(0).integers(0, 256, (16, 3, 8, 8)).astype(np.float32), classes(16, 5)), lr=1e-4)


@bug("not normalised", "inputs")
def one_feature_in_metres_one_in_millimetres():
    return usual(Net(), (CLASSES[0] * np.r_[np.ones(19), 1000].astype(np.float32), CLASSES[1]), lr=1e-4)


@bug("integer inputs", "inputs")
def raw_bytes():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, rng=0), nn.ReLU(), nn.GlobalAvgPool(), nn.Linear(8, 5, rng=1))
    return usual(model, (np.random.default_rng(0).integers(0, 2, (16, 3, 8, 8)).astype(np.uint8), classes(16, 5)))


@bug("constant inputs", "inputs")
def a_reader_that_returns_zeros():
    return usual(Net(), (0 * CLASSES[0], CLASSES[1]))


@bug("constant targets", "targets")
def sorted_data_without_shuffling():
    return usual(Net(), (CLASSES[0], np.full(32, 3)))


@bug("duplicate samples", "inputs")
def the_same_sample_again_and_again():
    return usual(Net(), (CLASSES[0][np.arange(32) // 4], CLASSES[1]))


@bug("not finite", "inputs")
def a_hole_in_the_data():
    x = CLASSES[0].copy()
    x[7, 3] = np.nan
    return usual(Net(), (x, CLASSES[1]))


@bug("not finite", "last.weight")
def a_model_that_has_diverged_already():
    model = Net()
    nn.init.constant_(model.last.weight, np.nan)
    return usual(model)


@bug("loss not finite", "loss")
def logarithm_of_zero():
    return usual(nn.Sequential(*mlp(20, 30, 5), nn.Softmax()),
                 loss=lambda p, t: -autograd.ops.log(p[np.arange(len(t)), t] * 0).mean())


@bug("detached", "loss")
def a_loss_without_return():
    return usual(Net(), loss=lambda y, t: None)


@bug("not scalar", "loss")
def a_complex_loss():
    return usual(Net(), loss=lambda y, t: (y * 1j).mean())


@bug("not in optimizer", "model")
def the_optimiser_of_another_model():
    return Net(), nn.CrossEntropyLoss(), sgd(Net()), CLASSES


@bug("not scalar", "loss")
def a_loss_for_each_sample():
    return usual(Net(), loss=nn.CrossEntropyLoss(reduction="none"))


@bug("moving norm", "0.1")
def frozen_weights_under_moving_statistics():
    body = nn.Sequential(nn.Linear(20, 16, bias=False, rng=0), nn.BatchNorm1d(16), nn.ReLU())
    model = nn.Sequential(body, nn.Linear(16, 5, rng=1))
    body.requires_grad_(False)
    return model, nn.CrossEntropyLoss(), optim.SGD(model[1].parameters(), lr=0.1), CLASSES


@bug("batch of one", "1")
def batch_normalisation_of_one_sample():
    model = nn.Sequential(nn.Linear(20, 16, bias=False, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 5, rng=1))
    return usual(model, (CLASSES[0][:1], CLASSES[1][:1]))


@bug("mode", "model")
def trained_in_evaluation_mode():
    return usual(MLP([20, 30, 5], dropout=0.5, rng=0).eval())


@bug("mode", "2")
def a_dropout_put_in_after_train():
    model = MLP([20, 30, 5], dropout=0.5, rng=0)
    model[2].eval()
    return usual(model)


@bug("mode", "2")
def a_dropout_that_is_on_in_use():
    model = MLP([20, 30, 5], dropout=0.5, rng=0).eval()
    model[2].train()
    return usual(model)


@bug("vanishing gradient", "0.weight")
def twelve_sigmoid_layers():
    return usual(mlp(20, *[30] * 12, 5, activation=nn.Sigmoid))


@bug("exploding gradient", "18.weight")
def ten_layers_of_weights_of_one():
    model = mlp(20, *[50] * 9, 5)
    for p in model.parameters():
        if p.ndim > 1:
            nn.init.normal_(p, 0, 1, rng=1)
    return usual(model, lr=1e-12)


@bug("initial loss", "loss")
def a_last_layer_that_is_sure_of_itself():
    model = Net()
    nn.init.normal_(model.last.weight, 0, 10.0, rng=0)
    return usual(model, lr=1e-3)


@bug("symmetric units", "first.weight")
def all_weights_alike():
    model = Net()
    for layer in (model.first, model.last):
        nn.init.constant_(layer.weight, 0.01)
    return usual(model)


@bug("symmetric units", "first.weight")
def all_weights_zero():
    model = Net()
    for layer in (model.first, model.last):
        nn.init.zeros_(layer.weight)
    return usual(model)


@bug("learning rate", "optimizer")
def a_learning_rate_of_a_thousand():
    return usual(Net(), lr=1000.0)


@bug("learning rate", "optimizer")
def a_learning_rate_of_nothing():
    return usual(Net(), lr=1e-12)


@bug("gradient not finite", "first.bias")
def a_norm_at_zero():
    model = Net()
    nn.init.zeros_(model.first.bias)

    def loss(y, t):
        return F.cross_entropy(y, t) + 0.01 * autograd.ops.sqrt((model.first.bias ** 2).sum())

    return usual(model, loss=loss)


@bug("useless bias", "0.bias")
def a_bias_before_batch_normalisation():
    return usual(nn.Sequential(nn.Linear(20, 16, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 5, rng=1)))


@bug("useless bias", "0.bias")
def a_bias_of_a_convolution_before_batch_normalisation():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, rng=0), nn.BatchNorm2d(8), nn.ReLU(), nn.GlobalAvgPool(), nn.Linear(8, 5, rng=1))
    return usual(model, (normal(16, 3, 8, 8), classes(16, 5)))


@bug("lazy", "0")
def a_layer_without_a_size():
    return usual(nn.Sequential(nn.LazyLinear(5)))


@bug("error", "model")
def layers_that_do_not_fit():
    return usual(nn.Sequential(nn.Linear(20, 30, rng=0), nn.Linear(31, 5, rng=1)))


@bug("hidden", "parts['body'].layer")
def module_in_a_dict_of_objects():
    class Hidden(Net):
        def forward(self, x):
            return super().forward(self.parts["body"].layer(x))

    return usual(Hidden(parts={"body": Holder(nn.Linear(20, 20, rng=2))}))


@bug("hidden", "queue{}")
def modules_in_a_deque():
    class Hidden(Net):
        def forward(self, x):
            return super().forward(self.queue[0](x))

    return usual(Hidden(queue=collections.deque([nn.Linear(20, 20, rng=2)])))


OUTSIDE = nn.Linear(20, 20, rng=2)


@bug("hidden", "Hidden.forward.OUTSIDE")
def module_of_the_file():
    class Hidden(Net):
        def forward(self, x):
            return nn.functional.relu(self.last(F.relu(self.first(OUTSIDE(x)))) + 9) - 9

    return usual(Hidden())
