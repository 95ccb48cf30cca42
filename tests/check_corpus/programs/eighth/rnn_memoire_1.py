"""
Petit RNN (Elman) : sommer les +1 / -1 d'une suite de longueur 9,
puis dire si la somme est positive.  Entropie croisée binaire, BPTT complet.
"""
import numpy as np

rng = np.random.default_rng(17)

T, H = 9, 12
n_app, n_test = 400, 200


def tirer(n):
    x = rng.choice([-1.0, 1.0], size=(n, T))
    y = (x.sum(axis=1) > 0).astype(float)    # T impair : jamais d'égalité
    return x, y


Xa, ya = tirer(n_app)
Xt, yt = tirer(n_test)

U = rng.normal(0, 0.5, (1, H))
W = rng.normal(0, 0.7 / np.sqrt(H), (H, H))
bh = np.zeros(H)
V = rng.normal(0, 1 / np.sqrt(H), (H, 1))
bo = np.zeros(1)


def avant(x):
    """renvoie les états h[0..T] et le logit final (n, 1)"""
    n = x.shape[0]
    h = [np.zeros((n, H))]
    for t in range(T):
        h.append(np.tanh(x[:, t:t + 1] @ U + h[t] @ W + bh))
    return h, h[T] @ V + bo


def perte(z, y):
    y = y.reshape(-1, 1)
    return np.mean(np.logaddexp(0, z) - y * z)


def arriere(x, y, h, z):
    n = x.shape[0]
    dz = (0.5 * (1 + np.tanh(0.5 * z)) - y.reshape(-1, 1)) / n
    dV = h[T].T @ dz
    dbo = dz.sum(axis=0)
    dU, dW, dbh = np.zeros_like(U), np.zeros_like(W), np.zeros_like(bh)
    dh = dz @ V.T
    for t in range(T - 1, -1, -1):
        da = dh * (1 - h[t + 1] ** 2)
        dU += x[:, t:t + 1].T @ da
        dW += h[t + 1].T @ da
        dbh += da.sum(axis=0)
        dh = da @ W.T
    return dU, dW, dbh, dV, dbo


eta, lot, seuil = 0.3, 50, 5.0
for epoque in range(1, 61):
    perm = rng.permutation(n_app)
    for k in range(0, n_app, lot):
        i = perm[k:k + lot]
        h, z = avant(Xa[i])
        grads = arriere(Xa[i], ya[i], h, z)
        # écrêtage de la norme globale
        norme = np.sqrt(sum((g ** 2).sum() for g in grads))
        f = min(1.0, seuil / (norme + 1e-12))
        for p, g in zip((U, W, bh, V, bo), grads):
            p -= eta * f * g
    if epoque % 10 == 0:
        _, z = avant(Xt)
        juste = np.mean((z[:, 0] > 0) == (yt == 1))
        print(f"époque {epoque:3d}  perte test {perte(z, yt):.4f}  exactitude {juste:.3f}")
