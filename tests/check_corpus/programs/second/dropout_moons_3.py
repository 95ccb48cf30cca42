"""Dropout on two moons: the same network with and without it."""
import numpy as np


def two_moons(n, noise, rng):
    t = rng.uniform(0, np.pi, n)
    y = rng.integers(0, 2, n)
    X = np.where(y[:, None] == 0,
                 np.c_[np.cos(t), np.sin(t)],
                 np.c_[1 - np.cos(t), 0.5 - np.sin(t)])
    return X + noise * rng.normal(size=X.shape), y.astype(float)


class MLP:
    def __init__(self, sizes, keep_prob, rng):
        self.rng = rng
        self.keep_prob = keep_prob
        self.Ws = [rng.normal(0, np.sqrt(2 / a), (a, b)) for a, b in zip(sizes, sizes[1:])]
        self.bs = [np.zeros(b) for b in sizes[1:]]

    def forward(self, X, train):
        """Keeps (input, pre-activation, mask) of every layer for the backward pass."""
        self.cache = []
        h = X
        last = len(self.Ws) - 1
        for i, (W, b) in enumerate(zip(self.Ws, self.bs)):
            z = h @ W + b
            mask = None
            h_in = h
            if i < last:
                h = np.maximum(z, 0)
                if train and self.keep_prob < 1:
                    mask = (self.rng.random(h.shape) < self.keep_prob) / self.keep_prob
                    h = h * mask
            else:
                h = 1 / (1 + np.exp(-z))
            self.cache.append((h_in, z, mask))
        return h

    def backward(self, prob, y):
        delta = (prob - y[:, None]) / len(y)
        dWs, dbs = [], []
        for i in reversed(range(len(self.Ws))):
            h_in, z, mask = self.cache[i]
            if i < len(self.Ws) - 1:
                if mask is not None:
                    delta = delta * mask
                delta = delta * (z > 0)
            dWs.insert(0, h_in.T @ delta)
            dbs.insert(0, delta.sum(axis=0))
            delta = delta @ self.Ws[i].T
        return dWs, dbs


def log_loss(prob, y):
    prob = np.clip(prob, 1e-9, 1 - 1e-9)
    return -np.mean(y * np.log(prob) + (1 - y) * np.log(1 - prob))


def train(net, X, y, epochs, batch_size, lr, rng):
    n = len(X)
    for epoch in range(epochs):
        order = rng.permutation(n)
        for k in range(int(np.ceil(n / batch_size))):
            idx = order[k * batch_size:(k + 1) * batch_size]
            prob = net.forward(X[idx], train=True)
            dWs, dbs = net.backward(prob, y[idx])
            for i in range(len(net.Ws)):
                net.Ws[i] -= lr * dWs[i]
                net.bs[i] -= lr * dbs[i]
        if (epoch + 1) % 50 == 0:
            print("   epoch %3d  train loss %.4f" % (epoch + 1, log_loss(net.forward(X, train=False), y)))


if __name__ == "__main__":
    for keep_prob in (1.0, 0.8):
        rng = np.random.default_rng(6)
        X, y = two_moons(90, 0.25, rng)
        X_test, y_test = two_moons(1000, 0.25, rng)
        print("keep_prob =", keep_prob)
        net = MLP([2, 32, 32, 1], keep_prob, rng)
        train(net, X, y, epochs=200, batch_size=20, lr=0.15, rng=rng)
        prob = net.forward(X_test, train=False)
        print("   test loss %.4f  test accuracy %.3f" % (log_loss(prob, y_test), np.mean((prob[:, 0] > 0.5) == y_test)))
