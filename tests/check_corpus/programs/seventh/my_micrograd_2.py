# my own autograd, scalars only. wrote it on the train, no numpy.
import math, random

random.seed(1337)

class Value:
    def __init__(self, data, parents=()):
        self.data = data
        self.grad = 0.0
        self._parents = parents
        self._back = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def _back():
            self.grad += out.grad
            other.grad += out.grad
        out._back = _back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        def _back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._back = _back
        return out

    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))
        def _back():
            self.grad += 1 - t * t
        out._back = _back
        return out

    def __neg__(self): return self * -1
    def __sub__(self, other): return self + (-other if isinstance(other, Value) else -other)
    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
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
            v._back()

class Neuron:
    def __init__(self, n, act=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(n)]
        self.b = Value(0.0)
        self.act = act
    def __call__(self, x):
        s = self.b
        for wi, xi in zip(self.w, x):
            s = s + wi * xi
        return s.tanh() if self.act else s
    def params(self): return self.w + [self.b]

class Net:
    def __init__(self, sizes):
        self.layers = []
        for i in range(len(sizes) - 1):
            last = i == len(sizes) - 2
            self.layers.append([Neuron(sizes[i], act=not last) for _ in range(sizes[i + 1])])
    def __call__(self, x):
        for layer in self.layers:
            x = [n(x) for n in layer]
        return x[0]
    def params(self):
        return [p for layer in self.layers for n in layer for p in n.params()]

# points inside (-1) / outside (+1) of a circle
xs = [(random.uniform(-1, 1), random.uniform(-1, 1)) for _ in range(30)]
ys = [1.0 if a * a + b * b > 0.5 else -1.0 for a, b in xs]

net = Net([2, 6, 1])
print(len(net.params()), "parameters")

lr = 0.25
for k in range(90):
    preds = [net(x) for x in xs]
    loss = Value(0.0)
    for p, t in zip(preds, ys):
        d = p - t
        loss = loss + d * d
    loss = loss * (1.0 / len(xs))

    for p in net.params():
        p.grad = 0.0
    loss.backward()
    for p in net.params():
        p.data -= lr * p.grad

    if k % 15 == 0:
        acc = sum((p.data > 0) == (t > 0) for p, t in zip(preds, ys)) / len(xs)
        print("%3d  loss %.4f  acc %.2f" % (k, loss.data, acc))
print("final loss %.4f" % loss.data)
