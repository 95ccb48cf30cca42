"""Softmax regression on raw 4x4 'pixels' (0..255).

All parameters live in ONE flat vector theta, the optimiser never sees a matrix.
Step size by the bold driver rule: accept and grow, or reject and halve.
"""
import numpy as np

rng = np.random.default_rng(17)
D, K = 16, 4


def make_digits(n):
    shapes = np.array([
        [1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1],   # ring
        [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0],   # bar
        [1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 0, 1],   # cross
        [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1],   # lines
    ])
    y = rng.integers(0, K, n)
    X = 200 * shapes[y] + rng.normal(0, 130, (n, D))
    return np.clip(np.round(X), 0, 255), y


def unpack(theta):
    W = theta[:D * K].reshape(D, K)
    b = theta[D * K:]
    return W, b


def cost(theta, X, y):
    W, b = unpack(theta)
    n = len(y)
    Z = X @ W + b
    Z = Z - Z.max(axis=1, keepdims=True)
    E = np.exp(Z)
    S = E.sum(axis=1, keepdims=True)
    P = E / S
    J = np.mean(np.log(S[:, 0]) - Z[np.arange(n), y])

    G = P.copy()
    G[np.arange(n), y] -= 1
    G /= n
    gW = X.T @ G
    gb = G.sum(axis=0)
    return J, np.concatenate([gW.ravel(), gb])


def accuracy(theta, X, y):
    W, b = unpack(theta)
    return np.mean(np.argmax(X @ W + b, axis=1) == y)


X, y = make_digits(300)
theta = rng.normal(0, 1, D * K + K)

step = 1e-4
J, g = cost(theta, X, y)
for it in range(250):
    trial = theta - step * g
    J_new, g_new = cost(trial, X, y)
    if J_new < J:
        theta, J, g = trial, J_new, g_new
        step *= 1.1
    else:
        step *= 0.5
    if it % 50 == 0:
        print(f"it {it:3d}  J = {J:10.4f}  step = {step:.2e}  acc = {accuracy(theta, X, y):.3f}")

Xt, yt = make_digits(200)
print("train acc", accuracy(theta, X, y), " test acc", accuracy(theta, Xt, yt))
