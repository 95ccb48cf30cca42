"""Présence / absence d'une espèce selon l'habitat.
Petit réseau : ReLU + dropout, RMSProp, entropie croisée binaire.
Les relevés sont simulés (altitude, pente, humidité, couvert, pH).
"""
import numpy as np

rng = np.random.default_rng(14)


def simuler_releves(n):
    env = rng.normal(size=(n, 5))
    # optimum écologique : altitude et humidité moyennes, couvert élevé
    score = 2.0 - 1.5 * env[:, 0] ** 2 - 1.0 * (env[:, 2] - 0.4) ** 2 + 1.2 * env[:, 3]
    proba = 1 / (1 + np.exp(-2 * score))
    presence = (rng.random(n) < proba).astype(float)
    return env, presence.reshape(n, 1)


def sigmoide(z):
    return 1 / (1 + np.exp(-z))


class Reseau:
    def __init__(self, n_entree, n_cache, garder=0.8):
        self.W1 = rng.normal(size=(n_entree, n_cache)) * np.sqrt(2.0 / n_entree)
        self.b1 = np.zeros(n_cache)
        self.W2 = rng.normal(size=(n_cache, 1)) * np.sqrt(1.0 / n_cache)
        self.b2 = np.zeros(1)
        self.garder = garder          # probabilité de garder un neurone
        self.noms = ["W1", "b1", "W2", "b2"]
        self.cache_rms = {nom: 0.0 for nom in self.noms}

    def avant(self, x, entrainement=False):
        z1 = x @ self.W1 + self.b1
        a1 = np.maximum(z1, 0)
        if entrainement:
            masque = (rng.random(a1.shape) < self.garder) / self.garder
        else:
            masque = np.ones_like(a1)
        d1 = a1 * masque
        p = sigmoide(d1 @ self.W2 + self.b2)
        return p, (x, z1, d1, masque)

    def arriere(self, p, y, memoire):
        x, z1, d1, masque = memoire
        n = x.shape[0]
        dz2 = (p - y) / n
        grads = {"W2": d1.T @ dz2, "b2": dz2.sum(axis=0)}
        da1 = (dz2 @ self.W2.T) * masque
        dz1 = da1 * (z1 > 0)
        grads["W1"] = x.T @ dz1
        grads["b1"] = dz1.sum(axis=0)
        return grads

    def pas_rmsprop(self, grads, taux=0.003, rho=0.9, eps=1e-8):
        for nom in self.noms:
            g = grads[nom]
            self.cache_rms[nom] = rho * self.cache_rms[nom] + (1 - rho) * g ** 2
            valeur = getattr(self, nom)
            setattr(self, nom, valeur - taux * g / (np.sqrt(self.cache_rms[nom]) + eps))


def entropie(p, y):
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


X, Y = simuler_releves(600)
Xv, Yv = simuler_releves(300)
net = Reseau(5, 24)
lot = 32

for ep in range(60):
    ordre = rng.permutation(len(X))
    for k in range(0, len(X), lot):
        sel = ordre[k:k + lot]
        p, mem = net.avant(X[sel], entrainement=True)
        net.pas_rmsprop(net.arriere(p, Y[sel], mem))
    if (ep + 1) % 15 == 0:
        pt, _ = net.avant(X)
        pv, _ = net.avant(Xv)
        print(f"époque {ep + 1:3d} : train {entropie(pt, Y):.4f}  validation {entropie(pv, Yv):.4f}")

pv, _ = net.avant(Xv)
print("exactitude validation :", np.mean((pv > 0.5) == (Yv > 0.5)))
