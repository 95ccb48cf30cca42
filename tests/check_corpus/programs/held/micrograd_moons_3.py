"""
my micrograd after watching Karpathy's "spelled-out intro" twice. No numpy, no peeking (ok, a little).
Trains a tiny MLP on two moons.
"""
import math
import random

random.seed(1337)


class Value:
    def __init__(self, data, _children=()):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data - other.data, (self, other))

        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def _backward():
            self.grad += (1 - t ** 2) * out.grad
        out._backward = _backward
        return out

    def backward(self):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                for c in v._prev:
                    build(c)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()


class Neuron:
    def __init__(self, nin):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)

    def __call__(self, x):
        act = self.b
        for wi, xi in zip(self.w, x):
            act = act + wi * xi
        return act.tanh()


class MLP:
    def __init__(self, nin, nouts):
        sz = [nin] + nouts
        self.layers = [[Neuron(sz[i]) for _ in range(sz[i + 1])] for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = [n(x) for n in layer]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for n in layer for p in n.w + [n.b]]


def make_moons(n, noise=0.1):
    pts = []
    for i in range(n):
        t = math.pi * random.random()
        if i % 2 == 0:
            x, y, lab = math.cos(t), math.sin(t), 1.0
        else:
            x, y, lab = 1 - math.cos(t), 0.5 - math.sin(t), -1.0
        pts.append(([x + random.gauss(0, noise), y + random.gauss(0, noise)], lab))
    return pts


data = make_moons(40)
model = MLP(2, [6, 1])
lr = 0.3

for k in range(81):
    # forward pass
    loss = Value(0.0)
    hits = 0
    for x, t in data:
        pred = model(x)
        diff = Value(t) - pred
        loss = loss + diff * diff
        hits += (pred.data > 0) == (t > 0)
    loss = loss * (1.0 / len(data))

    # backward pass
    for p in model.parameters():
        p.grad = 0.0
    loss.backward()

    # update
    for p in model.parameters():
        p.data += -lr * p.grad

    if k % 10 == 0:
        print(f"step {k} loss {loss.data:.4f} accuracy {100 * hits / len(data):.1f}%")
