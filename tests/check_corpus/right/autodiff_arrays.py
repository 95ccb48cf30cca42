import numpy as np


class Knoten:
    """A node of a graph of arrays."""

    def __init__(self, value, parents=()):
        self.value = np.asarray(value, dtype=float)
        self.gradient = np.zeros_like(self.value)
        self.parents = parents
        self.pull = None

    def __add__(self, other):
        out = Knoten(self.value + other.value, (self, other))

        def pull(d):
            self.gradient += match(d, self.value.shape)
            other.gradient += match(d, other.value.shape)

        out.pull = pull
        return out

    def __mul__(self, other):
        out = Knoten(self.value * other.value, (self, other))

        def pull(d):
            self.gradient += match(d * other.value, self.value.shape)
            other.gradient += match(d * self.value, other.value.shape)

        out.pull = pull
        return out

    def __matmul__(self, other):
        out = Knoten(self.value @ other.value, (self, other))

        def pull(d):
            self.gradient += d @ other.value.T
            other.gradient += self.value.T @ d

        out.pull = pull
        return out

    def logistic(self):
        s = 1 / (1 + np.exp(-self.value))
        out = Knoten(s, (self,))

        def pull(d):
            self.gradient += d * s * (1 - s)

        out.pull = pull
        return out

    def rectify(self):
        out = Knoten(np.maximum(self.value, 0), (self,))

        def pull(d):
            self.gradient += d * (self.value > 0)

        out.pull = pull
        return out

    def sum(self):
        out = Knoten(self.value.sum(), (self,))

        def pull(d):
            self.gradient += d * np.ones_like(self.value)

        out.pull = pull
        return out

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.gradient = np.ones_like(self.value)
        for node in reversed(order):
            if node.pull is not None:
                node.pull(node.gradient)


def match(d, shape):
    while d.ndim > len(shape):
        d = d.sum(axis=0)
    return d.reshape(shape)
