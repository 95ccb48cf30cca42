"""Noisy 5x5 letters with a dropout net.
lab 4 / regularisation, ECE 421"""
import numpy as np

GLYPHS = {
    "T": "11111001000010000100 00100",
    "L": "10000100001000010000 11111",
    "O": "01110100011000110001 01110",
    "X": "10001010100010001010 10001",
    "H": "10001100011111110001 10001",
    "U": "10001100011000110001 01110",
}


def load(n, flip, rng):
    protos = np.array([[int(c) for c in g.replace(" ", "")] for g in GLYPHS.values()], dtype=float)
    labels = rng.integers(0, len(protos), n)
    imgs = protos[labels]
    noise = rng.random(imgs.shape) < flip
    imgs = np.where(noise, 1 - imgs, imgs)
    return imgs - 0.5, labels


class Dense:
    def __init__(self, n_in, n_out, rng):
        self.theta = rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out))
        self.bias = np.zeros(n_out)

    def forward(self, x, train):
        self.inp = x
        return np.dot(x, self.theta) + self.bias

    def backward(self, g):
        self.g_theta = np.dot(self.inp.T, g)
        self.g_bias = g.sum(0)
        return np.dot(g, self.theta.T)

    def step(self, lr, decay):
        self.theta -= lr * (self.g_theta + decay * self.theta)
        self.bias -= lr * self.g_bias


class Relu:
    def forward(self, x, train):
        self.on = x > 0
        return x * self.on

    def backward(self, g):
        return g * self.on

    def step(self, lr, decay):
        pass


class Dropout:
    """p = probability to drop a unit (inverted dropout, so nothing to do at test time)"""

    def __init__(self, p, rng):
        self.p = p
        self.rng = rng

    def forward(self, x, train):
        if not train:
            return x
        self.mask = (self.rng.random(x.shape) >= self.p) / (1 - self.p)
        return x * self.mask

    def backward(self, g):
        return g * self.mask

    def step(self, lr, decay):
        pass


class Model:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x, train=False):
        for l in self.layers:
            x = l.forward(x, train)
        return x

    def train_batch(self, x, y, lr, decay):
        s = self(x, train=True)
        s = s - s.max(1, keepdims=True)
        p = np.exp(s)
        p /= p.sum(1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y] + 1e-12).mean()
        g = p
        g[np.arange(len(y)), y] -= 1
        g /= len(y)
        for l in self.layers[::-1]:
            g = l.backward(g)
        for l in self.layers:
            l.step(lr, decay)
        return loss


rng = np.random.default_rng(99)
Xtr, ytr = load(400, 0.12, rng)
Xte, yte = load(600, 0.12, rng)
model = Model([Dense(25, 48, rng), Relu(), Dropout(0.3, rng), Dense(48, 6, rng)])
for epoch in range(40):
    order = rng.permutation(len(Xtr))
    losses = [model.train_batch(Xtr[i], ytr[i], 0.1, 1e-4) for i in np.array_split(order, 10)]
    if epoch % 5 == 4:
        tr = (model(Xtr).argmax(1) == ytr).mean()
        te = (model(Xte).argmax(1) == yte).mean()
        print("epoch", epoch + 1, "loss %.3f train %.3f test %.3f" % (np.mean(losses), tr, te))
