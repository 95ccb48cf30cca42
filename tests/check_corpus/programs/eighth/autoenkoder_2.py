# Projekt: autoenkoder z dzielonymi wagami (koder W, dekoder W^T)
import numpy as np


class Autoenkoder:
    def __init__(self, n_wej, n_kod, lr=0.2, ziarno=0):
        self.rng = np.random.RandomState(ziarno)
        self.W = self.rng.randn(n_wej, n_kod) * 0.3
        self.bk = np.zeros(n_kod)       # bias kodera
        self.bd = np.zeros(n_wej)       # bias dekodera
        self.lr = lr

    @staticmethod
    def _sigm(z):
        return 1.0 / (1.0 + np.exp(-z))

    def koduj(self, X):
        return self._sigm(X @ self.W + self.bk)

    def dekoduj(self, H):
        return self._sigm(H @ self.W.T + self.bd)

    def strata(self, X, Xr):
        # średni błąd kwadratowy na przykład
        return 0.5 * np.sum((Xr - X) ** 2) / len(X)

    def gradienty(self, X):
        n = len(X)
        H = self.koduj(X)
        Xr = self.dekoduj(H)

        d_wyj = (Xr - X) * Xr * (1 - Xr) / n
        d_kod = (d_wyj @ self.W) * H * (1 - H)

        gW_kod = X.T @ d_kod
        gbd = d_wyj.sum(axis=0)
        gbk = d_kod.sum(axis=0)
        return gW_kod, gbk, gbd, self.strata(X, Xr)

    def fit(self, X, epoki=100, paczka=25):
        n = len(X)
        for e in range(epoki):
            kolejnosc = self.rng.permutation(n)
            suma = 0.0
            for i in range(0, n, paczka):
                xb = X[kolejnosc[i:i + paczka]]
                gW, gbk, gbd, s = self.gradienty(xb)
                self.W -= self.lr * gW
                self.bk -= self.lr * gbk
                self.bd -= self.lr * gbd
                suma += s * len(xb)
            if e % 20 == 0:
                print(f"epoka {e:3d}: strata {suma / n:.4f}")
        return self

    def predict(self, X):
        return self.dekoduj(self.koduj(X))


def dane(n, rng):
    """16-bitowe wektory: 4 wzorce z szumem"""
    wzorce = (rng.rand(4, 16) > 0.5).astype(float)
    nr = rng.randint(0, 4, n)
    X = wzorce[nr]
    szum = rng.rand(n, 16) < 0.05
    return np.where(szum, 1 - X, X)


if __name__ == "__main__":
    rng = np.random.RandomState(12)
    X = dane(400, rng)
    ae = Autoenkoder(16, 5, lr=1.0)
    ae.fit(X)
    Xr = ae.predict(X)
    print("końcowa strata:", ae.strata(X, Xr))
    print("zgodne bity: %.1f%%" % (100 * np.mean((Xr > 0.5) == (X > 0.5))))
