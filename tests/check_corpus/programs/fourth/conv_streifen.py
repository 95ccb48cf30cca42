"""
Kleines CNN von Hand: Faltung 3x3 -> ReLU -> Max-Pooling 2x2 -> Softmax.
Aufgabe: waagrechte und senkrechte Streifen (und Rauschen) unterscheiden.
"""
import numpy as np


class Faltung:
    def __init__(self, n_filter, rng):
        self.K = rng.normal(0, 0.3, (n_filter, 3, 3))
        self.b = np.zeros(n_filter)

    def vorwaerts(self, bild):
        self.bild = bild
        h, w = bild.shape
        aus = np.zeros((len(self.K), h - 2, w - 2))
        for i in range(h - 2):
            for j in range(w - 2):
                ausschnitt = bild[i:i + 3, j:j + 3]
                aus[:, i, j] = np.sum(self.K * ausschnitt, axis=(1, 2)) + self.b
        return aus

    def rueckwaerts(self, d_aus):
        self.dK = np.zeros_like(self.K)
        self.db = d_aus.sum(axis=(1, 2))
        _, h, w = d_aus.shape
        for i in range(h):
            for j in range(w):
                ausschnitt = self.bild[i:i + 3, j:j + 3]
                self.dK += d_aus[:, i, j][:, None, None] * ausschnitt


class ReLU:
    def vorwaerts(self, x):
        self.maske = x > 0
        return x * self.maske

    def rueckwaerts(self, d):
        return d * self.maske


class MaxPool:
    def vorwaerts(self, x):
        self.x = x
        f, h, w = x.shape
        return x.reshape(f, h // 2, 2, w // 2, 2).max(axis=(2, 4))

    def rueckwaerts(self, d):
        dx = np.zeros_like(self.x)
        f, h, w = d.shape
        for k in range(f):
            for i in range(h):
                for j in range(w):
                    feld = self.x[k, 2 * i:2 * i + 2, 2 * j:2 * j + 2]
                    a, b = np.unravel_index(np.argmax(feld), feld.shape)
                    dx[k, 2 * i + a, 2 * j + b] = d[k, i, j]
        return dx


class SoftmaxSchicht:
    def __init__(self, n_ein, n_klassen, rng):
        self.W = rng.normal(0, 1 / np.sqrt(n_ein), (n_ein, n_klassen))
        self.b = np.zeros(n_klassen)

    def vorwaerts(self, x):
        self.form = x.shape
        self.x = x.ravel()
        z = self.x @ self.W + self.b
        e = np.exp(z - z.max())
        self.p = e / e.sum()
        return self.p

    def rueckwaerts(self, klasse):
        d = self.p.copy()
        d[klasse] -= 1
        self.dW = np.outer(self.x, d)
        self.db = d
        return (self.W @ d).reshape(self.form)


def bilder(n, rng):
    X, y = [], rng.integers(0, 2, n)
    for k in y:
        b = 0.4 * rng.normal(size=(8, 8))
        pos = rng.integers(0, 8, 2)
        if k == 0:
            b[pos, :] += 1
        else:
            b[:, pos] += 1
        X.append(b)
    return np.array(X), y


def main():
    rng = np.random.default_rng(9)
    X, y = bilder(60, rng)
    faltung, relu, pool = Faltung(3, rng), ReLU(), MaxPool()
    aus = SoftmaxSchicht(3 * 3 * 3, 2, rng)
    rate = 0.05
    for epoche in range(6):
        verlust, richtig = 0.0, 0
        for i in rng.permutation(len(X)):
            p = aus.vorwaerts(pool.vorwaerts(relu.vorwaerts(faltung.vorwaerts(X[i]))))
            verlust -= np.log(p[y[i]])
            richtig += p.argmax() == y[i]
            faltung.rueckwaerts(relu.rueckwaerts(pool.rueckwaerts(aus.rueckwaerts(y[i]))))
            aus.W -= rate * aus.dW
            aus.b -= rate * aus.db
            faltung.K -= rate * faltung.dK
            faltung.b -= rate * faltung.db
        print(f"Epoche {epoche + 1}: Verlust {verlust / len(X):.4f}, richtig {richtig}/{len(X)}")


if __name__ == "__main__":
    main()
