# SVM linéaire par sous-gradient stochastique (mini-lots)
# objectif : lambda/2 * ||w||^2 + moyenne(max(0, 1 - y (w.x + b)))
import numpy as np


class SVMLineaire:
    def __init__(self, lam=0.01, pas=0.1, n_epoques=30, taille_lot=10, graine=0):
        self.lam = lam
        self.pas = pas
        self.n_epoques = n_epoques
        self.taille_lot = taille_lot
        self.rng = np.random.default_rng(graine)

    def objectif(self, X, y):
        marge = y * (X @ self.w + self.b)
        return 0.5 * self.lam * self.w @ self.w + np.mean(np.maximum(0, 1 - marge))

    def sous_gradient(self, X, y):
        marge = y * (X @ self.w + self.b)
        viol = marge < 1
        n = len(y)
        gw = self.lam * self.w - (y[viol] @ X[viol]) / n
        gb = -np.sum(y[viol]) / n
        return gw, gb

    def apprendre(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        for epoque in range(self.n_epoques):
            pas = self.pas / (1 + 0.1 * epoque)
            ordre = self.rng.permutation(len(X))
            Xp, yp = X[ordre], y
            for d in range(0, len(X), self.taille_lot):
                gw, gb = self.sous_gradient(Xp[d:d + self.taille_lot], yp[d:d + self.taille_lot])
                self.w -= pas * gw
                self.b -= pas * gb
            if epoque % 5 == 0:
                print("époque %2d  objectif %.4f" % (epoque, self.objectif(X, y)))
        return self

    def predire(self, X):
        return np.where(X @ self.w + self.b >= 0, 1, -1)


if __name__ == "__main__":
    rng = np.random.default_rng(5)
    X = np.vstack([rng.normal([3.0, 2.0], 1.0, (70, 2)), rng.normal([0.5, 0.0], 1.0, (70, 2))])
    y = np.hstack([np.ones(70), -np.ones(70)])
    svm = SVMLineaire().apprendre(X, y)
    print("w =", svm.w, " b =", round(float(svm.b), 4))
    print("taux de bonnes réponses :", np.mean(svm.predire(X) == y))
