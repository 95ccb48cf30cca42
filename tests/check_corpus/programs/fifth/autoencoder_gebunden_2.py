"""
Autoencoder mit gebundenen Gewichten (Decoder = Encoder transponiert)
12 Messkanäle -> 3 verborgene Größen -> 12 Kanäle
"""
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


class GebundenerAutoencoder:
    def __init__(self, d, h, rng):
        self.W = rng.normal(0, 0.3, (d, h))
        self.b_enc = np.zeros((1, h))
        self.b_dec = np.zeros((1, d))

    def kodiere(self, X):
        return sigmoid(X @ self.W + self.b_enc)

    def dekodiere(self, H):
        return H @ self.W.T + self.b_dec

    def verlust(self, X):
        return 0.5 * np.sum((self.dekodiere(self.kodiere(X)) - X) ** 2) / len(X)

    def gradienten(self, X):
        n = len(X)
        H = self.kodiere(X)
        R = self.dekodiere(H)
        dR = (R - X) / n
        dH = dR @ self.W
        dZ = dH
        # W kommt zweimal vor: im Encoder und im Decoder
        dW = X.T @ dZ + dR.T @ H
        return {"W": dW,
                "b_enc": dZ.sum(axis=0, keepdims=True),
                "b_dec": dR.sum(axis=0, keepdims=True)}


class Momentum:
    def __init__(self, modell, rate=0.05, mu=0.9):
        self.modell, self.rate, self.mu = modell, rate, mu
        self.v = {}

    def schritt(self, grads):
        for name, g in grads.items():
            alt = self.v.get(name, np.zeros_like(g))
            self.v[name] = self.mu * alt - self.rate * g
            setattr(self.modell, name, getattr(self.modell, name) + self.v[name])


def messdaten(n, rng):
    # drei verborgene Größen, nichtlinear in 12 Kanälen gemischt
    quelle = rng.uniform(-1, 1, (n, 3))
    M = rng.normal(size=(3, 12))
    return np.tanh(quelle @ M) + 0.02 * rng.normal(size=(n, 12))


def main():
    rng = np.random.default_rng(8)
    X = messdaten(250, rng)
    ae = GebundenerAutoencoder(12, 3, rng)
    opt = Momentum(ae)
    print("Varianz der Daten:", 0.5 * np.sum((X - X.mean(0)) ** 2) / len(X))
    for ep in range(1500):
        opt.schritt(ae.gradienten(X))
        if ep % 250 == 0 or ep == 1499:
            print("Epoche", ep, "Rekonstruktionsfehler %.5f" % ae.verlust(X))


if __name__ == "__main__":
    main()
