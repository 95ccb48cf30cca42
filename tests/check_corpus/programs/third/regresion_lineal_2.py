# Práctica 1: regresión lineal con descenso por gradiente
# precio = theta0 + theta1 * superficie + theta2 * antiguedad
import numpy as np

np.random.seed(2)
n = 80
superficie = np.random.uniform(40, 160, n)
antiguedad = np.random.uniform(0, 50, n)
precio = 30 + 2.1 * superficie - 0.8 * antiguedad + 8 * np.random.randn(n)

# normalizamos las variables
X = np.column_stack([superficie, antiguedad])
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = precio.reshape(-1, 1)

pesos = np.zeros((2, 1))
sesgo = 0.0
tasa = 0.05
historial = []

for iteracion in range(200):
    prediccion = X.dot(pesos) + sesgo
    error = prediccion - y
    ecm = np.mean(error ** 2)
    historial.append(ecm)

    grad_pesos = 2 * X.T.dot(error) / n
    grad_sesgo = 2 * np.sum(error) / n

    pesos = pesos - tasa * grad_pesos
    sesgo = sesgo + tasa * grad_sesgo

    if iteracion % 40 == 0:
        print("iteración", iteracion, "ECM =", round(ecm, 3))

print("pesos:", pesos.ravel())
print("sesgo:", sesgo)

# comparación con la solución exacta por mínimos cuadrados
A = np.column_stack([np.ones(n), X])
exacta = np.linalg.lstsq(A, y, rcond=None)[0]
print("mínimos cuadrados:", exacta.ravel())
