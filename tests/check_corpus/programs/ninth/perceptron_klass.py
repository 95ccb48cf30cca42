# Labb 1 - Introduktion till maskininlärning
# Rosenblatts perceptron på två gaussiska moln
import numpy as np


class Perceptron:
    """Perceptron med etiketterna -1 och +1."""

    def __init__(self, eta=0.1, max_epoker=50):
        self.eta = eta
        self.max_epoker = max_epoker

    def fit(self, X, y):
        antal, dim = X.shape
        self.w = np.zeros(dim)
        self.b = 0.0
        self.historik = []
        for epok in range(self.max_epoker):
            antal_fel = 0
            for i in range(antal):
                y_hatt = 1 if self.poang(X[i]) >= 0 else -1
                if y_hatt != y[i]:
                    for j in range(dim):
                        self.w[j] += self.eta * y[i] * X[i, j]
                    self.b += self.eta * y[i]
                    antal_fel += 1
            self.historik.append(antal_fel)
            if antal_fel == 0:
                break
        return self

    def poang(self, x):
        return np.dot(x, self.w) + self.b

    def predict(self, X):
        return np.where(self.poang(X) >= 0, 1, -1)


def skapa_data(n, rng):
    plus = rng.normal([4.0, 3.5], 0.6, size=(n, 2))
    minus = rng.normal([1.0, 1.2], 0.6, size=(n, 2))
    X = np.vstack([plus, minus])
    y = np.hstack([np.ones(n, dtype=int), -np.ones(n, dtype=int)])
    ordning = rng.permutation(2 * n)
    return X[ordning], y[ordning]


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    X, y = skapa_data(60, rng)
    modell = Perceptron(eta=0.1, max_epoker=100).fit(X, y)
    print("fel per epok:", modell.historik)
    print("vikter:", modell.w, "bias:", modell.b)
    X_test, y_test = skapa_data(200, rng)
    print("träffsäkerhet på test: %.3f" % np.mean(modell.predict(X_test) == y_test))
