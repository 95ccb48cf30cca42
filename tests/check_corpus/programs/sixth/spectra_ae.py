"""Autoencoder for noisy line spectra (24 channels -> 5 -> 24).

The detector sometimes spits out spikes, hence log-cosh instead of the squared
error.  Training with Adam, the whole set per step (it is small anyway).
"""
import numpy as np

rng = np.random.default_rng(656)
NCH, NHID, NSPEC = 24, 5, 250


def spectra(n):
    ch = np.arange(NCH)
    pos = rng.uniform(5, 18, (n, 1))
    amp = rng.uniform(0.8, 2.0, (n, 1))
    s = amp * np.exp(-0.5 * ((ch - pos) / 2.5) ** 2)
    s = s + 0.05 * rng.standard_normal(s.shape)
    spikes = rng.random(s.shape) < 0.01
    return s + 3.0 * spikes


def logcosh(r):
    return np.logaddexp(r, -r) - np.log(2.0)


def encode(par, x):
    return np.tanh(x @ par[0] + par[1])


def decode(par, h):
    return h @ par[2] + par[3]


def loss(par, x):
    return logcosh(decode(par, encode(par, x)) - x).mean()


def gradients(par, x):
    we, be, wd, bd = par
    h = encode(par, x)
    r = decode(par, h) - x
    dout = np.tanh(r) / r.size
    dh = dout @ wd.T
    dpre = dh * (1.0 - h ** 2)
    return [x.T @ dpre, dpre.sum(axis=0), h.T @ dout, dout.sum(axis=0)]


class Adam:
    def __init__(self, par, lr=0.01, b1=0.9, b2=0.999):
        self.lr, self.b1, self.b2, self.t = lr, b1, b2, 0
        self.m = [np.zeros_like(p) for p in par]
        self.v = [np.zeros_like(p) for p in par]

    def step(self, par, grad):
        self.t += 1
        c1 = 1 - self.b1 ** self.t
        c2 = 1 - self.b2 ** self.t
        for p, g, m, v in zip(par, grad, self.m, self.v):
            m += (1 - self.b1) * (g - m)
            v += (1 - self.b2) * (g * g - v)
            p -= self.lr * (m / c1) / (np.sqrt(v / c2) + 1e-8)


x = spectra(NSPEC)
par = [rng.normal(0, 1 / np.sqrt(NCH), (NCH, NHID)), np.zeros(NHID),
       rng.normal(0, 1 / np.sqrt(NHID), (NHID, NCH)), np.zeros(NCH)]
opt = Adam(par)

for it in range(1001):
    if it % 100 == 0:
        print(f"{it:5d}  <log cosh> = {loss(par, x):.5f}")
    opt.step(par, gradients(par, x))

fresh = spectra(100)
print("on new spectra:", round(float(loss(par, fresh)), 5))
