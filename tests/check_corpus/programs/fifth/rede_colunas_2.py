# rede_colunas.py - tradução do meu rede.m de 2009 (Octave) para Python
# convenção antiga: cada COLUNA de X é um exemplo, theta é (saída x entrada)
import numpy as np


def sigm(z):
    return 1 / (1 + np.exp(-z))


class Camada:
    def __init__(self, ent, sai, gerador):
        eps = np.sqrt(6) / np.sqrt(ent + sai)
        self.theta = gerador.uniform(-eps, eps, (sai, ent))
        self.b = np.zeros((sai, 1))

    def propaga(self, A):
        self.A_ant = A
        self.A = sigm(np.dot(self.theta, A) + self.b)
        return self.A

    def gradiente(self, delta, lam):
        m = delta.shape[1]
        self.dtheta = np.dot(delta, self.A_ant.T) / m + lam / m * self.theta
        self.db = np.mean(delta)

    def delta_anterior(self, delta):
        # só para camadas escondidas antes desta
        return np.dot(self.theta.T, delta) * self.A_ant * (1 - self.A_ant)


class Rede:
    def __init__(self, tamanhos, lam=0.0, semente=0):
        g = np.random.RandomState(semente)
        self.camadas = [Camada(a, b, g) for a, b in zip(tamanhos[:-1], tamanhos[1:])]
        self.lam = lam

    def saida(self, X):
        A = X
        for c in self.camadas:
            A = c.propaga(A)
        return A

    def custo(self, A, Y):
        m = Y.shape[1]
        A = np.clip(A, 1e-12, 1 - 1e-12)
        J = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
        return J + self.lam / (2 * m) * sum(np.sum(c.theta ** 2) for c in self.camadas)

    def retropropaga(self, Y):
        delta = self.camadas[-1].A - Y
        for k in range(len(self.camadas) - 1, -1, -1):
            c = self.camadas[k]
            c.gradiente(delta, self.lam)
            if k > 0:
                delta = c.delta_anterior(delta)

    def passo(self, alfa):
        for c in self.camadas:
            c.theta = c.theta - alfa * c.dtheta
            c.b = c.b - alfa * c.db


def gera_circulos(m, g):
    # classe 1: dentro da coroa circular
    X = g.uniform(-1.5, 1.5, (2, m))
    r = np.sqrt(np.sum(X ** 2, axis=0, keepdims=True))
    return X, ((r > 0.5) & (r < 1.2)).astype(float)


g = np.random.RandomState(2009)
X, Y = gera_circulos(300, g)
rede = Rede([2, 10, 6, 1], lam=0.1, semente=3)
for it in range(4001):
    A = rede.saida(X)
    rede.retropropaga(Y)
    if it % 500 == 0:
        print("iter %5d   J = %.5f   acerto = %.3f" % (it, rede.custo(A, Y), np.mean((A > 0.5) == Y)))
    rede.passo(2.0)

Xt, Yt = gera_circulos(500, g)
print("acerto no teste: %.3f" % np.mean((rede.saida(Xt) > 0.5) == Yt))
