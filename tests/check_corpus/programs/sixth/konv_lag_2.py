"""Lille foldningsnetværk (CNN) fra bunden - genkender striber i 8x8 billeder.

Afleveringsopgave 3, Machine Learning, forår
"""
import numpy as np

rng = np.random.default_rng(42)


def lav_billeder(n):
    # 0 = vandret, 1 = lodret, 2 = skrå
    x = rng.normal(0, 0.25, (n, 8, 8))
    y = rng.integers(0, 3, n)
    for i in range(n):
        p = rng.integers(1, 7)
        if y[i] == 0:
            x[i, p, :] += 1
        elif y[i] == 1:
            x[i, :, p] += 1
        else:
            x[i] += np.eye(8, k=rng.integers(-2, 3))
    return x, y


class Konv:
    def __init__(self, antal, k=3):
        self.k = k
        self.W = rng.normal(0, 1 / k, (antal, k, k))
        self.b = np.zeros(antal)

    def frem(self, x):
        self.x = x
        n, h, w = x.shape
        k = self.k
        ud = np.zeros((n, len(self.W), h - k + 1, w - k + 1))
        for i in range(h - k + 1):
            for j in range(w - k + 1):
                felt = x[:, i:i + k, j:j + k]
                ud[:, :, i, j] = np.tensordot(felt, self.W, axes=([1, 2], [1, 2])) + self.b
        return ud

    def tilbage(self, g):
        k = self.k
        self.dW = np.zeros_like(self.W)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                felt = self.x[:, j:j + k, i:i + k]
                self.dW += np.tensordot(g[:, :, i, j].T, felt, axes=1)
        self.db = g.sum(axis=(0, 2, 3))


class Relu:
    def frem(self, x):
        self.x = x
        return np.maximum(x, 0)

    def tilbage(self, g):
        return g * (self.x > 0)


class MiddelPool:
    """2x2 gennemsnit"""

    def frem(self, x):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).mean(axis=(3, 5))

    def tilbage(self, g):
        return np.repeat(np.repeat(g, 2, axis=2), 2, axis=3) / 4


class Taet:
    def __init__(self, ind, ud):
        self.W = rng.normal(0, np.sqrt(1 / ind), (ind, ud))
        self.b = np.zeros(ud)

    def frem(self, x):
        self.form = x.shape
        self.x = x.reshape(len(x), -1)
        return self.x @ self.W + self.b

    def tilbage(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return (g @ self.W.T).reshape(self.form)


def softmax_tab(z, y):
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    g = np.exp(logp)
    g[np.arange(len(y)), y] -= 1
    return -logp[np.arange(len(y)), y].mean(), g / len(y)


x_tr, y_tr = lav_billeder(320)
x_te, y_te = lav_billeder(100)
konv, relu, pool, taet = Konv(6), Relu(), MiddelPool(), Taet(6 * 3 * 3, 3)

lr = 0.3
for epoke in range(15):
    orden = rng.permutation(len(x_tr))
    tab_sum = 0
    for s in range(0, len(x_tr), 32):
        b = orden[s:s + 32]
        z = taet.frem(pool.frem(relu.frem(konv.frem(x_tr[b]))))
        tab, g = softmax_tab(z, y_tr[b])
        tab_sum += tab * len(b)
        g = taet.tilbage(g)
        g = pool.tilbage(g)
        g = relu.tilbage(g)
        konv.tilbage(g)
        for lag in (konv, taet):
            lag.W -= lr * lag.dW
            lag.b -= lr * lag.db
    if epoke % 2 == 0:
        z = taet.frem(pool.frem(relu.frem(konv.frem(x_te))))
        print(f"epoke {epoke:2d}: tab {tab_sum / len(x_tr):.4f}, test {np.mean(z.argmax(1) == y_te):.2f}")
