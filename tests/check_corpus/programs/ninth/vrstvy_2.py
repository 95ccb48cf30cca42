"""
Domaci ukol c. 1: vrstvy neuronove site jako funkce.

Kazda vrstva ma dvojici  xxx_dopredu -> (vystup, cache)
a                        xxx_zpet(dvystup, cache) -> gradienty.
Data jsou po radcich: x ma tvar (N, D).
"""
import numpy as np


def afinni_dopredu(x, w, b):
    vystup = x.dot(w) + b
    cache = (x, w, b)
    return vystup, cache


def afinni_zpet(dvystup, cache):
    """Vraci dx, dw, db (v tomto poradi)."""
    x, w, b = cache
    dx = dvystup.dot(w.T)
    dw = x.T.dot(dvystup)
    db = dvystup.sum(axis=0)
    return dx, db, dw


def relu_dopredu(x):
    return np.maximum(x, 0), x


def relu_zpet(dvystup, cache):
    x = cache
    return dvystup * (x > 0)


def dropout_dopredu(x, p, rezim, rng):
    """Invertovany dropout, p = pravdepodobnost, ze neuron zustane."""
    if rezim == "trenink":
        maska = (rng.random(x.shape) < p) / p
        return x * maska, (rezim, maska)
    return x, (rezim, None)


def dropout_zpet(dvystup, cache):
    rezim, maska = cache
    if rezim == "trenink":
        return dvystup * maska
    return dvystup


def batchnorm_dopredu(x, gamma, beta, eps=1e-5):
    # jen treninkovy rezim, klouzave prumery se pocitaji jinde
    mu = x.mean(axis=0)
    xc = x - mu
    var = (xc ** 2).mean(axis=0)
    istd = 1.0 / np.sqrt(var + eps)
    xn = xc * istd
    return gamma * xn + beta, (xc, istd, xn, gamma)


def batchnorm_zpet(dvystup, cache):
    xc, istd, xn, gamma = cache
    N = xc.shape[0]
    dgamma = (dvystup * xn).sum(axis=0)
    dbeta = dvystup.sum(axis=0)
    dxn = dvystup * gamma
    dvar = -0.5 * (dxn * xc).sum(axis=0) * istd ** 3
    dmu = -(dxn * istd).sum(axis=0)
    dx = dxn * istd + dvar * 2.0 * xc / N + dmu / N
    return dx, dgamma, dbeta


def softmax_ztrata(x, y):
    """Prumerna krizova entropie a jeji gradient podle x."""
    posun = x - x.max(axis=1, keepdims=True)
    logp = posun - np.log(np.exp(posun).sum(axis=1, keepdims=True))
    N = x.shape[0]
    ztrata = -logp[np.arange(N), y].sum() / N
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    return ztrata, dx / N


def dvouvrstva_ztrata(model, X, y):
    """model: slovnik s klici W1, b1, W2, b2.  Vraci ztratu a slovnik gradientu."""
    a, c1 = afinni_dopredu(X, model["W1"], model["b1"])
    h, c2 = relu_dopredu(a)
    s, c3 = afinni_dopredu(h, model["W2"], model["b2"])
    ztrata, ds = softmax_ztrata(s, y)
    g = {}
    dh, g["W2"], g["b2"] = afinni_zpet(ds, c3)
    da = relu_zpet(dh, c2)
    _, g["W1"], g["b1"] = afinni_zpet(da, c1)
    return ztrata, g
