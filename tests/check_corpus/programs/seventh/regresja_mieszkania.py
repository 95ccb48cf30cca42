# Regresja liniowa od zera - ceny mieszkan (dane zmyslone)
# klasa w stylu sklearn, bo tak najwygodniej
import numpy as np


class RegresjaLiniowa:

    def __init__(self, lr=0.05, epoki=400):
        self.lr = lr
        self.epoki = epoki
        self.w = None
        self.b = 0.0
        self.historia = []

    def fit(self, X, y):
        n, d = X.shape
        self.w = np.zeros(d)
        self.b = 0.0
        for ep in range(self.epoki):
            przewidziane = self.predict(X)
            blad = przewidziane - y
            self.historia.append(np.mean(blad ** 2))      # MSE

            grad_w = np.zeros(d)
            for j in range(d):
                grad_w[j] = 2 * np.mean(blad * X[:, j])
            grad_b = 2 * np.mean(blad)

            self.w -= self.lr * grad_w
            self.b -= self.lr * grad_b
        return self

    def predict(self, X):
        return X @ self.w + self.b


def zrob_dane(n=200, ziarno=3):
    los = np.random.default_rng(ziarno)
    metraz = los.uniform(25, 90, n)
    pietro = los.integers(0, 11, n)
    rok = los.uniform(1960, 2023, n)
    cena = 11.5 * metraz - 4.0 * pietro + 1.8 * (rok - 1990) + los.normal(0, 25, n)
    X = np.column_stack([metraz, pietro, rok])
    return X, cena


if __name__ == "__main__":
    X, y = zrob_dane()
    X_ucz, X_test = X[:150], X[150:]
    y_ucz, y_test = y[:150], y[150:]

    srednia, odch = X_ucz.mean(axis=0), X_ucz.std(axis=0)
    X_ucz = (X_ucz - srednia) / odch
    X_test = (X_test - srednia) / odch

    model = RegresjaLiniowa().fit(X_ucz, y_ucz)
    for ep in range(0, 400, 80):
        print("epoka", ep, "MSE", round(model.historia[ep], 2))
    print("koncowe MSE:", round(model.historia[-1], 2))
    print("wagi:", model.w.round(2), "wyraz wolny:", round(model.b, 2))
    print("blad sredni na tescie [tys. zl]:", np.abs(model.predict(X_test[:5]) - y_test[:5]).mean().round(2))
