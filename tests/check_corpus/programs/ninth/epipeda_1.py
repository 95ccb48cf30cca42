# Ergasia 2 - Neurwnika Diktya
# AM: 03117xxx
# Ylopoihsh twn vasikwn epipedwn (layers) mono me numpy.
# Kathe epipedo exei forward(x) kai backward(dout), kai listes params / grads
# me thn idia seira.  x: (N, D) -- ena deigma ana grammh.
import numpy as np


class Grammiko:
    """y = x W + b"""

    def __init__(self, eisodoi, eksodoi, sporos=None):
        rng = np.random.default_rng(sporos)
        self.W = rng.normal(0, np.sqrt(2.0 / eisodoi), (eisodoi, eksodoi))
        self.b = np.zeros(eksodoi)
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)
        self.x = None

    @property
    def params(self):
        return [self.W, self.b]

    @property
    def grads(self):
        return [self.dW, self.db]

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        # h paragwgos ths apwleias einai hdh diairemenh me N
        self.dW[...] = self.x.T @ dout
        self.db[...] = np.sum(dout, axis=0)
        return dout @ self.W.T


class ReLU:
    params, grads = [], []

    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, dout):
        dx = dout.copy()
        dx[dout <= 0] = 0
        return dx


class Sigmoeidhs:
    params, grads = [], []

    def forward(self, x):
        # 0.5*(1+tanh(x/2)) == 1/(1+exp(-x)), alla xwris yperxeilish
        self.y = 0.5 * (1.0 + np.tanh(0.5 * x))
        return self.y

    def backward(self, dout):
        return dout * self.y * (1.0 - self.y)


class SoftmaxEntropia:
    """Softmax kai cross-entropy mazi. t: akeraies etiketes (N,)"""

    def forward(self, x, t):
        z = x - x.max(axis=1, keepdims=True)
        log_athr = np.log(np.exp(z).sum(axis=1, keepdims=True))
        logp = z - log_athr
        self.p = np.exp(logp)
        self.t = t
        return -logp[np.arange(len(t)), t].mean()

    def backward(self):
        n = len(self.t)
        dx = self.p.copy()
        dx[np.arange(n), self.t] -= 1
        return dx / n


class Diktyo:
    def __init__(self, epipeda, apwleia):
        self.epipeda = epipeda
        self.apwleia = apwleia

    def provlepsh(self, x):
        for e in self.epipeda:
            x = e.forward(x)
        return x

    def kostos(self, x, t):
        return self.apwleia.forward(self.provlepsh(x), t)

    def klisi(self):
        d = self.apwleia.backward()
        for e in reversed(self.epipeda):
            d = e.backward(d)
        return [g for e in self.epipeda for g in e.grads]
