"""MOOC homework: batch normalization between the affine layer and the tanh.

config goes through all functions as one dictionary, parameters as another one.
"""
import numpy as np

CONFIG = dict(hidden=24, lr=0.05, epochs=80, batch=40, bn_momentum=0.9, eps=1e-5, seed=12)


def init(cfg, d_in, rng):
    h = cfg["hidden"]
    P = {
        "W1": rng.standard_normal((d_in, h)) / np.sqrt(d_in),
        "gamma": np.ones(h),
        "beta": np.zeros(h),
        "W2": rng.standard_normal((h, 1)) / np.sqrt(h),
        "b2": np.zeros(1),
    }
    state = {"mean": np.zeros(h), "var": np.ones(h)}
    return P, state


def forward(P, state, X, cfg, train=True):
    z = X @ P["W1"]
    if train:
        mu, var = z.mean(axis=0), z.var(axis=0)
        k = cfg["bn_momentum"]
        state["mean"] = k * state["mean"] + (1 - k) * mu
        state["var"] = k * state["var"] + (1 - k) * var
    else:
        mu, var = state["mean"], state["var"]
    istd = 1.0 / np.sqrt(var + cfg["eps"])
    xc = z - mu
    zhat = xc * istd
    a = np.tanh(P["gamma"] * zhat + P["beta"])
    out = a @ P["W2"] + P["b2"]
    return out, (X, xc, istd, zhat, a)


def backward(P, cache, out, y):
    X, xc, istd, zhat, a = cache
    n = X.shape[0]
    dout = 2.0 * (out - y) / n
    G = {"W2": a.T @ dout, "b2": dout.sum(axis=0)}
    dt = (dout @ P["W2"].T) * (1 - a ** 2)
    G["gamma"] = (dt * zhat).sum(axis=0)
    G["beta"] = dt.sum(axis=0)
    dzhat = dt * P["gamma"]
    dvar = np.sum(dzhat * xc, axis=0) * -0.5 * istd ** 3
    dmu = -np.sum(dzhat * istd, axis=0) + dvar * np.mean(-2.0 * xc, axis=0)
    dz = dzhat * istd + dvar * 2.0 * xc / n + dmu / n
    G["W1"] = X.T @ dz
    return G


def train(P, state, X, y, cfg, rng):
    n = len(X)
    for epoch in range(cfg["epochs"]):
        perm = rng.permutation(n)
        for s in range(0, n, cfg["batch"]):
            ix = perm[s:s + cfg["batch"]]
            out, cache = forward(P, state, X[ix], cfg)
            G = backward(P, cache, out, y[ix])
            for name in P:
                P[name] = P[name] - cfg["lr"] * G[name]
        if epoch % 20 == 0:
            out, _ = forward(P, state, X, cfg, train=False)
            print("epoch", epoch, "mse", round(float(np.mean((out - y) ** 2)), 5))


def friedman(n, rng):
    X = rng.uniform(0, 1, (n, 4)) * np.array([1, 2, 5, 1])
    y = np.sin(np.pi * X[:, 0] * X[:, 1] / 2) + 2 * (X[:, 2] / 5 - 0.5) ** 2 + X[:, 3]
    return X, y[:, None]


if __name__ == "__main__":
    rng = np.random.default_rng(CONFIG["seed"])
    X, y = friedman(400, rng)
    X_val, y_val = friedman(200, rng)
    P, state = init(CONFIG, X.shape[1], rng)
    train(P, state, X, y, CONFIG, rng)
    pred, _ = forward(P, state, X_val, CONFIG, train=False)
    print("validation mse", np.mean((pred - y_val) ** 2), " variance of y", y_val.var())
