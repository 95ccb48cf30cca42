# twee halve maantjes, binaire classificatie met Adam
# (hobbyproject, zelf alles uitgeschreven om het eindelijk eens te snappen)
import numpy as np


def maak_maantjes(n, ruis, rng):
    half = n // 2
    hoek = rng.uniform(0, np.pi, n)
    boven = np.stack([np.cos(hoek[:half]), np.sin(hoek[:half])], axis=1)
    onder = np.stack([1 - np.cos(hoek[half:]), 0.5 - np.sin(hoek[half:])], axis=1)
    X = np.concatenate([boven, onder]) + rng.normal(0, ruis, (n, 2))
    y = np.concatenate([np.zeros(half), np.ones(n - half)])
    return X, y.reshape(-1, 1)


class Lineair:
    def __init__(self, n_in, n_uit, rng):
        self.gewicht = rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_uit))
        self.bias = np.zeros((1, n_uit))

    def vooruit(self, x):
        self.x = x
        return x @ self.gewicht + self.bias

    def terug(self, d):
        self.d_gewicht = self.x.T @ d
        self.d_bias = d.sum(axis=0, keepdims=True)
        return d @ self.gewicht.T


class Tanh:
    def vooruit(self, x):
        self.uit = np.tanh(x)
        return self.uit

    def terug(self, d):
        return d * (1 - self.uit * self.uit)


class SigmoidBCE:
    """sigmoid en binaire kruisentropie samen, dan is de afgeleide simpel"""

    def vooruit(self, z, y):
        self.y = y
        self.kans = 0.5 * (1 + np.tanh(0.5 * z))
        # log(1 + e^z) - y z, stabiel geschreven
        return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))

    def terug(self):
        return (self.kans - self.y) / len(self.y)


class Adam:
    def __init__(self, lagen, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lagen = [l for l in lagen if isinstance(l, Lineair)]
        self.lr, self.b1, self.b2, self.eps = lr, beta1, beta2, eps
        self.t = 0
        self.m = [{k: np.zeros_like(getattr(l, k)) for k in ("gewicht", "bias")} for l in self.lagen]
        self.v = [{k: np.zeros_like(getattr(l, k)) for k in ("gewicht", "bias")} for l in self.lagen]

    def stap(self):
        self.t += 1
        for i, laag in enumerate(self.lagen):
            for k in ("gewicht", "bias"):
                g = getattr(laag, "d_" + k)
                m, v = self.m[i], self.v[i]
                m[k] = self.b1 * m[k] + (1 - self.b1) * g
                v[k] = self.b2 * v[k] + (1 - self.b2) * g ** 2
                m_hoed = m[k] / (1 - self.b1 ** self.t)
                v_hoed = v[k] / (1 - self.b2 ** self.t)
                w = getattr(laag, k)
                w -= self.lr * m_hoed / (np.sqrt(v_hoed) + self.eps)


rng = np.random.default_rng(3)
X, y = maak_maantjes(300, 0.15, rng)
lagen = [Lineair(2, 16, rng), Tanh(), Lineair(16, 8, rng), Tanh(), Lineair(8, 1, rng)]
verlies = SigmoidBCE()
opt = Adam(lagen, lr=0.01)

for ronde in range(601):
    a = X
    for laag in lagen:
        a = laag.vooruit(a)
    L = verlies.vooruit(a, y)
    d = verlies.terug()
    for laag in lagen[::-1]:
        d = laag.terug(d)
    opt.stap()
    if ronde % 100 == 0:
        goed = np.mean((a > 0) == (y > 0.5))
        print(f"ronde {ronde:4d}  verlies {L:.4f}  goed {goed:.3f}")
