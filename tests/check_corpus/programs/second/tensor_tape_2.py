"""Reverse-mode differentiation with a tape (lab 6, automatic differentiation)."""
import numpy as np

TAPE = []


class Tensor:
    def __init__(self, value):
        self.value = np.asarray(value, dtype=float)
        self.grad = np.zeros_like(self.value)

    @property
    def shape(self):
        return self.value.shape


def unbroadcast(g, shape):
    """Sum g over the axes that numpy stretched, so that it has `shape` again."""
    while g.ndim > len(shape):
        g = g.mean(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


def record(value, backward):
    out = Tensor(value)
    TAPE.append((out, backward))
    return out


def add(a, b):
    def backward(g):
        a.grad += unbroadcast(g, a.shape)
        b.grad += unbroadcast(g, b.shape)
    return record(a.value + b.value, backward)


def sub(a, b):
    def backward(g):
        a.grad += unbroadcast(g, a.shape)
        b.grad -= unbroadcast(g, b.shape)
    return record(a.value - b.value, backward)


def matmul(a, b):
    def backward(g):
        a.grad += g @ b.value.T
        b.grad += a.value.T @ g
    return record(a.value @ b.value, backward)


def sigmoid(a):
    s = 1 / (1 + np.exp(-a.value))

    def backward(g):
        a.grad += g * s * (1 - s)
    return record(s, backward)


def square(a):
    def backward(g):
        a.grad += 2 * a.value * g
    return record(a.value ** 2, backward)


def mean(a):
    def backward(g):
        a.grad += np.full(a.shape, g / a.value.size)
    return record(a.value.mean(), backward)


def run_backward(loss):
    loss.grad = np.ones_like(loss.value)
    for out, backward in reversed(TAPE):
        backward(out.grad)
    TAPE.clear()


def forward(params, X):
    h = sigmoid(add(matmul(X, params["U"]), params["c"]))
    h = sigmoid(add(matmul(h, params["V"]), params["d"]))
    return add(matmul(h, params["w"]), params["e"])


def main():
    rng = np.random.default_rng(11)
    params = {
        "U": Tensor(rng.normal(size=(8, 8))), "c": Tensor(np.zeros(8)),
        "V": Tensor(rng.normal(size=(8, 8))), "d": Tensor(np.zeros((1, 8))),
        "w": Tensor(rng.normal(size=(8, 8))), "e": Tensor(np.zeros(8)),
    }
    # target: each bit AND its right neighbour (the last one: the first)
    bits = rng.integers(0, 2, size=(120, 8)).astype(float)
    X = Tensor(bits)
    T = Tensor(bits * np.roll(bits, -1, axis=1))

    for it in range(1001):
        for p in params.values():
            p.grad = np.zeros_like(p.value)
        loss = mean(square(sub(forward(params, X), T)))
        run_backward(loss)
        for p in params.values():
            p.value = p.value - 3.0 * p.grad
        if it % 200 == 0:
            print("it", it, "loss", loss.value)

    out = forward(params, X).value
    print("correct:", int(np.sum((out > 0.5) == T.value)), "of", bits.size)


if __name__ == "__main__":
    main()
