"""Practica 3: capas de normalizacion y regularizacion.
   (entrega de Marta y Julian)

Interfaz comun:  salida = capa(x)  ;  dx = capa.atras(dsalida)
Los gradientes quedan en capa.g (diccionario), los parametros en capa.p
"""
import numpy as np


class LayerNorm:
    def __init__(self, d, eps=1e-5):
        self.p = dict(gamma=np.ones(d), beta=np.zeros(d))
        self.g = {}
        self.eps = eps

    def __call__(self, x):
        media = x.mean(axis=1, keepdims=True)
        self.desv = np.sqrt(x.var(axis=1, keepdims=True) + self.eps)
        self.x = x
        self.xn = (x - media) / self.desv
        return self.p["gamma"] * self.xn + self.p["beta"]

    def atras(self, d):
        self.g["gamma"] = (d * self.x).sum(axis=0)
        self.g["beta"] = d.sum(axis=0)
        dn = d * self.p["gamma"]
        m1 = dn.mean(axis=1, keepdims=True)
        m2 = (dn * self.xn).mean(axis=1, keepdims=True)
        return (dn - m1 - self.xn * m2) / self.desv


class BatchNorm:
    def __init__(self, d, momento=0.9, eps=1e-5):
        self.p = dict(gamma=np.ones(d), beta=np.zeros(d))
        self.g = {}
        self.momento, self.eps = momento, eps
        self.media_mov = np.zeros(d)
        self.var_mov = np.ones(d)
        self.entrenando = True

    def __call__(self, x):
        if self.entrenando:
            mu, var = x.mean(0), x.var(0)
            self.media_mov = self.momento * self.media_mov + (1 - self.momento) * mu
            self.var_mov = self.momento * self.var_mov + (1 - self.momento) * var
        else:
            mu, var = self.media_mov, self.var_mov
        self.inv = 1 / np.sqrt(var + self.eps)
        self.xn = (x - mu) * self.inv
        return self.p["gamma"] * self.xn + self.p["beta"]

    def atras(self, d):
        # solo para el modo de entrenamiento
        n = d.shape[0]
        self.g["gamma"] = np.sum(d * self.xn, axis=0)
        self.g["beta"] = np.sum(d, axis=0)
        dn = d * self.p["gamma"]
        return self.inv / n * (n * dn - dn.sum(0) - self.xn * (dn * self.xn).sum(0))


class Dropout:
    """p es la probabilidad de APAGAR una neurona."""

    def __init__(self, p=0.5, semilla=0):
        self.p_apagar = p
        self.rng = np.random.default_rng(semilla)
        self.p, self.g = {}, {}
        self.entrenando = True

    def __call__(self, x):
        if not self.entrenando:
            self.mascara = np.ones_like(x)
            return x
        vivas = self.rng.random(x.shape) >= self.p_apagar
        self.mascara = vivas / (1 - self.p_apagar)
        return x * self.mascara

    def atras(self, d):
        return d * self.mascara


class ELU:
    def __init__(self, alfa=1.0):
        self.alfa = alfa
        self.p, self.g = {}, {}

    def __call__(self, x):
        self.x = x
        self.neg = self.alfa * (np.exp(np.minimum(x, 0)) - 1)
        return np.where(x > 0, x, self.neg)

    def atras(self, d):
        return d * np.where(self.x > 0, 1.0, self.neg + self.alfa)
