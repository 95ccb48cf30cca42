"""Layer normalization and dropout as functions with caches, without a training."""

import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    centred = x - x.mean(axis=1, keepdims=True)
    std = np.sqrt(np.mean(centred**2, axis=1, keepdims=True) + eps)
    normed = centred / std
    return gamma * normed + beta, (centred, normed, std, gamma)


def layernorm_backward(dout, cache):
    centred, normed, std, gamma = cache
    d = dout.shape[1]
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * normed, axis=0)
    dnormed = dout * gamma
    dstd = -np.sum(dnormed * centred, axis=1, keepdims=True) / std**2
    dcentred = dnormed / std + dstd * centred / (d * std)
    dx = dcentred - dcentred.mean(axis=1, keepdims=True)
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    keep = dropout_param["p"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask = None
    out = x
    if dropout_param["mode"] == "train":
        mask = (np.random.rand(*x.shape) < keep) / keep
        out = x * mask
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    dx = dout
    if dropout_param["mode"] == "train":
        dx = dout * mask
    return dx


def gate_fwd(u, v):
    s = 1 / (1 + np.exp(-v))
    return [u * s, u + v], (u, s)


def gate_bwd(douts, cache):
    u, s = cache
    gated, total = douts
    du = gated * s + total
    dv = gated * u * s * (1 - s) + total
    return {"v": dv, "u": du}
