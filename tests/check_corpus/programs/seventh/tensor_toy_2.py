"""tensor_toy - reverse mode autodiff on numpy arrays, as small as I could get it.

I wanted to know what happens when you call .backward(), so here it is.
"""
import numpy as np


def unbroadcast(g, shape):
    """sum g down to the given shape (undo numpy broadcasting)"""
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for ax, size in enumerate(shape):
        if size == 1 and g.shape[ax] != 1:
            g = g.sum(axis=ax, keepdims=True)
    return g


class T:
    def __init__(self, val, deps=()):
        self.val = np.asarray(val, dtype=float)
        self.grad = np.zeros_like(self.val)
        self.deps = deps            # list of (tensor, function: grad_out -> grad_in)

    def __add__(self, o):
        return T(self.val + o.val, [(self, lambda g: g), (o, lambda g: g)])

    def __sub__(self, o):
        return T(self.val - o.val, [(self, lambda g: g), (o, lambda g: g)])

    def __mul__(self, o):
        return T(self.val * o.val, [(self, lambda g: g * o.val), (o, lambda g: g * self.val)])

    def __matmul__(self, o):
        return T(self.val @ o.val, [(self, lambda g: g @ o.val.T), (o, lambda g: self.val.T @ g)])

    def sigmoid(self):
        s = 1 / (1 + np.exp(-self.val))
        return T(s, [(self, lambda g: g * s * (1 - s))])

    def mean(self):
        n = self.val.size
        return T(self.val.mean(), [(self, lambda g: np.full(self.val.shape, g / n))])

    def backward(self):
        topo, seen = [], set()

        def walk(t):
            if id(t) in seen:
                return
            seen.add(id(t))
            for d, _ in t.deps:
                walk(d)
            topo.append(t)

        walk(self)
        self.grad = np.ones_like(self.val)
        for t in reversed(topo):
            for d, f in t.deps:
                d.grad = d.grad + unbroadcast(f(t.grad), d.val.shape)


rng = np.random.default_rng(77)
x = rng.uniform(-3, 3, (100, 1))
y = np.sin(x) + 0.2 * x

W1 = T(rng.normal(0, 2, (1, 12)))
b1 = T(rng.normal(0, 2, 12))
W2 = T(rng.normal(0, 0.3, (12, 1)))
b2 = T(np.zeros(1))
weights = [W1, b1, W2, b2]

for i in range(3000):
    hidden = (T(x) @ W1 + b1).sigmoid()
    err = T(y) - (hidden @ W2 + b2)
    loss = (err * err).mean()
    for w in weights:
        w.grad = np.zeros_like(w.val)
    loss.backward()
    for w in weights:
        w.val = w.val - 0.1 * w.grad
    if i % 500 == 0:
        print(i, float(loss.val))
print("end", float(loss.val))
