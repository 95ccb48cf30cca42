"""MLP with inverted dropout, trained on noisy two-moons. Homework 4."""
import numpy as np


class DropoutMLP:
    def __init__(self, n_in=2, n_hidden=40, keep_prob=0.8, lr=0.3, seed=0):
        self.rng = np.random.RandomState(seed)
        self.keep_prob = keep_prob
        self.lr = lr
        self.W1 = self.rng.randn(n_in, n_hidden) * np.sqrt(2.0 / n_in)
        self.b1 = np.zeros(n_hidden)
        self.W2 = self.rng.randn(n_hidden, 1) * np.sqrt(1.0 / n_hidden)
        self.b2 = np.zeros(1)

    def forward(self, X, training):
        self.X = X
        self.Z1 = np.dot(X, self.W1) + self.b1
        self.A1 = np.maximum(self.Z1, 0)
        if training:
            self.D1 = (self.rng.rand(*self.A1.shape) < self.keep_prob).astype(float)
            self.A1d = self.A1 * self.D1 / self.keep_prob
        else:
            self.A1d = self.A1
        self.Z2 = np.dot(self.A1d, self.W2) + self.b2
        return 1.0 / (1.0 + np.exp(-self.Z2))

    def backward(self, A2, y):
        m = len(y)
        dZ2 = (A2 - y) / m
        self.dW2 = np.dot(self.A1d.T, dZ2)
        self.db2 = np.sum(dZ2, axis=0)
        dA1 = np.dot(dZ2, self.W2.T)
        dA1 = dA1 * self.D1 / self.keep_prob
        dZ1 = dA1 * (self.Z1 > 0)
        self.dW1 = np.dot(self.X.T, dZ1)
        self.db1 = np.sum(dZ1, axis=0)

    def update(self):
        self.W1 -= self.lr * self.dW1
        self.b1 -= self.lr * self.db1
        self.W2 -= self.lr * self.dW2
        self.b2 -= self.lr * self.db2

    @staticmethod
    def loss(A2, y):
        A2 = np.clip(A2, 1e-10, 1 - 1e-10)
        return -np.mean(y * np.log(A2) + (1 - y) * np.log(1 - A2))

    def fit(self, X, y, epochs=100, batch_size=32):
        n = X.shape[0]
        for epoch in range(epochs):
            p = self.rng.permutation(n)
            Xs, ys = X[p], y[p]
            for i in range(0, n, batch_size):
                xb, yb = Xs[i:i + batch_size], ys[i:i + batch_size]
                A2 = self.forward(xb, training=True)
                self.backward(A2, yb)
                self.update()
            if (epoch + 1) % 20 == 0:
                print("epoch %3d  loss %.4f" % (epoch + 1, self.loss(self.forward(X, training=False), y)))

    def predict(self, X):
        return (self.forward(X, training=False) > 0.5).astype(int)


def two_moons(n, noise, rng):
    t = np.pi * rng.rand(n)
    y = rng.randint(0, 2, n)
    x1 = np.where(y == 0, np.cos(t), 1 - np.cos(t))
    x2 = np.where(y == 0, np.sin(t), 0.5 - np.sin(t))
    X = np.stack([x1, x2], axis=1) + noise * rng.randn(n, 2)
    return X, y.reshape(-1, 1)


if __name__ == "__main__":
    rng = np.random.RandomState(99)
    X, y = two_moons(400, 0.2, rng)
    Xte, yte = two_moons(200, 0.2, rng)
    net = DropoutMLP()
    net.fit(X, y)
    print("train accuracy:", np.mean(net.predict(X) == y))
    print("test accuracy: ", np.mean(net.predict(Xte) == yte))
