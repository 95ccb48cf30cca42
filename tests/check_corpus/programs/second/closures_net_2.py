"""
Backprop with nothing but functions: every layer is a function that returns
its output together with a function `back` that maps dL/dout to dL/din
(and leaves the parameter gradients in a dictionary).
"""
import numpy as np


def dense(params, name):
    def forward(x, grads):
        W, b = params[name]
        y = x @ W + b

        def back(dy):
            grads[name] = (x.T @ dy, dy)
            return dy @ W.T

        return y, back
    return forward


def relu():
    def forward(x, grads):
        on = x > 0
        return x * on, lambda dy: dy * on
    return forward


def softmax():
    def forward(x, grads):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)

        def back(dp):
            # the softmax of every row
            return p * dp - p * (p * dp).sum(axis=1, keepdims=True)

        return p, back
    return forward


def chain(*layers):
    def forward(x, grads):
        backs = []
        for layer in layers:
            x, back = layer(x, grads)
            backs.append(back)

        def backward(d):
            for back in reversed(backs):
                d = back(d)
            return d

        return x, backward
    return forward


def nll(p, y):
    """Mean negative log-likelihood and its derivative with respect to p."""
    rows = np.arange(len(y))
    picked = p[rows, y] + 1e-12
    dp = np.zeros_like(p)
    dp[rows, y] = -1 / picked / len(y)
    return -np.log(picked).mean(), dp


def fit(net, params, X, y, steps, lr):
    for step in range(steps):
        grads = {}
        p, backward = net(X, grads)
        loss, dp = nll(p, y)
        backward(dp)
        for name, (dW, db) in grads.items():
            W, b = params[name]
            params[name] = (W - lr * dW, b - lr * db)
        if step % 100 == 0:
            print(f"step {step:4d} loss {loss:.4f} accuracy {(p.argmax(axis=1) == y).mean():.3f}")


def checkerboard(n, rng):
    X = rng.uniform(0, 3, (n, 2))
    cell = np.floor(X).astype(int)
    return X - 1.5, (cell[:, 0] + cell[:, 1]) % 3


if __name__ == "__main__":
    rng = np.random.default_rng(77)
    sizes = {"first": (2, 30), "second": (30, 30), "third": (30, 3)}
    params = {k: (rng.normal(0, np.sqrt(2 / i), (i, o)), 0.1 * rng.normal(size=o)) for k, (i, o) in sizes.items()}
    net = chain(dense(params, "first"), relu(), dense(params, "second"), relu(), dense(params, "third"), softmax())
    X, y = checkerboard(300, rng)
    fit(net, params, X, y, steps=501, lr=0.3)
