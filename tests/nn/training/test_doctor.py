"""Does the doctor find what is wrong, and nothing where nothing is?"""

import functools

import numpy as np
import pytest

import autograd
import nn
import optim
from nn.models import MLP, CharTransformer, Inception, LeNet5, resnet20
from nn.training import doctor
from nn.training.doctor import KINDS

F = nn.functional


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def classes(n, c, seed=1):
    return np.random.default_rng(seed).integers(0, c, n)


def sgd(model, lr=0.1, **settings):
    return optim.SGD(model.parameters(), lr=lr, **settings)


def mlp(*sizes, activation=nn.ReLU, rng=0):
    return MLP(list(sizes), activation, rng=np.random.default_rng(rng))


CLASSES = (normal(32, 20), classes(32, 5))

# ---- thirty healthy scripts -------------------------------------------------------------------------------------------
# Each returns what the doctor is given: model, loss, optimiser, batch.

CLEAN = []


def clean(function):
    CLEAN.append(function)
    return function


@clean
def linear_softmax():
    model = nn.Linear(20, 5, rng=0)
    nn.init.zeros_(model.weight)  # a convex problem may start at 0
    return model, nn.CrossEntropyLoss(), sgd(model, 1.0), CLASSES


@clean
def two_layers_of_the_course():
    model = mlp(2, 100, 3)
    for p in model.parameters():
        if p.ndim > 1:
            nn.init.normal_(p, 0, 0.01, rng=1)
    x, t = nn.data.spiral(rng=0)
    return model, nn.CrossEntropyLoss(), sgd(model, 1.0), (x, t)


@clean
def deep_mlp():
    model = mlp(20, 64, 64, 64, 64, 64, 5)
    return model, nn.CrossEntropyLoss(label_smoothing=0.1), optim.AdamW(model.parameters(), lr=1e-3), CLASSES


@clean
def tanh_mlp_with_dropout():
    model = MLP([20, 50, 50, 5], nn.Tanh, dropout=0.5, rng=0)
    return model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=1e-3), CLASSES


@clean
def lenet():
    model = LeNet5(rng=0)
    return model, nn.CrossEntropyLoss(), sgd(model, 0.01, momentum=0.9), (normal(8, 1, 32, 32), classes(8, 10))


@clean
def cifar_resnet():
    model = resnet20(rng=0)
    return model, nn.CrossEntropyLoss(), sgd(model, 0.1, momentum=0.9, weight_decay=1e-4), (normal(4, 3, 16, 16), classes(4, 10))


@clean
def small_vgg():
    layers = []
    for a, b in ((3, 8), (8, 16)):
        layers += [nn.Conv2d(a, b, 3, padding=1, rng=a), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1, rng=b), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(256, 32, rng=1), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10, rng=2))
    return model, nn.CrossEntropyLoss(), sgd(model, 0.01, momentum=0.9), (normal(16, 3, 16, 16), classes(16, 10))


@clean
def inception_block():
    model = nn.Sequential(Inception(8, 8, 8, 12, 4, 6, 6), nn.GlobalAvgPool(), nn.Linear(32, 5, rng=0))
    return model, nn.CrossEntropyLoss(), sgd(model), (normal(8, 8, 8, 8), classes(8, 5))


class WithAux(nn.Module):
    def __init__(self):
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False, rng=0), nn.BatchNorm2d(8), nn.ReLU())
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False, rng=1), nn.BatchNorm2d(8), nn.ReLU())
        self.aux = nn.Sequential(nn.GlobalAvgPool(), nn.Linear(8, 5, rng=2))
        self.head = nn.Sequential(nn.GlobalAvgPool(), nn.Dropout(0.2, rng=3), nn.Linear(8, 5, rng=4))

    def forward(self, x):
        x = self.stem(x)
        return self.head(self.body(x)), self.aux(x)


@clean
def googlenet_like():
    model = WithAux()

    def loss(outputs, t):
        return F.cross_entropy(outputs[0], t) + 0.3 * F.cross_entropy(outputs[1], t)

    return model, loss, sgd(model), (normal(8, 3, 12, 12), classes(8, 5))


class Last(nn.Module):
    """A recurrent network, whose last output is classified."""

    def __init__(self, rnn):
        self.rnn, self.head = rnn, nn.Linear(16, 5, rng=0)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


@clean
def lstm():
    model = Last(nn.LSTM(6, 16, batch_first=True, rng=0))
    return model, nn.CrossEntropyLoss(), optim.Adam(model.parameters(), lr=1e-3), (normal(8, 7, 6), classes(8, 5))


@clean
def gru():
    model = Last(nn.GRU(6, 16, num_layers=2, dropout=0.2, batch_first=True, rng=0))
    return model, nn.CrossEntropyLoss(), optim.RMSprop(model.parameters(), lr=1e-3), (normal(8, 7, 6), classes(8, 5))


@clean
def plain_rnn():
    model = Last(nn.RNN(6, 16, batch_first=True, rng=0))
    return model, nn.MultiMarginLoss(), optim.Adagrad(model.parameters(), lr=1e-2), (normal(8, 7, 6), classes(8, 5))


@clean
def language_model():
    model = CharTransformer(27, context=16, d_model=32, nhead=4, num_layers=2, rng=0)
    text = np.random.default_rng(0).integers(0, 27, (4, 17))

    def loss(scores, following):
        return F.cross_entropy(scores.reshape((-1, 27)), following.reshape(-1))

    return model, loss, optim.AdamW(model.parameters(), lr=3e-4), (text[:, :-1], text[:, 1:])


@clean
def transformer_encoder():
    layer = nn.TransformerEncoderLayer(16, 4, 32, 0.1, batch_first=True)
    model = nn.Sequential(nn.TransformerEncoder(layer, 2), nn.Flatten(), nn.Linear(96, 5, rng=0))
    return model, nn.CrossEntropyLoss(), optim.AdamW(model.parameters(), lr=1e-3), (normal(8, 6, 16), classes(8, 5))


class Words(nn.Module):
    def __init__(self):
        self.words, self.head = nn.Embedding(1000, 16, rng=0), nn.Linear(16, 1, rng=1)

    def forward(self, x):
        return self.head(self.words(x).mean(1)).reshape(-1)


@clean
def bag_of_words_yes_or_no():
    model, t = Words(), classes(16, 2).astype(np.float32)
    return model, nn.BCEWithLogitsLoss(), optim.Adam(model.parameters(), lr=1e-2), (classes((16, 9), 1000), t)


@clean
def factorisation():
    class Ratings(nn.Module):
        def __init__(self):
            self.users, self.items = nn.Embedding(50, 8, rng=0), nn.Embedding(70, 8, rng=1)

        def forward(self, user, item):
            return (self.users(user) * self.items(item)).sum(1)

    model = Ratings()
    return model, nn.MSELoss(), sgd(model), ((classes(32, 50), classes(32, 70)), normal(32))


@clean
def autoencoder():
    model = nn.Sequential(nn.Linear(64, 16, rng=0), nn.ReLU(), nn.Linear(16, 64, rng=1), nn.Sigmoid())
    x = np.random.default_rng(0).random((16, 64)).astype(np.float32)
    return model, nn.MSELoss(), optim.Adam(model.parameters(), lr=1e-3), (x, x)


@clean
def variational_autoencoder():
    class VAE(nn.Module):
        def __init__(self):
            self.encoder, self.decoder = nn.Linear(30, 8, rng=0), nn.Linear(4, 30, rng=1)

        def forward(self, x):
            mean, log_var = autograd.ops.split(self.encoder(x), 2, 1)
            noise = autograd.random.generator().standard_normal(mean.shape).astype(np.float32)
            return self.decoder(mean + noise * (0.5 * log_var).exp()), mean, log_var

    def loss(outputs, x):
        y, mean, log_var = outputs
        kl = -0.5 * (1 + log_var - mean * mean - log_var.exp()).sum(1)
        return F.binary_cross_entropy_with_logits(y, x, reduction="sum") / len(x) + kl.mean()

    model, x = VAE(), (np.random.default_rng(0).random((16, 30)) < 0.3).astype(np.float32)
    return model, loss, optim.Adam(model.parameters(), lr=1e-3), (x, x)


@clean
def regression():
    x = normal(64, 8)
    model = mlp(8, 32, 1)
    return model, nn.MSELoss(), optim.Adam(model.parameters(), lr=1e-2), (x, x.sum(1, keepdims=True) + 3)


@clean
def regression_by_hand():
    x = np.linspace(-3, 3, 40, dtype=np.float32)[:, None]
    model = mlp(1, 32, 1, activation=nn.Tanh)
    return model, lambda y, t: ((y - t) ** 2).mean(), sgd(model), (x, np.sin(x))


@clean
def hinge_by_hand_with_a_penalty():
    model, penalty = mlp(20, 30, 5), nn.regularizer.L2(1e-4)

    def loss(scores, t):
        rows = np.arange(len(t))
        margins = F.relu(scores - scores[rows, t].reshape((-1, 1)) + 1)
        return margins.sum() / len(t) - 1 + penalty(model)

    return model, loss, sgd(model, 0.01), CLASSES


@clean
def yes_or_no_by_probabilities():
    model = nn.Sequential(nn.Linear(20, 30, rng=0), nn.ReLU(), nn.Linear(30, 1, rng=1), nn.Sigmoid())
    return model, nn.BCELoss(), sgd(model), (CLASSES[0], (CLASSES[1] > 2).astype(np.float32)[:, None])


@clean
def tied_weights():
    class Tied(nn.Module):
        def __init__(self):
            self.words, self.body = nn.Embedding(30, 16, rng=0), nn.Linear(16, 16, rng=1)
            self.head = nn.Linear(16, 30, bias=False, rng=2)
            self.head.weight = self.words.weight

        def forward(self, x):
            return self.head(self.body(self.words(x)).tanh() * 0.1)

    model = Tied()
    return model, nn.CrossEntropyLoss(), sgd(model), (classes(16, 30), classes(16, 30, 2))


@clean
def new_head_on_a_frozen_body():
    body = nn.Sequential(nn.Conv2d(3, 8, 3, rng=0), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.3), nn.GlobalAvgPool())
    model = nn.Sequential(body, nn.Linear(8, 4, rng=1)).train()
    nn.freeze(body)
    return model, nn.CrossEntropyLoss(), optim.SGD(model[1].parameters(), lr=0.1), (normal(8, 3, 8, 8), classes(8, 4))


@clean
def frozen_body_by_hand():
    body = nn.Sequential(nn.Linear(20, 16, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5))
    model = nn.Sequential(body, nn.Linear(16, 5, rng=1)).train()
    body.requires_grad_(False).eval()
    return model, nn.CrossEntropyLoss(), optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1), CLASSES


@clean
def generator_of_a_gan():
    make, judge = mlp(8, 32, 20), mlp(20, 32, 1, rng=1)
    return make, lambda fake, real: F.binary_cross_entropy_with_logits(judge(fake), real), optim.Adam(make.parameters(), lr=2e-4), (
        normal(16, 8), np.ones((16, 1), np.float32))


@clean
def critic_of_a_gan():
    make, judge = mlp(8, 32, 20), mlp(20, 32, 1, rng=1)

    def loss(scores, t):
        fake = judge(make(normal(16, 8, seed=3)).detach())
        return F.binary_cross_entropy_with_logits(scores, t) + F.binary_cross_entropy_with_logits(fake, 0 * t)

    return judge, loss, optim.Adam(judge.parameters(), lr=2e-4), (normal(16, 20), np.ones((16, 1), np.float32))


@clean
def in_the_middle_of_accumulating():
    model = mlp(20, 30, 5)
    for seed in range(3):
        F.cross_entropy(model(normal(8, 20, seed=seed)), classes(8, 5)).backward()
    return model, lambda y, t: F.cross_entropy(y, t) / 4, sgd(model), CLASSES


@clean
def two_optimisers():
    model = mlp(20, 30, 5)
    decayed, rest = ([p for p in model.parameters() if (p.ndim > 1) is big] for big in (True, False))
    return model, nn.CrossEntropyLoss(), [optim.Adam(decayed, lr=1e-3, weight_decay=1e-2), optim.Adam(rest, lr=1e-3)], CLASSES


@clean
def contrast_of_pairs():
    model = mlp(20, 30, 8)

    def loss(z, t):
        squares = (z * z).sum(1)
        distances = squares.reshape((-1, 1)) + squares - 2 * (z @ z.T)
        same = (t[:, None] == t).astype(np.float32)
        return (same * distances + (1 - same) * F.relu(1 - distances)).mean()

    return model, loss, sgd(model, 0.01), CLASSES


@clean
def raw_pixels_that_the_model_normalises():
    class Scaled(nn.Module):
        def __init__(self):
            self.net = nn.Sequential(nn.Flatten(), mlp(64, 30, 10))

        def forward(self, x):
            return self.net((x - 127.5) / 60)

    model, x = Scaled(), np.random.default_rng(0).integers(0, 256, (16, 1, 8, 8)).astype(np.float32)
    return model, nn.CrossEntropyLoss(), sgd(model), (x, classes(16, 10))


@clean
def segmentation_with_warm_up():
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, rng=0), nn.GroupNorm(2, 8), nn.SiLU(), nn.Conv2d(8, 4, 1, rng=1))
    optimizer = sgd(model, 0.1, momentum=0.9)
    optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-6, total_iters=10)
    t = classes((4, 8, 8), 4)
    t[0] = -100  # not labelled
    return model, nn.CrossEntropyLoss(ignore_index=-100), optimizer, (normal(4, 3, 8, 8), t)


@clean
def residual_branch_that_starts_at_zero():
    class Block(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(20, 20, rng=0), nn.Linear(20, 20, rng=1)
            nn.init.zeros_(self.b.weight)

        def forward(self, x):
            return x + self.b(F.relu(self.a(x)))

    model = nn.Sequential(Block(), Block(), nn.Linear(20, 5, rng=2))
    return model, nn.CrossEntropyLoss(), sgd(model), CLASSES


@clean
def trained_to_the_end():
    model, optimizer = mlp(20, 64, 5), None
    optimizer = optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(model(CLASSES[0]), CLASSES[1]).backward()
        optimizer.step()
    return model, nn.CrossEntropyLoss(), optimizer, CLASSES


@pytest.mark.parametrize("script", CLEAN, ids=lambda f: f.__name__)
def test_nothing_is_found_in_a_healthy_script(script):
    autograd.random.seed(0)
    diagnosis = doctor(*script())
    assert not list(diagnosis), diagnosis
    assert diagnosis.healthy
    assert "nothing is wrong" in repr(diagnosis)
    assert np.isfinite(diagnosis.numbers["loss"])


# ---- seeded bugs ------------------------------------------------------------------------------------------------------
# Each returns the same, and says what is to be found, and where.

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


@pytest.mark.parametrize("script, kind, place", BUGS)
def test_a_seeded_bug_is_found(script, kind, place):
    autograd.random.seed(0)
    diagnosis = doctor(*script())
    assert place in [finding.place for finding in diagnosis.of(kind)], diagnosis
    assert set(diagnosis.kinds) <= set(KINDS)
    text = repr(diagnosis)
    assert all(finding.mend and finding.text[-1] in ".?" and f"{finding.kind}, at {finding.place}" in text for finding in diagnosis)


# ---- what a single look cannot tell -------------------------------------------------------------------------------------


def loop(model, optimizer, forget=False, backward=True):
    def step():
        if not forget:
            optimizer.zero_grad()
        loss = F.cross_entropy(model(CLASSES[0]), CLASSES[1])
        if backward:
            loss.backward()
        optimizer.step()
    return step


@pytest.mark.parametrize("forget", [False, True])
def test_forgotten_zero_grad_shows_at_the_second_visit(forget):
    model = Net()
    optimizer = sgd(model, 0.01)
    step, found = loop(model, optimizer, forget), []
    for _ in range(4):
        step()
        found.append(doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES).kinds)
    assert found[0] == []
    assert found[1:] == ([["forgotten zero_grad"]] * 3 if forget else [[]] * 3)


def test_accumulating_is_not_forgetting():
    model = Net()
    optimizer = sgd(model, 0.01)
    for number in range(6):
        F.cross_entropy(model(CLASSES[0]), CLASSES[1]).backward()
        assert not list(doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES))
        if number % 3 == 2:
            optimizer.step()
            optimizer.zero_grad()


def test_the_training_step_itself_is_tried():
    model = MLP([20, 30, 5], dropout=0.5, rng=0)
    for make in (lambda: sgd(model, 0.1, momentum=0.9), lambda: optim.Adam(model.parameters())):
        optimizer = make()
        loop(model, optimizer)()
        before = snapshot(model, optimizer)
        assert doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, step=loop(model, optimizer)).kinds == []
        assert doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, step=loop(model, optimizer, True)).kinds == ["forgotten zero_grad"]
        assert doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, step=loop(model, optimizer, False, False)).kinds == ["no step"]
        assert same(before, snapshot(model, optimizer))


# ---- nothing is changed -------------------------------------------------------------------------------------------------


def snapshot(model, optimizer):
    return {"values": {name: value.copy() for name, value in model.state_dict().items()},
            "grads": {name: None if p.grad is None else p.grad.numpy().copy() for name, p in model.named_parameters()},
            "modes": [m.training for m in model.modules()], "optimizer": optimizer.state_dict(),
            "random": (autograd.random.get_state(), np.random.get_state()[1].tolist()),
            "rngs": [m.rng.bit_generator.state for m in model.modules() if getattr(m, "rng", None) is not None],
            "attributes": [sorted(vars(m)) for m in model.modules()],
            "hooks": [len(m._hooks) for m in model.modules()]}


def same(a, b):
    if isinstance(a, dict):
        return set(a) == set(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b


@pytest.mark.parametrize("make", [lambda p: optim.SGD(p, lr=0.1, momentum=0.9), lambda p: optim.Adam(p), lambda p: optim.LBFGS(p)])
def test_nothing_is_changed(make):
    class Counting(nn.Module):
        def __init__(self):
            self.body = nn.Sequential(nn.Linear(20, 16, bias=False, rng=0), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5),
                                      nn.Dropout(0.2, rng=np.random.default_rng(3)))
            self.head, self.calls = nn.Linear(16, 5, rng=1), 0

        def forward(self, x):
            self.calls += 1
            self.last = self.body(x) + np.float32(np.random.rand())
            return self.head(self.last)

    model = Counting()
    model.head.register_forward_hook(lambda *_: None)
    optimizer = make(model.parameters())
    autograd.random.seed(5)
    for _ in range(2):
        def closure():
            optimizer.zero_grad()
            loss = F.cross_entropy(model(CLASSES[0]), CLASSES[1])
            loss.backward()
            return loss
        optimizer.step(closure)
    before, calls, arrays = snapshot(model, optimizer), model.calls, [p.data for p in model.parameters()]
    nodes = [p.node for p in model.parameters()]
    doctor(model, nn.CrossEntropyLoss(), optimizer, CLASSES, steps=3)
    assert same(before, snapshot(model, optimizer))
    assert model.calls == calls
    assert all(np.shares_memory(p.data, a) for p, a in zip(model.parameters(), arrays))
    assert all(p.node is node for p, node in zip(model.parameters(), nodes))
    names = [p.name for p in model.parameters()]
    fresh = Counting()
    doctor(fresh, nn.CrossEntropyLoss(), sgd(fresh), (CLASSES[0][:, :7], CLASSES[1]))  # fails in the middle
    assert names[0] == "body.0.weight"
    assert [p.grad for p in fresh.parameters()] == [None] * 5
    assert fresh.calls == 0


def test_two_looks_say_the_same():
    model = MLP([20, 30, 5], dropout=0.5, rng=0)
    looks = [doctor(model, nn.CrossEntropyLoss(), sgd(model), CLASSES, steps=2) for _ in range(2)]
    assert looks[0].numbers == looks[1].numbers
    assert set(looks[0].numbers) == {"loss", "loss after 2 updates", "update / weight"}


def test_the_numbers_are_those_of_a_step():
    model = Net()
    numbers = doctor(model, nn.CrossEntropyLoss(), sgd(model, 0.5), CLASSES).numbers
    before = [p.data for p in (model.first.weight, model.last.weight)]
    loss = F.cross_entropy(model(CLASSES[0]), CLASSES[1])
    loss.backward()
    sgd(model, 0.5).step()
    ratios = [np.linalg.norm(p.data - b) / np.linalg.norm(b) for p, b in zip((model.first.weight, model.last.weight), before)]
    assert numbers["loss"] == pytest.approx(loss.item())
    assert numbers["update / weight"] == pytest.approx(np.median(ratios), rel=1e-4)
    assert numbers["loss after 1 update"] == pytest.approx(F.cross_entropy(model(CLASSES[0]), CLASSES[1]).item(), rel=1e-5)


def test_the_report():
    text = repr(doctor(*softmax_before_cross_entropy()))
    assert text.startswith("Sequential, CrossEntropyLoss, SGD: 1 finding\n  loss 1.6")
    assert ("\n1. softmax twice, at loss\n   CrossEntropyLoss takes scores and applies log-softmax itself, but is given probabilities. It "
            "squeezes all") in text
    assert "\n   Mend: leave the softmax out of the model." in text
    assert doctor(*a_bias_before_batch_normalisation()).healthy
    assert not doctor(*softmax_before_cross_entropy()).healthy
    assert "first.weight, first.bias get no gradient. No gradient reaches first.weight: the result of relu" in repr(
        doctor(*detached_on_the_way())).replace("\n   ", " ")
    assert "is never used" in repr(doctor(*a_layer_that_forward_does_not_use()))


def test_bad_arguments():
    model = Net()
    for args, message in (((1, nn.MSELoss(), None, CLASSES), "takes a Module"), ((model, 3, None, CLASSES), "takes a loss"),
                          ((model, nn.MSELoss(), 3, CLASSES), "takes an optimiser"), ((model, nn.MSELoss(), None, CLASSES[0]), "a pair")):
        with pytest.raises(TypeError, match=message):
            doctor(*args)
    with pytest.raises(ValueError, match="at least 1 step"):
        doctor(model, nn.MSELoss(), None, CLASSES, steps=0)
    assert not list(doctor(model, nn.CrossEntropyLoss(), None, CLASSES))
