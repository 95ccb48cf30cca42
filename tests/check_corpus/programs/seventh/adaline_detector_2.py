#!/usr/bin/env python3
# ADALINE (Widrow-Hoff) para separar muones de ruido en el contador de centelleo.
# Los datos son de mentira: energia depositada y tiempo de subida del pulso.
import numpy as np

rng = np.random.RandomState(7)
N = 160
eta = 0.005
n_iter = 1500

E_mu = rng.normal(6.2, 1.1, N // 2)
t_mu = rng.normal(3.0, 0.6, N // 2)
E_r = rng.normal(3.1, 1.3, N // 2)
t_r = rng.normal(4.4, 0.8, N // 2)

X = np.column_stack([np.concatenate([E_mu, E_r]), np.concatenate([t_mu, t_r])])
y = np.concatenate([np.ones(N // 2), np.full(N // 2, -1.0)])

# unidades reducidas, si no eta tendria dimensiones...
X = (X - X.mean(axis=0)) / X.std(axis=0)

w = np.array([0.0, 0.0])
b = 0.3
costo = []

for it in range(n_iter):
    salida = X @ w + b            # lineal: el escalon solo se usa al clasificar
    err = y - salida
    for j in range(w.size):
        w[j] += eta * np.dot(err, X[:, j]) / N
    b += eta * err.sum()
    costo.append(0.5 * np.mean(err ** 2))
    if it % 250 == 0:
        print(f"iter {it:5d}   J = {costo[-1]:.5f}   w = {w}   b = {b:.4f}")

pred = np.where(X @ w + b >= 0, 1, -1)
print("J final    :", costo[-1])
print("eficiencia :", np.mean(pred[y > 0] == 1))
print("pureza     :", np.mean(y[pred == 1] == 1))

# comparacion con la solucion exacta de minimos cuadrados
A = np.column_stack([X, np.ones(N)])
sol, *_ = np.linalg.lstsq(A, y, rcond=None)
print("exacta     :", sol, " obtenida:", np.append(w, b))
