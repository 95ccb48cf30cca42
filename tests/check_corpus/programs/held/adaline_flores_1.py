# Adaline com gradiente descendente (livro do Raschka, cap. 2, reescrito por mim)
# Dados inventados parecidos com a íris: comprimento da sépala e da pétala
import numpy as np


class AdalineGD(object):
    """ADAptive LInear NEuron

    taxa   : taxa de aprendizado
    epocas : passadas pelo conjunto de treino
    """

    def __init__(self, taxa=0.05, epocas=60):
        self.taxa = taxa
        self.epocas = epocas

    def fit(self, X, y):
        n = X.shape[0]
        self.w_ = np.array([0] * (1 + X.shape[1]))
        self.custo_ = []
        for i in range(self.epocas):
            saida = self.net_input(X)
            erros = y - saida
            self.w_[1:] = self.w_[1:] + self.taxa * X.T.dot(erros) / n
            self.w_[0] = self.w_[0] + self.taxa * erros.sum() / n
            self.custo_.append((erros ** 2).sum() / (2.0 * n))
        return self

    def net_input(self, X):
        return np.dot(X, self.w_[1:]) + self.w_[0]

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.0, 1, -1)


def gera_flores(n, rng):
    setosa = rng.normal([5.0, 1.5], [0.35, 0.2], size=(n, 2))
    versic = rng.normal([5.9, 4.3], [0.5, 0.45], size=(2 * n, 2))
    X = np.vstack((setosa, versic))
    y = np.hstack((-np.ones(n), np.ones(2 * n)))
    return X, y


rng = np.random.default_rng(1)
X, y = gera_flores(50, rng)

# padronizar
X_std = (X - X.mean(axis=0)) / X.std(axis=0)

ada = AdalineGD(taxa=0.1, epocas=80)
ada.fit(X_std, y)
for ep in range(0, 80, 10):
    print('época', ep, 'custo', round(ada.custo_[ep], 4))
print('pesos finais:', ada.w_)
print('acurácia:', (ada.predict(X_std) == y).mean())
