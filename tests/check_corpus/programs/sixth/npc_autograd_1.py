# tiny autograd so my NPCs can learn when to attack
# no numpy because the engine only ships with a bare python
import math
import random

random.seed(64)


class Num:
    def __init__(self, val, parents=()):
        self.val = val
        self.grad = 0.0
        self.parents = parents
        self.back = lambda: None

    def __add__(self, o):
        o = o if isinstance(o, Num) else Num(o)
        out = Num(self.val + o.val, (self, o))

        def back():
            self.grad += out.grad
            o.grad += out.grad
        out.back = back
        return out

    def __mul__(self, o):
        o = o if isinstance(o, Num) else Num(o)
        out = Num(self.val * o.val, (self, o))

        def back():
            self.grad += o.val * out.grad
            o.grad += self.val * out.grad
        out.back = back
        return out

    def relu(self):
        out = Num(self.val if self.val > 0 else 0.0, (self,))

        def back():
            self.grad += out.grad if self.val > 0 else 0.0
        out.back = back
        return out

    def softplus(self):                      # log(1 + e^x), written so it cannot overflow
        x = self.val
        out = Num(max(x, 0.0) + math.log1p(math.exp(-abs(x))), (self,))

        def back():
            s = 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
            self.grad += s * out.grad
        out.back = back
        return out

    def backward(self):
        order, seen = [], set()
        stack = [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((p, False) for p in node.parents)
        self.grad = 1.0
        for node in reversed(order):
            node.back()


def make_layer(n_in, n_out):
    s = math.sqrt(2.0 / n_in)
    return [([Num(random.gauss(0, s)) for _ in range(n_in)], Num(0.0)) for _ in range(n_out)]


def run_layer(layer, xs, act):
    ys = []
    for ws, b in layer:
        z = b
        for w, x in zip(ws, xs):
            z = z + w * x
        ys.append(z.relu() if act else z)
    return ys


hidden, final = make_layer(2, 8), make_layer(8, 1)
params = [p for ws, b in hidden + final for p in ws + [b]]


def score(x):
    return run_layer(final, run_layer(hidden, [Num(v) for v in x], True), False)[0]


# (distance, own health) -> attack if close and healthy, or if very close
samples = []
for _ in range(45):
    dist, hp = random.random() * 2 - 1, random.random() * 2 - 1
    samples.append(((dist, hp), 1 if (dist < 0.1 and hp > -0.2) or dist < -0.7 else -1))

for epoch in range(40):
    loss = Num(0.0)
    for x, t in samples:
        loss = loss + (score(x) * -t).softplus()      # logistic loss, t = +-1
    loss = loss * (1.0 / len(samples))
    loss.backward()
    for p in params:
        p.val -= 1.0 * p.grad
    if epoch % 10 == 0 or epoch == 39:
        ok = sum((score(x).val > 0) == (t > 0) for x, t in samples)
        print("epoch %2d  loss %.4f  right %d/%d" % (epoch, loss.val, ok, len(samples)))
