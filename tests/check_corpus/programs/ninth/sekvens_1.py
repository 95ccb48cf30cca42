# Lille "torch" til eksamensprojektet.  Kun numpy.
# Moduler kaldes med () og har .bagud(grad); parametre er par (vaerdi, gradient) i lister.
import numpy as np


class Modul:
    def parametre(self):
        return []

    def nulstil(self):
        for _, g in self.parametre():
            g.fill(0)


class Lineaer(Modul):
    def __init__(self, ind, ud, rng):
        graense = np.sqrt(6 / (ind + ud))
        self.w = rng.uniform(-graense, graense, size=(ind, ud))
        self.b = np.zeros((1, ud))
        self.gw = np.zeros_like(self.w)
        self.gb = np.zeros_like(self.b)

    def parametre(self):
        return [(self.w, self.gw), (self.b, self.gb)]

    def __call__(self, x):
        self.x = x
        return x @ self.w + self.b

    def bagud(self, grad):
        # lægges til ligesom i torch; husk nulstil() før hvert skridt
        self.gw += self.x.T @ grad
        self.gb += grad.sum(axis=0, keepdims=True)
        return grad @ self.w.T


class LaekRelu(Modul):
    def __init__(self, haeldning=0.01):
        self.haeldning = haeldning

    def __call__(self, x):
        self.x = x
        return np.where(x > 0, x, self.haeldning * x)

    def bagud(self, grad):
        return grad * np.where(self.x > 0, self.haeldning, 1.0)


class LogSoftmax(Modul):
    def __call__(self, x):
        x = x - x.max(axis=-1, keepdims=True)
        self.y = x - np.log(np.sum(np.exp(x), axis=-1, keepdims=True))
        return self.y

    def bagud(self, grad):
        return grad - np.exp(self.y) * grad.sum(axis=-1, keepdims=True)


class Sekvens(Modul):
    def __init__(self, *moduler):
        self.moduler = moduler

    def parametre(self):
        ud = []
        for m in self.moduler:
            ud += m.parametre()
        return ud

    def __call__(self, x):
        for m in self.moduler:
            x = m(x)
        return x

    def bagud(self, grad):
        for m in reversed(self.moduler):
            grad = m.bagud(grad)
        return grad


class NLLTab:
    """Negativ log-likelihood. logp: (N, K) fra LogSoftmax, y: klassenumre (N,)"""

    def __call__(self, logp, y):
        self.form, self.y = logp.shape, y
        return -logp[np.arange(len(y)), y].mean()

    def bagud(self):
        g = np.zeros(self.form)
        g[np.arange(len(self.y)), self.y] = -1.0 / len(self.y)
        return g


class MSETab:
    def __call__(self, f, y):
        self.forskel = f - y
        return np.mean(self.forskel ** 2)

    def bagud(self):
        return 2 * self.forskel / self.forskel.size


def skridt(model, lr):
    for p, g in model.parametre():
        p -= lr * g
