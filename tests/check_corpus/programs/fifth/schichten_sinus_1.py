# Übung 5, Neuronale Netze (Gruppe 7: Hartmann / Öztürk)
# Kurvenanpassung an sin(x), Daten stehen in SPALTEN: X ist (d, N)
import numpy as np

np.random.seed(4)


class Schicht:
    """Vollverbundene Schicht, Gewichte (aus, ein), Bias (aus, 1)"""

    def __init__(self, ein, aus, aktivierung="tanh"):
        self.W = np.random.randn(aus, ein) / np.sqrt(ein)
        self.b = np.zeros((aus, 1))
        self.aktivierung = aktivierung

    def vorwaerts(self, X):
        self.ein = X
        Z = np.dot(self.W, X) + self.b
        self.aus = np.tanh(Z) if self.aktivierung == "tanh" else Z
        return self.aus

    def rueckwaerts(self, dA, rate):
        N = dA.shape[1]
        if self.aktivierung == "tanh":
            dZ = dA * (1 - self.aus ** 2)
        else:
            dZ = dA
        dW = np.dot(dZ, self.ein.T) / N
        db = np.sum(dZ, axis=1, keepdims=True) / N
        self.W = self.W - rate * dW
        self.b = self.b - rate * db
        # Fehler fuer die Schicht davor
        return np.dot(self.W.T, dZ)


class Netz:
    def __init__(self, groessen):
        self.schichten = []
        for i in range(len(groessen) - 1):
            letzte = i == len(groessen) - 2
            self.schichten.append(Schicht(groessen[i], groessen[i + 1], "linear" if letzte else "tanh"))

    def vorwaerts(self, X):
        for s in self.schichten:
            X = s.vorwaerts(X)
        return X

    def trainiere(self, X, Y, epochen, rate):
        for ep in range(epochen):
            A = self.vorwaerts(X)
            fehler = 0.5 * np.mean(np.sum((A - Y) ** 2, axis=0))
            d = A - Y
            for s in reversed(self.schichten):
                d = s.rueckwaerts(d, rate)
            if ep % 1000 == 0:
                print("Epoche %5d   Fehler %.6f" % (ep, fehler))


X = np.linspace(-np.pi, np.pi, 120).reshape(1, -1)
Y = np.sin(X) + 0.05 * np.random.randn(1, 120)

netz = Netz([1, 16, 16, 1])
netz.trainiere(X, Y, 6001, 0.05)
A = netz.vorwaerts(X)
print("max. Abweichung vom Sinus:", np.abs(A - np.sin(X)).max())
