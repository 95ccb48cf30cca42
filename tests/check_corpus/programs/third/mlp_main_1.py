import numpy as np


class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(0, np.sqrt(2 / n_in), size=(n_in, n_out))
        self.b = np.zeros(n_out)
        self.zero_grad()

    def zero_grad(self):
        self.gW = np.zeros_like(self.W)
        self.gb = np.zeros_like(self.b)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.gW += self.x.T @ g
        self.gb += g.sum(axis=0)
        return g @ self.W.T

    def step(self, lr):
        self.W -= lr * self.gW
        self.b -= lr * self.gb


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, g):
        return g * (self.x > 0)

    def zero_grad(self):
        pass

    def step(self, lr):
        pass


class SoftmaxCrossEntropy:
    def forward(self, logits, y):
        z = logits - logits.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.p, self.y = np.exp(log_p), y
        return -log_p[np.arange(len(y)), y].mean()

    def backward(self):
        g = self.p.copy()
        g[np.arange(len(self.y)), self.y] -= 1
        return g / len(self.y)


class MLP:
    def __init__(self, sizes, rng):
        self.layers = []
        for i in range(len(sizes) - 1):
            self.layers.append(Linear(sizes[i], sizes[i + 1], rng))
            if i < len(sizes) - 2:
                self.layers.append(ReLU())

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, g):
        for layer in reversed(self.layers):
            g = layer.backward(g)

    def zero_grad(self):
        for layer in self.layers:
            layer.zero_grad()

    def step(self, lr):
        for layer in self.layers:
            layer.step(lr)


def rings(n, rng):
    """three noisy rings around the origin"""
    y = rng.integers(0, 3, size=n)
    phi = rng.uniform(0, 2 * np.pi, size=n)
    r = 1.0 + y + 0.2 * rng.normal(size=n)
    return np.stack([r * np.cos(phi), r * np.sin(phi)], axis=1), y


def train(net, loss_fn, X, y, epochs, batch_size, lr, rng):
    for epoch in range(1, epochs + 1):
        order = rng.permutation(len(X))
        total = 0.0
        n_batches = int(np.ceil(len(X) / batch_size))
        for k in range(n_batches):
            idx = order[k * batch_size:(k + 1) * batch_size]
            loss = loss_fn.forward(net.forward(X[idx]), y[idx])
            net.backward(loss_fn.backward())
            net.step(lr)
            total += loss * len(idx)
        if epoch % 10 == 0:
            print(f"epoch {epoch:3d}  loss {total / len(X):.4f}")


def main():
    rng = np.random.default_rng(42)
    X, y = rings(250, rng)
    net = MLP([2, 16, 16, 3], rng)
    train(net, SoftmaxCrossEntropy(), X, y, epochs=60, batch_size=32, lr=0.1, rng=rng)
    Xt, yt = rings(200, rng)
    acc = (net.forward(Xt).argmax(axis=1) == yt).mean()
    print(f"test accuracy {acc:.3f}")


if __name__ == "__main__":
    main()
