# Trabalho 2 de Redes Neurais - dropout (invertido) em duas camadas, minibatch
# Dataset: duas luas com bastante ruído, feito na mão
import numpy as np

np.random.seed(10)


def faz_luas(n, ruido=0.25):
    t = np.random.rand(n) * np.pi
    rotulo = np.random.randint(0, 2, n)
    x = np.where(rotulo == 0, np.cos(t), 1 - np.cos(t))
    y = np.where(rotulo == 0, np.sin(t), 0.5 - np.sin(t))
    pts = np.stack([x, y], axis=1) + ruido * np.random.randn(n, 2)
    return pts, rotulo.reshape(-1, 1).astype(float)


def relu(z):
    return np.maximum(0, z)


def sigmoide(z):
    return 1 / (1 + np.exp(-z))


X, y = faz_luas(330)
X_teste, y_teste = faz_luas(150)

H1, H2 = 24, 16
W1 = np.random.randn(2, H1) * np.sqrt(2 / 2)
b1 = np.zeros(H1)
W2 = np.random.randn(H1, H2) * np.sqrt(2 / H1)
b2 = np.zeros(H2)
W3 = np.random.randn(H2, 1) * np.sqrt(1 / H2)
b3 = np.zeros(1)

p_drop = 0.2
manter = 1 - p_drop
lr = 0.1
tam_lote = 32


def avalia(X, y):
    # na avaliação não tem dropout
    a1 = relu(X @ W1 + b1)
    a2 = relu(a1 @ W2 + b2)
    p = np.clip(sigmoide(a2 @ W3 + b3), 1e-9, 1 - 1e-9)
    perda = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return perda, np.mean((p > 0.5) == y)


for epoca in range(121):
    idx = np.random.permutation(len(X))
    X = X[idx]
    y = y[idx]
    for ini in range(0, len(X), tam_lote):
        xb = X[ini:ini + tam_lote]
        yb = y[ini:ini + tam_lote]
        n = len(xb)

        # ida
        z1 = xb @ W1 + b1
        m1 = (np.random.rand(*z1.shape) < manter) / manter
        a1 = relu(z1) * m1
        z2 = a1 @ W2 + b2
        m2 = (np.random.rand(*z2.shape) < manter) / manter
        a2 = relu(z2) * m2
        p = sigmoide(a2 @ W3 + b3)

        # volta
        d3 = (p - yb) / n
        gW3 = a2.T @ d3
        gb3 = d3.sum(axis=0)
        d2 = (d3 @ W3.T) * m2 * (z2 > 0)
        gW2 = a1.T @ d2
        gb2 = d2.sum(axis=0)
        d1 = (d2 @ W2.T) * m1 * (z1 > 0)
        gW1 = xb.T @ d1
        gb1 = d1.sum(axis=0)

        W3 -= lr * gW3
        b3 -= lr * gb3
        W2 -= lr * gW2
        b2 -= lr * gb2
        W1 -= lr * gW1
        b1 -= lr * gb1

    if epoca % 20 == 0:
        pt, at = avalia(X, y)
        pv, av = avalia(X_teste, y_teste)
        print(f'época {epoca:3d}  perda treino {pt:.4f}  acc {at:.3f} | teste {pv:.4f}  acc {av:.3f}')
