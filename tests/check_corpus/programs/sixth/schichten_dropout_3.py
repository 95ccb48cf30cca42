# -*- coding: utf-8 -*-
"""
Übungsblatt 6, Aufgabe 3: Netz aus Schichten mit Dropout, L2 und Adam
Gruppe 11
"""
import numpy as np

np.random.seed(11)


class Linear:
    def __init__(self, rein, raus):
        self.W = np.random.randn(rein, raus) * np.sqrt(2 / rein)
        self.b = np.zeros((1, raus))

    def vor(self, x, training=True):
        self.x = x
        return np.dot(x, self.W) + self.b

    def zurueck(self, g):
        self.dW = np.dot(self.x.T, g)
        self.db = np.sum(g, axis=0, keepdims=True)
        return np.dot(g, self.W.T)


class Relu:
    def vor(self, x, training=True):
        self.aktiv = x > 0
        return x * self.aktiv

    def zurueck(self, g):
        return g * self.aktiv


class Dropout:
    def __init__(self, p):
        self.behalten = 1 - p

    def vor(self, x, training=True):
        if training:
            self.maske = (np.random.rand(*x.shape) < self.behalten) / self.behalten
            return x * self.maske
        return x

    def zurueck(self, g):
        return g * self.maske


class Adam:
    def __init__(self, schichten, lr=0.005, b1=0.9, b2=0.999, lam=1e-3):
        self.schichten = [s for s in schichten if hasattr(s, "W")]
        self.lr, self.b1, self.b2, self.lam = lr, b1, b2, lam
        self.t = 0
        self.m = [[np.zeros_like(s.W), np.zeros_like(s.b)] for s in self.schichten]
        self.v = [[np.zeros_like(s.W), np.zeros_like(s.b)] for s in self.schichten]

    def schritt(self):
        self.t += 1
        for i, s in enumerate(self.schichten):
            for j, (p, g) in enumerate([(s.W, s.dW + self.lam * s.W), (s.b, s.db)]):
                self.m[i][j] = self.b1 * self.m[i][j] + (1 - self.b1) * g
                self.v[i][j] = self.b2 * self.v[i][j] + (1 - self.b2) * g ** 2
                m_dach = self.m[i][j] / (1 - self.b1 ** self.t)
                v_dach = self.v[i][j] / (1 - self.b2 ** self.t)
                p -= self.lr * m_dach / (np.sqrt(v_dach) + 1e-8)


def softmax(z):
    z = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def vorwaerts(netz, x, training):
    for s in netz:
        x = s.vor(x, training)
    return softmax(x)


def verlust(netz, p, t, lam):
    l2 = sum(np.sum(s.W ** 2) for s in netz if hasattr(s, "W"))
    return -np.sum(t * np.log(p + 1e-15)) / len(t) + 0.5 * lam * l2


# Daten: zwei Ringe und ein Kern in der Mitte
n = 450
klasse = np.random.randint(0, 3, n)
radius = klasse + 0.25 * np.random.randn(n)
winkel = 2 * np.pi * np.random.rand(n)
X = np.c_[radius * np.cos(winkel), radius * np.sin(winkel)]
T = np.eye(3)[klasse]
X_train, T_train, X_test, T_test = X[:350], T[:350], X[350:], T[350:]

relu = Relu()
netz = [Linear(2, 32), relu, Dropout(0.2), Linear(32, 32), relu, Dropout(0.2), Linear(32, 3)]
adam = Adam(netz)

for epoche in range(60):
    perm = np.random.permutation(len(X_train))
    for start in range(0, len(X_train), 50):
        idx = perm[start:start + 50]
        p = vorwaerts(netz, X_train[idx], True)
        g = (p - T_train[idx]) / len(idx)
        for s in reversed(netz):
            g = s.zurueck(g)
        adam.schritt()
    if (epoche + 1) % 10 == 0:
        p = vorwaerts(netz, X_test, False)
        treffer = np.mean(p.argmax(1) == T_test.argmax(1))
        print("Epoche %d: Verlust %.4f, Testgenauigkeit %.3f"
              % (epoche + 1, verlust(netz, p, T_test, adam.lam), treffer))
