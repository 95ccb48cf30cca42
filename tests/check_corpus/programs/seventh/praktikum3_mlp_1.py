# Praktikum 3, Maschinelles Lernen (WS 21/22)
# Gruppe 7: mehrschichtiges Perzeptron aus Bausteinen
import numpy as np

rng = np.random.default_rng(42)


class Dicht:
    def __init__(self, n_ein, n_aus):
        self.W = rng.normal(0.0, 1.0 / np.sqrt(n_ein), size=(n_ein, n_aus))
        self.b = np.zeros(n_aus)

    def vorwaerts(self, x):
        self.x = x
        return x @ self.W + self.b

    def rueckwaerts(self, delta, lernrate):
        dW = self.x.T @ delta
        db = delta.sum(axis=0)
        self.W -= lernrate * dW
        self.b -= lernrate * db
        return delta @ self.W.T


class Sigmoid:
    def vorwaerts(self, x):
        self.y = 1.0 / (1.0 + np.exp(-x))
        return self.y

    def rueckwaerts(self, delta, lernrate):
        return delta * self.y * (1.0 - self.y)


class Softmax:
    def vorwaerts(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def rueckwaerts(self, delta, lernrate):
        # Jacobi-Matrix mal Vektor, zeilenweise
        s = (delta * self.p).sum(axis=1, keepdims=True)
        return self.p * (delta - s)


class Kreuzentropie:
    eps = 1e-12

    def wert(self, p, t):
        return -np.mean(np.sum(t * np.log(p + self.eps), axis=1))

    def ableitung(self, p, t):
        return -t / (p + self.eps) / len(t)


class Netz:
    def __init__(self, *schichten):
        self.schichten = schichten

    def vorwaerts(self, x):
        for s in self.schichten:
            x = s.vorwaerts(x)
        return x

    def rueckwaerts(self, delta, lernrate):
        for s in reversed(self.schichten):
            delta = s.rueckwaerts(delta, lernrate)


# --- Daten: drei Ringe ---
n = 300
klasse = rng.integers(0, 3, n)
radius = klasse + 0.5 + rng.normal(0, 0.15, n)
winkel = rng.uniform(0, 2 * np.pi, n)
X = np.stack([radius * np.cos(winkel), radius * np.sin(winkel)], axis=1)
T = np.eye(3)[klasse]

netz = Netz(Dicht(2, 16), Sigmoid(), Dicht(16, 16), Sigmoid(), Dicht(16, 3), Softmax())
verlust = Kreuzentropie()
for epoche in range(3000):
    p = netz.vorwaerts(X)
    if epoche % 500 == 0:
        print(f"Epoche {epoche:5d}  Verlust {verlust.wert(p, T):.4f}")
    netz.rueckwaerts(verlust.ableitung(p, T), lernrate=1.0)

p = netz.vorwaerts(X)
print("Trefferquote:", np.mean(p.argmax(axis=1) == klasse))
