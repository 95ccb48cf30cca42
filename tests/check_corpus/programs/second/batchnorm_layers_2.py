"""Homework 2: batch normalization. affine - BN - relu - affine, softmax loss at the end."""
import numpy as np


def affine_forward(x, w, b):
    return x.dot(w) + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, x):
    return dout * (x > 0)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D))
    running_var = bn_param.get("running_var", np.ones(D))
    if bn_param["mode"] == "test":
        xhat = (x - running_mean) / np.sqrt(running_var + eps)
        return gamma * xhat + beta, None
    mu = x.mean(axis=0)
    xc = x - mu
    var = np.mean(xc ** 2, axis=0)
    std = np.sqrt(var + eps)
    xhat = xc / std
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mu
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * xhat + beta, (xhat, x, std, gamma)


def batchnorm_backward(dout, cache):
    xhat, xc, std, gamma = cache
    N = dout.shape[0]
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    # back through the graph, node by node
    dxhat = dout * gamma
    dxc = dxhat / std
    dstd = -np.sum(dxhat * xc, axis=0) / std ** 2
    dvar = 0.5 * dstd / std
    dxc += 2.0 / N * xc * dvar
    dmu = -dxc.sum(axis=0)
    dx = dxc + dmu / N
    return dx, dgamma, dbeta


def softmax_loss(scores, y):
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    n = scores.shape[0]
    loss = -np.sum(np.log(p[np.arange(n), y])) / n
    dscores = p.copy()
    dscores[np.arange(n), y] -= 1
    return loss, dscores / n


def loss_fn(params, bn_param, x, y=None):
    a, fc1 = affine_forward(x, params["W1"], params["b1"])
    n, bn = batchnorm_forward(a, params["gamma"], params["beta"], bn_param)
    h, rl = relu_forward(n)
    scores, fc2 = affine_forward(h, params["W2"], params["b2"])
    if y is None:
        return scores
    loss, dscores = softmax_loss(scores, y)
    grads = {}
    dh, grads["W2"], grads["b2"] = affine_backward(dscores, fc2)
    dn = relu_backward(dh, rl)
    da, grads["gamma"], grads["beta"] = batchnorm_backward(dn, bn)
    _, grads["W1"], grads["b1"] = affine_backward(da, fc1)
    return loss, grads


def rings(n, rng):
    """Three noisy rings, badly scaled and shifted."""
    y = rng.integers(0, 3, n)
    r = 1.0 + y + 0.2 * rng.standard_normal(n)
    t = rng.uniform(0, 2 * np.pi, n)
    return np.c_[2 * r * np.cos(t) + 2, 0.5 * r * np.sin(t)], y


if __name__ == "__main__":
    rng = np.random.default_rng(8)
    X, y = rings(330, rng)
    X_val, y_val = rings(150, rng)
    H = 24
    params = {"W1": rng.standard_normal((2, H)), "b1": np.zeros(H),
              "gamma": np.ones(H), "beta": 0.1 * rng.standard_normal(H),
              "W2": 0.2 * rng.standard_normal((H, 3)), "b2": np.zeros(3)}
    lr = 0.3
    bn_param = {"mode": "train"}
    for epoch in range(41):
        order = rng.permutation(len(X))
        total = 0.0
        for start in range(0, len(X), 50):
            batch = order[start:start + 50]
            bn_param["mode"] = "train"
            loss, grads = loss_fn(params, bn_param, X[batch], y[batch])
            total += loss * len(batch)
            for k in params:
                params[k] -= lr * grads[k]
        if epoch % 10 == 0:
            bn_param["mode"] = "test"
            acc = np.mean(loss_fn(params, bn_param, X_val).argmax(axis=1) == y_val)
            print("epoch %2d  train loss %.4f  val acc %.3f" % (epoch, total / len(X), acc))
