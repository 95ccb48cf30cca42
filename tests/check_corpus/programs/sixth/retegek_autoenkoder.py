# Autoenkóder saját rétegekkel (házi feladat, Neurális hálók gyakorlat)
# 8 dimenziós pontok -> 2 rejtett változó -> vissza
import numpy as np

np.random.seed(5)


class Linearis:
    def __init__(self, be, ki):
        hatar = np.sqrt(6.0 / (be + ki))
        self.W = np.random.uniform(-hatar, hatar, (be, ki))
        self.b = np.zeros(ki)
        self.sebW = np.zeros((be, ki))
        self.sebb = np.zeros(ki)

    def elore(self, x):
        self.x = x
        return x @ self.W + self.b

    def vissza(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T

    def frissit(self, eta, mom):
        self.sebW = mom * self.sebW - eta * self.dW
        self.sebb = mom * self.sebb - eta * self.db
        self.W += self.sebW
        self.b += self.sebb


class Tanh:
    def elore(self, x):
        self.y = np.tanh(x)
        return self.y

    def vissza(self, g):
        return g * (1 - self.y ** 2)

    def frissit(self, eta, mom):
        pass


class Halo:
    def __init__(self, *retegek):
        self.retegek = retegek

    def elore(self, x):
        for r in self.retegek:
            x = r.elore(x)
        return x

    def vissza(self, g):
        for r in reversed(self.retegek):
            g = r.vissza(g)
        return g

    def frissit(self, eta, mom):
        for r in self.retegek:
            r.frissit(eta, mom)


def negyzetes_hiba(ki, cel):
    """Atlagos negyzetes hiba mintankent, es a gradiense."""
    kul = ki - cel
    return np.sum(kul ** 2) / len(cel), 2 * kul / len(cel)


# adatok: 2 rejtett szog nemlinearis keverese + zaj
n = 300
u = np.random.uniform(-1, 1, (n, 2))
A = np.random.randn(2, 8)
X = np.tanh(u @ A + 0.5) + 0.02 * np.random.randn(n, 8)

halo = Halo(Linearis(8, 12), Tanh(), Linearis(12, 2), Tanh(),
            Linearis(2, 12), Tanh(), Linearis(12, 8))

for kor in range(200):
    sorrend = np.random.permutation(n)
    for i in range(0, n, 30):
        koteg = X[sorrend[i:i + 30]]
        ki = halo.elore(koteg)
        hiba, g = negyzetes_hiba(ki, koteg)
        halo.vissza(g)
        halo.frissit(eta=0.02, mom=0.8)
    if kor % 40 == 0 or kor == 199:
        hiba, _ = negyzetes_hiba(halo.elore(X), X)
        print("%3d. kor  rekonstrukcios hiba: %.5f" % (kor, hiba))
