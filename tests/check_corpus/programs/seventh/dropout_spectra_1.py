"""Detect a weak absorption line in noisy spectra. MLP with (inverted) dropout.

Few spectra, many channels -> overfits like mad without dropout.
"""
import numpy as np

rng = np.random.default_rng(77)
CH = 40                      # channels
lam = np.linspace(-1, 1, CH)


def spectra(n):
    has_line = rng.integers(0, 2, n)
    centre = rng.uniform(-0.2, 0.2, n)
    line = np.exp(-((lam[None, :] - centre[:, None]) / 0.15) ** 2)
    flux = rng.normal(0, 0.5, (n, CH)) - has_line[:, None] * line
    return flux, has_line[:, None].astype(float)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class Net:
    def __init__(self, hidden=30, p_drop=0.4):
        self.p = p_drop
        self.W1 = rng.normal(0, np.sqrt(2 / CH), (CH, hidden))
        self.b1 = np.zeros((1, hidden))
        self.W2 = rng.normal(0, np.sqrt(1 / hidden), (hidden, 1))
        self.b2 = np.zeros((1, 1))

    def forward(self, X, train=False):
        self.X = X
        self.z1 = X @ self.W1 + self.b1
        self.h = np.maximum(0, self.z1)
        if train:
            self.mask = (rng.random(self.h.shape) >= self.p) / (1 - self.p)
            self.h = self.h * self.mask
        return sigmoid(self.h @ self.W2 + self.b2)

    def backward(self, yhat, y):
        n = y.shape[0]
        dz2 = (yhat - y) / n
        self.gW2 = self.h.T @ dz2
        self.gb2 = dz2.sum(axis=0, keepdims=True)
        dh = dz2 @ self.W2.T
        dz1 = dh * (self.z1 > 0)
        self.gW1 = self.X.T @ dz1
        self.gb1 = dz1.sum(axis=0, keepdims=True)

    def step(self, lr):
        self.W1 -= lr * self.gW1
        self.b1 -= lr * self.gb1
        self.W2 -= lr * self.gW2
        self.b2 -= lr * self.gb2


def bce(yhat, y):
    e = 1e-12
    return -np.mean(y * np.log(yhat + e) + (1 - y) * np.log(1 - yhat + e))


Xtr, ytr = spectra(200)
Xte, yte = spectra(1000)
net = Net()
for it in range(500):
    out = net.forward(Xtr, train=True)
    net.backward(out, ytr)
    net.step(0.1)
    if it % 100 == 0:
        print(it, "train", round(bce(net.forward(Xtr), ytr), 4),
              "test", round(bce(net.forward(Xte), yte), 4))

pred = net.forward(Xte) > 0.5
print("test accuracy: %.3f" % np.mean(pred == (yte > 0.5)))
