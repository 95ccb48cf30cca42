"""ADALINE (Widrow & Hoff) - opdracht 2, Machine Learning, blok 1"""
import numpy as np


class Standaardiseer:
    def leer(self, X):
        self.gem = X.mean(axis=0)
        self.std = X.std(axis=0)
        return self

    def __call__(self, X):
        return (X - self.gem) / self.std


class Adaline:
    def __init__(self, eta=0.01, rondes=60, zaad=1):
        self.eta = eta
        self.rondes = rondes
        self.zaad = zaad

    def netto(self, X):
        return X.dot(self.w) + self.b

    def voorspel(self, X):
        return np.where(self.netto(X) >= 0.0, 1, -1)

    def kosten(self, X, y):
        return 0.5 * np.mean((y - self.netto(X)) ** 2)

    def leer(self, X, y):
        rgen = np.random.RandomState(self.zaad)
        n = len(y)
        self.w = rgen.normal(0.0, 0.01, X.shape[1])
        self.b = 0.0
        self.verloop = []
        for _ in range(self.rondes):
            # hele dataset in 1 keer (batch gradient descent)
            fout = y - self.netto(X)
            self.w += self.eta * X.T.dot(fout) / n
            self.b += self.eta * fout.sum() / n
            self.verloop.append(self.kosten(X, y))
        return self


def maak_bloemen(aantal, rgen):
    # twee soorten, bloemblad lengte/breedte in cm; soort -1 komt vaker voor
    n1 = int(aantal * 0.6)
    n2 = aantal - n1
    A = rgen.multivariate_normal([1.5, 0.3], [[0.25, 0.05], [0.05, 0.06]], n1)
    B = rgen.multivariate_normal([3.4, 1.1], [[0.35, 0.10], [0.10, 0.08]], n2)
    X = np.vstack([A, B])
    y = np.hstack([-np.ones(n1), np.ones(n2)])
    return X, y


if __name__ == '__main__':
    rgen = np.random.RandomState(7)
    X, y = maak_bloemen(80, rgen)
    Xt, yt = maak_bloemen(200, rgen)
    schaal = Standaardiseer().leer(X)

    ada = Adaline(eta=0.02, rondes=400).leer(schaal(X), y)
    for i in range(0, 400, 50):
        print('ronde %3d: kosten %.4f' % (i, ada.verloop[i]))
    print('gewichten', ada.w, 'bias', ada.b)
    print('juist op testset: %.1f%%' % (100 * np.mean(ada.voorspel(schaal(Xt)) == yt)))
