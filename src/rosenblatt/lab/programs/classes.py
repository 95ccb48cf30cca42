"""Network of two layers for three classes: each layer is a class with forward and backward.

Rows are samples: x has the shape (N, D). Gradients are named d and what the loss is differentiated
by, and the loss is the mean over the samples of a batch.
"""

import numpy as np


class Linear:
    """y = x W + b."""

    def __init__(self, n_in, n_out, rng):
        self.params = {
            "weight": rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)),
            "bias": np.zeros(n_out),
        }
        self.grads = {"weight": np.zeros((n_in, n_out)), "bias": np.zeros(n_out)}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"] + self.params["bias"]

    def backward(self, dy):
        self.grads["weight"] = self.x.T @ dy
        self.grads["bias"] = dy.sum(axis=0)
        return dy @ self.params["weight"].T


class ReLU:
    """y = max(0, x)."""

    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, dy):
        return dy * (self.x > 0)


class SoftmaxCrossEntropy:
    """L = −(1/N) Σ_n log p_n[label of n], where p_n is the softmax of the logits of sample n."""

    def forward(self, z, y):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        self.y = y
        right = (self.p * y).sum(axis=1)
        return -np.mean(np.log(np.maximum(right, 1e-12)))

    def backward(self):
        return (self.p - self.y) / len(self.y)


class Momentum:
    """v ← μ v − η ∂L/∂θ, then θ ← θ + v."""

    def __init__(self, learning_rate=0.05, momentum=0.9):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.velocity = {}

    def step(self, layers):
        for i, layer in enumerate(layers):
            for name in layer.params:
                v = self.velocity.get((i, name), 0.0)
                v = self.momentum * v - self.learning_rate * layer.grads[name]
                self.velocity[i, name] = v
                layer.params[name] = layer.params[name] + v


class Network:
    """Linear, ReLU, Linear."""

    def __init__(self, n_in, n_hidden, n_out, rng):
        self.first = Linear(n_in, n_hidden, rng)
        self.relu = ReLU()
        self.second = Linear(n_hidden, n_out, rng)
        self.loss = SoftmaxCrossEntropy()

    def forward(self, x):
        h = self.relu.forward(self.first.forward(x))
        return self.second.forward(h)

    def backward(self):
        dh = self.second.backward(self.loss.backward())
        return self.first.backward(self.relu.backward(dh))


def make_data(seed, n=100):
    """Return n points of three arms of a spiral, and their classes, one-hot."""
    rng = np.random.default_rng(seed)
    label = np.arange(n) % 3
    radius = np.sqrt(rng.uniform(0.02, 1, n))
    angle = 2.5 * radius + label * 2 * np.pi / 3 + rng.normal(0, 0.15, n)
    X = 2 * np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return X, np.eye(3)[label]


def batches(X, y, size, rng):
    """Yield the samples in a random order, `size` at a time; the last batch may be smaller."""
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    for start in range(0, len(X), size):
        yield X[start : start + size], y[start : start + size]


def accuracy(z, y):
    return np.mean(z.argmax(axis=1) == y.argmax(axis=1))


def train(X, y, epochs=30, batch_size=16, seed=0, watch=None):
    """Return a trained network; `watch(network)` is called before training and after each epoch."""
    rng = np.random.default_rng(seed)
    network = Network(X.shape[1], 12, y.shape[1], rng)
    optimizer = Momentum(learning_rate=0.05, momentum=0.9)
    if watch:
        watch(network)
    for _ in range(epochs):
        for x_batch, y_batch in batches(X, y, batch_size, rng):
            z = network.forward(x_batch)
            network.loss.forward(z, y_batch)
            network.backward()
            optimizer.step([network.first, network.second])
        if watch:
            watch(network)
    return network


if __name__ == "__main__":
    X, y = make_data(seed=0)
    network = train(X, y)
    z = network.forward(X)
    print(f"loss {network.loss.forward(z, y):.4f}, accuracy {accuracy(z, y):.3f}")
