# -*- coding: utf-8 -*-
# Regresión lineal con descenso por gradiente
# Tarea 2 - precio de pisos según superficie y antigüedad
import numpy as np

np.random.seed(42)

# ---- 1. datos inventados ----
m = 120
superficie = np.random.uniform(40, 140, m)      # m2
antig = np.random.uniform(0, 50, m)             # años
precio = 30 + 2.1 * superficie - 0.9 * antig + np.random.randn(m) * 8   # miles de euros

# normalizamos, si no alfa tiene que ser minúsculo
sup_n = (superficie - superficie.mean()) / superficie.std()
ant_n = (antig - antig.mean()) / antig.std()

X = np.column_stack([np.ones(m), sup_n, ant_n])
y = precio

# ---- 2. entrenamiento ----
theta = np.array([0, 0, 0])
alfa = 0.1
iteraciones = 200
historia = []

for it in range(iteraciones):
    pred = X @ theta
    error = pred - y
    costo = np.mean(error ** 2) / 2
    historia.append(costo)

    # primero todos los gradientes, luego se actualiza (simultáneo!)
    grad = []
    for j in range(X.shape[1]):
        grad.append(np.mean(error * X[:, j]))
    for j in range(X.shape[1]):
        theta[j] = theta[j] - alfa * grad[j]

    if it % 25 == 0:
        print("iter %3d   J = %.3f" % (it, costo))

# ---- 3. resultados ----
print("theta:", theta)
print("J final:", historia[-1])

# comprobación con la ecuación normal
theta_exacta = np.linalg.solve(X.T @ X, X.T @ precio)
print("theta (ecuación normal):", theta_exacta)

# predicción de un piso de 90 m2 y 10 años
x_nuevo = np.array([1.0, (90 - superficie.mean()) / superficie.std(), (10 - antig.mean()) / antig.std()])
print("precio estimado 90 m2, 10 años: %.1f mil euros" % (x_nuevo @ theta))
