# Übung 1: Neuronale Netze "zu Fuß" (Deep Learning, WS)
# Gruppe 17 - Schichten, Optimierer, Netz
import copy
import numpy as np


class Sgd:
    def __init__(self, lernrate):
        self.lernrate = lernrate

    def neue_gewichte(self, gewichte, gradient):
        return gewichte - self.lernrate * gradient


class Adam:
    def __init__(self, lernrate, mu=0.9, rho=0.999):
        self.lernrate, self.mu, self.rho = lernrate, mu, rho
        self.v = 0.0
        self.r = 0.0
        self.k = 0

    def neue_gewichte(self, gewichte, gradient):
        self.k += 1
        self.v = self.mu * self.v + (1 - self.mu) * gradient
        self.r = self.rho * self.r + (1 - self.rho) * gradient ** 2
        v_dach = self.v / (1 - self.mu ** self.k)
        r_dach = self.r / (1 - self.rho ** self.k)
        return gewichte - self.lernrate * v_dach / (np.sqrt(r_dach) + 1e-8)


class VollVerbunden:
    """Gewichte (ein + 1, aus); die letzte Zeile ist der Bias."""

    def __init__(self, ein, aus):
        self.gewichte = np.random.uniform(-1, 1, (ein + 1, aus)) * np.sqrt(3.0 / ein)
        self.gewichte[-1] = 0
        self.optimierer = None

    def vorwaerts(self, x):
        self.x = np.hstack([x, np.ones((x.shape[0], 1))])
        return self.x @ self.gewichte

    def rueckwaerts(self, fehler):
        self.gradient = self.x.T @ fehler
        if self.optimierer is not None:
            self.gewichte = self.optimierer.neue_gewichte(self.gewichte, self.gradient)
        return fehler @ self.gewichte[:-1].T


class ReLU:
    def vorwaerts(self, x):
        self.x = x
        return np.maximum(0, x)

    def rueckwaerts(self, fehler):
        return fehler * (self.x > 0)


class SoftMax:
    def vorwaerts(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def rueckwaerts(self, fehler):
        return self.y * (fehler - (fehler * self.y).sum(axis=1, keepdims=True))


class KreuzEntropie:
    """Summe (nicht Mittel!) über den Stapel, wie auf dem Blatt verlangt."""
    eps = np.finfo(float).eps

    def vorwaerts(self, y_dach, y):
        self.y_dach = y_dach
        return -np.sum(y * np.log(y_dach + self.eps))

    def rueckwaerts(self, y):
        return -y / (self.y_dach + self.eps)


class Netz:
    def __init__(self, optimierer):
        self.optimierer = optimierer
        self.schichten = []
        self.verlust = KreuzEntropie()
        self.verlauf = []

    def anhaengen(self, schicht):
        if hasattr(schicht, "optimierer"):
            schicht.optimierer = copy.deepcopy(self.optimierer)
        self.schichten.append(schicht)

    def vorhersage(self, x):
        for s in self.schichten:
            x = s.vorwaerts(x)
        return x

    def trainiere(self, x, y, runden):
        for _ in range(runden):
            self.verlauf.append(self.verlust.vorwaerts(self.vorhersage(x), y))
            fehler = self.verlust.rueckwaerts(y)
            for s in reversed(self.schichten):
                fehler = s.rueckwaerts(fehler)


if __name__ == "__main__":
    np.random.seed(3)
    winkel = np.random.rand(150) * 2 * np.pi
    klasse = np.repeat([0, 1, 2], 50)
    punkte = np.c_[np.cos(winkel), np.sin(winkel)] * (klasse[:, None] + 1) + 0.1 * np.random.randn(150, 2)
    ziel = np.eye(3)[klasse]

    netz = Netz(Adam(5e-3))
    netz.anhaengen(VollVerbunden(2, 24))
    netz.anhaengen(ReLU())
    netz.anhaengen(VollVerbunden(24, 3))
    netz.anhaengen(SoftMax())
    netz.trainiere(punkte, ziel, 400)
    treffer = np.mean(netz.vorhersage(punkte).argmax(1) == klasse)
    print("Verlust %.2f -> %.2f, Treffer %.1f %%" % (netz.verlauf[0], netz.verlauf[-1], 100 * treffer))
