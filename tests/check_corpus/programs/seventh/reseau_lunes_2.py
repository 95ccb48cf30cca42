# -*- coding: utf-8 -*-
"""Petit réseau à deux couches cachées (ReLU), descente avec inertie.
Écrit pour comprendre, pas pour aller vite. -- Théo, printemps
"""
import numpy as np

alea = np.random.default_rng(2)


def lunes(n, bruit=0.12):
    t = alea.uniform(0, np.pi, n)
    haut = np.c_[np.cos(t), np.sin(t)]
    bas = np.c_[1 - np.cos(t), 0.5 - np.sin(t)]
    X = np.vstack([haut, bas]) + alea.normal(0, bruit, (2 * n, 2))
    y = np.r_[np.zeros(n), np.ones(n)].reshape(-1, 1)
    return X, y


class Couche:
    def __init__(self, entree, sortie):
        self.W = alea.normal(0, np.sqrt(2 / entree), (entree, sortie))
        self.b = np.zeros((1, sortie))
        self.vW = np.zeros_like(self.W)
        self.vb = np.zeros_like(self.b)

    def avant(self, x):
        self.x = x
        return x @ self.W + self.b

    def arriere(self, grad):
        self.gW = self.x.T @ grad
        self.gb = grad.sum(axis=0, keepdims=True)
        return grad @ self.W.T

    def pas(self, taux, mu):
        self.vW = -mu * self.vW - taux * self.gW
        self.vb = -mu * self.vb - taux * self.gb
        self.W += self.vW
        self.b += self.vb


class Relu:
    def avant(self, x):
        self.x = x
        return np.maximum(x, 0)

    def arriere(self, grad):
        return grad * (self.x > 0)

    def pas(self, taux, mu):
        pass


def sigmoide(z):
    return 0.5 * (1 + np.tanh(z / 2))      # forme stable


reseau = [Couche(2, 16), Relu(), Couche(16, 16), Relu(), Couche(16, 1)]
X, y = lunes(150)

for epoque in range(400):
    a = X
    for c in reseau:
        a = c.avant(a)
    p = sigmoide(a)
    # entropie croisée à partir du score : log(1+e^a) - y*a
    perte = np.mean(np.logaddexp(0, a) - y * a)

    grad = (p - y) / len(X)
    for c in reversed(reseau):
        grad = c.arriere(grad)
    for c in reseau:
        c.pas(taux=0.1, mu=0.9)

    if epoque % 50 == 0:
        print(f"époque {epoque:4d}  perte {perte:.4f}")

print(f"perte finale {perte:.4f}, justesse {np.mean((p > 0.5) == y):.3f}")
