# Regresión ridge con descenso por mini-lotes y momento
# Comparamos con la solución cerrada
import numpy as np


class RegresionRidge:
    def __init__(self, lam=0.1, eta=0.02, mu=0.9, epocas=150, lote=20):
        self.lam = lam
        self.eta = eta
        self.mu = mu
        self.epocas = epocas
        self.lote = lote

    def costo(self, X, y):
        r = X @ self.w + self.b - y
        return np.mean(r ** 2) + self.lam * np.sum(self.w ** 2)

    def gradiente(self, X, y):
        n = len(y)
        r = X @ self.w + self.b - y
        gw = 2 / n * X.T @ r + 2 * self.lam * self.w
        gb = 2 / n * r.sum()
        return gw, gb

    def fit(self, X, y):
        n, d = X.shape
        self.w = np.zeros(d)
        self.b = 0.0
        vw = np.zeros(d)
        vb = 0.0
        for ep in range(self.epocas):
            eta = self.eta / (1 + 0.1 * ep)     # la tasa baja con las épocas
            for i in range(0, n, self.lote):     # los datos ya vienen en orden aleatorio
                gw, gb = self.gradiente(X[i:i + self.lote], y[i:i + self.lote])
                vw = -self.mu * vw - eta * gw
                vb = -self.mu * vb - eta * gb
                self.w = self.w + vw
                self.b = self.b + vb
            if ep % 30 == 0:
                print("época %3d   costo %.5f" % (ep, self.costo(X, y)))
        return self

    def predict(self, X):
        return X @ self.w + self.b


def solucion_cerrada(X, y, lam):
    n = len(y)
    Xc = X - X.mean(axis=0)
    yc = y - y.mean()
    w = np.linalg.solve(Xc.T @ Xc + n * lam * np.eye(X.shape[1]), Xc.T @ yc)
    return w, y.mean() - X.mean(axis=0) @ w


if __name__ == "__main__":
    rng = np.random.default_rng(14)
    X = rng.normal(size=(210, 5)) + 0.5
    w_real = np.array([1.0, -2.0, 0.0, 0.5, 3.0])
    y = X @ w_real + 4.0 + 0.2 * rng.normal(size=210)

    modelo = RegresionRidge().fit(X, y)
    w_ex, b_ex = solucion_cerrada(X, y, modelo.lam)
    print("w    ", np.round(modelo.w, 3), " b", round(modelo.b, 3))
    print("exacto", np.round(w_ex, 3), " b", round(b_ex, 3))
    print("error medio:", np.mean((modelo.predict(X) - y) ** 2))
