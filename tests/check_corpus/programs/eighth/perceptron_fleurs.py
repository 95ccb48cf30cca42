# -*- coding: utf-8 -*-
"""
Un neurone, c'est quoi ? (partie 2 de l'article du blog)
On code le perceptron de Rosenblatt sur deux especes de fleurs inventees.
"""
import numpy as np

np.random.seed(3)


def fabriquer_fleurs(n):
    # longueur et largeur du petale, en cm
    espece_a = np.random.randn(n, 2) * [0.30, 0.15] + [1.5, 0.3]
    espece_b = np.random.randn(n, 2) * [0.45, 0.20] + [4.0, 1.3]
    X = np.vstack((espece_a, espece_b))
    y = np.hstack((-np.ones(n), np.ones(n)))
    return X, y


class Perceptron:
    def __init__(self, taux=0.1, n_passages=15):
        self.taux = taux
        self.n_passages = n_passages

    def entree_nette(self, x):
        return np.dot(x, self.w) + self.b

    def predire(self, x):
        return np.where(self.entree_nette(x) >= 0.0, 1, -1)

    def apprendre(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        self.erreurs = []
        for _ in range(self.n_passages):
            nb = 0
            for i in np.random.permutation(len(y)):
                maj = self.taux * (y[i] - self.predire(X[i]))
                self.w += maj * X[i]
                self.b += maj
                nb += int(maj != 0.0)
            self.erreurs.append(nb)
        return self


X, y = fabriquer_fleurs(50)
p = Perceptron(taux=0.1, n_passages=15)
p.apprendre(X, y)

print("erreurs par passage :", p.erreurs)
print("poids :", p.w, " biais :", p.b)
print("bien classees : %d / %d" % (np.sum(p.predire(X) == y), len(y)))
