# Petit réseau convolutif écrit à la main : rayures horizontales ou verticales ?
# conv 3x3 (4 filtres) -> ReLU -> moyenne globale -> sigmoïde
# boucles lentes mais lisibles
import numpy as np


def images(n, rng, cote=8):
    X = np.zeros((n, cote, cote))
    y = np.zeros(n)
    for i in range(n):
        phase = rng.integers(0, 2)
        motif = ((np.arange(cote) + phase) % 2).astype(float)
        if rng.random() < 0.5:
            X[i] = motif[:, None]           # horizontales
        else:
            X[i] = motif[None, :]           # verticales
            y[i] = 1.0
        X[i] += rng.normal(0, 0.5, (cote, cote))
    return X - 0.5, y


def conv(img, K, b):
    """corrélation valide, img (c,c), K (F,3,3) -> (F,c-2,c-2)"""
    m = img.shape[0] - 2
    out = np.zeros((K.shape[0], m, m))
    for i in range(m):
        for j in range(m):
            out[:, i, j] = np.sum(K * img[i:i + 3, j:j + 3], axis=(1, 2)) + b
    return out


def sigmoide(z):
    return 1 / (1 + np.exp(-np.clip(z, -30, 30)))


def avant(p, img):
    z = conv(img, p["K"], p["bk"])
    a = np.maximum(z, 0)
    f = a.mean(axis=(1, 2))
    s = f @ p["w"] + p["b"]
    return z, f, sigmoide(s)


def arriere(p, img, cible):
    z, f, prob = avant(p, img)
    ds = prob - cible                       # entropie croisée + sigmoïde
    df = ds * p["w"]
    m = z.shape[1]
    dz = df[:, None, None] * (z > 0)
    dK = np.zeros_like(p["K"])
    for i in range(m):
        for j in range(m):
            dK += dz[:, i, j][:, None, None] * img[i:i + 3, j:j + 3]
    return {"K": dK, "bk": dz.sum(axis=(1, 2)), "w": ds * f, "b": ds}


def perte(p, X, y):
    total = 0.0
    for img, t in zip(X, y):
        q = avant(p, img)[2]
        total -= t * np.log(q) + (1 - t) * np.log(1 - q)
    return total / len(X)


if __name__ == "__main__":
    rng = np.random.default_rng(6)
    X, y = images(60, rng)
    Xt, yt = images(60, rng)
    p = {
        "K": rng.normal(0, 0.3, (4, 3, 3)),
        "bk": np.zeros(4),
        "w": rng.normal(0, 0.5, 4),
        "b": 0.0,
    }
    pas = 0.1
    for ep in range(12):
        for i in rng.permutation(len(X)):
            g = arriere(p, X[i], y[i])
            for nom in p:
                p[nom] = p[nom] - pas * g[nom]
        if ep % 2 == 1:
            print("époque", ep + 1, "perte", round(perte(p, X, y), 4))
    bon = sum((avant(p, im)[2] > 0.5) == (t == 1) for im, t in zip(Xt, yt))
    print("test :", bon, "/", len(yt))
