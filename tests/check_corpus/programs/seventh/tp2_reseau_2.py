# -*- coding: utf-8 -*-
# TP2 apprentissage profond - M1 info, binome: Leïla / Hugo
import numpy as np

np.random.seed(12)


def init_params(nx, nh, ny):
    return {
        "W1": np.random.randn(nx, nh) * np.sqrt(1. / nx),
        "b1": np.zeros((1, nh)),
        "W2": np.random.randn(nh, nh) * np.sqrt(1. / nh),
        "b2": np.zeros((1, nh)),
        "W3": np.random.randn(nh, ny) * np.sqrt(1. / nh),
        "b3": np.zeros((1, ny)),
    }


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def forward(params, X):
    out = {"X": X}
    out["h1"] = np.tanh(X @ params["W1"] + params["b1"])
    out["h2"] = np.tanh(out["h1"] @ params["W2"] + params["b2"])
    out["yhat"] = softmax(out["h2"] @ params["W3"] + params["b3"])
    return out


def loss_accuracy(yhat, Y):
    L = -np.mean(np.sum(Y * np.log(yhat + 1e-10), axis=1))
    acc = np.mean(yhat.argmax(1) == Y.argmax(1))
    return L, acc


def backward(params, out, Y):
    n = Y.shape[0]
    g = {}
    d3 = (out["yhat"] - Y) / n
    g["W3"] = out["h2"].T @ d3
    g["b3"] = d3.sum(0, keepdims=True)
    d2 = (d3 @ params["W3"].T) * (1 - out["h2"] ** 2)
    g["W2"] = out["h1"].T @ d2
    g["b2"] = d2.sum(0, keepdims=True)
    d1 = (d2 @ params["W2"]) * (1 - out["h1"] ** 2)
    g["W1"] = out["X"].T @ d1
    g["b1"] = d1.sum(0, keepdims=True)
    return g


def sgd(params, g, eta):
    for k in params:
        params[k] -= eta * g[k]


def donnees(n):
    """deux lunes + un nuage au milieu"""
    t = np.random.rand(n) * np.pi
    c = np.arange(n) % 3
    X = np.zeros((n, 2))
    X[c == 0] = np.c_[np.cos(t), np.sin(t)][c == 0]
    X[c == 1] = np.c_[1 - np.cos(t), -np.sin(t) + .3][c == 1]
    X[c == 2] = [2.2, 1.2]
    X += 0.12 * np.random.randn(n, 2)
    return X, np.eye(3)[c]


X, Y = donnees(470)
Xtest, Ytest = donnees(200)
N = X.shape[0]
Nbatch = 32
eta = 0.1

params = init_params(2, 10, 3)
for epoch in range(120):
    perm = np.random.permutation(N)
    X, Y = X[perm], Y[perm]
    nb = int(np.ceil(N / Nbatch))
    for j in range(nb):
        Xb = X[j * Nbatch:(j + 1) * Nbatch]
        Yb = Y[j * Nbatch:(j + 1) * Nbatch]
        out = forward(params, Xb)
        sgd(params, backward(params, out, Yb), eta)
    if epoch % 20 == 0:
        L, acc = loss_accuracy(forward(params, X)["yhat"], Y)
        Lt, acct = loss_accuracy(forward(params, Xtest)["yhat"], Ytest)
        print("epoque %3d | app. %.4f (%.1f%%) | test %.4f (%.1f%%)" % (epoch, L, 100 * acc, Lt, 100 * acct))
print("fini :", loss_accuracy(forward(params, Xtest)["yhat"], Ytest))
