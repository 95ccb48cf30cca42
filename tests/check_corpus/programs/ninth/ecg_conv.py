# Batai de inima normale / extrasistole, semnal ECG simulat
# o singura convolutie 1D + tanh + medie globala + sigmoida
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(12)

def bataie(extra):
    t = np.linspace(0, 1, 40)
    poz = rng.uniform(0.3, 0.7)
    latime = 0.09 if extra else 0.03
    s = np.exp(-((t - poz) / latime) ** 2)
    if extra:
        s = s - 0.5 * np.exp(-((t - poz - 0.15) / 0.06) ** 2)
    return s + rng.normal(0, 0.05, t.size)

N = 160
y = (np.arange(N) % 2).astype(float)
X = np.array([bataie(e == 1) for e in y])

L, F = 7, 4            # lungimea filtrului, numarul de filtre
K = rng.normal(0, 0.5, (L, F))
bk = np.zeros(F)
w = rng.normal(0, 0.5, F)
b = 0.0
rata = 1.0

def inainte(X):
    ferestre = sliding_window_view(X, L, axis=1)      # N x P x L
    a = np.tanh(ferestre @ K + bk)                    # N x P x F
    m = a.mean(axis=1)
    z = m @ w + b
    return ferestre, a, m, z

def cost(z, y):
    return np.mean(np.logaddexp(0, z) - y * z)

for ep in range(400):
    ferestre, a, m, z = inainte(X)
    P = a.shape[1]
    p = 1 / (1 + np.exp(-z))
    dz = (p - y) / N
    gw = m.T @ dz
    gb = dz.sum()
    dm = np.outer(dz, w)
    da = np.repeat(dm[:, None, :], P, axis=1) / P
    ds = da * (1 - a ** 2)
    gK = np.einsum('npl,npf->lf', ferestre, ds)
    gbk = ds.sum(axis=(0, 1))
    K -= rata * gK
    bk -= rata * gbk
    w -= rata * gw
    b -= rata * gb
    if ep % 80 == 0:
        print('epoca', ep, 'cost', cost(z, y))

z = inainte(X)[-1]
print('cost final', cost(z, y))
print('corecte', int(((z > 0) == (y == 1)).sum()), 'din', N)
