"""
ziffern_netz.py
Erkennung verrauschter 5x4-Ziffern (0..4) mit einem vollvernetzten Netz.
Spaltenvektoren, ein Beispiel nach dem anderen, Mini-Batches werden aufsummiert.
"""
import random
import numpy as np

VORLAGEN = [
    "0110 1001 1001 1001 0110",
    "0010 0110 0010 0010 0111",
    "1110 0001 0110 1000 1111",
    "1110 0001 0110 0001 1110",
    "1001 1001 1111 0001 0001",
]


def sigma(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigma_strich(z):
    return sigma(z) * (1 - sigma(z))


class Netz:
    def __init__(self, groessen, zufall):
        self.anzahl_schichten = len(groessen)
        self.bias = [zufall.standard_normal((n, 1)) for n in groessen[1:]]
        self.gewichte = [zufall.standard_normal((n, m)) / np.sqrt(m)
                         for m, n in zip(groessen[:-1], groessen[1:])]

    def vorwaerts(self, a):
        for b, w in zip(self.bias, self.gewichte):
            a = sigma(w @ a + b)
        return a

    def kosten(self, daten):
        return sum(0.5 * np.sum((self.vorwaerts(x) - y) ** 2) for x, y in daten) / len(daten)

    def rueckwaerts(self, x, y):
        """Gradient der Kosten fuer ein Beispiel: (grad_b, grad_w)."""
        grad_b = [np.zeros(b.shape) for b in self.bias]
        grad_w = [np.zeros(w.shape) for w in self.gewichte]
        aktivierung = x
        aktivierungen = [x]
        zs = []
        for b, w in zip(self.bias, self.gewichte):
            z = w @ aktivierung + b
            zs.append(z)
            aktivierung = sigma(z)
            aktivierungen.append(aktivierung)
        delta = (aktivierungen[-1] - y) * sigma_strich(zs[-1])
        grad_b[-1] = delta
        grad_w[-1] = delta @ aktivierungen[-2].T
        for s in range(2, self.anzahl_schichten):
            z = zs[-s]
            delta = (self.gewichte[-s + 1].T @ delta) * sigma_strich(aktivierungen[-s])
            grad_b[-s] = delta
            grad_w[-s] = delta @ aktivierungen[-s - 1].T
        return grad_b, grad_w

    def lerne_batch(self, batch, eta):
        summe_b = [np.zeros(b.shape) for b in self.bias]
        summe_w = [np.zeros(w.shape) for w in self.gewichte]
        for x, y in batch:
            gb, gw = self.rueckwaerts(x, y)
            summe_b = [s + g for s, g in zip(summe_b, gb)]
            summe_w = [s + g for s, g in zip(summe_w, gw)]
        self.gewichte = [w - eta / len(batch) * s for w, s in zip(self.gewichte, summe_w)]
        self.bias = [b - eta / len(batch) * s for b, s in zip(self.bias, summe_b)]

    def trainiere(self, daten, epochen, batchgroesse, eta, test):
        for epoche in range(epochen):
            random.shuffle(daten)
            for k in range(0, len(daten), batchgroesse):
                self.lerne_batch(daten[k:k + batchgroesse], eta)
            if epoche % 3 == 0:
                richtig = sum(int(np.argmax(self.vorwaerts(x)) == np.argmax(y)) for x, y in test)
                print(f"Epoche {epoche}: Kosten {self.kosten(daten):.5f}, Test {richtig} / {len(test)}")


def erzeuge(n, zufall, rauschen=0.25):
    daten = []
    for i in range(n):
        ziffer = i % len(VORLAGEN)
        bild = np.array([float(c) for c in VORLAGEN[ziffer].replace(" ", "")]).reshape(-1, 1)
        ziel = np.zeros((len(VORLAGEN), 1))
        ziel[ziffer] = 1.0
        daten.append((bild + rauschen * zufall.standard_normal(bild.shape), ziel))
    return daten


if __name__ == "__main__":
    random.seed(5)
    zufall = np.random.default_rng(5)
    netz = Netz([20, 12, 12, 5], zufall)
    netz.trainiere(erzeuge(150, zufall), epochen=13, batchgroesse=10, eta=3.0, test=erzeuge(50, zufall))
