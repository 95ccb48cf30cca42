"""
Batch normalisation in a small MLP:  x -> linear -> BN -> ReLU -> linear -> softmax
Homework 3, graduate intro to deep learning.  No bias in the first linear layer, BN's beta does that job.
"""
import numpy as np

EPS = 1e-5


def bn_forward(x, gamma, beta, state, train=True, momentum=0.9):
    if train:
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        state["mu"] = momentum * state["mu"] + (1 - momentum) * mu
        state["var"] = momentum * state["var"] + (1 - momentum) * var
    else:
        mu, var = state["mu"], state["var"]
    inv = 1.0 / np.sqrt(var + EPS)
    xhat = (x - mu) * inv
    return gamma * xhat + beta, (xhat, inv, gamma)


def bn_backward(dout, cache):
    xhat, inv, gamma = cache
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    dx = inv * (dxhat - dxhat.mean(axis=0) - xhat * np.mean(dxhat * xhat, axis=0))
    return dx, dgamma, dbeta


def log_softmax(s):
    s = s - s.max(axis=1, keepdims=True)
    return s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))


def init(sizes, rng):
    d, h, k = sizes
    params = dict(
        W1=rng.standard_normal((d, h)) * np.sqrt(2.0 / d),
        gamma=np.ones(h),
        beta=np.zeros(h),
        W2=rng.standard_normal((h, k)) * np.sqrt(1.0 / h),
        b2=np.zeros(k),
    )
    state = dict(mu=np.zeros(h), var=np.ones(h))
    return params, state


def loss_and_grads(params, state, X, y):
    n = X.shape[0]
    a = X @ params["W1"]
    u, bn_cache = bn_forward(a, params["gamma"], params["beta"], state, train=True)
    h = np.maximum(u, 0)
    logp = log_softmax(h @ params["W2"] + params["b2"])
    loss = -np.mean(logp[np.arange(n), y])

    ds = np.exp(logp)
    ds[np.arange(n), y] -= 1
    ds /= n
    grads = {"W2": h.T @ ds, "b2": ds.sum(axis=0)}
    du = (ds @ params["W2"].T) * (u > 0)
    da, grads["gamma"], grads["beta"] = bn_backward(du, bn_cache)
    grads["W1"] = X.T @ da
    return loss, grads


def predict(params, state, X):
    u, _ = bn_forward(X @ params["W1"], params["gamma"], params["beta"], state, train=False)
    return np.argmax(np.maximum(u, 0) @ params["W2"] + params["b2"], axis=1)


def rings(n, rng):
    y = rng.integers(0, 3, n)
    r = 1.0 + y + 0.2 * rng.standard_normal(n)
    t = rng.uniform(0, 2 * np.pi, n)
    # not centred, not scaled, on purpose
    return np.c_[50 + 20 * r * np.cos(t), 20 * r * np.sin(t)], y


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X, y = rings(600, rng)
    Xt, yt = rings(300, rng)
    params, state = init((2, 32, 3), rng)
    lr, batch = 0.2, 60
    for epoch in range(40):
        perm = rng.permutation(len(X))
        total = 0.0
        for i in range(0, len(X), batch):
            j = perm[i:i + batch]
            loss, grads = loss_and_grads(params, state, X[j], y[j])
            total += loss * len(j)
            for name in params:
                params[name] -= lr * grads[name]
        if epoch % 8 == 7:
            acc = np.mean(predict(params, state, Xt) == yt)
            print(f"epoch {epoch + 1:2d}   loss {total / len(X):.4f}   test acc {acc:.3f}")
