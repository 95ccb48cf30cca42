"""Layer normalization, forward and backward, with caches (homework 2)."""
import numpy as np


def layernorm_forward(x, gamma, beta, eps=1e-5):
    """
    x: (N, D), gamma and beta: (D,)
    Every row is normalized on its own.
    """
    mu = x.mean(axis=1, keepdims=True)
    xc = x - mu
    var = (xc ** 2).mean(axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    xhat = xc / std
    out = gamma * xhat + beta
    cache = (xhat, std, gamma)
    return out, cache


def layernorm_backward(dout, cache):
    """returns dx, dgamma, dbeta"""
    xhat, std, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * xhat).mean(axis=0)
    dxhat = dout * gamma
    # the mean and the std depend on x too, hence three terms
    mean_dxhat = dxhat.mean(axis=1, keepdims=True)
    mean_dxhat_xhat = (dxhat * xhat).mean(axis=1, keepdims=True)
    dx = (dxhat - mean_dxhat - xhat * mean_dxhat_xhat) / std
    return dx, dgamma, dbeta


def affine_forward(x, w, b):
    out = x @ w + b
    return out, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = dout @ w.T
    dw = x.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def mse(pred, target):
    diff = pred - target
    loss = (diff ** 2).mean()
    return loss, 2 * diff / diff.size


if __name__ == "__main__":
    rng = np.random.default_rng(42)
    x = rng.normal(3.0, 2.0, size=(16, 5))
    target = rng.normal(size=(16, 2))
    w1 = rng.normal(size=(5, 6)) * 0.5
    b1 = np.zeros(6)
    gamma = np.ones(6)
    beta = np.zeros(6)
    w2 = rng.normal(size=(6, 2)) * 0.5
    b2 = np.zeros(2)

    for it in range(201):
        h, c1 = affine_forward(x, w1, b1)
        n, c2 = layernorm_forward(h, gamma, beta)
        a = np.tanh(n)
        pred, c3 = affine_forward(a, w2, b2)
        loss, dpred = mse(pred, target)

        da, dw2, db2 = affine_backward(dpred, c3)
        dn = da * (1 - a ** 2)
        dh, dgamma, dbeta = layernorm_backward(dn, c2)
        dx, dw1, db1 = affine_backward(dh, c1)

        for p, g in ((w1, dw1), (b1, db1), (gamma, dgamma), (beta, dbeta), (w2, dw2), (b2, db2)):
            p -= 0.3 * g
        if it % 50 == 0:
            print(f"iteration {it:3d} loss {loss:.6f}")
    print("gamma", gamma)
    print("beta", beta)
