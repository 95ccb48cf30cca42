# Clasificador con una capa oculta, muestras por COLUMNAS (traducido de mi clasif.m)
# Error cuadrático sobre la salida softmax (Brier), jacobiano completo de la softmax
import numpy as np

np.random.seed(31)

# --- datos: 3 nubes en el plano, N columnas ---
Nc = 50
M = np.array([[0.0, 2.0, -2.0],
              [2.0, -1.0, -1.0]])
X = np.hstack([M[:, [c]] + 0.8 * np.random.randn(2, Nc) for c in range(3)])
cl = np.repeat(np.arange(3), Nc)
N = X.shape[1]
T = np.zeros((3, N))
T[cl, np.arange(N)] = 1

# --- inicialización ---
nh = 6
W1 = 0.5 * np.random.randn(nh, 2)
b1 = np.zeros((nh, 1))
W2 = 0.5 * np.random.randn(3, nh)
b2 = np.zeros((3, 1))
eta = 0.5
niter = 400


def softmax(Z):
    E = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return E / np.sum(E, axis=0, keepdims=True)


# --- bucle principal (lote completo) ---
for k in range(1, niter + 1):
    # propagación
    H = np.tanh(W1 @ X + b1)
    P = softmax(W2 @ H + b2)
    J = np.sum((P - T) ** 2) / (2 * N)

    # retropropagación
    dP = (P - T) / N
    D2 = np.zeros_like(P)
    for n in range(N):
        p = P[:, n]
        Jac = np.diag(p * (1 - p))
        D2[:, n] = Jac @ dP[:, n]
    D1 = (W2.T @ D2) * (1 - H ** 2)

    # actualización
    W2 = W2 - eta * D2 @ H.T
    b2 = b2 - eta * np.sum(D2, axis=1, keepdims=True)
    W1 = W1 - eta * D1 @ X.T
    b1 = b1 - eta * np.sum(D1, axis=1, keepdims=True)

    if k % 80 == 0 or k == 1:
        disp = 100 * np.mean(np.argmax(P, axis=0) == cl)
        print("k=%4d  J=%.5f  aciertos=%.1f%%" % (k, J, disp))

P = softmax(W2 @ np.tanh(W1 @ X + b1) + b2)
print("J final = %.5f" % (np.sum((P - T) ** 2) / (2 * N)))
