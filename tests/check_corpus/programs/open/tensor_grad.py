import numpy as np


def unbroadcast(grad, shape):
    """sum grad over the axes which were broadcast, so that it has the given shape"""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


class Tensor:
    def __init__(self, data, requires_grad=False):
        self.data = np.array(data, dtype=np.float64)
        self.requires_grad = requires_grad
        self.grad = None
        self.depends_on = []      # list of (tensor, function grad -> grad)

    @property
    def shape(self):
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data})"

    def _make(self, data, deps):
        out = Tensor(data)
        out.depends_on = [(t, f) for t, f in deps if t.requires_grad]
        out.requires_grad = bool(out.depends_on)
        return out

    def zero_grad(self):
        self.grad = np.zeros_like(self.data)

    def backward(self, grad=None):
        """push the gradient down to the leaves (recursively)"""
        if grad is None:
            grad = np.ones_like(self.data)
        self.grad = grad if self.grad is None else self.grad + grad
        for tensor, fn in self.depends_on:
            tensor.backward(fn(grad))

    def __add__(self, other):
        other = as_tensor(other)
        return self._make(self.data + other.data, [
            (self, lambda g: unbroadcast(g, self.shape)),
            (other, lambda g: unbroadcast(g, other.shape))])

    def __mul__(self, other):
        other = as_tensor(other)
        return self._make(self.data * other.data, [
            (self, lambda g: unbroadcast(g * other.data, self.shape)),
            (other, lambda g: unbroadcast(g * self.data, other.shape))])

    def __sub__(self, other):
        return self + as_tensor(other) * -1.0

    def __matmul__(self, other):
        return self._make(self.data @ other.data, [
            (self, lambda g: g @ other.data.T),
            (other, lambda g: self.data.T @ g)])

    def relu(self):
        return self._make(np.maximum(self.data, 0), [(self, lambda g: g * (self.data > 0))])

    def sum(self):
        return self._make(self.data.sum(), [(self, lambda g: g * np.ones_like(self.data))])

    def mean(self):
        n = self.data.size
        return self._make(self.data.mean(), [(self, lambda g: g * np.ones_like(self.data) / n)])


def as_tensor(x):
    return x if isinstance(x, Tensor) else Tensor(x)


def main():
    rng = np.random.default_rng(9)
    X = Tensor(rng.normal(size=(40, 3)))
    y = Tensor(np.abs(X.data[:, [0]]) + 0.5 * X.data[:, [1]])
    scale = Tensor(np.ones((1, 3)), requires_grad=True)
    W1 = Tensor(rng.normal(size=(3, 10)) * 0.6, requires_grad=True)
    b1 = Tensor(np.zeros(10), requires_grad=True)
    W2 = Tensor(rng.normal(size=(10, 1)) * 0.4, requires_grad=True)
    b2 = Tensor(np.zeros((1, 1)), requires_grad=True)
    params = [scale, W1, b1, W2, b2]

    for it in range(201):
        pred = ((X * scale) @ W1 + b1).relu() @ W2 + b2
        err = pred - y
        loss = (err * err).mean()
        for p in params:
            p.zero_grad()
        loss.backward()
        for p in params:
            p.data -= 0.1 * p.grad
        if it % 50 == 0:
            print(it, "loss", float(loss.data))
    print("scale", scale.data, "b2", b2.data)


if __name__ == "__main__":
    main()
