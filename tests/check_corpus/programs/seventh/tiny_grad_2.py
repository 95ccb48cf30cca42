# my own reverse-mode AD on scalars (weekend project), used to fit a small
# tanh net to a potential V(x) = x^4 - x^2
import math
import random

random.seed(6)


class Var:
    def __init__(self, val, parents=()):
        self.val = val
        self.parents = parents        # list of (Var, local derivative)
        self.grad = 0.0

    def __add__(self, o):
        o = o if isinstance(o, Var) else Var(o)
        return Var(self.val + o.val, ((self, 1.0), (o, 1.0)))

    def __mul__(self, o):
        o = o if isinstance(o, Var) else Var(o)
        return Var(self.val * o.val, ((self, o.val), (o, self.val)))

    def __sub__(self, o):
        return self + (o * -1.0 if isinstance(o, Var) else -o)

    __radd__ = __add__
    __rmul__ = __mul__

    def sq(self):
        return Var(self.val ** 2, ((self, 2 * self.val),))

    def tanh(self):
        th = math.tanh(self.val)
        return Var(th, ((self, 1 - self.val * self.val),))

    def backprop(self):
        topo, seen = [], set()

        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for p, _ in v.parents:
                    visit(p)
                topo.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(topo):
            for p, local in v.parents:
                p.grad += local * v.grad


H = 8
w = [Var(random.gauss(0, 2)) for _ in range(H)]
c = [Var(random.gauss(0, 1)) for _ in range(H)]
a = [Var(random.gauss(0, 0.4)) for _ in range(H)]
off = Var(0.0)
params = w + c + a + [off]


def net(x):
    s = off
    for k in range(H):
        s = s + a[k] * (w[k] * x + c[k]).tanh()
    return s


xs = [-1.2 + 2.4 * i / 23 for i in range(24)]
vs = [x ** 4 - x ** 2 for x in xs]

lr = 0.1
for step in range(401):
    loss = Var(0.0)
    for x, v in zip(xs, vs):
        loss = loss + (net(x) - v).sq()
    loss = loss * (1.0 / len(xs))
    for p in params:
        p.grad = 0.0
    loss.backprop()
    for p in params:
        p.val -= lr * p.grad
    if step % 50 == 0:
        print(step, loss.val)

for x in (-1.0, -0.7, 0.0, 0.7, 1.0):
    print("V(%5.2f) = %7.4f   net %7.4f" % (x, x ** 4 - x ** 2, net(x).val))
