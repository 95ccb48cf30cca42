"""A scalar autodiff engine and a small network on top of it."""
import math
import random


class Node:
    def __init__(self, value, parents=()):
        self.value = value
        self.grad = 0.0
        self.parents = parents
        self._push = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        out = Node(self.value + other.value, (self, other))

        def push():
            self.grad += out.grad
            other.grad += out.grad
        out._push = push
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        out = Node(self.value * other.value, (self, other))

        def push():
            self.grad += other.value * out.grad
            other.grad += self.value * out.grad
        out._push = push
        return out

    def __pow__(self, k):
        out = Node(self.value ** k, (self,))

        def push():
            self.grad += k * self.value ** k * out.grad
        out._push = push
        return out

    def tanh(self):
        t = math.tanh(self.value)
        out = Node(t, (self,))

        def push():
            self.grad += (1 - t * t) * out.grad
        out._push = push
        return out

    __radd__ = __add__
    __rmul__ = __mul__

    def __sub__(self, other):
        return self + (-1) * other if isinstance(other, Node) else self + (-other)

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for p in node.parents:
                    visit(p)
                order.append(node)
        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._push()


class Unit:
    def __init__(self, n):
        self.w = [Node(random.uniform(-1, 1)) for _ in range(n)]
        self.b = Node(0.0)

    def __call__(self, xs):
        return sum((wi * xi for wi, xi in zip(self.w, xs)), self.b)

    def parameters(self):
        return self.w + [self.b]


class Net:
    def __init__(self, n_in, n_hidden):
        self.hidden = [Unit(n_in) for _ in range(n_hidden)]
        self.out = Unit(n_hidden)

    def __call__(self, xs):
        return self.out([u(xs).tanh() for u in self.hidden]).tanh()

    def parameters(self):
        ps = self.out.parameters()
        for u in self.hidden:
            ps += u.parameters()
        return ps


if __name__ == "__main__":
    random.seed(4)
    xs = [[-1, -1], [-1, 1], [1, -1], [1, 1], [0, 0], [2, 0]]
    ys = [-1, 1, 1, -1, -1, 1]
    net = Net(2, 5)
    for step in range(301):
        loss = sum(((net(x) - y) ** 2 for x, y in zip(xs, ys)), Node(0.0))
        for p in net.parameters():
            p.grad = 0.0
        loss.backward()
        for p in net.parameters():
            p.value -= 0.05 * p.grad
        if step % 50 == 0:
            print("step", step, "loss", round(loss.value, 6))
    print([round(net(x).value, 2) for x in xs])
