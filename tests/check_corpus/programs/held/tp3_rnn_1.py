"""TP3 - Réseau récurrent simple (module RNN)
Les tableaux ont la forme (N, T, D) : N séquences, T pas de temps, D variables.
Binôme : A. Lefèvre / M. Diallo
"""
import numpy as np


def pas_avant(x, h_prec, Wx, Wh, b):
    """Un pas de temps : h = tanh(x Wx + h_prec Wh + b)."""
    h = np.tanh(x @ Wx + h_prec @ Wh + b)
    memo = (x, h_prec, Wx, Wh, h)
    return h, memo


def pas_arriere(dh, memo):
    x, h_prec, Wx, Wh, h = memo
    da = dh * (1.0 - h ** 2)
    dx = da @ Wx.T
    dh_prec = da @ Wh
    dWx = x.T @ da
    dWh = h_prec.T @ da
    db = da.sum(axis=0)
    return dx, dh_prec, dWx, dWh, db


def rnn_avant(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    H = h0.shape[1]
    hs = np.zeros((N, T, H))
    memos = []
    h = h0
    for t in range(T):
        h, memo = pas_avant(x[:, t], h, Wx, Wh, b)
        hs[:, t] = h
        memos.append(memo)
    return hs, memos


def rnn_arriere(dhs, memos):
    """dhs : gradient direct (venant de la sortie) pour chaque pas, (N, T, H)."""
    N, T, H = dhs.shape
    D = memos[0][0].shape[1]
    dx = np.zeros((N, T, D))
    dWx = np.zeros((D, H))
    dWh = np.zeros((H, H))
    db = np.zeros(H)
    dh_suiv = np.zeros((N, H))
    for t in reversed(range(T)):
        dh = dhs[:, t] + dh_suiv
        dx[:, t], dh_suiv, dWx_t, dWh_t, db_t = pas_arriere(dh, memos[t])
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dx, dh_suiv, dWx, dWh, db


def sortie_avant(hs, Wy, by):
    return hs @ Wy + by, (hs, Wy)


def sortie_arriere(dscores, memo):
    hs, Wy = memo
    N, T, H = hs.shape
    C = dscores.shape[2]
    plat = dscores.reshape(N * T, C)
    dhs = (plat @ Wy.T).reshape(N, T, H)
    dWy = hs.reshape(N * T, H).T @ plat
    dby = plat.sum(axis=0)
    return dhs, dWy, dby


def perte_softmax(scores, y, masque):
    """Entropie croisée sommée sur le temps, moyennée sur les N séquences.
    masque (N, T) vaut 0 là où la séquence est déjà finie."""
    N, T, C = scores.shape
    s = scores.reshape(N * T, C)
    cible = y.reshape(N * T)
    m = masque.reshape(N * T)
    s = s - s.max(axis=1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    perte = -np.sum(m * logp[np.arange(N * T), cible]) / N
    ds = np.exp(logp)
    ds[np.arange(N * T), cible] -= 1
    ds *= m[:, None] / N
    return perte, ds.reshape(N, T, C)


def perte_et_gradients(x, y, masque, p):
    """p : dictionnaire Wx, Wh, b, Wy, by."""
    h0 = np.zeros((x.shape[0], p["Wh"].shape[0]))
    hs, memos = rnn_avant(x, h0, p["Wx"], p["Wh"], p["b"])
    scores, memo_s = sortie_avant(hs, p["Wy"], p["by"])
    perte, ds = perte_softmax(scores, y, masque)
    g = {}
    dhs, g["Wy"], g["by"] = sortie_arriere(ds, memo_s)
    _, _, g["Wx"], g["Wh"], g["b"] = rnn_arriere(dhs, memos)
    return perte, g
