"""
Lab 3 - binary classification with two hidden layers
tanh -> tanh -> sigmoid, loss: binary cross entropy
"""
import numpy as np

np.random.seed(99)


def two_moons(n):
    t = np.random.rand(n) * np.pi
    up = np.c_[np.cos(t), np.sin(t)]
    t = np.random.rand(n) * np.pi
    down = np.c_[1 - np.cos(t), 0.4 - np.sin(t)]
    X = np.r_[up, down] + 0.08 * np.random.randn(2 * n, 2)
    y = np.r_[np.zeros(n), np.ones(n)]
    return X, y.reshape(-1, 1)


def init(d_in, h1, h2):
    return {
        "W1": np.random.randn(d_in, h1) / np.sqrt(d_in),
        "b1": np.zeros(h1),
        "W2": np.random.randn(h1, h2) / np.sqrt(h1),
        "b2": np.zeros(h2),
        "W3": np.random.randn(h2, 1) / np.sqrt(h2),
        "b3": np.zeros(1),
    }


def forward(p, X):
    z1 = X @ p["W1"] + p["b1"]
    a1 = np.tanh(z1)
    z2 = a1 @ p["W2"] + p["b2"]
    a2 = np.tanh(z2)
    z3 = a2 @ p["W3"] + p["b3"]
    y_hat = 1 / (1 + np.exp(-z3))
    return z1, a1, z2, a2, z3, y_hat


def bce(y_hat, y):
    eps = 1e-12
    return -np.mean(y * np.log(y_hat + eps) + (1 - y) * np.log(1 - y_hat + eps))


def dtanh(z):
    # takes the pre-activation!
    return 1 - np.tanh(z) ** 2


def backward(p, X, y, cache):
    z1, a1, z2, a2, z3, y_hat = cache
    N = len(X)
    dz3 = (y_hat - y) / N
    g = {}
    g["W3"] = a2.T @ dz3
    g["b3"] = dz3.sum(axis=0)
    dz2 = (dz3 @ p["W3"].T) * dtanh(z2)
    g["W2"] = a1.T @ dz2
    g["b2"] = dz2.sum(axis=0)
    dz1 = (dz2 @ p["W2"].T) * dtanh(z1)
    g["W1"] = X.T @ dz1
    g["b1"] = dz1.sum(axis=0)
    return g


X, y = two_moons(60)
params = init(2, 10, 5)
lr = 0.5

for epoch in range(801):
    cache = forward(params, X)
    loss = bce(cache[-1], y)
    grads = backward(params, X, y, cache)
    for k in params:
        params[k] = params[k] - lr * grads[k]
    if epoch % 200 == 0:
        acc = np.mean((cache[-1] > 0.5) == y)
        print(f"Epoch {epoch}  loss = {loss:.6f}  acc = {acc:.3f}")
