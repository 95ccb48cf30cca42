# Diagnostic de roulements : 3 états (sain, usé, cassé) à partir de 4 indicateurs
# vibratoires. Deux couches cachées ReLU, softmax, Adam écrit à la main.
import numpy as np

rng = np.random.RandomState(5)


def fabrique(n):
    etat = rng.randint(0, 3, n)
    rms = 0.5 + 0.6 * etat + 0.25 * rng.randn(n)
    kurt = 3 + 2.5 * (etat == 1) + 0.6 * rng.randn(n)
    crete = 2 + 0.8 * etat * rms + 0.4 * rng.randn(n)
    temp = 40 + 5 * (etat == 2) + 4 * rng.randn(n)
    return np.stack([rms, kurt, crete, temp], axis=1), etat


X, y = fabrique(640)
Xv, yv = fabrique(200)
m, s = X.mean(0), X.std(0)
X, Xv = (X - m) / s, (Xv - m) / s

tailles = [4, 20, 20, 3]
params = []
for a, b in zip(tailles[:-1], tailles[1:]):
    params.append(rng.randn(a, b) * np.sqrt(2.0 / a))
    params.append(np.zeros(b))


def avant(x):
    W1, b1, W2, b2, W3, b3 = params
    z1 = x @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0)
    z3 = h2 @ W3 + b3
    e = np.exp(z3 - z3.max(axis=1, keepdims=True))
    return z1, h1, z2, h2, e / e.sum(axis=1, keepdims=True)


def arriere(x, cible, z1, h1, z2, h2, p):
    W1, b1, W2, b2, W3, b3 = params
    n = len(x)
    d3 = p.copy()
    d3[np.arange(n), cible] -= 1
    d3 /= n
    dh2 = d3 @ W3.T
    d2 = dh2 * (z2 > 0)
    dh1 = d2 @ W2.T
    d1 = dh1 * (z1 > 0)
    return [x.T @ d1, d2.sum(0), h1.T @ d2, d1.sum(0), h2.T @ d3, d3.sum(0)]


alpha, b1_, b2_, eps = 0.003, 0.9, 0.999, 1e-8
M = [np.zeros_like(p) for p in params]
V = [np.zeros_like(p) for p in params]
t = 0
lot = 64

for epoque in range(30):
    perm = rng.permutation(len(X))
    cumul = 0.0
    for i in range(0, len(X), lot):
        sel = perm[i:i + lot]
        z1, h1, z2, h2, p = avant(X[sel])
        cumul += -np.log(p[np.arange(len(sel)), y[sel]] + 1e-12).sum()
        grads = arriere(X[sel], y[sel], z1, h1, z2, h2, p)
        t += 1
        for k in range(len(params)):
            M[k] = b1_ * M[k] + (1 - b1_) * grads[k]
            V[k] = b2_ * V[k] + (1 - b2_) * grads[k] ** 2
            mc = M[k] / (1 - b1_ ** t)
            vc = V[k] / (1 - b2_ ** t)
            params[k] -= alpha * mc / (np.sqrt(vc) + eps)
    if epoque % 5 == 0:
        ok = np.mean(avant(Xv)[-1].argmax(1) == yv)
        print(f"époque {epoque:2d}  perte {cumul / len(X):.4f}  validation {ok:.3f}")

print("final :", np.mean(avant(Xv)[-1].argmax(1) == yv))
