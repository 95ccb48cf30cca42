# classify points on rings, one hidden layer + Adam from the paper
# usage: python ring_adam.py
import numpy as np


class Adam:
    def __init__(self, params, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
        self.params, self.lr, self.b1, self.b2, self.eps = params, lr, b1, b2, eps
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
        self.t = 0

    def step(self, grads):
        self.t += 1
        for i, (p, g) in enumerate(zip(self.params, grads)):
            self.m[i] = self.b1 * self.m[i] + (1 - self.b1) * g
            self.v[i] = self.b2 * self.v[i] + (1 - self.b2) * g * g
            mhat = self.m[i] / (1 - self.b1 ** self.t)
            vhat = self.v[i] / (1 - self.b2 ** self.t)
            p -= self.lr * mhat / (np.sqrt(vhat) + self.eps)


def rings(rng, n, k=3):
    lab = rng.integers(0, k, n)
    r = 1.0 + lab + rng.normal(0, 0.15, n)
    th = rng.uniform(0, 2 * np.pi, n)
    return np.c_[r * np.cos(th), r * np.sin(th)] / k, lab


def forward(params, x):
    W1, b1, W2, b2 = params
    a = np.tanh(x @ W1 + b1)
    s = a @ W2 + b2
    s = s - s.max(1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(1, keepdims=True))
    return a, logp


def loss_and_grads(params, x, lab):
    W1, b1, W2, b2 = params
    n = len(x)
    a, logp = forward(params, x)
    loss = -logp[np.arange(n), lab].mean()
    d = np.exp(logp)
    d[np.arange(n), lab] -= 1
    d /= n
    gW2, gb2 = a.T @ d, d.sum(0)
    da = d @ W2.T * (1 - a * a)
    gW1, gb1 = x.T @ da, da.sum(0)
    return loss, [gW1, gb1, gW2, gb2]


def main():
    rng = np.random.default_rng(0)
    X, lab = rings(rng, 330)
    H, K, bs = 24, 3, 100
    params = [rng.normal(0, 1, (2, H)), np.zeros(H), rng.normal(0, 0.2, (H, K)), np.zeros(K)]
    opt = Adam(params, lr=0.01)
    # no shuffling: the points are drawn in random order to begin with
    for epoch in range(150):
        total = 0.0
        for start in range(0, len(X) - bs, bs):
            xb, lb = X[start:start + bs], lab[start:start + bs]
            loss, grads = loss_and_grads(params, xb, lb)
            opt.step(grads)
            total += loss * len(xb)
        if epoch % 25 == 0:
            print(f"{epoch:4d} {total / len(X):.4f}")
    Xt, lt = rings(rng, 500)
    print("test accuracy", (forward(params, Xt)[1].argmax(1) == lt).mean())


if __name__ == "__main__":
    main()
