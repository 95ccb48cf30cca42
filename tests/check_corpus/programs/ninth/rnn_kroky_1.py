# Cviceni 7 - rekurentni sit po krocich (vanilla RNN)
# tvary: x (N, T, D), h (N, T, H), Wx (D, H), Wh (H, H), b (H,)
import numpy as np


def krok_dopredu(x, h_pred, Wx, Wh, b):
    z = x @ Wx + h_pred @ Wh + b
    h = np.tanh(z)
    return h, (x, h_pred, Wx, Wh, h)


def krok_zpet(dh, cache):
    x, h_pred, Wx, Wh, h = cache
    dz = dh
    dx = dz @ Wx.T
    dh_pred = dz @ Wh.T
    dWx = x.T @ dz
    dWh = h_pred.T @ dz
    db = dz.sum(axis=0)
    return dx, dh_pred, dWx, dWh, db


def rnn_dopredu(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    H = h0.shape[1]
    h = np.zeros((N, T, H))
    cache = []
    stav = h0
    for t in range(T):
        stav, c = krok_dopredu(x[:, t], stav, Wx, Wh, b)
        h[:, t] = stav
        cache.append(c)
    return h, cache


def rnn_zpet(dh, cache):
    """dh: gradienty shora pro vsechny casy, (N, T, H)."""
    N, T, H = dh.shape
    D = cache[0][0].shape[1]
    dx = np.zeros((N, T, D))
    dWx, dWh, db = np.zeros((D, H)), np.zeros((H, H)), np.zeros(H)
    dstav = np.zeros((N, H))
    for t in reversed(range(T)):
        dx[:, t], dstav, gWx, gWh, gb = krok_zpet(dh[:, t] + dstav, cache[t])
        dWx += gWx
        dWh += gWh
        db += gb
    return dx, dstav, dWx, dWh, db


def vnoreni_dopredu(slova, W):
    # slova: (N, T) cela cisla, W: (V, D)
    return W[slova], (slova, W.shape)


def vnoreni_zpet(dout, cache):
    slova, tvar = cache
    dW = np.zeros(tvar)
    np.add.at(dW, slova, dout)
    return dW


def casova_afinni_dopredu(h, W, b):
    return h @ W + b, (h, W)


def casova_afinni_zpet(dout, cache):
    h, W = cache
    N, T, H = h.shape
    ploche = dout.reshape(N * T, -1)
    dh = (ploche @ W.T).reshape(N, T, H)
    dW = h.reshape(N * T, H).T @ ploche
    db = ploche.sum(axis=0)
    return dh, dW, db


def casova_softmax_ztrata(x, y, maska):
    """Soucet krizove entropie pres casy, prumer pres davku; maska (N, T) vynecha vycpavku."""
    N, T, V = x.shape
    s = x - x.max(axis=2, keepdims=True)
    logp = s - np.log(np.exp(s).sum(axis=2, keepdims=True))
    n, t = np.meshgrid(np.arange(N), np.arange(T), indexing="ij")
    ztrata = -(maska * logp[n, t, y]).sum() / N
    dx = np.exp(logp)
    dx[n, t, y] -= 1
    dx *= maska[:, :, None] / N
    return ztrata, dx
