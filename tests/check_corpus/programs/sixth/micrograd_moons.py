"""my attempt at a micrograd-style autograd engine (scalars only, no numpy)
after watching the lecture I rewrote it from memory
"""
import math
import random

random.seed(1337)


class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

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
            self.grad += (1 - t * t) * out.grad
        out._backward = _backward
        return out

    def relu(self):
        out = Value(self.data if self.data > 0 else 0.0, (self,))

        def _backward():
            self.grad += out.grad if self.data > 0 else 0.0
        out._backward = _backward
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        topo, seen = [], set()

        def build(v):
            if v not in seen:
                seen.add(v)
                for p in v._parents:
                    build(p)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()


class Neuron:
    def __init__(self, nin, act):
        self.w = [Value(random.gauss(0, 1) / math.sqrt(nin)) for _ in range(nin)]
        self.b = Value(0.0)
        self.act = act

    def __call__(self, x):
        s = self.b
        for wi, xi in zip(self.w, x):
            s = s + wi * xi
        return getattr(s, self.act)() if self.act else s


class MLP:
    def __init__(self):
        self.layers = [[Neuron(2, "tanh") for _ in range(6)],
                       [Neuron(6, "relu") for _ in range(4)],
                       [Neuron(4, None)]]

    def __call__(self, x):
        for layer in self.layers:
            x = [n(x) for n in layer]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for n in layer for p in n.w + [n.b]]


# two moons
data = []
for i in range(24):
    a = math.pi * random.random()
    if i % 2:
        data.append(([math.cos(a) + random.gauss(0, .08), math.sin(a) + random.gauss(0, .08)], 1))
    else:
        data.append(([1 - math.cos(a) + random.gauss(0, .08), .4 - math.sin(a) + random.gauss(0, .08)], -1))

net = MLP()
lr = 0.1
for step in range(31):
    total = Value(0.0)
    correct = 0
    for x, t in data:
        out = net(x)
        diff = out - t
        total = total + diff * diff
        correct += (out.data > 0) == (t > 0)
    loss = total * (1 / len(data))

    for p in net.parameters():
        p.grad = 0.0
    loss.backward()
    for p in net.parameters():
        p.data -= lr * p.grad

    if step % 10 == 0:
        print(step, "loss %.4f" % loss.data, "accuracy %d/%d" % (correct, len(data)))
