"""
Huizenprijzen schatten met een klein netwerkje (leaky ReLU) en RMSProp.
Data is nep maar lijkt een beetje op de echte tabel van de makelaar.
"""
import numpy as np


class Laag:
    """volledig verbonden laag, W: (n_in, n_uit), b: (n_uit,)"""

    def __init__(self, n_in, n_uit, gen):
        self.params = [gen.normal(0, np.sqrt(2 / n_in), (n_in, n_uit)), np.zeros(n_uit)]
        self.grads = [None, None]

    def heen(self, x):
        self.x = x
        W, b = self.params
        return x @ W + b

    def terug(self, d):
        self.grads = [self.x.T @ d, d.sum(axis=0)]
        return d @ self.params[0].T


class LekkendeReLU:
    params, grads = [], []

    def __init__(self, helling=0.05):
        self.helling = helling

    def heen(self, x):
        self.x = x
        return np.where(x > 0, x, self.helling * x)

    def terug(self, d):
        return np.where(self.x > 0, d, self.helling * d)


class RMSProp:
    def __init__(self, lr=0.003, rho=0.9, eps=1e-8):
        self.lr, self.rho, self.eps = lr, rho, eps
        self.cache = {}

    def update(self, lagen):
        for i, laag in enumerate(lagen):
            for j, (p, g) in enumerate(zip(laag.params, laag.grads)):
                c = self.cache.get((i, j), 0.0)
                c = self.rho * c + (1 - self.rho) * g * g
                self.cache[i, j] = c
                p -= self.lr * g / (np.sqrt(c) + self.eps)


def huizen(n, gen):
    opp = gen.uniform(40, 220, n)
    bouwjaar = gen.uniform(1900, 2020, n)
    afstand = gen.exponential(4.0, n)
    tuin = gen.integers(0, 2, n)
    prijs = 90 + 2.1 * opp + 0.004 * (bouwjaar - 1950) ** 2 - 30 * np.log1p(afstand) + 35 * tuin * (opp > 100)
    X = np.column_stack([opp, bouwjaar, afstand, tuin]).astype(float)
    return X, prijs + gen.normal(0, 12, n)


class Trainer:
    def __init__(self, lagen, opt, batch):
        self.lagen, self.opt, self.batch = lagen, opt, batch

    def voorspel(self, X):
        for l in self.lagen:
            X = l.heen(X)
        return X[:, 0]

    def epoche(self, X, y):
        # de rijen staan al in willekeurige volgorde, dus niet nog eens schudden
        n = len(X)
        aantal = n // self.batch
        som = 0.0
        for k in range(aantal):
            kies = slice(k * self.batch, (k + 1) * self.batch)
            fout = self.voorspel(X[kies]) - y[kies]
            som += np.sum(fout ** 2)
            d = (2 * fout / len(fout))[:, None]
            for l in reversed(self.lagen):
                d = l.terug(d)
            self.opt.update(self.lagen)
        return som / n


if __name__ == "__main__":
    gen = np.random.default_rng(6)
    X, y = huizen(230, gen)
    Xt, yt = huizen(100, gen)
    mx, sx, my, sy = X.mean(0), X.std(0), y.mean(), y.std()
    X, Xt = (X - mx) / sx, (Xt - mx) / sx
    y = (y - my) / sy
    trainer = Trainer([Laag(4, 20, gen), LekkendeReLU(), Laag(20, 1, gen)], RMSProp(), 64)
    for e in range(201):
        mse = trainer.epoche(X, y)
        if e % 40 == 0:
            rmse = np.sqrt(np.mean((trainer.voorspel(Xt) * sy + my - yt) ** 2))
            print("epoche %3d  mse %.4f  test-RMSE %.1f (x 1000 euro)" % (e, mse, rmse))
