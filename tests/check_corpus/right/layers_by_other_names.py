from dataclasses import dataclass

import numpy as np


@dataclass
class Lineaire:
    weight: np.ndarray
    bias: np.ndarray
    entree: np.ndarray = None

    def aller(self, e):
        self.entree = np.asarray(e, dtype=np.float32)
        return self.entree @ self.weight + self.bias

    def retour(self, d):
        self.d_weight = self.entree.T @ d
        self.d_bias = d.sum(axis=0)
        return d @ self.weight.T


class Sanft:
    def hin(self, u):
        self.u = u
        self.s = 1 / (1 + np.exp(-1.7 * u))
        return u * self.s

    def her(self, d):
        return d * (self.s + 1.7 * self.u * self.s * (1 - self.s))


def softsign(z):
    return z / (1 + np.abs(z))


def softsign_prime(z):
    return 1 / (1 + np.abs(z)) ** 2


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(grad, a):
    return a * (grad - np.sum(grad * a, axis=1, keepdims=True))
