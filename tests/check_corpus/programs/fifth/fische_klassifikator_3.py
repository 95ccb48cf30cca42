# Aufgabe 3b: Softmax-Klassifikator für Fischarten auf ROHEN Messwerten
# (bewusst ohne Skalierung, Länge in mm, Gewicht in g, Höhe in mm)
import numpy as np


class FischDaten:
    ARTEN = ["Barsch", "Hecht", "Brasse"]

    def __init__(self, n, zufall):
        laenge = np.array([240.0, 480.0, 300.0])
        gewicht = np.array([250.0, 800.0, 550.0])
        hoehe = np.array([70.0, 80.0, 130.0])
        self.y = zufall.integers(0, 3, n)
        groesse = zufall.normal(1, 0.12, n)
        self.X = np.column_stack([laenge[self.y] * groesse,
                                  gewicht[self.y] * groesse ** 3,
                                  hoehe[self.y] * groesse])
        self.X += zufall.normal(0, 1, (n, 3)) * [10, 25, 4]


class SoftmaxKlassifikator:
    def __init__(self, merkmale, klassen, zufall):
        self.W = zufall.normal(0, 1, (klassen, merkmale))
        self.b = np.zeros(klassen)
        self.zufall = zufall

    def punkte(self, X):
        S = X @ self.W.T + self.b
        return S - S.max(axis=1, keepdims=True)     # ändert Softmax nicht

    def wahrscheinlichkeiten(self, X):
        E = np.exp(self.punkte(X))
        return E / E.sum(axis=1, keepdims=True)

    def verlust(self, X, y):
        S = self.punkte(X)
        log_p = S[np.arange(len(y)), y] - np.log(np.exp(S).sum(axis=1))
        return -np.mean(log_p)

    def gradient(self, X, y):
        D = self.wahrscheinlichkeiten(X)
        D[np.arange(len(y)), y] -= 1
        D /= len(y)
        return D.T @ X, D.sum(axis=0)

    def trainiere(self, X, y, epochen=300, rate=1e-4, stapel=25):
        beste = (self.verlust(X, y), self.W.copy(), self.b.copy())
        for ep in range(epochen):
            Xm = self.zufall.permutation(X)
            ym = self.zufall.permutation(y)
            for a in range(0, len(y), stapel):
                dW, db = self.gradient(Xm[a:a + stapel], ym[a:a + stapel])
                self.W -= rate * dW
                self.b -= rate * db
            v = self.verlust(X, y)
            if v < beste[0]:
                beste = (v, self.W.copy(), self.b.copy())
            if ep % 50 == 0:
                print("Epoche %3d: Verlust %.4f" % (ep, v))
        # das beste Modell behalten, der Verlust springt bei rohen Werten
        v, self.W, self.b = beste
        return v


if __name__ == "__main__":
    zufall = np.random.default_rng(14)
    lernen = FischDaten(200, zufall)
    testen = FischDaten(200, zufall)
    k = SoftmaxKlassifikator(3, 3, zufall)
    print("Start: Verlust %.4f" % k.verlust(lernen.X, lernen.y))
    print("bester Verlust: %.4f" % k.trainiere(lernen.X, lernen.y))
    P = k.wahrscheinlichkeiten(testen.X)
    for i, art in enumerate(FischDaten.ARTEN):
        m = testen.y == i
        print("%-7s richtig: %.2f" % (art, np.mean(P[m].argmax(axis=1) == i)))
