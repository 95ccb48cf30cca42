"""Robust straight-line fit: squared loss against Huber loss, written with closures."""
import numpy as np


def squared():
    def value(r):
        return np.mean(0.5 * r ** 2)

    def slope(r):
        return r / r.size

    return value, slope


def huber(delta):
    def value(r):
        a = np.abs(r)
        return np.mean(np.where(a <= delta, 0.5 * r ** 2, delta * (a - 0.5 * delta)))

    def slope(r):
        inner = np.where(np.abs(r) <= delta, r, delta)
        return inner / r.size

    return value, slope


def make_fit(loss):
    value, slope = loss

    def fit(X, y, lr=0.3, steps=400, report=100):
        w = np.zeros((X.shape[1], 1))
        b = np.zeros((1, 1))
        for k in range(steps):
            r = X @ w + b - y
            g = slope(r)
            grad_w = X.T @ g
            grad_b = g.sum(keepdims=True)
            w = w - lr * grad_w
            b = b - lr * grad_b
            if k % report == 0:
                print("   step %4d  loss %.4f" % (k, value(r)))
        return w, b

    return fit


def demo():
    rng = np.random.default_rng(31)
    X = rng.normal(size=(60, 2))
    y = X @ np.array([[2.0], [-1.0]]) + 0.5 + 0.1 * rng.normal(size=(60, 1))
    y[::8] += 12.0            # a few gross outliers
    for name, loss in (("squared", squared()), ("huber", huber(1.0))):
        print(name)
        w, b = make_fit(loss)(X, y)
        print("   w = %s  b = %.3f" % (np.round(w.ravel(), 3), b.item()))


demo()
