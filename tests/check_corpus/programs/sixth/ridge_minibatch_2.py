"""
Ridge regression by mini-batch SGD, checked against the closed form.

    L(w, b) = mean((X w + b - y)^2) + lam * |w|^2      (b is not penalised)
"""
import numpy as np


def make_data(n, d, noise, rng):
    X = rng.normal(size=(n, d))
    X[:, 1] = 0.9 * X[:, 0] + 0.1 * X[:, 1]      # two nearly collinear columns
    w_true = rng.uniform(-2, 2, size=d)
    y = X @ w_true + 1.5 + noise * rng.normal(size=n)
    return X, y


def init_params(d):
    return {"w": np.zeros(d), "b": 0.0}


def loss(params, X, y, lam):
    r = X @ params["w"] + params["b"] - y
    return np.mean(r ** 2) + lam * np.sum(params["w"] ** 2)


def gradients(params, X, y, lam):
    n = X.shape[0]
    r = X @ params["w"] + params["b"] - y
    dw = 2.0 * X.T @ r / n + 2.0 * lam * params["w"]
    db = 2.0 * np.sum(r) / n
    return {"w": dw, "b": db}


def train(X, y, hp):
    params = init_params(X.shape[1])
    n, bs = X.shape[0], hp["batch_size"]
    # rows are iid draws already, so no reshuffling here
    n_batches = n // bs
    for epoch in range(hp["epochs"]):
        lr = hp["lr"] / (1.0 + hp["decay"] * epoch)
        for k in range(n_batches):
            Xb = X[k * bs:(k + 1) * bs]
            yb = y[k * bs:(k + 1) * bs]
            g = gradients(params, Xb, yb, hp["lam"])
            for name in params:
                params[name] = params[name] - lr * g[name]
        if epoch % 20 == 0 or epoch == hp["epochs"] - 1:
            print(f"epoch {epoch:3d}  lr {lr:.4f}  loss {loss(params, X, y, hp['lam']):.5f}")
    return params


def closed_form(X, y, lam):
    xm, ym = X.mean(axis=0), y.mean()
    Xc, yc = X - xm, y - ym
    n, d = X.shape
    w = np.linalg.solve(Xc.T @ Xc / n + lam * np.eye(d), Xc.T @ yc / n)
    return {"w": w, "b": ym - xm @ w}


if __name__ == "__main__":
    rng = np.random.default_rng(5)
    X, y = make_data(n=90, d=5, noise=0.5, rng=rng)
    hp = {"lr": 0.05, "decay": 0.05, "epochs": 121, "batch_size": 32, "lam": 0.1}
    p = train(X, y, hp)
    q = closed_form(X, y, hp["lam"])
    print("sgd    w", np.round(p["w"], 3), "b", round(float(p["b"]), 3))
    print("exact  w", np.round(q["w"], 3), "b", round(float(q["b"]), 3))
