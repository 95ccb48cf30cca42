# -*- coding: utf-8 -*-
"""Un petit réseau de neurones pour classer des points (cercle intérieur / extérieur)."""
import numpy as np


def sigmoide(z):
    return 1.0 / (1.0 + np.exp(-z))


def derivee_sigmoide(a):
    # a est déjà la sortie de la sigmoïde
    return a * (1.0 - a)


class Reseau:
    """Réseau à une couche cachée, les exemples sont en lignes."""

    def __init__(self, nb_entrees, nb_caches, nb_sorties, graine=0):
        alea = np.random.RandomState(graine)
        self.poids1 = alea.randn(nb_entrees, nb_caches) * 0.8
        self.biais1 = np.zeros((1, nb_caches))
        self.poids2 = alea.randn(nb_caches, nb_sorties) * 0.8
        self.biais2 = np.zeros((1, nb_sorties))

    def propager(self, X):
        self.z1 = X.dot(self.poids1) + self.biais1
        self.a1 = sigmoide(self.z1)
        self.z2 = self.a1.dot(self.poids2) + self.biais2
        self.a2 = sigmoide(self.z2)
        return self.a2

    def cout(self, X, y):
        # erreur quadratique moyenne (avec le 1/2 habituel)
        sortie = self.propager(X)
        return np.sum((sortie - y) ** 2) / (2 * len(X))

    def retropropager(self, X, y):
        m = len(X)
        # couche de sortie
        delta2 = (self.a2 - y) * derivee_sigmoide(self.a2)
        grad_poids2 = self.a1.T.dot(delta2)
        grad_biais2 = delta2.sum(axis=0, keepdims=True)
        # couche cachée
        delta1 = delta2.dot(self.poids2.T) * derivee_sigmoide(self.a1)
        grad_poids1 = X.T.dot(delta1)
        grad_biais1 = delta1.sum(axis=0, keepdims=True)
        return grad_poids1, grad_biais1, grad_poids2, grad_biais2

    def entrainer(self, X, y, taux=2.0, nb_epoques=1000):
        for epoque in range(nb_epoques):
            c = self.cout(X, y)
            gp1, gb1, gp2, gb2 = self.retropropager(X, y)
            self.poids1 -= taux * gp1
            self.biais1 -= taux * gb1
            self.poids2 -= taux * gp2
            self.biais2 -= taux * gb2
            if epoque % 200 == 0:
                print("époque", epoque, "coût =", c)


if __name__ == "__main__":
    rng = np.random.RandomState(4)
    angle = rng.uniform(0, 2 * np.pi, 120)
    rayon = np.where(np.arange(120) < 60, 0.5, 1.5) + 0.1 * rng.randn(120)
    X = np.column_stack([rayon * np.cos(angle), rayon * np.sin(angle)])
    y = (np.arange(120) >= 60).astype(float).reshape(-1, 1)

    reseau = Reseau(2, 6, 1)
    reseau.entrainer(X, y)
    prediction = reseau.propager(X) > 0.5
    print("coût final :", reseau.cout(X, y))
    print("exactitude :", np.mean(prediction == y))
