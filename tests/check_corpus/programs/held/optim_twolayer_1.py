"""
CS 4xx Homework 2: update rules and a two-layer net with the multiclass hinge loss.

Each update rule takes (w, dw, config) and hands back (next_w, config).
Do not change the signatures.
"""
import numpy as np


def sgd(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    return w - config["learning_rate"] * dw, config


def sgd_momentum(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    next_w = w + v
    return next_w, config


def rmsprop(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros_like(w))
    d = config["decay_rate"]
    config["cache"] = d * config["cache"] + (1 - d) * dw ** 2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    return next_w, config


def adam(w, dw, config=None):
    config = {} if config is None else config
    for key, val in (("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999),
                     ("epsilon", 1e-8), ("t", 0)):
        config.setdefault(key, val)
    m = config.get("m", np.zeros_like(w))
    v = config.get("v", np.zeros_like(w))
    b1, b2 = config["beta1"], config["beta2"]

    config["t"] += 1
    m = b1 * m + (1 - b1) * dw
    v = b2 * v + (1 - b2) * dw * dw
    m_hat = m / (1 - b1 ** config["t"])
    v_hat = v / (1 - b2 ** config["t"])
    next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])

    config["m"], config["v"] = m, v
    return next_w, config


class TwoLayerNet:
    """affine - relu - affine - hinge.  loss = mean hinge + 0.5 * reg * (|W1|^2 + |W2|^2)"""

    def __init__(self, input_dim, hidden_dim, num_classes, weight_scale=1e-2, reg=0.0):
        self.reg = reg
        self.params = {
            "W1": weight_scale * np.random.randn(input_dim, hidden_dim),
            "b1": np.zeros(hidden_dim),
            "W2": weight_scale * np.random.randn(hidden_dim, num_classes),
            "b2": np.zeros(num_classes),
        }

    def scores(self, X):
        h = np.maximum(0, X @ self.params["W1"] + self.params["b1"])
        return h @ self.params["W2"] + self.params["b2"]

    def loss(self, X, y):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        N = X.shape[0]
        pre = X @ W1 + b1
        h = np.maximum(0, pre)
        s = h @ W2 + b2

        correct = s[np.arange(N), y][:, None]
        margins = np.maximum(0, s - correct + 1.0)
        margins[np.arange(N), y] = 0
        loss = margins.sum() / N
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        ds = (margins > 0).astype(float)
        ds[np.arange(N), y] -= ds.sum(axis=1)
        ds /= N

        grads = {}
        grads["W2"] = h.T @ ds + self.reg * W2
        grads["b2"] = ds.sum(axis=0)
        dpre = (ds @ W2.T) * (pre > 0)
        grads["W1"] = X.T @ dpre + self.reg * W1
        grads["b1"] = dpre.sum(axis=0)
        return loss, grads


def train(net, X, y, rule, num_steps, batch_size, **opts):
    configs = {k: dict(opts) for k in net.params}
    history = []
    for step in range(num_steps):
        pick = np.random.choice(X.shape[0], batch_size)
        loss, grads = net.loss(X[pick], y[pick])
        for k in net.params:
            net.params[k], configs[k] = rule(net.params[k], grads[k], configs[k])
        history.append(loss)
    return history
