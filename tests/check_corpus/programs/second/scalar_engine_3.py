# A toy autograd engine on single numbers, then a small MLP on top of it.
# (written on a Sunday to understand what .backward() does)
import math
import random


class Num:
    def __init__(self, data, parents=()):
        self.data = float(data)
        self.grad = 0.0
        self.parents = parents
        self.push = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Num) else Num(other)
        out = Num(self.data + other.data, (self, other))

        def push():
            self.grad += out.grad
            other.grad += out.grad

        out.push = push
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Num) else Num(other)
        out = Num(self.data * other.data, (self, other))

        def push():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out.push = push
        return out

    def __pow__(self, n):
        out = Num(self.data ** n, (self,))

        def push():
            self.grad += self.data ** (n - 1) * out.grad

        out.push = push
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Num(t, (self,))

        def push():
            self.grad += (1 - t * t) * out.grad

        out.push = push
        return out

    def __sub__(self, other):
        return self + other * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for p in v.parents:
                    visit(p)
                order.append(v)

        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.push()


class Neuron:
    def __init__(self, n_in, squash=True):
        self.w = [Num(random.uniform(-1, 1)) for _ in range(n_in)]
        self.b = Num(0.0)
        self.squash = squash

    def __call__(self, xs):
        s = sum((w * x for w, x in zip(self.w, xs)), self.b)
        return s.tanh() if self.squash else s

    def params(self):
        return self.w + [self.b]


class MLP:
    def __init__(self, n_in, hidden):
        self.hidden = [Neuron(n_in) for _ in range(hidden)]
        self.out = Neuron(hidden, squash=False)

    def __call__(self, xs):
        return self.out([h(xs) for h in self.hidden])

    def params(self):
        return [p for n in self.hidden + [self.out] for p in n.params()]


if __name__ == "__main__":
    random.seed(42)

    # sanity: d/dx of (x*x*x + x) at 2 should be 13
    x = Num(2.0)
    y = x * x * x + x
    y.backward()
    print("dy/dx =", x.grad)

    xs = [(a / 2, b / 2) for a in range(-2, 3) for b in range(-2, 3, 2)]
    ys = [a * b for a, b in xs]
    net = MLP(2, 6)
    for step in range(91):
        preds = [net(p) for p in xs]
        loss = sum(((p - t) ** 2 for p, t in zip(preds, ys)), Num(0)) * (1 / len(xs))
        for p in net.params():
            p.grad = 0.0
        loss.backward()
        for p in net.params():
            p.data -= 0.3 * p.grad
        if step % 15 == 0:
            print(step, "loss", round(loss.data, 5))
    print("f(0.5, 0.5) =", round(net((0.5, 0.5)).data, 3), "should be 0.25")
