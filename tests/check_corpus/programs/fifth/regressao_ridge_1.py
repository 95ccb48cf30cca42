# -*- coding: utf-8 -*-
"""
Regressão ridge por descida do gradiente, comparada com a solução fechada.
J(w, b) = 1/(2n) * soma (x_i.w + b - y_i)^2 + lam/2 * |w|^2     (b sem penalização)
"""
import numpy as np


class RegressaoRidge:
    def __init__(self, lam=0.1, taxa=0.2, passos=500):
        self.lam = lam
        self.taxa = taxa
        self.passos = passos

    def preve(self, X):
        return X @ self.w + self.b

    def custo(self, X, y):
        r = self.preve(X) - y
        return 0.5 * np.mean(r ** 2) + 0.5 * self.lam * np.sum(self.w ** 2)

    def gradiente(self, X, y):
        r = self.preve(X) - y
        gw = np.zeros_like(self.w)
        for j in range(X.shape[1]):
            gw[j] = np.mean(r * X[:, j]) + 2 * self.lam * self.w[j]
        gb = np.mean(r)
        return gw, gb

    def ajusta(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        for k in range(self.passos):
            gw, gb = self.gradiente(X, y)
            self.w = self.w - self.taxa * gw
            self.b = self.b - self.taxa * gb
            if k % 100 == 0:
                print("passo", k, "custo", round(self.custo(X, y), 5))
        return self


def gera_dados(n, rng):
    X = rng.normal(size=(n, 5))
    X[:, 4] = X[:, 0] + 0.1 * rng.normal(size=n)     # colunas quase colineares
    w_real = np.array([1.0, -2.0, 0.0, 0.5, 1.0])
    y = X @ w_real + 3.0 + 0.2 * rng.normal(size=n)
    return X, y


def solucao_fechada(X, y, lam):
    n, d = X.shape
    Xc = X - X.mean(axis=0)
    yc = y - y.mean()
    return np.linalg.solve(Xc.T @ Xc + n * lam * np.eye(d), Xc.T @ yc)


rng = np.random.default_rng(2023)
X, y = gera_dados(150, rng)
modelo = RegressaoRidge(lam=0.1).ajusta(X, y)
print("gradiente:", np.round(modelo.w, 4), "b =", np.round(modelo.b, 4))
print("fechada:  ", np.round(solucao_fechada(X, y, 0.1), 4).ravel())
