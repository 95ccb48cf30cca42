# two moons, one hidden layer of leaky ReLUs, RMSProp
# (wrote this to understand what keras does when I type optimizer='rmsprop')
import numpy as np

SLOPE = 0.05


def make_moons(n, noise, rng):
    half = n // 2
    t = rng.uniform(0, np.pi, half)
    upper = np.c_[np.cos(t), np.sin(t)]
    lower = np.c_[1 - np.cos(t), 0.4 - np.sin(t)]
    X = np.concatenate([upper, lower]) + rng.normal(0, noise, (2 * half, 2))
    y = np.concatenate([np.zeros(half), np.ones(half)])
    return X, y[:, None]


def leaky(z):
    return np.where(z > 0, z, SLOPE * z)


def leaky_grad(z):
    return np.where(z > 0, SLOPE, 1.0)


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def forward(p, X):
    z = X @ p["W1"] + p["b1"]
    h = leaky(z)
    logit = h @ p["W2"] + p["b2"]
    return z, h, logit


def bce(logit, y):
    # log(1 + e^s) - y s, no overflow
    return np.mean(np.logaddexp(0, logit) - y * logit)


def backward(p, X, y):
    z, h, logit = forward(p, X)
    g = {}
    dlogit = (sigmoid(logit) - y) / len(X)
    g["W2"] = h.T @ dlogit
    g["b2"] = dlogit.sum(axis=0)
    dz = dlogit @ p["W2"].T * leaky_grad(z)
    g["W1"] = X.T @ dz
    g["b1"] = dz.sum(axis=0)
    return g


def rmsprop_step(p, g, cache, lr, rho, eps=1e-7):
    for k in p:
        cache[k] = rho * cache[k] + (1 - rho) * g[k] ** 2
        p[k] -= lr * g[k] / (np.sqrt(cache[k]) + eps)


def accuracy(p, X, y):
    return np.mean((forward(p, X)[2] > 0) == (y > 0.5))


if __name__ == "__main__":
    rng = np.random.default_rng(21)
    X, y = make_moons(300, 0.12, rng)
    X_val, y_val = make_moons(100, 0.12, rng)
    n_hidden = 20
    p = {
        "W1": rng.normal(0, 1, (2, n_hidden)),
        "b1": np.zeros(n_hidden),
        "W2": rng.normal(0, np.sqrt(2 / n_hidden), (n_hidden, 1)),
        "b2": np.zeros(1),
    }
    cache = {k: np.zeros_like(v) for k, v in p.items()}

    batch = 32
    for epoch in range(1, 61):
        idx = rng.permutation(len(X))
        for s in range(0, len(X), batch):
            b = idx[s:s + batch]
            g = backward(p, X[b], y[b])
            rmsprop_step(p, g, cache, lr=0.005, rho=0.9)
        if epoch % 10 == 0:
            print(f"epoch {epoch:2d} train loss {bce(forward(p, X)[2], y):.4f} val loss {bce(forward(p, X_val)[2], y_val):.4f} val acc {accuracy(p, X_val, y_val):.3f}")
