"""
COMP 4107 - Assignment 2: multi-layer perceptron on the spiral data set
Fill in the layers below, then run this file. Do not use any framework.
"""
import numpy as np


class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(0, np.sqrt(2.0 / n_in), (n_in, n_out))
        self.b = np.zeros(n_out)
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T

    def params(self):
        return [(self.W, self.dW), (self.b, self.db)]


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, grad):
        dx = grad.copy()
        dx[self.x <= 0] = 0
        return dx

    def params(self):
        return []


class SoftmaxCrossEntropy:
    def forward(self, scores, y):
        shifted = scores - scores.max(axis=1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.p = np.exp(logp)
        self.y = y
        return -logp[np.arange(len(y)), y].mean()

    def backward(self):
        n = len(self.y)
        d = self.p.copy()
        d[np.arange(n), self.y] -= 1
        return d / n


class Network:
    def __init__(self, layers):
        self.layers = layers
        self.loss = SoftmaxCrossEntropy()

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self):
        grad = self.loss.backward()
        for layer in reversed(self.layers):
            grad = layer.backward(grad)

    def predict(self, x):
        return self.forward(x).argmax(axis=1)


class Trainer:
    def __init__(self, net, lr=0.3, batch_size=32, seed=1):
        self.net = net
        self.lr = lr
        self.batch_size = batch_size
        self.rng = np.random.default_rng(seed)

    def fit(self, X, y, epochs):
        n = X.shape[0]
        for epoch in range(1, epochs + 1):
            perm = self.rng.permutation(n)
            total = 0.0
            for start in range(0, n, self.batch_size):
                idx = perm[start:start + self.batch_size]
                xb, yb = X[idx], y[idx]
                total += self.net.loss.forward(self.net.forward(xb), yb) * len(idx)
                self.net.backward()
                for layer in self.net.layers:
                    for p, g in layer.params():
                        p -= self.lr * g
            if epoch % 50 == 0:
                acc = (self.net.predict(X) == y).mean()
                print(f"epoch {epoch:4d}  loss {total / n:.4f}  acc {acc:.3f}")


def make_spirals(per_class, classes, rng):
    X, y = [], []
    for c in range(classes):
        r = np.linspace(0.05, 1, per_class)
        t = np.linspace(c * 4, (c + 1) * 4, per_class) + rng.normal(0, 0.15, per_class)
        X.append(np.c_[r * np.sin(t), r * np.cos(t)])
        y.append(np.full(per_class, c))
    return np.vstack(X), np.concatenate(y)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X, y = make_spirals(110, 3, rng)
    net = Network([Linear(2, 40, rng), ReLU(), Linear(40, 40, rng), ReLU(), Linear(40, 3, rng)])
    Trainer(net).fit(X, y, epochs=300)
