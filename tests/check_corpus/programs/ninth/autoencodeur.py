# -*- coding: utf-8 -*-
# TP4 : auto-encodeur 12 -> 4 -> 12, sigmoides, perte = entropie croisee binaire
import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


class AutoEncodeur:
    def __init__(self, n_visible, n_code, taux=0.5, graine=0):
        gen = np.random.RandomState(graine)
        self.We = gen.randn(n_visible, n_code) * 0.3
        self.be = np.zeros(n_code)
        self.Wd = gen.randn(n_code, n_visible) * 0.3
        self.bd = np.zeros(n_visible)
        self.taux = taux
        self.gen = gen

    def encoder(self, x):
        return sigma(x @ self.We + self.be)

    def decoder(self, code):
        return sigma(code @ self.Wd + self.bd)

    def perte(self, x):
        r = np.clip(self.decoder(self.encoder(x)), 1e-9, 1 - 1e-9)
        return -np.sum(x * np.log(r) + (1 - x) * np.log(1 - r)) / len(x)

    def pas_gradient(self, x):
        n = len(x)
        code = self.encoder(x)
        r = self.decoder(code)
        delta_d = (r - x) / n
        delta_e = (delta_d @ self.Wd.T) * code * (1 - code)
        self.Wd -= self.taux * code.T @ delta_d
        self.bd -= self.taux * np.sum(delta_d, axis=0)
        self.We -= self.taux * x.T @ delta_e
        self.be -= self.taux * np.sum(delta_e, axis=0)

    def fit(self, X, epoques=200, lot=20):
        for ep in range(epoques):
            ordre = self.gen.permutation(len(X))
            for k in range(0, len(X), lot):
                self.pas_gradient(X[ordre[k:k + lot]])
            if ep % 40 == 0:
                print("epoque %3d perte %.4f" % (ep, self.perte(X)))
        return self


def motifs(n, graine=1):
    """4 causes cachees, chacune allume un bloc de trois pixels, plus un peu de bruit"""
    gen = np.random.RandomState(graine)
    causes = (gen.rand(n, 4) < 0.5).astype(float)
    X = np.repeat(causes, 3, axis=1)
    bruit = gen.rand(*X.shape) < 0.03
    X[bruit] = 1 - X[bruit]
    return X


if __name__ == "__main__":
    X = motifs(200)
    ae = AutoEncodeur(12, 4, taux=0.5).fit(X)
    recon = ae.decoder(ae.encoder(X))
    print("pixels corrects : %.3f" % np.mean((recon > 0.5) == (X > 0.5)))
    print(np.round(recon[0], 2))
    print(X[0].astype(int))
