# Kétrétegű neurális háló osztályként (fit / predict), tanh + softmax, RMSProp
# 2. féléves beadandó
import numpy as np


class NeuralisHalo:
    def __init__(self, rejtett=20, eta=0.01, korok=40, koteg=32, rho=0.9):
        self.rejtett = rejtett
        self.eta = eta
        self.korok = korok
        self.koteg = koteg
        self.rho = rho

    def _elore(self, X):
        z1 = X @ self.W1 + self.b1
        a1 = np.tanh(z1)
        z2 = a1 @ self.W2 + self.b2
        z2 -= z2.max(axis=1, keepdims=True)
        p = np.exp(z2)
        p /= p.sum(axis=1, keepdims=True)
        return z1, a1, p

    def _rmsprop(self, nev, grad):
        self.gyorsito[nev] = self.rho * self.gyorsito[nev] + (1 - self.rho) * grad ** 2
        uj = getattr(self, nev) - self.eta * grad / (np.sqrt(self.gyorsito[nev]) + 1e-8)
        setattr(self, nev, uj)

    def fit(self, X, y):
        veletlen = np.random.RandomState(6)
        n, d = X.shape
        k = y.max() + 1
        self.W1 = veletlen.randn(d, self.rejtett) / np.sqrt(d)
        self.b1 = np.zeros(self.rejtett)
        self.W2 = veletlen.randn(self.rejtett, k) / np.sqrt(self.rejtett)
        self.b2 = np.zeros(k)
        self.gyorsito = {nev: np.zeros_like(getattr(self, nev)) for nev in ("W1", "b1", "W2", "b2")}
        Y = np.eye(k)[y]
        kotegek = int(np.ceil(n / self.koteg))

        for kor in range(self.korok):
            veszteseg = 0.0
            for i in range(kotegek):
                Xk = X[i * self.koteg:(i + 1) * self.koteg]
                Yk = Y[i * self.koteg:(i + 1) * self.koteg]
                z1, a1, p = self._elore(Xk)
                veszteseg -= np.sum(Yk * np.log(p + 1e-12))

                dz2 = (p - Yk) / len(Xk)
                dW2 = a1.T @ dz2
                db2 = dz2.sum(axis=0)
                dz1 = dz2 @ self.W2.T * (1 - a1 ** 2)
                dW1 = Xk.T @ dz1
                db1 = dz1.sum(axis=0)

                for nev, grad in (("W1", dW1), ("b1", db1), ("W2", dW2), ("b2", db2)):
                    self._rmsprop(nev, grad)
            if kor % 10 == 0:
                print("kör %2d, veszteség %.4f" % (kor, veszteseg / n))
        return self

    def predict(self, X):
        return self._elore(X)[2].argmax(axis=1)


def adatok(n, mag):
    r = np.random.RandomState(mag)
    y = r.randint(0, 4, n)
    szog = y * np.pi / 2 + r.uniform(0, 1.2, n)
    sugar = r.uniform(0.5, 2.0, n)
    X = np.c_[sugar * np.cos(szog + 0.5 * sugar), sugar * np.sin(szog + 0.5 * sugar)]
    return X + 0.05 * r.randn(n, 2), y


X, y = adatok(250, 0)
X_teszt, y_teszt = adatok(150, 1)
halo = NeuralisHalo().fit(X, y)
print("tanító pontosság:", np.mean(halo.predict(X) == y))
print("teszt pontosság: ", np.mean(halo.predict(X_teszt) == y_teszt))
