# Un réseau de neurones en style fonctionnel : chaque couche est une paire
# (avant, arriere), tout est fermeture, aucune classe.
import numpy as np

alea = np.random.default_rng(314)


def lineaire(entrees, sorties):
    W = alea.normal(0, np.sqrt(2 / entrees), (entrees, sorties))
    b = np.zeros((1, sorties))

    def avant(x):
        return x @ W + b, x

    def arriere(g, x, eta):
        gx = g @ W.T
        W[...] -= eta * (x.T @ g)
        b[...] -= eta * g.sum(axis=0, keepdims=True)
        return gx

    return avant, arriere


def leaky_relu(pente=0.1):
    def avant(x):
        return np.where(x > 0, x, pente * x), x

    def arriere(g, x, eta):
        return np.where(x > 0, g, pente * g)

    return avant, arriere


def softmax():
    def avant(x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return p, p

    def arriere(g, p, eta):
        # jacobienne : diag(p) - p p^T, appliquée ligne par ligne
        return p * (g - (g * p).sum(axis=1, keepdims=True))

    return avant, arriere


def propage(reseau, x):
    memo = []
    for avant, _ in reseau:
        x, m = avant(x)
        memo.append(m)
    return x, memo


def retro(reseau, memo, g, eta):
    for (_, arriere), m in zip(reversed(reseau), reversed(memo)):
        g = arriere(g, m, eta)
    return g


def entropie_croisee(p, t):
    """perte moyenne et gradient par rapport à p"""
    q = np.maximum(p, 1e-12)
    return -np.mean(np.sum(t * np.log(q), axis=1)), -t / q / len(p)


# trois bras de spirale
n = 80
r = np.linspace(0.1, 1, n)
X, t = [], []
for k in range(3):
    phi = 2 * np.pi * k / 3 + 3 * r + 0.1 * alea.normal(size=n)
    X.append(np.c_[r * np.cos(phi), r * np.sin(phi)])
    t.append(np.tile(np.eye(3)[k], (n, 1)))
X, t = np.vstack(X), np.vstack(t)

reseau = [lineaire(2, 24), leaky_relu(), lineaire(24, 12), leaky_relu(), lineaire(12, 3), softmax()]

taille = 32
for epoque in range(150):
    ordre = alea.permutation(len(X))
    for debut in range(0, len(X), taille):
        sel = ordre[debut:debut + taille]
        p, memo = propage(reseau, X[sel])
        perte, g = entropie_croisee(p, t[sel])
        retro(reseau, memo, g, eta=0.15)
    if epoque % 25 == 24:
        p, _ = propage(reseau, X)
        juste = np.mean(p.argmax(1) == t.argmax(1))
        print(f"époque {epoque + 1:3d}  perte {entropie_croisee(p, t)[0]:.4f}  précision {juste:.3f}")
