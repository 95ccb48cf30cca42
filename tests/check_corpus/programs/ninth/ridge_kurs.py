"""
Inlämningsuppgift 2: ridge-regression med gradientnedstigning
J(w, b) = 1/N * sum (x.w + b - y)^2 + lam * sum w^2      (b straffas inte)
"""
import numpy as np

parametrar = {"steg": 0.05, "lam": 0.1, "iterationer": 400}


def generera(N=80, D=5, seed=11):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, D))
    w_sann = np.array([1.5, -2.0, 0.0, 0.7, 0.0])
    y = X @ w_sann + 0.5 + 0.2 * rng.standard_normal(N)
    return X, y


def kostnad(w, b, X, y, lam):
    r = X @ w + b - y
    return np.mean(r ** 2) + lam * np.sum(w ** 2)


def trana(X, y, p):
    N, D = X.shape
    w = np.zeros(D)
    b = 0.0
    for it in range(p["iterationer"]):
        r = X @ w + b - y
        gw = np.zeros(D)
        for j in range(D):
            gw[j] = 2 * np.mean(r * X[:, j]) + 2 * p["lam"] * w[j]
        gb = 2 * np.mean(r)
        w = w - p["steg"] * gw
        b = b - p["steg"] * gb
        if it % 100 == 0:
            print("it", it, "J =", round(kostnad(w, b, X, y, p["lam"]), 5))
    return w, b


def sluten_form(X, y, lam):
    # facit: centrera och lös normalekvationerna
    N, D = X.shape
    Xc = X - X.mean(0)
    yc = y - y.mean()
    w = np.linalg.solve(Xc.T @ Xc / N + lam * np.eye(D), Xc.T @ yc / N)
    return w, y.mean() - X.mean(0) @ w


if __name__ == "__main__":
    X, y = generera()
    w, b = trana(X, y, parametrar)
    w_f, b_f = sluten_form(X, y, parametrar["lam"])
    print("GD:   ", np.round(w, 4), np.round(b, 4))
    print("facit:", np.round(w_f, 4), np.round(b_f, 4))
