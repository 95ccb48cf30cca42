# Kleines CNN von Hand: waagrechte / senkrechte / diagonale Streifen
# Praktikum Bildverarbeitung, Blatt 6
import numpy as np

rng = np.random.default_rng(8)
G = 8       # Bildgröße
K = 3       # Filtergröße
F = 4       # Anzahl Filter
A = G - K + 1


def bilder(n):
    X = np.zeros((n, G, G))
    y = rng.integers(0, 3, n)
    i, j = np.indices((G, G))
    for k in range(n):
        ph = rng.integers(0, 4)
        muster = [i, j, i + j][y[k]]
        X[k] = ((muster + ph) % 4 < 2) - 0.5
    X += 0.3 * rng.normal(size=X.shape)
    return X, y


def faltung(X, W, b):
    out = np.zeros((X.shape[0], F, A, A))
    for p in range(A):
        for q in range(A):
            fenster = X[:, p:p + K, q:q + K]
            out[:, :, p, q] = np.einsum("nij,fij->nf", fenster, W) + b
    return out


def faltung_rueck(X, dZ):
    dW = np.zeros((F, K, K))
    for p in range(A):
        for q in range(A):
            fenster = X[:, p:p + K, q:q + K]
            dW += np.einsum("nf,nij->fij", dZ[:, :, p, q], fenster)
    db = dZ.sum(axis=(0, 2, 3))
    return dW, db


def vorwaerts(par, X):
    Z = faltung(X, par["Wc"], par["bc"])
    R = np.maximum(Z, 0)
    flach = R.reshape(len(X), -1)
    S = flach @ par["Wd"] + par["bd"]
    S = S - S.max(axis=1, keepdims=True)
    P = np.exp(S)
    P /= P.sum(axis=1, keepdims=True)
    return Z, flach, P


def rueckwaerts(par, X, y, Z, flach, P):
    n = len(X)
    dS = P.copy()
    dS[np.arange(n), y] -= 1
    dS /= n
    g = {}
    g["Wd"] = flach.T @ dS
    g["bd"] = dS.sum(axis=0)
    dR = (dS @ par["Wd"].T).reshape(Z.shape)
    dZ = dR * (dR > 0)
    g["Wc"], g["bc"] = faltung_rueck(X, dZ)
    return g


def verlust(P, y):
    return -np.mean(np.log(P[np.arange(len(y)), y] + 1e-12))


if __name__ == "__main__":
    X, y = bilder(300)
    Xt, yt = bilder(100)
    par = {
        "Wc": rng.normal(0, 0.3, (F, K, K)),
        "bc": np.zeros(F),
        "Wd": rng.normal(0, 0.1, (F * A * A, 3)),
        "bd": np.zeros(3),
    }
    lr = 0.1
    for epoche in range(10):
        reihenfolge = rng.permutation(len(X))
        summe = 0.0
        for s in range(0, len(X), 30):
            idx = reihenfolge[s:s + 30]
            Z, flach, P = vorwaerts(par, X[idx])
            summe += verlust(P, y[idx]) * len(idx)
            g = rueckwaerts(par, X[idx], y[idx], Z, flach, P)
            for name in par:
                par[name] -= lr * g[name]
        print("Epoche %2d  Verlust %.4f" % (epoche + 1, summe / len(X)))
    P = vorwaerts(par, Xt)[2]
    print("Testgenauigkeit:", np.mean(P.argmax(axis=1) == yt))
