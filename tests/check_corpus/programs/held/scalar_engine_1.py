# Weekend project: my own autograd, one float per node.
# Then a 2-6-1 MLP on XOR-ish blobs to see that it works.
import math
import random


class Num:
    __slots__ = ("val", "grad", "parents", "push")

    def __init__(self, val, parents=()):
        self.val = float(val)
        self.grad = 0.0
        self.parents = parents
        self.push = None          # pushes my grad to my parents

    def __add__(self, other):
        other = other if isinstance(other, Num) else Num(other)
        out = Num(self.val + other.val, (self, other))

        def push():
            self.grad += out.grad
            other.grad += out.grad
        out.push = push
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Num) else Num(other)
        out = Num(self.val * other.val, (self, other))

        def push():
            self.grad += other.val * out.grad
            other.grad += self.val * out.grad
        out.push = push
        return out

    def __sub__(self, other):
        return self + (other * -1.0 if isinstance(other, Num) else -other)

    def tanh(self):
        t = math.tanh(self.val)
        out = Num(t, (self,))

        def push():
            self.grad += (1 - t * t) * out.grad
        out.push = push
        return out

    def backward(self):
        topo, seen = [], set()

        def visit(n):
            if id(n) in seen:
                return
            seen.add(id(n))
            for p in n.parents:
                visit(p)
            topo.append(n)
        visit(self)
        self.grad = 1.0
        for n in reversed(topo):
            if n.push:
                n.push()


class Neuron:
    def __init__(self, n_in):
        self.w = [Num(random.gauss(0, 1 / math.sqrt(n_in))) for _ in range(n_in)]
        self.b = Num(0.0)

    def __call__(self, xs):
        act = self.b
        for w, x in zip(self.w, xs):
            act = act + w * x
        return act.tanh()

    def params(self):
        return self.w + [self.b]


random.seed(4)
data = []
for _ in range(40):
    cx, cy = random.choice([-1, 1]), random.choice([-1, 1])
    data.append(([cx + random.gauss(0, 0.25), cy + random.gauss(0, 0.25)], 1.0 if cx * cy < 0 else -1.0))

hidden = [Neuron(2) for _ in range(6)]
top = Neuron(6)
params = [p for neu in hidden + [top] for p in neu.params()]

for it in range(61):
    loss = Num(0.0)
    for xs, t in data:
        pred = top([h(xs) for h in hidden])
        diff = pred - t
        loss = loss + diff * diff
    loss = loss * (1.0 / len(data))
    loss.backward()
    for p in params:
        p.val -= 0.5 * p.grad
    if it % 15 == 0:
        print(f"{it:3d}  loss {loss.val:.4f}")

ok = sum((top([h(xs) for h in hidden]).val > 0) == (t > 0) for xs, t in data)
print(ok, "of", len(data), "right")
