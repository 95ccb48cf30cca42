# RBF-Netz: Zentren, Breiten und Gewichte werden alle mit Gradientenabstieg gelernt
import numpy as np

rng = np.random.default_rng(12)


class RBFNetz:
    def __init__(self, n_zentren, dim):
        self.C = rng.uniform(-2, 2, (n_zentren, dim))
        self.s = np.ones(n_zentren)
        self.w = 0.1 * rng.standard_normal(n_zentren)
        self.w0 = 0.0

    def vorwaerts(self, X):
        self.X = X
        self.diff = X[:, None, :] - self.C[None, :, :]        # (N, M, D)
        self.r2 = np.sum(self.diff ** 2, axis=2)              # (N, M)
        self.phi = np.exp(-self.r2 / (2 * self.s ** 2))
        return self.phi @ self.w + self.w0

    def verlust(self, X, y):
        return 0.5 * np.mean((self.vorwaerts(X) - y) ** 2)

    def gradienten(self, y):
        f = (self.phi @ self.w + self.w0 - y) / len(y)        # (N,)
        dw = self.phi.T @ f
        dw0 = f.sum()
        q = f[:, None] * self.w                               # (N, M)
        dC = np.sum(q[:, :, None] * self.diff, axis=0) / self.s[:, None] ** 2
        ds = np.sum(q * self.r2, axis=0) / self.s ** 3
        return dw, dw0, dC, ds

    def lerne(self, X, y, schritte, eta):
        for k in range(schritte):
            v = self.verlust(X, y)
            dw, dw0, dC, ds = self.gradienten(y)
            self.w -= eta * dw
            self.w0 -= eta * dw0
            self.C -= eta * dC
            self.s -= eta * ds
            if k % 200 == 0:
                print(f"Schritt {k:5d}  Verlust {v:.5f}")


X = rng.uniform(-2, 2, (150, 2))
y = np.exp(-np.sum((X - 0.5) ** 2, axis=1)) - 0.8 * np.exp(-2 * np.sum((X + 0.8) ** 2, axis=1))

netz = RBFNetz(8, 2)
netz.lerne(X, y, schritte=1000, eta=0.3)
print("Endverlust", netz.verlust(X, y))
print("Breiten", np.round(netz.s, 3))
