# my own tiny autograd, after a weekend of reading. scalars only, no numpy.
import math
import random


class Num:
    def __init__(self, v, parents=()):
        self.v = v
        self.g = 0.0
        self.parents = parents
        self.back = lambda: None

    def __add__(self, o):
        o = o if isinstance(o, Num) else Num(o)
        out = Num(self.v + o.v, (self, o))
        def back():
            self.g += out.g
            o.g += out.g
        out.back = back
        return out

    def __mul__(self, o):
        o = o if isinstance(o, Num) else Num(o)
        out = Num(self.v * o.v, (self, o))
        def back():
            self.g += o.v * out.g
            o.g += self.v * out.g
        out.back = back
        return out

    def square(self):
        out = Num(self.v ** 2, (self,))
        def back():
            self.g += self.v * out.g
        out.back = back
        return out

    def tanh(self):
        th = math.tanh(self.v)
        out = Num(th, (self,))
        def back():
            self.g += (1 - th * th) * out.g
        out.back = back
        return out

    def __sub__(self, o):
        return self + o * -1.0

    def backward(self):
        topo, seen = [], set()
        def visit(n):
            if id(n) not in seen:
                seen.add(id(n))
                for p in n.parents:
                    visit(p)
                topo.append(n)
        visit(self)
        self.g = 1.0
        for n in reversed(topo):
            n.back()


random.seed(4)
HID = 6
w1 = [[Num(random.gauss(0, 1)) for _ in range(2)] for _ in range(HID)]
b1 = [Num(0.0) for _ in range(HID)]
w2 = [Num(random.gauss(0, 0.5)) for _ in range(HID)]
b2 = Num(0.0)
params = [p for row in w1 for p in row] + b1 + w2 + [b2]
DECAY = 0.001


def net(x):
    out = b2
    for i in range(HID):
        h = (w1[i][0] * x[0] + w1[i][1] * x[1] + b1[i]).tanh()
        out = out + w2[i] * h
    return out.tanh()


# inside / outside a ring
pts = [(random.uniform(-1, 1), random.uniform(-1, 1)) for _ in range(40)]
lab = [0.9 if x * x + y * y < 0.5 else -0.9 for x, y in pts]

for step in range(160):
    loss = Num(0.0)
    for p, t in zip(pts, lab):
        loss = loss + (net(p) - Num(t)).square()
    loss = loss * (1.0 / len(pts))
    for p in w2:
        loss = loss + p.square() * DECAY
    for p in params:
        p.g = 0.0
    loss.backward()
    for p in params:
        p.v -= 0.3 * p.g
    if step % 40 == 0:
        print(step, round(loss.v, 4))

ok = sum((net(p).v > 0) == (t > 0) for p, t in zip(pts, lab))
print("right side of the ring:", ok, "/", len(pts))
