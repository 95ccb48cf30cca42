"""Classificar vins de tres comarques (dades simulades).
Xarxa de dues capes amagades ReLU + softmax, SGD amb moment, mini-lots."""
import numpy as np

gen = np.random.default_rng(2024)


def fer_dades(n_per_classe=67):
    centres = gen.normal(0, 1.5, (3, 6))
    X, c = [], []
    for k in range(3):
        X.append(centres[k] + gen.normal(0, 1.0, (n_per_classe, 6)))
        c += [k] * n_per_classe
    return np.concatenate(X), np.array(c)


def inicialitza(mides):
    pars = {}
    for i in range(len(mides) - 1):
        pars[f"W{i+1}"] = gen.normal(0, np.sqrt(2 / mides[i]), (mides[i], mides[i + 1]))
        pars[f"b{i+1}"] = np.zeros(mides[i + 1])
    return pars


def endavant(p, X):
    z1 = X @ p["W1"] + p["b1"]
    a1 = np.maximum(z1, 0)
    z2 = a1 @ p["W2"] + p["b2"]
    a2 = np.maximum(z2, 0)
    z3 = a2 @ p["W3"] + p["b3"]
    z3 = z3 - z3.max(axis=1, keepdims=True)
    logp = z3 - np.log(np.exp(z3).sum(axis=1, keepdims=True))
    return logp, (X, z1, a1, z2, a2)


def enrere(p, memoria, logp, Y):
    X, z1, a1, z2, a2 = memoria
    m = len(X)
    g = {}
    d3 = (np.exp(logp) - Y) / m
    g["W3"] = a2.T @ d3
    g["b3"] = d3.sum(axis=0)
    d2 = d3 @ p["W3"].T
    d2[z2 <= 0] = 0
    g["W2"] = a1.T @ d2
    g["b2"] = d2.sum(axis=0)
    d1 = d2 @ p["W2"].T
    d1[z1 <= 0] = 0
    g["W1"] = X.T @ d1
    g["b1"] = d1.sum(axis=0)
    return g


X, c = fer_dades()
X = (X - X.mean(axis=0)) / X.std(axis=0)
Y = np.eye(3)[c]
p = inicialitza([6, 16, 10, 3])
v = {k: np.zeros_like(p[k]) for k in p}
eta, mu, lot = 0.05, 0.9, 32
N = len(X)

for epoca in range(60):
    ordre = gen.permutation(N)
    perdua = 0.0
    for inici in range(0, N, lot):
        tria = ordre[inici:lot]
        logp, mem = endavant(p, X[tria])
        perdua -= (Y[tria] * logp).sum()
        g = enrere(p, mem, logp, Y[tria])
        for k in p:
            v[k] = mu * v[k] - eta * g[k]
            p[k] += v[k]
    if epoca % 10 == 0:
        print(f"època {epoca:3d}  pèrdua {perdua / N:.4f}")

logp, _ = endavant(p, X)
print("encerts:", np.mean(logp.argmax(axis=1) == c))
