# Assignment 2 - build your own layers
# three-arm spiral, full batch, SGD + momentum
import numpy as np

rng = np.random.default_rng(7)


def make_spiral(n_per_class=80, k=3):
    X, y = [], []
    for c in range(k):
        r = np.linspace(0.05, 1, n_per_class)
        t = np.linspace(c * 4, (c + 1) * 4, n_per_class) + rng.normal(0, 0.15, n_per_class)
        X.append(np.column_stack([r * np.sin(t), r * np.cos(t)]))
        y.append(np.full(n_per_class, c))
    return np.vstack(X), np.concatenate(y)


class Dense:
    def __init__(self, n_in, n_out):
        self.W = rng.normal(0, np.sqrt(2.0 / n_in), (n_in, n_out))
        self.b = np.zeros(n_out)
        self.vW = np.zeros_like(self.W)
        self.vb = np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T

    def step(self, lr, mu):
        self.vW = lr * self.dW + mu * self.vW
        self.vb = lr * self.db + mu * self.vb
        self.W -= self.vW
        self.b -= self.vb


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad):
        return grad * (self.x > 0)

    def step(self, lr, mu):
        pass


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, grad):
        s = np.sum(grad * self.p, axis=1, keepdims=True)
        return self.p * (grad - s)

    def step(self, lr, mu):
        pass


class CrossEntropy:
    eps = 1e-12

    def forward(self, p, y):
        self.p, self.y = p, y
        return -np.mean(np.log(p[np.arange(len(y)), y] + self.eps))

    def backward(self):
        g = np.zeros_like(self.p)
        rows = np.arange(len(self.y))
        g[rows, self.y] = -1.0 / (self.p[rows, self.y] + self.eps) / len(self.y)
        return g


X, y = make_spiral()
layers = [Dense(2, 48), ReLU(), Dense(48, 3), Softmax()]
criterion = CrossEntropy()

if __name__ == "__main__":
    for epoch in range(801):
        out = X
        for layer in layers:
            out = layer.forward(out)
        loss = criterion.forward(out, y)

        grad = criterion.backward()
        for layer in reversed(layers):
            grad = layer.backward(grad)
        for layer in layers:
            layer.step(lr=0.3, mu=0.9)

        if epoch % 100 == 0:
            acc = (out.argmax(axis=1) == y).mean()
            print(f"epoch {epoch:4d}  loss {loss:.4f}  acc {acc:.3f}")
