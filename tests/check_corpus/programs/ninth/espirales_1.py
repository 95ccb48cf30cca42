# Clasificador de tres espirales, red de una capa oculta + Adam
import numpy as np

np.random.seed(1)
K, n = 3, 80
X = np.zeros((K * n, 2))
y = np.zeros(K * n, dtype=int)
for k in range(K):
    r = np.linspace(0.05, 1, n)
    ang = np.linspace(k * 2.1, k * 2.1 + 4, n) + np.random.randn(n) * 0.15
    X[k * n:(k + 1) * n] = np.c_[r * np.sin(ang), r * np.cos(ang)]
    y[k * n:(k + 1) * n] = k


def inicia(ent, sal):
    return np.random.randn(ent, sal) * np.sqrt(2 / ent)


H = 60
W1, b1 = inicia(2, H), np.zeros(H)
W2, b2 = inicia(H, K), np.zeros(K)
params = [W1, b1, W2, b2]
m = [np.zeros_like(p) for p in params]
v = [np.zeros_like(p) for p in params]
t = 0
lr = 0.01


def paso_adam(i, g):
    """actualiza el parametro i (en el sitio) con su gradiente g"""
    m[i] = 0.9 * m[i] + 0.1 * g
    v[i] = 0.999 * v[i] + 0.001 * g ** 2
    mc = m[i] / (1 - 0.9 ** t)
    vc = v[i] / (1 - 0.999 ** t)
    params[i] -= lr * mc / (np.sqrt(vc) + 1e-8)


N = len(y)
for it in range(400):
    # adelante
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    s = h @ W2 + b2
    s = s - s.max(axis=1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    perdida = -logp[range(N), y].mean()
    if it % 100 == 0:
        print("iter", it, "perdida", round(perdida, 4))

    # atras
    ds = np.exp(logp)
    ds[range(N), y] -= 1
    ds /= N
    t += 1
    dW2 = h.T @ ds
    db2 = ds.sum(axis=0)
    paso_adam(2, dW2)
    paso_adam(3, db2)
    dh = ds @ W2.T
    dz1 = dh * (z1 > 0)
    paso_adam(0, X.T @ dz1)
    paso_adam(1, dz1.sum(axis=0))

pred = (np.maximum(X @ W1 + b1, 0) @ W2 + b2).argmax(axis=1)
print("ultima perdida calculada", round(perdida, 4), "acierto final", (pred == y).mean())
