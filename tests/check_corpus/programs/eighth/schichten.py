# Uebungsblatt 5, Aufgabe 2: Schichten eines neuronalen Netzes
# Konvention: jede SPALTE ist ein Beispiel (wie in der Vorlesung), X: (d, n)
import numpy as np

rng = np.random.default_rng(5)


class Schicht:
    def parameter(self):
        return []

    def gradienten(self):
        return []


class Affin(Schicht):
    def __init__(self, d_ein, d_aus):
        r = np.sqrt(6 / (d_ein + d_aus))
        self.W = rng.uniform(-r, r, (d_aus, d_ein))
        self.b = np.zeros((d_aus, 1))

    def vorwaerts(self, X):
        self.X = X
        return self.W @ X + self.b

    def rueckwaerts(self, delta):
        self.gW = delta @ self.X.T
        self.gb = delta.sum(axis=1, keepdims=True)
        return self.W.T @ delta

    def parameter(self):
        return [self.W, self.b]

    def gradienten(self):
        return [self.gW, self.gb]


class Logistisch(Schicht):
    def vorwaerts(self, X):
        self.Y = 1 / (1 + np.exp(-np.clip(X, -60, 60)))
        return self.Y

    def rueckwaerts(self, delta):
        return delta * self.Y * (1 - self.Y)


class Softplus(Schicht):
    def vorwaerts(self, X):
        self.X = X
        return np.logaddexp(0, X)

    def rueckwaerts(self, delta):
        return delta / (1 + np.exp(-np.clip(self.X, -60, 60)))


class Softmax(Schicht):
    def vorwaerts(self, X):
        E = np.exp(X - X.max(axis=0))
        self.P = E / E.sum(axis=0)
        return self.P

    def rueckwaerts(self, delta):
        # (diag(p) - p p^T) delta, spaltenweise
        return self.P * (delta - (self.P * delta).sum(axis=0))


class Kreuzentropie:
    """Mittel ueber die n Beispiele, T ist one-hot (k, n)"""

    def wert(self, P, T):
        return -np.sum(T * np.log(np.maximum(P, 1e-15))) / T.shape[1]

    def ableitung(self, P, T):
        return -T / np.maximum(P, 1e-15) / T.shape[1]


class Quadratisch:
    """halber quadratischer Fehler, Mittel ueber die Beispiele"""

    def wert(self, Y, T):
        return 0.5 * np.sum((Y - T) ** 2) / T.shape[1]

    def ableitung(self, Y, T):
        return (Y - T) / T.shape[1]


class Netz:
    def __init__(self, schichten, verlust):
        self.schichten = schichten
        self.verlust = verlust

    def vorwaerts(self, X):
        for s in self.schichten:
            X = s.vorwaerts(X)
        return X

    def schritt(self, X, T, eta, lam=0.0):
        """ein Gradientenschritt; lam/2 * |W|^2 nur auf die Gewichte, nicht auf b"""
        Y = self.vorwaerts(X)
        J = self.verlust.wert(Y, T)
        delta = self.verlust.ableitung(Y, T)
        for s in reversed(self.schichten):
            delta = s.rueckwaerts(delta)
        for s in self.schichten:
            if isinstance(s, Affin):
                J += 0.5 * lam * np.sum(s.W ** 2)
                s.gW += lam * s.W
            for p, g in zip(s.parameter(), s.gradienten()):
                p -= eta * g
        return J
