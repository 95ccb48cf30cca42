#!/usr/bin/env python3
# Candidatos a pulsar: si / no.  Ocho numeros por candidato (inventados aqui).
# Red 8-8-8-1 con tanh y Adam hecho a mano.   Autor: aficionado a la radioastronomia
import numpy as np

rnd = np.random.RandomState(5)

# ---- datos ----
n = 300
senal = rnd.rand(n) < 0.4
X = rnd.randn(n, 8)
X[senal, 0] += 1.5
X[senal, 3] -= 1.2
X[:, 5] = np.where(senal, X[:, 5] * 2.0, X[:, 5] * 0.6)
t = senal.astype(float).reshape(-1, 1)
X = (X - X.mean(0)) / X.std(0)


def matriz(entra, sale):
    return rnd.randn(entra, sale) * np.sqrt(1.0 / entra)


params = [matriz(8, 8), np.zeros(8), matriz(8, 8), np.zeros(8), matriz(8, 1), np.zeros(1)]


def adelante(params, x):
    W1, b1, W2, b2, W3, b3 = params
    h1 = np.tanh(x @ W1 + b1)
    h2 = np.tanh(h1 @ W2 + b2)
    z = h2 @ W3 + b3
    return h1, h2, z


def perdida(z, t):
    # log(1+e^z) - t z, sin desbordar
    return np.mean(np.logaddexp(0, z) - t * z)


def atras(params, x, t, h1, h2, z):
    W1, b1, W2, b2, W3, b3 = params
    prob = 0.5 * (1 + np.tanh(z / 2))
    d3 = (prob - t) / len(x)
    gW3 = h2.T @ d3
    gb3 = d3.sum(0)
    d2 = (d3 @ W3.T) * (1 - h2 ** 2)
    gW2 = h1.T @ d2
    gb2 = d2.sum(0)
    d1 = (d2 @ W2.T) * (1 - h1 ** 2)
    gW1 = x.T @ d1
    gb1 = d1.sum(0)
    return [gW1, gb2, gW2, gb1, gW3, gb3]


m = [np.zeros_like(q) for q in params]
v = [np.zeros_like(q) for q in params]
alfa, beta1, beta2, eps = 0.005, 0.9, 0.999, 1e-8
paso = 0
for epoca in range(40):
    mezcla = rnd.permutation(n)
    for i in range(0, n, 50):
        lote = mezcla[i:i + 50]
        h1, h2, z = adelante(params, X[lote])
        grads = atras(params, X[lote], t[lote], h1, h2, z)
        paso += 1
        for k in range(len(params)):
            m[k] = beta1 * m[k] + (1 - beta1) * grads[k]
            v[k] = beta2 * v[k] + (1 - beta2) * grads[k] ** 2
            mk = m[k] / (1 - beta1 ** paso)
            vk = v[k] / (1 - beta2 ** paso)
            params[k] = params[k] - alfa * mk / (np.sqrt(vk) + eps)
    if (epoca + 1) % 10 == 0:
        z = adelante(params, X)[2]
        print("epoca", epoca + 1, "perdida", perdida(z, t), "aciertos", np.mean((z > 0) == (t > 0.5)))
