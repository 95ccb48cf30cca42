"""
layers_from_scratch.py

Goblin / elf / troll classifier for my roguelike, built out of "layers" like the
big frameworks do it. Every layer has forward() and backward(), nothing is fused.
"""
import numpy as np

rng = np.random.default_rng(0xBEEF)


class Dense:
    def __init__(self, n_in, n_out):
        self.W = rng.normal(0.0, 1.0 / np.sqrt(n_in), (n_in, n_out))
        self.b = np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = np.mean(grad, axis=0, keepdims=True)
        return grad @ self.W.T

    def step(self, lr):
        self.W -= lr * self.dW
        self.b -= lr * self.db


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-np.clip(x, -60, 60)))
        return self.out

    def backward(self, grad):
        return grad * self.out * (1 - self.out)

    def step(self, lr):
        pass


class Softmax:
    def forward(self, x):
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.s = e / np.sum(e, axis=1, keepdims=True)
        return self.s

    def backward(self, grad):
        out = np.empty_like(grad)
        for n in range(len(grad)):
            s = self.s[n]
            J = np.diag(s) - np.outer(s, s)
            out[n] = J @ grad[n]
        return out

    def step(self, lr):
        pass


class CrossEntropy:
    tiny = 1e-9

    def forward(self, p, t):
        self.p, self.t = p, t
        return -np.sum(t * np.log(p + self.tiny)) / len(p)

    def backward(self):
        return -self.t / (self.p + self.tiny) / len(self.p)


# hp, speed, height, shininess
base = np.array([[8, 6, 1.1, 0.1], [12, 9, 1.8, 0.9], [40, 3, 3.0, 0.2]])
who = rng.integers(0, 3, 240)
stats = base[who] * rng.normal(1.0, 0.25, (240, 4))
stats = (stats - stats.mean(0)) / stats.std(0)
onehot = np.eye(3)[who]

model = [Dense(4, 8), Sigmoid(), Dense(8, 3), Softmax()]
criterion = CrossEntropy()

for epoch in range(80):
    order = rng.permutation(240)
    running = 0.0
    for i in range(0, 240, 24):
        pick = order[i:i + 24]
        x = stats[pick]
        for layer in model:
            x = layer.forward(x)
        running += criterion.forward(x, onehot[pick])
        g = criterion.backward()
        for layer in reversed(model):
            g = layer.backward(g)
        for layer in model:
            layer.step(0.5)
    if epoch % 16 == 0:
        print("epoch", epoch, "loss %.4f" % (running / 10))

x = stats
for layer in model:
    x = layer.forward(x)
print("monsters recognised:", np.mean(x.argmax(1) == who))
