# Appunti di apprendimento automatico - regressione softmax
# 3 tipi di fiore (finti), 4 misure per fiore, mini-batch + penalita' L2
import numpy as np

rng = np.random.RandomState(42)

# --- dati -------------------------------------------------------------
centri = np.array([[5.0, 3.4, 1.5, 0.2],
                   [5.9, 2.8, 4.3, 1.3],
                   [6.6, 3.0, 5.5, 2.0]])
per_classe = 70
X = np.vstack([c + 0.35 * rng.randn(per_classe, 4) for c in centri])
y = np.repeat(np.arange(3), per_classe)

perm = rng.permutation(len(X))
n_tr = 150
X_tr, y_tr = X[perm[:n_tr]], y[perm[:n_tr]]
X_te, y_te = X[perm[n_tr:]], y[perm[n_tr:]]

media, dev = X_tr.mean(axis=0), X_tr.std(axis=0)
X_tr = (X_tr - media) / dev
X_te = (X_te - media) / dev


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def costo(X, y, W, b, lam):
    p = softmax(X @ W + b)
    return -np.mean(np.log(p[np.arange(len(y)), y] + 1e-12)) + 0.5 * lam * np.sum(W ** 2)


def gradiente(X, y, W, b, lam):
    d = softmax(X @ W + b)
    d[np.arange(len(y)), y] -= 1
    d /= len(y)
    return X.T @ d + lam * W, d.sum(axis=0)


W = 0.01 * rng.randn(4, 3)
b = np.zeros(3)
passo, lam, lotto = 0.2, 1e-3, 32

for epoca in range(60):
    ordine = rng.permutation(n_tr)
    for i in range(0, n_tr, lotto):        # l'ultimo lotto e' piu' corto, va bene
        idx = ordine[i:i + lotto]
        gW, gb = gradiente(X_tr[idx], y_tr[idx], W, b, lam)
        W -= passo * gW
        b -= passo * gb
    if epoca % 10 == 0:
        print('epoca', epoca, 'costo', round(float(costo(X_tr, y_tr, W, b, lam)), 4))

previsti = softmax(X_te @ W + b).argmax(axis=1)
print('accuratezza sul test: %.3f' % np.mean(previsti == y_te))
