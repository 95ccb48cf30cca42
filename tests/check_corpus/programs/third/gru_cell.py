"""GRU layer, forward and backward for one step. No training here, see the notebook.

    r = sigm(x Wr + h Ur + br)
    z = sigm(x Wz + h Uz + bz)
    n = tanh(x Wn + (r * h) Un + bn)
    h' = (1 - z) * n + z * h
"""
import numpy as np


def sigm(a):
    return 1.0 / (1.0 + np.exp(-a))


def init_gru(n_x, n_h, seed=0):
    rng = np.random.RandomState(seed)
    p = {}
    for gate in "rzn":
        p["W" + gate] = rng.randn(n_x, n_h) / np.sqrt(n_x)
        p["U" + gate] = rng.randn(n_h, n_h) / np.sqrt(n_h)
        p["b" + gate] = np.zeros(n_h)
    return p


def gru_step_forward(x, h, p):
    r = sigm(x @ p["Wr"] + h @ p["Ur"] + p["br"])
    z = sigm(x @ p["Wz"] + h @ p["Uz"] + p["bz"])
    rh = r * h
    n = np.tanh(x @ p["Wn"] + rh @ p["Un"] + p["bn"])
    h_new = (1 - z) * n + z * h
    return h_new, (x, h, r, z, rh, n)


def gru_step_backward(dh_new, cache, p, grads):
    """adds to grads, returns dx and dh of the previous state"""
    x, h, r, z, rh, n = cache

    dn = dh_new * (1 - z)
    dz = dh_new * (h - n)
    dh = dh_new * z

    dan = dn * (1 - n ** 2)
    drh = dan @ p["Un"].T
    dr = drh * h
    dh = dh + drh * r

    dar = dr * r * (1 - r)
    daz = dz * z * (1 - z)
    dh = dh + dar @ p["Ur"].T + daz @ p["Uz"].T

    dx = dar @ p["Wr"].T + daz @ p["Wz"].T + dan @ p["Wn"].T

    for gate, da in (("r", dar), ("z", daz)):
        grads["W" + gate] += x.T @ da
        grads["U" + gate] += h.T @ da
        grads["b" + gate] += da.sum(axis=0)
    grads["Wn"] += x.T @ dan
    grads["Un"] += rh.T @ dan
    grads["bn"] += dan.sum(axis=0)
    return dx, dh


def gru_forward(X, h0, p):
    """X: (T, N, n_x)"""
    h, hs, caches = h0, [], []
    for x in X:
        h, cache = gru_step_forward(x, h, p)
        hs.append(h)
        caches.append(cache)
    return np.stack(hs), caches


def gru_backward(dhs, caches, p):
    """dhs: gradient of the loss with respect to every state, (T, N, n_h)"""
    grads = {k: np.zeros_like(v) for k, v in p.items()}
    dX = []
    dh = np.zeros_like(dhs[0])
    for t in reversed(range(len(caches))):
        dx, dh = gru_step_backward(dhs[t] + dh, caches[t], p, grads)
        dX.append(dx)
    return np.stack(dX[::-1]), dh, grads
