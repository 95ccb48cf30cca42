# Layer wo class ni shita neural net. Nihongo no hon wo yomi nagara kaita memo.
import numpy as np


class Affine:
    def __init__(self, n_in, n_out, rng, scale):
        self.W = rng.standard_normal((n_in, n_out)) * scale
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b

    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)

    def koushin(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db


class LeakyReLU:
    def __init__(self, katamuki=0.1):
        self.k = katamuki

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] *= self.k
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] *= self.k
        return dx


class Sigmoid:
    def forward(self, x):
        self.out = 1.0 / (1.0 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1.0 - self.out)


class MSE:
    def forward(self, y, t):
        self.sa = y - t
        return np.sum(self.sa ** 2) / len(t)

    def backward(self):
        return 2.0 * self.sa / len(self.sa)


class Net:
    def __init__(self, rng):
        self.layers = [
            Affine(2, 16, rng, 1.0), LeakyReLU(),
            Affine(16, 16, rng, np.sqrt(2 / 16)), LeakyReLU(),
            Affine(16, 1, rng, np.sqrt(1 / 16)), Sigmoid(),
        ]
        self.loss = MSE()

    def yosoku(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def sonshitsu(self, x, t):
        return self.loss.forward(self.yosoku(x), t)

    def gyaku_denpa(self):
        d = self.loss.backward()
        for layer in reversed(self.layers):
            d = layer.backward(d)

    def koushin(self, lr):
        for layer in self.layers:
            if hasattr(layer, "koushin"):
                layer.koushin(lr)


# --- data: uzumaki (spiral) 2 hon ---
rng = np.random.default_rng(31)
n = 150
r = np.linspace(0.1, 1.0, n)
x0 = np.stack([r * np.cos(4 * r), r * np.sin(4 * r)], axis=1)
x = np.vstack([x0, -x0]) * 2 + rng.normal(0, 0.05, (2 * n, 2))
t = np.vstack([np.zeros((n, 1)), np.ones((n, 1))])

net = Net(rng)
batch = 30
for epoch in range(200):
    jun = rng.permutation(2 * n)
    goukei = 0.0
    for i in range(0, 2 * n, batch):
        s = jun[i:i + batch]
        goukei += net.sonshitsu(x[s], t[s]) * len(s)
        net.gyaku_denpa()
        net.koushin(0.3)
    if epoch % 40 == 0 or epoch == 199:
        print("epoch", epoch, "loss %.4f" % (goukei / (2 * n)))

seikai = np.mean((net.yosoku(x) > 0.5) == (t > 0.5))
print("seikai ritsu: %.3f" % seikai)
