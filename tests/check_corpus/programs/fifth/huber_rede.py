"""Trabalho 2 - regressão robusta com perda de Huber (dados com valores aberrantes)
Turma 2MIEIC04, grupo 5
"""
import numpy as np


class Rede:
    """entrada -> tanh(H) -> tanh(H) -> saída linear"""

    def __init__(self, d, H, rng):
        self.W1 = rng.normal(0, 1 / np.sqrt(d), (d, H))
        self.b1 = np.zeros(H)
        self.W2 = rng.normal(0, 1 / np.sqrt(H), (H, H))
        self.b2 = np.zeros(H)
        self.W3 = rng.normal(0, 1 / np.sqrt(H), (H, 1))
        self.b3 = np.zeros(1)

    @property
    def params(self):
        return [self.W1, self.b1, self.W2, self.b2, self.W3, self.b3]

    def forward(self, X):
        self.X = X
        self.h1 = np.tanh(X @ self.W1 + self.b1)
        self.h2 = np.tanh(self.h1 @ self.W2 + self.b2)
        return (self.h2 @ self.W3 + self.b3).ravel()

    def backward(self, dy):
        dy = dy.reshape(-1, 1)
        dW3 = self.h2.T @ dy
        db3 = dy.sum(axis=0)
        d2 = (dy @ self.W3.T) * (1 - self.h2 ** 2)
        dW2 = self.h1.T @ d2
        db2 = d2.sum(axis=0)
        d1 = (d2 @ self.W2.T) * (1 - self.h1 ** 2)
        dW1 = self.X.T @ d1
        db1 = d1.sum(axis=0)
        return dW1, db1, dW2, db2, dW3, db3


class Huber:
    def __init__(self, limiar=0.3):
        self.limiar = limiar

    def valor(self, e):
        a = np.abs(e)
        return np.mean(np.where(a <= self.limiar, 0.5 * e ** 2, self.limiar * (a - 0.5 * self.limiar)))

    def derivada(self, e):
        return np.clip(e, -self.limiar, self.limiar) / len(e)


class SGDMomento:
    def __init__(self, params, lr=0.1, mu=0.9):
        self.params = params
        self.lr, self.mu = lr, mu
        self.vel = [np.zeros_like(p) for p in params]

    def passo(self, grads):
        for p, v, g in zip(self.params, self.vel, grads):
            v[:] = self.mu * v + self.lr * g
            p -= v


def alvo(x):
    return np.sin(3 * x[:, 0]) * np.exp(-0.3 * x[:, 1] ** 2)


def main():
    rng = np.random.default_rng(77)
    X = rng.uniform(-1.5, 1.5, (320, 2))
    y = alvo(X) + rng.normal(0, 0.05, 320)
    estragados = rng.random(320) < 0.1
    y[estragados] += rng.normal(2, 3, estragados.sum())
    Xt = rng.uniform(-1.5, 1.5, (200, 2))

    rede, perda = Rede(2, 20, rng), Huber()
    opt = SGDMomento(rede.params)
    for epoca in range(401):
        ordem = rng.permutation(len(X))
        soma = 0.0
        for lote in np.split(ordem, 8):
            e = rede.forward(X[lote]) - y[lote]
            soma += perda.valor(e) / 8
            opt.passo(rede.backward(perda.derivada(e)))
        if epoca % 80 == 0:
            mae = np.mean(np.abs(rede.forward(Xt) - alvo(Xt)))
            print("época %3d  Huber = %.4f  erro médio no teste (sem ruído) = %.4f" % (epoca, soma, mae))


if __name__ == "__main__":
    main()
