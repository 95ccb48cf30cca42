# Forsoek: hjelper batch-normalisering naar inndata har rar skala?
# nett: 2 -> 16 -> BN -> relu -> 1 (sigmoid)
import numpy as np

rng = np.random.RandomState(4)
EPS = 1e-5

# to halvmaaner, men maalt i feil enhet (alt ganget med 50)
n = 400
vinkel = np.pi * rng.rand(n)
y = (np.arange(n) % 2).reshape(-1, 1).astype(float)
X = np.c_[np.cos(vinkel), np.sin(vinkel)]
X[1::2] = np.c_[1 - np.cos(vinkel[1::2]), 0.5 - np.sin(vinkel[1::2])]
X += 0.1 * rng.randn(n, 2)
X *= 50

skjult = 16
W1 = rng.randn(2, skjult) * 0.5      # ingen bias her, beta gjoer jobben
gamma = np.ones(skjult)
beta = np.zeros(skjult)
W2 = rng.randn(skjult, 1) * np.sqrt(1 / skjult)
b2 = np.zeros(1)
snitt_lop, var_lop = np.zeros(skjult), np.ones(skjult)


def bn_frem(z, gamma, beta):
    mu = z.mean(axis=0)
    var = z.var(axis=0)
    istd = 1 / np.sqrt(var + EPS)
    zhat = (z - mu) * istd
    return gamma * zhat + beta, (zhat, z - mu, istd), mu, var


def bn_bak(dut, gamma, cache):
    zhat, zm, istd = cache
    m = dut.shape[0]
    dgamma = (dut * zhat).sum(axis=0)
    dbeta = dut.sum(axis=0)
    dzhat = dut * gamma
    dvar = -(dzhat * zm).sum(axis=0) * istd ** 3
    dmu = -(dzhat * istd).sum(axis=0) + dvar * (-2 * zm).mean(axis=0)
    dz = dzhat * istd + dvar * 2 * zm / m + dmu / m
    return dz, dgamma, dbeta


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def test():
    z = X @ W1
    a = gamma * (z - snitt_lop) / np.sqrt(var_lop + EPS) + beta
    p = sigmoid(np.maximum(a, 0) @ W2 + b2)
    return np.mean((p > 0.5) == (y > 0.5))


lr, bunt = 0.3, 50                    # 400 / 50 = 8 bunter
for epoke in range(120):
    stokk = rng.permutation(n)
    tap = 0
    for start in range(0, n, bunt):
        ind = stokk[start:start + bunt]
        xb, yb = X[ind], y[ind]
        z = xb @ W1
        a, cache, mu, var = bn_frem(z, gamma, beta)
        h = np.maximum(a, 0)
        p = sigmoid(h @ W2 + b2)
        tap += -np.sum(yb * np.log(p + 1e-9) + (1 - yb) * np.log(1 - p + 1e-9))
        snitt_lop = 0.9 * snitt_lop + 0.1 * mu
        var_lop = 0.9 * var_lop + 0.1 * var

        d2 = (p - yb) / bunt
        dW2 = h.T @ d2
        db2 = d2.sum(axis=0)
        da = (d2 @ W2.T) * (a > 0)
        dz, dgamma, dbeta = bn_bak(da, gamma, cache)
        dW1 = xb.T @ dz

        W1 -= lr * dW1
        gamma -= lr * dgamma
        beta -= lr * dbeta
        W2 -= lr * dW2
        b2 -= lr * db2
    if epoke % 20 == 19:
        print(f"epoke {epoke + 1}: tap {tap / n:.4f}, treff {test():.3f}")
