from dataclasses import dataclass, field
import numpy as np

# Residual MLP for regression:  y = Wo . block(block(Wi . x))
# block(x) = x + tanh(x A + a) B + c


@dataclass
class Param:
    value: np.ndarray
    grad: np.ndarray = field(default=None)


@dataclass
class Dense:
    w: Param
    b: Param
    x: np.ndarray = None

    @staticmethod
    def create(n_in, n_out, rng):
        return Dense(Param(rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_out))), Param(np.zeros(n_out)))

    def forward(self, x):
        self.x = x
        return x @ self.w.value + self.b.value

    def backward(self, g):
        self.w.grad = self.x.T @ g
        self.b.grad = g.sum(axis=0)
        return g @ self.w.value.T

    def params(self):
        return [self.w, self.b]


@dataclass
class Residual:
    inner: Dense
    outer: Dense
    h: np.ndarray = None

    @staticmethod
    def create(width, hidden, rng):
        return Residual(Dense.create(width, hidden, rng), Dense.create(hidden, width, rng))

    def forward(self, x):
        self.h = np.tanh(self.inner.forward(x))
        return x + self.outer.forward(self.h)

    def backward(self, g):
        dh = self.outer.backward(g)
        dz = dh * (1 - self.h ** 2)
        return g + self.inner.backward(dz)

    def params(self):
        return self.inner.params() + self.outer.params()


class Model:
    def __init__(self, n_in, width, depth, rng):
        self.layers = [Dense.create(n_in, width, rng)]
        self.layers += [Residual.create(width, 2 * width, rng) for _ in range(depth)]
        self.layers.append(Dense.create(width, 1, rng))

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, g):
        for layer in self.layers[::-1]:
            g = layer.backward(g)
        return g

    def params(self):
        return [p for layer in self.layers for p in layer.params()]


def mse(pred, target):
    d = pred - target
    return np.mean(d ** 2), 2 * d / d.size


def run(steps=400, lr=0.02, seed=2):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, (200, 3))
    Y = np.sin(3 * X[:, :1]) * X[:, 1:2] + X[:, 2:] ** 2
    model = Model(3, 8, 2, rng)
    for step in range(steps):
        idx = rng.integers(0, len(X), 32)
        loss, g = mse(model.forward(X[idx]), Y[idx])
        model.backward(g)
        for p in model.params():
            p.value -= lr * p.grad
        if step % 80 == 0:
            print(f"step {step:4d} batch loss {loss:.4f}")
    print(f"full loss {mse(model.forward(X), Y)[0]:.4f}")


if __name__ == "__main__":
    run()
