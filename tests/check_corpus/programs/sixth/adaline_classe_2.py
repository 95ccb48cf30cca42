"""ADALINE (neurone lineare adattivo), discesa del gradiente sul lotto intero.
Scritto seguendo lo stile di scikit-learn: fit / predict.
"""
import numpy as np


class AdalineGD:
    """
    Parametri
    ---------
    eta : float       passo di apprendimento
    n_epoche : int    passate sui dati
    seme : int        per i pesi iniziali
    """

    def __init__(self, eta=0.05, n_epoche=60, seme=1):
        self.eta = eta
        self.n_epoche = n_epoche
        self.seme = seme

    def fit(self, X, y):
        rng = np.random.RandomState(self.seme)
        self.w_ = rng.normal(loc=0.0, scale=0.01, size=X.shape[1])
        self.b_ = 0.0
        self.costi_ = []
        n = X.shape[0]

        for _ in range(self.n_epoche):
            uscita = self.attivazione(self.ingresso_netto(X))
            errori = uscita - y
            self.w_ += self.eta * 2.0 * X.T.dot(errori) / n
            self.b_ += self.eta * 2.0 * errori.mean()
            self.costi_.append((errori ** 2).mean())
        return self

    def ingresso_netto(self, X):
        return X.dot(self.w_) + self.b_

    def attivazione(self, z):
        return z  # identità: è ADALINE

    def predict(self, X):
        return np.where(self.attivazione(self.ingresso_netto(X)) >= 0.0, 1, -1)


def standardizza(X, media, dev):
    return (X - media) / dev


if __name__ == "__main__":
    rng = np.random.RandomState(0)
    # due nuvole sbilanciate: 70 negativi, 30 positivi
    neg = rng.multivariate_normal([50.0, 20.0], [[30, 5], [5, 8]], size=70)
    pos = rng.multivariate_normal([65.0, 29.0], [[30, 5], [5, 8]], size=30)
    X = np.vstack([neg, pos])
    y = np.hstack([-np.ones(70), np.ones(30)])

    mu, sd = X.mean(axis=0), X.std(axis=0)
    Xs = standardizza(X, mu, sd)

    modello = AdalineGD(eta=0.1, n_epoche=40).fit(Xs, y)
    for ep in range(0, 40, 8):
        print(f"epoca {ep:3d}  costo {modello.costi_[ep]:.4f}")
    print("costo finale:", round(modello.costi_[-1], 4))
    print("pesi:", modello.w_, "bias:", modello.b_)
    print("accuratezza:", (modello.predict(Xs) == y).mean())
