"""Network of two layers for two classes: functions, and dictionaries of parameters and gradients.

Rows are samples: X has the shape (N, D), and y has the shape (N, 1) and is 0 or 1. The loss is the
mean over the samples of a batch.
"""

import numpy as np


def init_params(n_in, n_hidden, rng):
    return {
        "W1": rng.normal(0, np.sqrt(1 / n_in), (n_in, n_hidden)),
        "b1": np.zeros(n_hidden),
        "W2": rng.normal(0, np.sqrt(1 / n_hidden), (n_hidden, 1)),
        "b2": np.zeros(1),
    }


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def forward(params, X):
    """Return the probability of class 1, and what the backward pass needs."""
    z1 = X @ params["W1"] + params["b1"]
    a1 = np.tanh(z1)
    z2 = a1 @ params["W2"] + params["b2"]
    p = sigmoid(z2)
    return p, {"X": X, "z1": z1, "a1": a1, "z2": z2, "p": p}


def compute_loss(p, y):
    """L = −(1/N) Σ_n y_n log p_n + (1 − y_n) log(1 − p_n)."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def backward(params, cache, y):
    """Return the gradient of the loss by each parameter."""
    dz2 = (cache["p"] - y) / len(y)
    da1 = dz2 @ params["W2"].T
    dz1 = da1 * (1 - cache["a1"] ** 2)
    return {
        "W1": cache["X"].T @ dz1,
        "b1": dz1.sum(axis=0),
        "W2": cache["a1"].T @ dz2,
        "b2": dz2.sum(axis=0),
    }


def update(params, grads, learning_rate=0.5):
    for name in params:
        params[name] = params[name] - learning_rate * grads[name]


def make_data(seed, n=100):
    """Return n points of two interleaved half circles, and their classes, 0 or 1."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 2
    angle = rng.uniform(0, np.pi, n)
    side = 1 - 2 * label
    X = np.stack([side * np.cos(angle) + label - 0.5, side * np.sin(angle) - 0.25 * side], axis=1)
    return 1.5 * X + rng.normal(0, 0.2, (n, 2)), label.reshape(-1, 1).astype(float)


def batches(X, y, size, rng):
    """Yield the samples in a random order, `size` at a time; the last batch may be smaller."""
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    for start in range(0, len(X), size):
        yield X[start : start + size], y[start : start + size]


def accuracy(p, y):
    return np.mean((p > 0.5) == (y > 0.5))


def train(X, y, epochs=30, batch_size=16, seed=0, watch=None):
    """Return trained parameters and the loss of each batch.

    `watch(params)` is called before training and after each epoch.
    """
    rng = np.random.default_rng(seed)
    params = init_params(X.shape[1], 8, rng)
    if watch:
        watch(params)
    losses = []
    for _ in range(epochs):
        for x_batch, y_batch in batches(X, y, batch_size, rng):
            p, cache = forward(params, x_batch)
            losses.append(compute_loss(p, y_batch))
            grads = backward(params, cache, y_batch)
            update(params, grads)
        if watch:
            watch(params)
    return params, losses


if __name__ == "__main__":
    X, y = make_data(seed=0)
    params, _ = train(X, y)
    p, _ = forward(params, X)
    print(f"loss {compute_loss(p, y):.4f}, accuracy {accuracy(p, y):.3f}")
