# Autoencoder met gedeelde gewichten: de decoder gebruikt W.T van de encoder
import numpy as np


def maak_data(n, rng):
    """punten op een gebogen lijn in 6 dimensies"""
    t = rng.uniform(-1, 1, (n, 2))
    basis = rng.standard_normal((2, 6))
    return np.tanh(t @ basis) + 0.05 * rng.standard_normal((n, 6))


def voorwaarts(params, x):
    W, b, c = params
    h = np.tanh(x @ W + b)
    r = h @ W.T + c
    return h, r


def verlies(params, x):
    _, r = voorwaarts(params, x)
    return np.sum((r - x) ** 2) / (2 * len(x))


def gradient(params, x):
    W, b, c = params
    h, r = voorwaarts(params, x)
    dr = (r - x) / len(x)
    dc = dr.sum(axis=0)
    dh = dr @ W
    dz = dh * (1 - h ** 2)
    db = dz.sum(axis=0)
    dW = x.T @ dz
    return dW, db, dc


def train(x, n_code, lr, stappen, rng):
    W = 0.3 * rng.standard_normal((x.shape[1], n_code))
    b = np.zeros(n_code)
    c = np.zeros(x.shape[1])
    for stap in range(stappen):
        dW, db, dc = gradient((W, b, c), x)
        W = W - lr * dW
        b = b - lr * db
        c = c - lr * dc
        if stap % 100 == 0:
            print(f"stap {stap:4d}: verlies {verlies((W, b, c), x):.5f}")
    return W, b, c


rng = np.random.default_rng(3)
x = maak_data(150, rng)
params = train(x, n_code=2, lr=0.1, stappen=600, rng=rng)
print("eindverlies", verlies(params, x))
print("variantie van de data", 0.5 * np.sum(x.var(axis=0)))
