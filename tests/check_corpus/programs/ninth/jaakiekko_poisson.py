"""Maalien määrä jääkiekko-ottelussa: Poisson-verkko (yksi tanh-kerros, exp ulos).
Poisson goals model, hobby sports stats. Comments in two languages, sorry."""
import numpy as np

rng = np.random.default_rng(99)


def pelaa_kausi(n):
    hyokkays = rng.normal(0, 1, n)      # attack
    puolustus = rng.normal(0, 1, n)     # opponent's defence
    koti = rng.integers(0, 2, n)        # home ice
    odotus = np.exp(0.9 + 0.35 * hyokkays - 0.3 * puolustus + 0.2 * koti
                    - 0.15 * hyokkays * puolustus)
    return np.column_stack([hyokkays, puolustus, koti]), rng.poisson(odotus)


X_all, y_all = pelaa_kausi(500)
idx = rng.permutation(500)
tr, te = idx[:400], idx[400:]
X, y = X_all[tr], y_all[tr]
X_te, y_te = X_all[te], y_all[te]

H = 7
theta = dict(W=rng.normal(0, 0.5, (3, H)), c=np.zeros(H), u=rng.normal(0, 0.3, H), d=0.0)


def malli(th, X):
    h = np.tanh(X @ th['W'] + th['c'])
    eta = h @ th['u'] + th['d']
    return h, np.clip(eta, -10, 10)


def nll(eta, y):
    # log(y!) left out, it is constant
    return np.mean(np.exp(eta) - y * eta)


def gradientit(th, X, y):
    h, eta = malli(th, X)
    mu = np.exp(eta)
    e = (mu - y) / len(y)
    dz = np.outer(e, th['u']) * (1 - h ** 2)
    return dict(W=X.T @ dz, c=dz.sum(0), u=h.T @ e, d=e.sum())


for epookki in range(60):
    jarj = rng.permutation(len(X))
    for alku in range(0, len(X), 40):
        er = jarj[alku:alku + 40]
        g = gradientit(theta, X[er], y[er])
        for k in theta:
            theta[k] = theta[k] - 0.05 * g[k]
    if epookki % 10 == 0:
        print(f"{epookki:3d}  nll train {nll(malli(theta, X)[1], y):.4f}  test {nll(malli(theta, X_te)[1], y_te):.4f}")

mu = np.exp(malli(theta, X_te)[1])
print("ennustettu / todellinen maalikeskiarvo:", mu.mean(), y_te.mean())
print("korrelaatio:", np.corrcoef(mu, y_te)[0, 1])
