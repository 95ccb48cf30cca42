"""
Tugas 4 - Kumpulan optimizer
Semua kelas punya metode perbarui(params, grads), keduanya dict dengan kunci sama.
Parameter diubah di tempat (in-place).
"""
import numpy as np


class SGD:
    def __init__(self, lr=0.01, peluruhan=0.0):
        self.lr = lr
        self.peluruhan = peluruhan   # weight decay: rugi + peluruhan/2 * ||p||^2

    def perbarui(self, params, grads):
        for k in params:
            params[k] -= self.lr * (grads[k] + self.peluruhan * params[k])


class Momentum:
    def __init__(self, lr=0.01, mu=0.9):
        self.lr = lr
        self.mu = mu
        self.v = None

    def perbarui(self, params, grads):
        if self.v is None:
            self.v = {k: np.zeros_like(p) for k, p in params.items()}
        for k in params:
            self.v[k] = self.mu * self.v[k] - self.lr * grads[k]
            params[k] += self.v[k]


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = None

    def perbarui(self, params, grads):
        if self.h is None:
            self.h = {k: np.zeros_like(p) for k, p in params.items()}
        for k in params:
            self.h[k] += grads[k] * grads[k]
            params[k] -= self.lr * grads[k] / (np.sqrt(self.h[k]) + 1e-7)


class RMSProp:
    def __init__(self, lr=0.001, rho=0.9):
        self.lr = lr
        self.rho = rho
        self.s = {}

    def perbarui(self, params, grads):
        for k, g in grads.items():
            lama = self.s.get(k, np.zeros_like(g))
            self.s[k] = self.rho * lama + (1 - self.rho) * g ** 2
            params[k] -= self.lr * g / (np.sqrt(self.s[k]) + 1e-8)


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.langkah = 0
        self.m = {}
        self.v = {}

    def perbarui(self, params, grads):
        self.langkah += 1
        t = self.langkah
        for k, g in grads.items():
            if k not in self.m:
                self.m[k] = np.zeros_like(g)
                self.v[k] = np.zeros_like(g)
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g * g
            m_topi = self.m[k] / (1 - self.beta1 ** t)
            v_topi = self.v[k] / (1 - self.beta1 ** t)
            params[k] -= self.lr * m_topi / (np.sqrt(v_topi) + self.eps)
