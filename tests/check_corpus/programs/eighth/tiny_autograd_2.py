"""A tiny scalar autograd, written after watching a few lectures. No numpy."""
import math
import random


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

    def __pow__(self, k):
        out = Value(self.data ** k, (self,))

        def _backward():
            self.grad += k * self.data ** (k - 1) * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def _backward():
            self.grad += 1 - t ** 2
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


class MLP:
    def __init__(self, nin, nhid):
        r = random.gauss
        self.w1 = [[Value(r(0, 1) / nin ** 0.5) for _ in range(nin)] for _ in range(nhid)]
        self.b1 = [Value(0.0) for _ in range(nhid)]
        self.w2 = [Value(r(0, 1) / nhid ** 0.5) for _ in range(nhid)]
        self.b2 = Value(0.0)

    def __call__(self, x):
        h = [sum((w * xi for w, xi in zip(ws, x)), b).tanh() for ws, b in zip(self.w1, self.b1)]
        return sum((w * hi for w, hi in zip(self.w2, h)), self.b2)

    def parameters(self):
        return [w for ws in self.w1 for w in ws] + self.b1 + self.w2 + [self.b2]


def main():
    random.seed(4)
    xs = [[random.uniform(-1, 1), random.uniform(-1, 1)] for _ in range(30)]
    ys = [math.sin(2 * a) * b for a, b in xs]
    net = MLP(2, 6)
    lr = 0.2
    for step in range(150):
        preds = [net(x) for x in xs]
        loss = sum(((p - y) ** 2 for p, y in zip(preds, ys)), Value(0.0)) * (1.0 / len(xs))
        for p in net.parameters():
            p.grad = 0.0
        loss.backward()
        for p in net.parameters():
            p.data -= lr * p.grad
        if step % 25 == 0:
            print(step, loss.data)
    print("final", loss.data)


if __name__ == "__main__":
    main()
