# BLM 5109 Yapay Sinir Ağları - Ödev 4
# Küçük bir otomatik türev kütüphanesi (numpy dizileri üzerinde)
import numpy as np


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for i, s in enumerate(shape):
        if s == 1 and g.shape[i] != 1:
            g = g.sum(axis=i, keepdims=True)
    return g


class Tensor:
    def __init__(self, data, parents=(), backward=None):
        self.data = np.asarray(data, dtype=float)
        self.grad = np.zeros_like(self.data)
        self.parents = parents
        self._backward = backward

    def __add__(self, o):
        def bw(g):
            self.grad += unbroadcast(g, self.data.shape)
            o.grad += unbroadcast(g, o.data.shape)
        return Tensor(self.data + o.data, (self, o), bw)

    def __sub__(self, o):
        def bw(g):
            self.grad += unbroadcast(g, self.data.shape)
            o.grad -= unbroadcast(g, o.data.shape)
        return Tensor(self.data - o.data, (self, o), bw)

    def __matmul__(self, o):
        def bw(g):
            self.grad += g @ o.data.T
            o.grad += self.data.T @ g
        return Tensor(self.data @ o.data, (self, o), bw)

    def relu(self):
        def bw(g):
            self.grad += g * (self.data > 0)
        return Tensor(np.maximum(self.data, 0), (self,), bw)

    def square(self):
        def bw(g):
            self.grad += 2 * self.data * g
        return Tensor(self.data ** 2, (self,), bw)

    def mean(self):
        def bw(g):
            self.grad += g * np.ones_like(self.data) / self.data.size
        return Tensor(self.data.mean(), (self,), bw)

    def backward(self):
        order, visited = [], set()

        def visit(t):
            if id(t) in visited:
                return
            visited.add(id(t))
            for p in t.parents:
                visit(p)
            order.append(t)
        visit(self)
        self.grad = np.ones_like(self.data)
        for t in reversed(order):
            if t._backward is not None:
                t._backward(t.grad)


class Model:
    def __init__(self, sizes, rng):
        self.W = [Tensor(rng.normal(0, np.sqrt(2 / a), (a, b))) for a, b in zip(sizes, sizes[1:])]
        self.b = [Tensor(np.zeros(b)) for b in sizes[1:]]

    def __call__(self, x):
        for i in range(len(self.W)):
            x = x @ self.W[i] + self.b[i]
            if i < len(self.W) - 1:
                x = x.relu()
        return x

    def params(self):
        return self.W + self.b


rng = np.random.default_rng(34)
X = rng.uniform(-2, 2, (200, 1))
Y = np.abs(X) + 0.5 * np.sin(3 * X) + rng.normal(0, 0.05, (200, 1))   # hedef fonksiyon
model = Model([1, 20, 20, 1], rng)
lr = 0.05
for adim in range(1500):
    loss = (model(Tensor(X)) - Tensor(Y)).square().mean()
    loss.backward()
    for p in model.params():
        p.data -= lr * p.grad
    if adim % 300 == 0:
        print("adım", adim, "kayıp", round(float(loss.data), 5))
print("son kayıp", float(loss.data))
