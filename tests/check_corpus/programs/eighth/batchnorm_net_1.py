"""
Assignment 2, part b: a network with batch normalization
input -> affine -> BN -> ReLU -> affine -> MSE
"""
import numpy as np


def bn_forward(x, gamma, beta, running, train=True, momentum=0.9, eps=1e-5):
    if train:
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        running["mean"] = momentum * running["mean"] + (1 - momentum) * mu
        running["var"] = momentum * running["var"] + (1 - momentum) * var
    else:
        mu, var = running["mean"], running["var"]
    inv_std = 1.0 / np.sqrt(var + eps)
    xhat = (x - mu) * inv_std
    out = gamma * xhat + beta
    return out, (xhat, gamma, inv_std)


def bn_backward(dout, cache):
    xhat, gamma, inv_std = cache
    N = dout.shape[0]
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    dx = inv_std / N * (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0))
    return dx, dbeta, dgamma


class BNNet:
    def __init__(self, d_in, d_hid, rng):
        self.p = {
            "W1": rng.normal(size=(d_in, d_hid)) * np.sqrt(2 / d_in),
            "gamma": np.ones(d_hid),
            "beta": np.zeros(d_hid),
            "W2": rng.normal(size=(d_hid, 1)) * np.sqrt(2 / d_hid),
            "b2": np.zeros(1),
        }
        self.running = {"mean": np.zeros(d_hid), "var": np.ones(d_hid)}

    def forward(self, X, train=True):
        p = self.p
        a = X @ p["W1"]          # no b1, beta does its job
        z, self.bn_cache = bn_forward(a, p["gamma"], p["beta"], self.running, train)
        h = np.maximum(0, z)
        self.X, self.z, self.h = X, z, h
        return h @ p["W2"] + p["b2"]

    def backward(self, pred, Y):
        N = Y.shape[0]
        g = {}
        dpred = 2 * (pred - Y) / N
        g["W2"] = self.h.T @ dpred
        g["b2"] = dpred.sum(axis=0)
        dh = dpred @ self.p["W2"].T
        dz = dh * (self.z > 0)
        da, g["gamma"], g["beta"] = bn_backward(dz, self.bn_cache)
        g["W1"] = self.X.T @ da
        return g

    def update(self, g, lr):
        for k in self.p:
            self.p[k] -= lr * g[k]

    def fit(self, X, Y, rng, epochs=80, bs=50, lr=0.05):
        n = len(X)
        for ep in range(epochs):
            perm = rng.permutation(n)
            total = 0.0
            for s in range(0, n, bs):
                b = perm[s:s + bs]
                pred = self.forward(X[b])
                total += np.sum((pred - Y[b]) ** 2)
                self.update(self.backward(pred, Y[b]), lr)
            if ep % 20 == 0:
                print("epoch", ep, "train mse", total / n)
        return self

    def predict(self, X):
        return self.forward(X, train=False)


if __name__ == "__main__":
    rng = np.random.default_rng(21)
    X = rng.uniform(-3, 3, size=(500, 2)) * np.array([1.0, 4.0])
    Y = np.sin(X[:, :1]) + 0.1 * X[:, 1:] + 0.05 * rng.normal(size=(500, 1))
    net = BNNet(2, 20, rng).fit(X[:400], Y[:400], rng)
    print("test mse", np.mean((net.predict(X[400:]) - Y[400:]) ** 2))
