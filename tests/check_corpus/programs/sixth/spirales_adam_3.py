"""
Deux spirales -> trois spirales : réseau 2-16-16-3, tanh, softmax, Adam à la main.
M1 Info, devoir maison.
"""
import numpy as np

PARAM = {
    "cachees": 16,
    "lr": 0.01,
    "beta1": 0.9,
    "beta2": 0.999,
    "eps": 1e-8,
    "epoques": 60,
    "lot": 50,
    "graine": 1,
}


def spirales(n, rng, k=3):
    X, y = [], []
    for c in range(k):
        r = np.linspace(0.1, 1, n)
        theta = np.linspace(c * 2 * np.pi / k, c * 2 * np.pi / k + 3.5, n) + rng.normal(0, 0.12, n)
        X.append(np.c_[r * np.cos(theta), r * np.sin(theta)])
        y.append(np.full(n, c))
    return np.vstack(X) * 2, np.hstack(y)


def initialiser(h, rng):
    W1 = rng.normal(size=(2, h)) / np.sqrt(2)
    W2 = rng.normal(size=(h, h)) / np.sqrt(h)
    W3 = rng.normal(size=(h, 3)) / np.sqrt(h)
    return [W1, np.zeros(h), W2, np.zeros(h), W3, np.zeros(3)]


def avant(params, X):
    W1, b1, W2, b2, W3, b3 = params
    h1 = np.tanh(X @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    s = h2 @ W3 + b3
    s -= s.max(axis=1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    return h1, h2, logp


def perte(params, X, y):
    logp = avant(params, X)[-1]
    return -logp[np.arange(len(y)), y].mean()


def arriere(params, X, y):
    W1, b1, W2, b2, W3, b3 = params
    h1, h2, logp = avant(params, X)
    d3 = np.exp(logp)
    d3[np.arange(len(y)), y] -= 1.0
    d3 /= len(y)
    gW3, gb3 = h1.T @ d3, d3.sum(0)
    d2 = (d3 @ W3.T) * (1 - h2 * h2)
    gW2, gb2 = h1.T @ d2, d2.sum(0)
    d1 = (d2 @ W2.T) * (1 - h1 * h1)
    gW1, gb1 = X.T @ d1, d1.sum(0)
    return [gW1, gb1, gW2, gb2, gW3, gb3]


def adam(params, grads, etat, cfg):
    etat["t"] += 1
    t = etat["t"]
    for i, g in enumerate(grads):
        etat["m"][i] = cfg["beta1"] * etat["m"][i] + (1 - cfg["beta1"]) * g
        etat["v"][i] = cfg["beta2"] * etat["v"][i] + (1 - cfg["beta2"]) * g ** 2
        m_chap = etat["m"][i] / (1 - cfg["beta1"] ** t)
        v_chap = etat["v"][i] / (1 - cfg["beta2"] ** t)
        params[i] -= cfg["lr"] * m_chap / (np.sqrt(v_chap) + cfg["eps"])


def main(cfg):
    rng = np.random.default_rng(cfg["graine"])
    X, y = spirales(100, rng)
    params = initialiser(cfg["cachees"], rng)
    etat = {"t": 0, "m": [np.zeros_like(p) for p in params], "v": [np.zeros_like(p) for p in params]}
    for ep in range(cfg["epoques"]):
        ordre = rng.permutation(len(X))
        for i in range(0, len(X), cfg["lot"]):
            ind = ordre[i:i + cfg["lot"]]
            grads = arriere(params, X[ind], y[ind])
            adam(params, grads, etat, cfg)
        if ep % 10 == 0:
            print(f"époque {ep:3d}  perte {perte(params, X, y):.4f}")
    pred = avant(params, X)[-1].argmax(axis=1)
    print("perte finale", round(perte(params, X, y), 4), " exactitude", (pred == y).mean())


if __name__ == "__main__":
    main(PARAM)
