"""A tiny scalar autograd engine and a regression with it."""
import math
import random


class Value:
    """a number that remembers where it came from"""

    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._backprop = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))

        def _backprop():
            self.grad += out.grad
            other.grad += out.grad
        out._backprop = _backprop
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))

        def _backprop():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backprop = _backprop
        return out

    def __pow__(self, k):
        out = Value(self.data ** k, (self,))

        def _backprop():
            self.grad += k * self.data ** (k - 1) * out.grad
        out._backprop = _backprop
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))

        def _backprop():
            self.grad += (1 - t * t) * out.grad
        out._backprop = _backprop
        return out

    def exp(self):
        out = Value(math.exp(self.data), (self,))

        def _backprop():
            self.grad += out.data * out.grad
        out._backprop = _backprop
        return out

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self * other ** -1

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other):
        return (-self) + other

    def backward(self):
        # children before parents: depth first topological order
        order, seen = [], set()

        def visit(v):
            if v not in seen:
                seen.add(v)
                for p in v._parents:
                    visit(p)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backprop()


if __name__ == "__main__":
    # check on an expression
    a, b = Value(2.0), Value(-3.0)
    c = (a * b + a ** 3).tanh() + b / a - (a * 0.5).exp() * a
    c.backward()
    print("c", c.data, "dc/da", a.grad, "dc/db", b.grad)

    # 1-3-1 network on y = x^2
    random.seed(5)
    w1 = [Value(random.uniform(-1, 1)) for _ in range(3)]
    b1 = [Value(random.uniform(-1, 1)) for _ in range(3)]
    w2 = [Value(random.uniform(-1, 1)) for _ in range(3)]
    b2 = Value(0.0)
    params = w1 + b1 + w2 + [b2]
    points = [(x / 4, (x / 4) ** 2) for x in range(-4, 5)]
    for step in range(151):
        total = Value(0.0)
        for x, y in points:
            hidden = [(w * x + b).tanh() for w, b in zip(w1, b1)]
            out = sum((h * w for h, w in zip(hidden, w2)), b2)
            total = total + (out - y) ** 2
        total = total / len(points)
        total.backward()
        for p in params:
            p.data -= 0.2 * p.grad
        if step % 30 == 0:
            print("step", step, "loss", total.data)
