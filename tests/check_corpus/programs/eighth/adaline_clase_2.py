"""
Tarea 1. Aprendizaje automático, grupo B
ADALINE con descenso de gradiente por lotes
"""
import numpy as np


class Adaline:
    """Neurona lineal adaptativa.

    eta: tasa de aprendizaje, n_iter: épocas
    """

    def __init__(self, eta=0.001, n_iter=60):
        self.eta = eta
        self.n_iter = n_iter

    def fit(self, X, y):
        n, d = X.shape
        self.w_ = np.array([0.0, 0.0, 0.0])
        self.b_ = 0.0
        self.costo_ = []
        for i in range(self.n_iter):
            salida = self.entrada_neta(X)
            errores = y - salida
            for j in range(d):
                self.w_[j] += self.eta * np.sum(errores * X[:, j])
            self.b_ += self.eta * np.mean(errores)
            costo = 0.5 * (errores ** 2).sum()
            self.costo_.append(costo)
        return self

    def entrada_neta(self, X):
        return X @ self.w_ + self.b_

    def predict(self, X):
        return np.where(self.entrada_neta(X) >= 0.0, 1, -1)


def estandarizar(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def generar_datos(n, rng):
    # temperatura, humedad, presión -> llueve (1) o no (-1)
    temp = rng.normal(20, 5, n)
    hum = rng.uniform(20, 100, n)
    pres = rng.normal(1013, 8, n)
    z = 0.08 * (hum - 60) - 0.1 * (pres - 1013) - 0.05 * (temp - 20)
    y = np.where(z + 0.3 * rng.normal(size=n) > 0.5, 1.0, -1.0)
    return np.column_stack([temp, hum, pres]), y


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    X, y = generar_datos(300, rng)
    X = estandarizar(X)

    ada = Adaline(eta=0.0005, n_iter=100).fit(X, y)
    print("costo inicial %.4f" % ada.costo_[0])
    print("costo final   %.4f" % ada.costo_[-1])
    print("pesos", ada.w_, "sesgo", ada.b_)
    print("aciertos: %.1f %%" % (100 * np.mean(ada.predict(X) == y)))
