"""Which training scripts are healthy?

Thirty and more, of all kinds, in which the doctor must find nothing. Each function returns what the doctor is given: model, loss,
optimiser, batch.
"""

import numpy as np

import autograd
import nn
import optim
from nn.models import MLP, CharTransformer, Inception, LeNet5, resnet20

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
