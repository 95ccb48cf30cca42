"""Adam optimizer (Kingma & Ba 2015) in NumPy."""
import numpy as np


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr = lr
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.t = 0
        self.m = None
        self.v = None

    def step(self, params, grads):
        """updates the arrays in params in place"""
        if self.m is None:
            self.m = [np.zeros_like(p) for p in params]
            self.v = [np.zeros_like(p) for p in params]
        for i, (p, g) in enumerate(zip(params, grads)):
            self.t += 1
            # moving averages of the gradient and of its square
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * g
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * g ** 2
            # bias correction
            m_hat = self.m[i] / (1 - self.beta1 ** self.t)
            v_hat = self.v[i] / (1 - self.beta2 ** self.t)
            p -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def softplus(z):
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0)


def loss_and_grads(w, b, X, y):
    # logistic regression, labels 0 / 1
    z = X @ w + b
    p = 1 / (1 + np.exp(-z))
    loss = np.mean(softplus(z) - y * z)
    dz = (p - y) / len(y)
    return loss, [X.T @ dz, np.array([dz.sum()])]


if __name__ == "__main__":
    rng = np.random.default_rng(3)
    X = rng.normal(size=(200, 3)) * np.array([1.0, 10.0, 0.1])   # badly scaled on purpose
    w_true = np.array([1.5, -0.2, 8.0])
    y = (X @ w_true + 0.3 + 0.3 * rng.normal(size=200) > 0).astype(float)

    w = np.zeros(3)
    b = np.zeros(1)
    opt = Adam(lr=0.05)
    for it in range(301):
        loss, grads = loss_and_grads(w, b, X, y)
        opt.step([w, b], grads)
        if it % 60 == 0:
            print("iter %3d  loss %.6f" % (it, loss))
    print("w =", w, " b =", b)
    print("accuracy", np.mean(((X @ w + b) > 0) == y))
