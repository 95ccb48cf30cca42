# ADALINE (neurona lineal adaptativa) - Tarea 1 de Redes Neuronales
import numpy as np


class Adaline:
    """Regla de Widrow-Hoff, muestra por muestra.

    eta: tasa de aprendizaje
    epocas: pasadas sobre los datos
    """

    def __init__(self, eta=0.01, epocas=20, semilla=1):
        self.eta = eta
        self.epocas = epocas
        self.rng = np.random.RandomState(semilla)

    def entrada_neta(self, X):
        return np.dot(X, self.w) + self.b

    def fit(self, X, y):
        self.w = self.rng.normal(0, 0.01, X.shape[1])
        self.b = 0.0
        self.costos = []
        for _ in range(self.epocas):
            for i in self.rng.permutation(len(X)):
                error = y[i] - self.entrada_neta(X[i])
                self.w += self.eta * error * X[i]
            self.costos.append(0.5 * np.mean((y - self.entrada_neta(X)) ** 2))
        return self

    def predict(self, X):
        return np.where(self.entrada_neta(X) >= 0.0, 1, -1)

    def score(self, X, y):
        return np.mean(self.predict(X) == y)


def flores(n, rng):
    """medidas inventadas de dos especies (largo y ancho del petalo, en cm)"""
    a = rng.multivariate_normal([1.8, 0.5], [[0.08, 0.02], [0.02, 0.02]], n)
    b = rng.multivariate_normal([3.4, 1.1], [[0.15, 0.04], [0.04, 0.03]], 2 * n)
    X = np.vstack([a, b])
    y = np.concatenate([-np.ones(n), np.ones(2 * n)])
    return X, y


if __name__ == "__main__":
    rng = np.random.RandomState(33)
    X, y = flores(50, rng)
    X_prueba, y_prueba = flores(20, rng)

    # estandarizar con la media y desviacion del entrenamiento
    media, desv = X.mean(axis=0), X.std(axis=0)
    X = (X - media) / desv
    X_prueba = (X_prueba - media) / desv

    for eta in (0.001, 0.01):
        modelo = Adaline(eta=eta, epocas=30).fit(X, y)
        print("eta =", eta)
        print("  costo inicial %.4f, costo final %.4f" % (modelo.costos[0], modelo.costos[-1]))
        print("  pesos", modelo.w.round(3), "sesgo", round(modelo.b, 3))
        print("  exactitud: entrenamiento %.3f, prueba %.3f"
              % (modelo.score(X, y), modelo.score(X_prueba, y_prueba)))
