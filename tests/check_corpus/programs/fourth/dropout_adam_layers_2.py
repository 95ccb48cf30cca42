import numpy as np

rng = np.random.default_rng(55)


class Layer:
    params = ()

    def forward(self, x, training):
        raise NotImplementedError

    def backward(self, grad):
        raise NotImplementedError


class FullyConnected(Layer):
    params = ("W", "b")

    def __init__(self, n_in, n_out):
        self.W = rng.standard_normal((n_in, n_out)) * np.sqrt(2.0 / n_in)
        self.b = np.zeros((1, n_out))

    def forward(self, x, training):
        self.x = x
        return self.x @ self.W + self.b

    def backward(self, grad):
        self.grad_W = self.x.T @ grad
        self.grad_b = np.sum(grad, axis=0, keepdims=True)
        return grad @ self.W.T


class Relu(Layer):
    def forward(self, x, training):
        self.positive = x > 0
        return np.where(self.positive, x, 0)

    def backward(self, grad):
        return np.where(self.positive, grad, 0)


class Dropout(Layer):
    def __init__(self, rate):
        self.rate = rate

    def forward(self, x, training):
        if not training:
            return x
        self.mask = (rng.random(x.shape) >= self.rate) / (1.0 - self.rate)
        return x * self.mask

    def backward(self, grad):
        return grad * self.mask


class Adam:
    def __init__(self, layers, lr=0.01, beta1=0.9, beta2=0.99, eps=1e-8):
        self.layers = layers
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m, self.v, self.t = {}, {}, 0

    def step(self):
        self.t += 1
        for i, layer in enumerate(self.layers):
            for name in layer.params:
                g = getattr(layer, "grad_" + name)
                key = (i, name)
                self.m[key] = self.beta1 * self.m.get(key, 0) + (1 - self.beta1) * g
                self.v[key] = self.beta2 * self.v.get(key, 0) + (1 - self.beta2) * g ** 2
                m_hat = self.m[key] / (1 - self.beta1 * self.t)
                v_hat = self.v[key] / (1 - self.beta2 ** self.t)
                setattr(layer, name, getattr(layer, name) - self.lr * m_hat / (np.sqrt(v_hat) + self.eps))


def run_forward(layers, x, training):
    for layer in layers:
        x = layer.forward(x, training)
    return x


def bce_with_logits(logits, y):
    """mean binary cross-entropy and its gradient with respect to the logits"""
    loss = np.mean(np.maximum(logits, 0) - logits * y + np.log1p(np.exp(-np.abs(logits))))
    p = 1 / (1 + np.exp(-logits))
    return loss, (p - y) / len(y)


def two_spirals(n):
    y = rng.integers(0, 2, n)
    t = rng.uniform(0.3, 1, n)
    a = 5.0 * t + np.pi * y
    X = np.stack([t * np.cos(a), t * np.sin(a)], axis=1) + 0.1 * rng.standard_normal((n, 2))
    return 2 * X, y.reshape(-1, 1).astype(float)


if __name__ == "__main__":
    X, y = two_spirals(200)
    Xt, yt = two_spirals(200)
    layers = [FullyConnected(2, 32), Relu(), Dropout(0.2),
              FullyConnected(32, 32), Relu(), Dropout(0.2), FullyConnected(32, 1)]
    opt = Adam(layers)
    for epoch in range(1, 61):
        perm = rng.permutation(len(X))
        for s in range(0, len(X), 40):
            idx = perm[s:s + 40]
            loss, grad = bce_with_logits(run_forward(layers, X[idx], True), y[idx])
            for layer in reversed(layers):
                grad = layer.backward(grad)
            opt.step()
        if epoch % 15 == 0:
            print("epoch", epoch, "train loss %.4f" % bce_with_logits(run_forward(layers, X, False), y)[0])
    logits = run_forward(layers, Xt, False)
    print("test loss %.4f  acc %.3f" % (bce_with_logits(logits, yt)[0], np.mean((logits > 0) == (yt > 0.5))))
