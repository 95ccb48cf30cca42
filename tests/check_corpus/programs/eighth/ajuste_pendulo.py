# Ajuste de la señal de un péndulo con deriva, regresión ridge
# y(t) = a cos(wt) + b sin(wt) + v t + c,  minimizado con SGD por mini-lotes
# (después comparo con la solución exacta)
import numpy as np

rng = np.random.default_rng(2023)

# --- "medidas" sintéticas -------------------------------------------------
M = 210
t = rng.uniform(0, 4, M)
omega = 2.1
theta = 0.35 * np.cos(omega * t) - 0.12 * np.sin(omega * t) + 0.02 * t + 0.05
theta = theta + rng.normal(0, 0.01, M)       # ruido del sensor

# barajo las medidas una sola vez
orden = rng.permutation(M)
t = t[orden]
y = theta[orden]

C = np.cos(omega * t)
S = np.sin(omega * t)
L = t / 4                       # escala de orden 1
lam = 1e-4

a, b, v = 0.0, 0.0, 0.0
c = 0.0                         # término independiente, sin regularizar


def coste():
    r = a * C + b * S + v * L + c - y
    return 0.5 * np.mean(r ** 2) + 0.5 * lam * (a ** 2 + b ** 2 + v ** 2)


lote = 32
eta = 0.2
print("coste inicial", coste())
for epoca in range(150):
    for ini in range(0, M, lote):
        tr = slice(ini, ini + lote)
        r = a * C[tr] + b * S[tr] + v * L[tr] + c - y[tr]
        ga = np.mean(r * C[tr]) + lam * a
        gb = np.mean(r * S[tr]) + lam * b
        gv = np.mean(r * L[tr]) + lam * v
        gc = np.mean(r)
        a -= eta * ga
        b -= eta * gb
        v -= eta * gv
        c -= eta * gc
    if epoca % 30 == 29:
        eta *= 0.7
        print("época %3d  coste %.3e" % (epoca + 1, coste()))

# --- solución exacta -------------------------------------------------------
Phi = np.column_stack([C, S, L])
Pc = Phi - Phi.mean(axis=0)
exacta = np.linalg.solve(Pc.T @ Pc / M + lam * np.eye(3), Pc.T @ (theta[orden] - theta.mean()) / M)
print("SGD   : a=%.4f b=%.4f v=%.4f c=%.4f" % (a, b, v / 4, c))
print("exacta: a=%.4f b=%.4f v=%.4f c=%.4f" % (exacta[0], exacta[1], exacta[2] / 4,
                                               theta.mean() - Phi.mean(axis=0) @ exacta))
