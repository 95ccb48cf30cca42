"""Regression by a network of two layers: layers with an optimizer that adapts its steps.

Rows are samples: x has the shape (N, D), and targets t have the shape (N, 1). Every layer has
`params` and `grads`, dictionaries with the same names. The loss is the mean over the samples.
"""

import numpy as np


class Dense:
    """z = x W + b."""

    def __init__(self, n_in, n_out, rng):
        scale = np.sqrt(1 / n_in)
        self.params = {"W": rng.normal(0, scale, (n_in, n_out)), "b": np.zeros(n_out)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dz):
        self.grads = {"W": self.x.T @ dz, "b": dz.sum(axis=0)}
        return dz @ self.params["W"].T


class Tanh:
    """a = tanh(z), with the derivative 1 − a²."""

    params = {}

    def forward(self, z):
        self.a = np.tanh(z)
        return self.a

    def backward(self, da):
        return da * (1 - self.a**2)


class MeanSquaredError:
    """L = (1/N) Σ_n (y_n − t_n)²."""

    def forward(self, y, t):
        self.difference = y - t
        return np.mean((self.difference**2).sum(axis=1))

    def backward(self):
        return 2 * self.difference / len(self.difference)


class Adam:
    """Steps of about the learning rate, whatever the size of the gradient (Kingma and Ba, 2015)."""

    def __init__(self, learning_rate=0.02, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.learning_rate = learning_rate
        self.beta1, self.beta2 = beta1, beta2
        self.epsilon = epsilon
        self.m, self.v = {}, {}
        self.t = 0

    def step(self, layers):
        self.t += 1
        for i, layer in enumerate(layers):
            for name in layer.params:
                g = layer.grads[name]
                m = self.beta1 * self.m.get((i, name), 0.0) + (1 - self.beta1) * g
                v = self.beta2 * self.v.get((i, name), 0.0) + (1 - self.beta2) * g**2
                self.m[i, name], self.v[i, name] = m, v
                m_hat = m / (1 - self.beta1**self.t)
                v_hat = v / (1 - self.beta2**self.t)
                step = self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
                layer.params[name] = layer.params[name] - step


class Network:
    """Layers one after the other."""

    def __init__(self, n_in, n_hidden, rng):
        self.layers = [Dense(n_in, n_hidden, rng), Tanh(), Dense(n_hidden, 1, rng)]
        self.loss = MeanSquaredError()

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self):
        dout = self.loss.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


def make_data(seed, n=100):
    """Return n points of the plane, and the height of a wave at each, with noise."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (n, 2))
    t = np.sin(3 * X[:, :1]) + 0.5 * X[:, 1:] + rng.normal(0, 0.05, (n, 1))
    return X, t


def batches(X, t, size, rng):
    """Yield the samples in a random order, `size` at a time; the last batch may be smaller."""
    order = rng.permutation(len(X))
    X, t = X[order], t[order]
    for start in range(0, len(X), size):
        yield X[start : start + size], t[start : start + size]


def train(X, t, epochs=30, batch_size=16, seed=0, watch=None):
    """Return a trained network; `watch(network)` is called before training and after each epoch."""
    rng = np.random.default_rng(seed)
    network = Network(X.shape[1], 10, rng)
    optimizer = Adam(learning_rate=0.02)
    if watch:
        watch(network)
    for _ in range(epochs):
        for x_batch, t_batch in batches(X, t, batch_size, rng):
            network.loss.forward(network.forward(x_batch), t_batch)
            network.backward()
            optimizer.step([network.layers[0], network.layers[2]])
        if watch:
            watch(network)
    return network


if __name__ == "__main__":
    X, t = make_data(seed=0)
    network = train(X, t)
    print(f"loss {network.loss.forward(network.forward(X), t):.4f}")
