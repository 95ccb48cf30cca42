"""
My own tiny autograd, scalars only, no numpy.
Wrote it on a train after watching a video about backprop, then trained it on two moons.
"""
import math
import random


class Num:
    def __init__(self, val, parents=()):
        self.val = val
        self.grad = 0.0
        self.parents = parents
        self._back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Num) else Num(other)
        out = Num(self.val + other.val, (self, other))

        def back():
            self.grad += out.grad
            other.grad += out.grad
        out._back = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Num) else Num(other)
        out = Num(self.val * other.val, (self, other))

        def back():
            self.grad = other.val * out.grad
            other.grad = self.val * out.grad
        out._back = back
        return out

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + (-other if isinstance(other, Num) else Num(-other))

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        th = math.tanh(self.val)
        out = Num(th, (self,))

        def back():
            self.grad += (1 - th * th) * out.grad
        out._back = back
        return out

    def backward(self):
        order, seen = [], set()

        def walk(v):
            if v not in seen:
                seen.add(v)
                for p in v.parents:
                    walk(p)
                order.append(v)
        walk(self)
        self.grad = 1.0
        for v in reversed(order):
            v._back()


class Neuron:
    def __init__(self, nin):
        self.w = [Num(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Num(0.0)

    def __call__(self, x):
        s = self.b
        for wi, xi in zip(self.w, x):
            s = s + wi * xi
        return s.tanh()

    def params(self):
        return self.w + [self.b]


class Net:
    def __init__(self, sizes):
        self.layers = [[Neuron(a) for _ in range(b)] for a, b in zip(sizes[:-1], sizes[1:])]

    def __call__(self, x):
        for layer in self.layers:
            x = [nr(x) for nr in layer]
        return x[0]

    def params(self):
        return [p for layer in self.layers for nr in layer for p in nr.params()]


def moons(n):
    pts = []
    for i in range(n):
        a = math.pi * random.random()
        if i % 2 == 0:
            pts.append(([math.cos(a) + random.gauss(0, 0.1), math.sin(a) + random.gauss(0, 0.1)], 1.0))
        else:
            pts.append(([1 - math.cos(a) + random.gauss(0, 0.1), 0.5 - math.sin(a) + random.gauss(0, 0.1)], -1.0))
    return pts


random.seed(1337)
data = moons(40)
net = Net([2, 6, 1])

for step in range(61):
    loss = Num(0.0)
    for x, target in data:
        diff = net(x) - target
        loss = loss + diff * diff
    loss = loss * (1.0 / len(data))

    for p in net.params():
        p.grad = 0.0
    loss.backward()
    for p in net.params():
        p.val -= 0.3 * p.grad

    if step % 10 == 0:
        ok = sum((net(x).val > 0) == (t > 0) for x, t in data)
        print("step", step, "loss %.4f" % loss.val, "correct %d/%d" % (ok, len(data)))
