# Laboratorium 6: normalizacja wsadowa (batch normalization)
# autor: K. Wisniewska, gr. 3
import numpy as np


class Liniowa:
    def __init__(self, we, wy, rng, z_biasem=True):
        self.W = rng.normal(0, np.sqrt(2 / we), size=(we, wy))
        self.b = np.zeros(wy)
        self.z_biasem = z_biasem    # przed BN bias jest zbedny

    def przod(self, x, trening=True):
        self.x = x
        y = x @ self.W
        return y + self.b if self.z_biasem else y

    def tyl(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T

    def parametry(self):
        if self.z_biasem:
            return [("W", self.dW), ("b", self.db)]
        return [("W", self.dW)]


class BatchNorm:
    def __init__(self, n, pamiec=0.9, eps=1e-5):
        self.gamma = np.ones(n)
        self.beta = np.zeros(n)
        self.pamiec = pamiec
        self.eps = eps
        self.sr = np.zeros(n)
        self.war = np.ones(n)

    def przod(self, x, trening=True):
        if not trening:
            return self.gamma * (x - self.sr) / np.sqrt(self.war + self.eps) + self.beta
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        self.odwr = 1.0 / np.sqrt(var + self.eps)
        self.xh = (x - mu) * self.odwr
        self.sr = self.pamiec * self.sr + (1 - self.pamiec) * mu
        self.war = self.pamiec * self.war + (1 - self.pamiec) * var
        return self.gamma * self.xh + self.beta

    def tyl(self, g):
        m = g.shape[0]
        self.dgamma = np.sum(g * self.xh, axis=0)
        self.dbeta = np.mean(g, axis=0)
        dxh = g * self.gamma
        return self.odwr / m * (m * dxh - dxh.sum(axis=0) - self.xh * (dxh * self.xh).sum(axis=0))

    def parametry(self):
        return [("gamma", self.dgamma), ("beta", self.dbeta)]


class ReLU:
    def przod(self, x, trening=True):
        self.maska = x > 0
        return np.where(self.maska, x, 0.0)

    def tyl(self, g):
        return g * self.maska

    def parametry(self):
        return []


class Siec:
    def __init__(self, *warstwy):
        self.warstwy = warstwy

    def przod(self, x, trening=True):
        for w in self.warstwy:
            x = w.przod(x, trening)
        return x

    def krok(self, g, lr):
        for w in reversed(self.warstwy):
            g = w.tyl(g)
        for w in self.warstwy:
            for nazwa, grad in w.parametry():
                setattr(w, nazwa, getattr(w, nazwa) - lr * grad)


def mse(yp, y):
    return np.mean((yp - y) ** 2), 2 * (yp - y) / y.size


rng = np.random.default_rng(17)
# cechy w roznych skalach - tu wlasnie BN pomaga
X = rng.normal(size=(405, 3)) * np.array([1.0, 2.0, 0.5]) + np.array([0.0, 5.0, 3.0])
u = (X - np.array([0.0, 5.0, 3.0])) / np.array([1.0, 2.0, 0.5])
y = (np.abs(u[:, 0]) + u[:, 1] * u[:, 2])[:, None] + 1.5
X_ucz, y_ucz, X_test, y_test = X[:305], y[:305], X[305:], y[305:]

siec = Siec(Liniowa(3, 32, rng, False), BatchNorm(32), ReLU(), Liniowa(32, 1, rng))
WSAD = 32
for epoka in range(121):
    kol = rng.permutation(len(X_ucz))
    suma = 0
    for i in range(0, len(kol), WSAD):
        j = kol[i:i + WSAD]
        strata, g = mse(siec.przod(X_ucz[j]), y_ucz[j])
        siec.krok(g, 0.02)
        suma += strata * len(j)
    if epoka % 20 == 0:
        test, _ = mse(siec.przod(X_test, trening=False), y_test)
        print("epoka %3d  strata %.4f  test %.4f" % (epoka, suma / len(kol), test))
