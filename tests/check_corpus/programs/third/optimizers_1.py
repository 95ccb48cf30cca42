"""
Different update rules on the same small problem (softmax regression).
usage:  opt.update(params, grads)   both are dicts with the same keys
"""
import numpy as np


class SGD:
    def __init__(self, lr=0.01):
        self.lr = lr

    def update(self, params, grads):
        for key in params.keys():
            params[key] -= self.lr * grads[key]


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.v[key] = -self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr = lr
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.h[key] += grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class RMSprop:
    def __init__(self, lr=0.01, decay_rate=0.99):
        self.lr = lr
        self.decay_rate = decay_rate
        self.h = None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(val) for key, val in params.items()}
        for key in params.keys():
            self.h[key] *= self.decay_rate
            self.h[key] += (1 - self.decay_rate) * grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) + 1e-7)


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999):
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2
        self.iter = 0
        self.m = None
        self.v = None

    def update(self, params, grads):
        if self.m is None:
            self.m = {key: np.zeros_like(val) for key, val in params.items()}
            self.v = {key: np.zeros_like(val) for key, val in params.items()}
        self.iter += 1
        for key in params.keys():
            self.m[key] = self.beta1 * self.m[key] + (1 - self.beta1) * grads[key]
            self.v[key] = self.beta2 * self.v[key] + (1 - self.beta2) * grads[key] ** 2
            m_hat = self.m[key] / (1 - self.beta1 ** self.iter)
            v_hat = self.v[key] / (1 - self.beta2 ** self.iter)
            params[key] -= self.lr * m_hat / (np.sqrt(v_hat) + 1e-8)


def loss_and_grads(params, X, t):
    scores = X @ params["W"] + params["b"]
    scores = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(scores)
    p /= p.sum(axis=1, keepdims=True)
    n = len(t)
    loss = -np.log(p[np.arange(n), t] + 1e-12).mean()
    d = p.copy()
    d[np.arange(n), t] -= 1
    d /= n
    return loss, {"W": X.T @ d, "b": d.sum(axis=0)}


if __name__ == "__main__":
    rng = np.random.default_rng(10)
    X = rng.normal(size=(240, 4)) * np.array([1.0, 3.0, 0.3, 1.0])
    t = np.argmax(X @ rng.normal(size=(4, 3)) + 0.5 * rng.normal(size=(240, 3)), axis=1)

    optimizers = {
        "SGD": SGD(0.1), "Momentum": Momentum(0.05), "AdaGrad": AdaGrad(0.3),
        "RMSprop": RMSprop(0.02), "Adam": Adam(0.05),
    }
    for name, opt in optimizers.items():
        params = {"W": np.zeros((4, 3)), "b": np.zeros(3)}
        batch_rng = np.random.default_rng(0)
        for step in range(200):
            idx = batch_rng.choice(len(X), size=40, replace=False)
            loss, grads = loss_and_grads(params, X[idx], t[idx])
            opt.update(params, grads)
        print(f"{name:10s} loss {loss_and_grads(params, X, t)[0]:.5f}")
