"""How are layers computed in plain NumPy, forward and back?

What the libraries are compared with before they are timed: float64, written for the reader, with nothing of ours in it. A layer
gives its result and a function from the result's gradient to those of what went in:

    y, back = linear(x, w, b)
    dx, dw, db = back(g)

Read next: `training.py`.
"""

import numpy as np


def linear(x, w, b=0.0):
    """x w + b. The weight is (into, out)."""
    rows = x.reshape(-1, x.shape[-1])

    def back(g):
        flat = g.reshape(-1, g.shape[-1])
        return g @ w.T, rows.T @ flat, flat.sum(0)

    return x @ w + b, back


def conv(x, w, stride=1, padding=0, groups=1):
    """Two-dimensional convolution, (N, C, H, W) with (out, C / groups, k, k)."""
    if groups > 1:
        parts = [conv(a, b, stride, padding) for a, b in zip(np.split(x, groups, 1), np.split(w, groups))]

        def back_of_parts(g):
            found = [back(part) for (_, back), part in zip(parts, np.split(g, groups, 1))]
            return np.concatenate([dx for dx, _ in found], 1), np.concatenate([dw for _, dw in found])

        return np.concatenate([y for y, _ in parts], 1), back_of_parts
    k, padded = w.shape[-1], np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    seen = windows(padded, k, stride).transpose(0, 2, 3, 1, 4, 5)
    n, high, wide = seen.shape[:3]
    columns, flat = seen.reshape(n * high * wide, -1), w.reshape(len(w), -1)

    def back(g):
        g = g.transpose(0, 2, 3, 1).reshape(-1, len(w))
        shares = (g @ flat).reshape(n, high, wide, -1, k, k).transpose(4, 5, 0, 3, 1, 2)
        dx = np.zeros_like(padded)
        for i in range(k):
            for j in range(k):
                dx[:, :, i:i + stride * high:stride, j:j + stride * wide:stride] += shares[i, j]
        return dx[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]], (g.T @ columns).reshape(w.shape)

    return (columns @ flat.T).reshape(n, high, wide, -1).transpose(0, 3, 1, 2), back


def windows(x, k, stride):
    return np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::stride, ::stride]


def max_pool(x, k, stride=None, padding=0):
    stride = stride or k
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), constant_values=-np.inf)
    seen = windows(padded, k, stride).reshape(*x.shape[:2], *windows(padded, k, stride).shape[2:4], k * k)
    best = seen.argmax(-1)

    def back(g):
        dx = np.zeros_like(padded)
        n, c, high, wide = np.indices(g.shape)
        np.add.at(dx, (n, c, high * stride + best // k, wide * stride + best % k), g)
        return dx[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]]

    return seen.max(-1), back


def avg_pool(x, k):
    def back(g):
        return np.repeat(np.repeat(g, k, 2), k, 3) / k**2

    return windows(x, k, k).mean((4, 5)), back


def normalised(x, w, b, axes, eps=1e-5):
    """Mean 0 and variance 1 over some axes, then w and b: batch, layer and group norm. w and b broadcast."""
    r = 1 / np.sqrt(x.var(axes, keepdims=True) + eps)
    xhat = (x - x.mean(axes, keepdims=True)) * r

    def back(g):
        h = g * w
        dx = r * (h - h.mean(axes, keepdims=True) - xhat * (h * xhat).mean(axes, keepdims=True))
        return dx, summed(g * xhat, np.shape(w)), summed(g, np.shape(b))

    return xhat * w + b, back


def summed(g, shape):
    """What broadcasting spread is summed again."""
    g = g.sum(tuple(range(g.ndim - len(shape))))
    return g.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


def relu(x):
    return np.maximum(x, 0), lambda g: g * (x > 0)


def conv_norm(x, w, weight, bias, stride=1, rectified=True):
    """Convolution, batch normalisation and perhaps ReLU. Back gives dx, dw, dweight, dbias."""
    y, back_of_conv = conv(x, w, stride, w.shape[-1] // 2)
    y, back_of_norm = normalised(y, weight[:, None, None], bias[:, None, None], (0, 2, 3))
    y, back_of_relu = relu(y) if rectified else (y, lambda g: g)

    def back(g):
        g, dweight, dbias = back_of_norm(back_of_relu(g))
        return (*back_of_conv(g), dweight.ravel(), dbias.ravel())

    return y, back


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x, axis=-1):
    y = np.exp(x - x.max(axis, keepdims=True))
    y /= y.sum(axis, keepdims=True)
    return y, lambda g: y * (g - (g * y).sum(axis, keepdims=True))


def log_softmax(x, axis=-1):
    shifted = x - x.max(axis, keepdims=True)
    y = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
    return y, lambda g: g - np.exp(y) * g.sum(axis, keepdims=True)


def cross_entropy(logits, labels):
    """The mean over rows."""
    rows = np.arange(len(labels))
    y, back_of_logs = log_softmax(logits)

    def back(g=1.0):
        spread = np.zeros_like(y)
        spread[rows, labels] = -g / len(labels)
        return back_of_logs(spread)

    return -y[rows, labels].mean(), back


def updated(p, g, state, name="SGD", lr=0.01, momentum=0.0):
    """A parameter after a step of SGD or Adam. The state is a dict, at first empty."""
    state["t"] = t = state.get("t", 0) + 1
    if name == "SGD":
        state["v"] = momentum * state.get("v", 0.0) + g
        return p - lr * state["v"]
    state["m"] = 0.9 * state.get("m", 0.0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0.0) + 0.001 * g * g
    return p - lr * (state["m"] / (1 - 0.9**t)) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


def trained(loss_and_gradients, parameters, **optimizer):
    """The loss of the second step, and the parameters after it. The function is called with parameters; all are lists."""
    parameters, states = [np.asarray(p, np.float64) for p in parameters], [{} for _ in parameters]
    for _ in range(2):
        loss, gradients = loss_and_gradients(*parameters)
        parameters = [updated(p, g, state, **optimizer) for p, g, state in zip(parameters, gradients, states, strict=True)]
    return loss, parameters
