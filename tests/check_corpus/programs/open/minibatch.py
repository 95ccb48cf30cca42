import numpy as np


def iterate_minibatches(inputs, targets, batchsize, rng):
    """yields shuffled (inputs, targets) pairs, the last batch may be smaller"""
    n = inputs.shape[0]
    indices = rng.permutation(n)
    for start in range(0, n, batchsize):
        chunk = indices[start:start + batchsize]
        yield inputs[chunk], targets[chunk]


class Layer:
    params = ()

    def update(self, lr):
        pass


class FC(Layer):
    def __init__(self, n_in, n_out, rng):
        self.w = rng.normal(0, np.sqrt(2 / n_in), size=(n_in, n_out))
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.inp = x
        return x @ self.w + self.b

    def backward(self, grad):
        self.grad_w = self.inp.T @ grad
        self.grad_b = grad.sum(axis=0)
        return grad @ self.w.T

    def update(self, lr):
        self.w -= lr * self.grad_w
        self.b -= lr * self.grad_b


class LeakyReLU(Layer):
    slope = 0.01

    def forward(self, x):
        self.inp = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, grad):
        return np.where(self.inp > 0, grad, self.slope * grad)


class Softmax(Layer):
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.s = e / e.sum(axis=1, keepdims=True)
        return self.s

    def backward(self, grad):
        # J^T g with J = diag(s) - s s^T for every row
        dot = np.sum(grad * self.s, axis=1, keepdims=True)
        return self.s * (grad - dot)


def nll(p, onehot):
    loss = -np.sum(onehot * np.log(p + 1e-12)) / len(p)
    grad = -onehot / (p + 1e-12) / len(p)
    return loss, grad


def run_epoch(layers, x, y, batchsize, lr, rng):
    total, seen = 0.0, 0
    for xb, yb in iterate_minibatches(x, y, batchsize, rng):
        out = xb
        for layer in layers:
            out = layer.forward(out)
        loss, grad = nll(out, yb)
        for layer in reversed(layers):
            grad = layer.backward(grad)
        for layer in layers:
            layer.update(lr)
        total += loss * len(xb)
        seen += len(xb)
    return total / seen


if __name__ == "__main__":
    rng = np.random.default_rng(100)
    # four clusters, two of them in the same class
    centers = np.array([[1.5, 1.5], [-1.5, -1.5], [1.5, -1.5], [-1.5, 1.5]])
    which = np.repeat(np.arange(4), 27)
    x = centers[which] + rng.normal(0, 0.8, size=(108, 2))
    y = np.eye(3)[np.array([0, 0, 1, 2])[which]]

    layers = [FC(2, 12, rng), LeakyReLU(), FC(12, 3, rng), Softmax()]
    for epoch in range(40):
        loss = run_epoch(layers, x, y, 16, 0.1, rng)
        if epoch % 8 == 0 or epoch == 39:
            print("epoch", epoch, "mean loss", round(loss, 6))
    out = x
    for layer in layers:
        out = layer.forward(out)
    print("accuracy", np.mean(out.argmax(1) == y.argmax(1)))
