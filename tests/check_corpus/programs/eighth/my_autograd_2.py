# Reverse-mode autodiff in ~60 lines + a little classifier on two moons.
# Weekend project, scalar values only, slow but I understand every line now.
import math
import random

random.seed(3)


class Var:
    def __init__(self, val, parents=()):
        self.val = val
        self.grad = 0.0
        self.parents = parents      # list of (parent, local derivative)

    def __add__(self, o):
        o = o if isinstance(o, Var) else Var(o)
        return Var(self.val + o.val, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = o if isinstance(o, Var) else Var(o)
        return Var(self.val * o.val, ((self, o.val), (o, self.val)))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, o):
        return self + (-o)

    __radd__ = __add__
    __rmul__ = __mul__

    def tanh(self):
        t = math.tanh(self.val)
        return Var(t, ((self, 1 - t * t),))

    def softplus(self):
        x = self.val
        s = max(x, 0.0) + math.log1p(math.exp(-abs(x)))
        if x >= 0:
            sig = 1 / (1 + math.exp(-x))
        else:
            sig = math.exp(x) / (1 + math.exp(x))
        return Var(s, ((self, sig),))

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) in seen:
                return
            seen.add(id(node))
            for par, _ in node.parents:
                visit(par)
            order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for par, d in node.parents:
                par.grad = d * node.grad


class Net:
    def __init__(self, sizes):
        self.layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            W = [[Var(random.gauss(0, 1) / math.sqrt(a)) for _ in range(a)] for _ in range(b)]
            bias = [Var(0.0) for _ in range(b)]
            self.layers.append((W, bias))

    def params(self):
        return [q for W, b in self.layers for row in W + [b] for q in row]

    def __call__(self, x):
        for n, (W, b) in enumerate(self.layers):
            x = [sum((w * xi for w, xi in zip(row, x)), bj) for row, bj in zip(W, b)]
            if n < len(self.layers) - 1:
                x = [h.tanh() for h in x]
        return x[0]


# two moons, labels 0/1
pts = []
for i in range(60):
    a = math.pi * random.random()
    if i % 2:
        pts.append(((math.cos(a) + random.gauss(0, .1), math.sin(a) + random.gauss(0, .1)), 1))
    else:
        pts.append(((1 - math.cos(a) + random.gauss(0, .1), .4 - math.sin(a) + random.gauss(0, .1)), 0))

net = Net([2, 8, 1])
lr = 1.0
for it in range(150):
    loss = Var(0.0)
    ok = 0
    for x, y in pts:
        z = net(x)
        # binary cross-entropy with logits: log(1 + e^z) - y z
        loss = loss + z.softplus() - z * y
        ok += (z.val > 0) == (y == 1)
    loss = loss * (1 / len(pts))

    for q in net.params():
        q.grad = 0.0
    loss.backward()
    for q in net.params():
        q.val -= lr * q.grad
    if it % 20 == 0 or it == 149:
        print(f"it {it:3d}  loss {loss.val:.4f}  acc {ok / len(pts):.2f}")
