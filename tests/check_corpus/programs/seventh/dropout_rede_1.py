# Trabalho 2 de Aprendizado Profundo (UFMG) - regularização com dropout
import numpy as np

rng = np.random.RandomState(123)


class Linear:
    def __init__(self, n_in, n_out):
        self.W = rng.randn(n_in, n_out) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((1, n_out))

    def forward(self, x, treino):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.gW = self.x.T @ g
        self.gb = g.sum(axis=0, keepdims=True)
        return g @ self.W.T

    def atualiza(self, lr, wd):
        self.W -= lr * (self.gW + wd * self.W)
        self.b -= lr * self.gb


class ReLU:
    def forward(self, x, treino):
        self.ativo = x > 0
        return x * self.ativo

    def backward(self, g):
        return g * self.ativo


class Dropout:
    def __init__(self, p):
        self.p = p     # probabilidade de desligar

    def forward(self, x, treino):
        if not treino:
            return x
        self.mascara = rng.rand(*x.shape) >= self.p
        return x * self.mascara

    def backward(self, g):
        return g * self.mascara


def softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def entropia_cruzada(p, y):
    return -np.log(p[np.arange(len(y)), y] + 1e-12).mean()


class Rede:
    def __init__(self, camadas):
        self.camadas = camadas

    def forward(self, x, treino=False):
        for c in self.camadas:
            x = c.forward(x, treino)
        return softmax(x)

    def passo(self, x, y, lr, wd):
        p = self.forward(x, treino=True)
        perda = entropia_cruzada(p, y)
        g = p.copy()
        g[np.arange(len(y)), y] -= 1
        g /= len(y)
        for c in reversed(self.camadas):
            g = c.backward(g)
        for c in self.camadas:
            if isinstance(c, Linear):
                c.atualiza(lr, wd)
        return perda


def dados(n):
    # 10 atributos, só 3 informativos
    X = rng.randn(n, 10)
    y = (X[:, 0] ** 2 + X[:, 1] > 0.7).astype(int) + (X[:, 2] > 0.8)
    return X, y


Xtr, ytr = dados(500)
Xva, yva = dados(300)
rede = Rede([Linear(10, 50), ReLU(), Dropout(0.3), Linear(50, 50), ReLU(), Dropout(0.3), Linear(50, 3)])
for ep in range(60):
    perm = rng.permutation(len(Xtr))
    perdas = []
    for i in range(0, len(Xtr), 50):
        sel = perm[i:i + 50]
        perdas.append(rede.passo(Xtr[sel], ytr[sel], lr=0.1, wd=1e-4))
    if ep % 10 == 9:
        acc = (rede.forward(Xva).argmax(1) == yva).mean()
        print("época %d: perda %.3f, acurácia de validação %.3f" % (ep + 1, np.mean(perdas), acc))
