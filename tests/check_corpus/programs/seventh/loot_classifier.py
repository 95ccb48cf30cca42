# Mini NN lib for our tools + demo: classify players (casual / grinder / whale)
# from telemetry. Reusable: Dense, Relu, SoftmaxLoss, Sgd.
import numpy as np


class Dense:
    def __init__(self, nIn, nOut, rng):
        self.W = rng.normal(0.0, np.sqrt(2.0 / nIn), (nIn, nOut))
        self.b = np.zeros(nOut)
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)

    def Forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def Backward(self, g):
        # adds up, so that several calls per step are possible; ZeroGrad() clears
        self.dW += self.x.T @ g
        self.db += g.sum(axis=0)
        return g @ self.W.T

    def Params(self):
        return [(self.W, self.dW), (self.b, self.db)]


class Relu:
    def Forward(self, x):
        self.on = x > 0
        return x * self.on

    def Backward(self, g):
        return g * self.on

    def Params(self):
        return []


class SoftmaxLoss:
    @staticmethod
    def Probs(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def Forward(self, z, y):
        self.p, self.y = self.Probs(z), y
        return -np.log(self.p[np.arange(len(y)), y] + 1e-15).mean()

    def Backward(self):
        g = self.p.copy()
        g[np.arange(len(self.y)), self.y] -= 1.0
        return g / len(self.y)


class Net:
    def __init__(self, layers):
        self.layers = layers

    def Forward(self, x):
        for l in self.layers:
            x = l.Forward(x)
        return x

    def Backward(self, g):
        for l in reversed(self.layers):
            g = l.Backward(g)

    def ZeroGrad(self):
        for l in self.layers:
            for _, g in l.Params():
                g.fill(0.0)

    def Step(self, lr):
        for l in self.layers:
            for p, g in l.Params():
                p -= lr * g


def MakePlayers(n, rng):
    kind = rng.integers(0, 3, n)
    hours = np.array([3.0, 25.0, 12.0])[kind] * rng.lognormal(0, 0.3, n)
    spend = np.array([2.0, 5.0, 120.0])[kind] * rng.lognormal(0, 0.6, n)
    deaths = rng.poisson(np.array([20, 60, 30])[kind])
    return np.stack([np.log(hours), np.log(spend), deaths / 30.0], axis=1), kind


rng = np.random.default_rng(99)
X, y = MakePlayers(512, rng)
Xt, yt = MakePlayers(256, rng)
avg, dev = X.mean(0), X.std(0)
X, Xt = (X - avg) / dev, (Xt - avg) / dev

net = Net([Dense(3, 16, rng), Relu(), Dense(16, 3, rng)])
lossFn = SoftmaxLoss()
BATCH = 32
for epoch in range(25):
    order = rng.permutation(len(X))
    X, y = X[order], y[order]
    total = 0.0
    for i in range(0, len(X), BATCH):
        bx, by = X[i:i + BATCH], y[i:i + BATCH]
        net.ZeroGrad()
        total += lossFn.Forward(net.Forward(bx), by) * len(bx)
        net.Backward(lossFn.Backward())
        net.Step(0.1)
    if epoch % 5 == 0:
        print(f"[{epoch:02d}] loss={total / len(X):.4f}")

print("test acc:", (net.Forward(Xt).argmax(1) == yt).mean())
print("first player:", SoftmaxLoss.Probs(net.Forward(Xt[:1])).round(3), "true:", yt[0])
