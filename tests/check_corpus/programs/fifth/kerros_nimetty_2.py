# Harjoitus 5: kaksi piilokerrosta, ReLU, parametrit NamedTuplessa
from typing import NamedTuple
import numpy as np

arpa = np.random.RandomState(1)
LEVEYS = 16


class Parametrit(NamedTuple):
    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray
    W3: np.ndarray
    b3: np.ndarray


class Valit(NamedTuple):
    z1: np.ndarray
    a1: np.ndarray
    z2: np.ndarray
    a2: np.ndarray
    ulos: np.ndarray


def alusta(n_sis, n_ulos):
    he = lambda a, b: arpa.randn(a, b) * np.sqrt(2 / a)
    return Parametrit(he(n_sis, LEVEYS), np.zeros(LEVEYS),
                      he(LEVEYS, LEVEYS), np.zeros(LEVEYS),
                      he(LEVEYS, n_ulos), np.zeros(n_ulos))


def eteenpain(p, X):
    z1 = X @ p.W1 + p.b1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ p.W2 + p.b2
    a2 = np.maximum(z2, 0)
    return Valit(z1, a1, z2, a2, a2 @ p.W3 + p.b3)


def tappio(p, X, T):
    return np.sum((eteenpain(p, X).ulos - T) ** 2) / (2 * len(X))


def gradientti(p, X, T):
    v = eteenpain(p, X)
    d3 = (v.ulos - T) / len(X)
    d2 = (d3 @ p.W3.T) * (v.z2 < 0)
    d1 = (d2 @ p.W2.T) * (v.z1 > 0)
    return Parametrit(X.T @ d1, d1.sum(0),
                      v.a1.T @ d2, d2.sum(0),
                      v.a2.T @ d3, d3.sum(0))


def paivita(p, g, nopeus):
    return Parametrit(*(pi - nopeus * gi for pi, gi in zip(p, g)))


# kohdefunktio: satula + aalto
X = arpa.uniform(-1, 1, (300, 2))
T = (X[:, :1] ** 2 - X[:, 1:] ** 2) + 0.3 * np.sin(3 * X[:, :1])

p = alusta(2, 1)
for kierros in range(1501):
    if kierros % 300 == 0:
        print("kierros", kierros, "tappio", round(tappio(p, X, T), 6))
    p = paivita(p, gradientti(p, X, T), 0.1)

Xt = arpa.uniform(-1, 1, (100, 2))
Tt = (Xt[:, :1] ** 2 - Xt[:, 1:] ** 2) + 0.3 * np.sin(3 * Xt[:, :1])
print("testitappio", round(tappio(p, Xt, Tt), 6))
