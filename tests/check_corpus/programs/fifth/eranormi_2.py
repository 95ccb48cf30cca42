# Eränormalisointi (batch norm) käsin, yksi piilokerros, binääriluokittelu
import numpy as np

np.random.seed(20)

N, D, H = 240, 5, 20
ERA = 48
EPS = 1e-5

# piirteet tarkoituksella eri mittakaavoissa
X = np.random.randn(N, D) * np.array([1, 3, 0.5, 2, 4.]) + np.array([0, 10, 0, -3, 5.])
piilo = X[:, 0] * (X[:, 1] - 10) / 3 + 0.3 * (X[:, 4] - 5) / 4
y = (piilo > 0).astype(float)[:, None]

W1 = np.random.randn(D, H) * 0.3
gamma = np.ones(H)
beta = np.zeros(H)
W2 = np.random.randn(H, 1) * 0.3
b2 = np.zeros(1)

ka_liuku, var_liuku = np.zeros(H), np.ones(H)


def bn_eteen(z):
    mu = z.mean(axis=0)
    var = z.var(axis=0)
    zn = (z - mu) / np.sqrt(var + EPS)
    return gamma * zn + beta, (z, zn, mu, var)


def bn_taakse(dout, valim):
    z, zn, mu, var = valim
    n = len(z)
    dgamma = (dout * zn).sum(axis=0)
    dbeta = dout.sum(axis=0)
    dzn = dout * gamma
    dvar = np.sum(dzn * (z - mu) * -0.5 * (var + EPS) ** -1.5, axis=0)
    dmu = dzn.sum(axis=0) / np.sqrt(var + EPS)   # varianssin kautta tuleva osa on nolla
    dz = dzn / np.sqrt(var + EPS) + dvar * 2 * (z - mu) / n + dmu / n
    return dz, dgamma, dbeta


def ennusta(X):
    zn = (X @ W1 - ka_liuku) / np.sqrt(var_liuku + EPS)
    return np.tanh(gamma * zn + beta) @ W2 + b2


lr = 0.3
for kierros in range(201):
    idx = np.random.permutation(N)
    for alku in range(0, N, ERA):
        e = idx[alku:alku + ERA]
        xb, yb = X[e], y[e]
        z = xb @ W1
        u, valim = bn_eteen(z)
        h = np.tanh(u)
        p = 1 / (1 + np.exp(-(h @ W2 + b2)))

        do = (p - yb) / len(xb)
        du = (do @ W2.T) * (1 - h ** 2)
        dz, dgamma, dbeta = bn_taakse(du, valim)

        W2 -= lr * h.T @ do
        b2 -= lr * do.sum(axis=0)
        gamma -= lr * dgamma
        beta -= lr * dbeta
        W1 -= lr * xb.T @ dz

        ka_liuku = 0.9 * ka_liuku + 0.1 * valim[2]
        var_liuku = 0.9 * var_liuku + 0.1 * valim[3]
    if kierros % 40 == 0:
        o = ennusta(X)
        tappio = np.mean(np.logaddexp(0, o) - y * o)
        print(f"kierros {kierros:3d}  tappio {tappio:.4f}  oikein {np.mean((o > 0) == y):.3f}")
