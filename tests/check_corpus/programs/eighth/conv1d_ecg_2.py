"""Detect an extra beat in a noisy 1-D signal with one tiny conv layer.

signal -> conv (valid, 6 filters, width 9) -> ReLU -> max over time -> logistic
I'm a biomedical signals person so "kernel" here means the same as in np.correlate.
"""
import numpy as np

rng = np.random.default_rng(101)
L, KW, NF = 80, 9, 6


def make_signals(n):
    x = 0.25 * rng.standard_normal((n, L))
    lab = rng.integers(0, 2, n)
    tt = np.arange(KW)
    qrs = np.array([0, -0.2, -0.4, 0.6, 1.6, 0.6, -0.5, -0.2, 0])
    hump = 1.3 * np.exp(-0.5 * ((tt - 4) / 2.2) ** 2)
    for i in range(n):
        p = rng.integers(0, L - KW)
        x[i, p:p + KW] += qrs if lab[i] == 1 else hump
    return x, lab.astype(float)


def windows(x):
    # (n, L) -> (n, L-KW+1, KW)
    return np.lib.stride_tricks.sliding_window_view(x, KW, axis=1)


def forward(x, prm):
    win = windows(x)
    z = np.einsum('ntk,fk->ntf', win, prm['K']) + prm['kb']
    a = np.maximum(z, 0)
    where = a.argmax(axis=1)                                   # (n, f)
    pooled = np.take_along_axis(a, where[:, None, :], axis=1)[:, 0, :]
    logit = pooled @ prm['w'] + prm['b']
    prob = 1 / (1 + np.exp(-logit))
    return prob, (win, z, where, pooled)


def bce(prob, y):
    return -np.mean(y * np.log(prob + 1e-12) + (1 - y) * np.log(1 - prob + 1e-12))


def backward(prob, y, cache, prm):
    win, z, where, pooled = cache
    n = len(y)
    dlogit = (prob - y) * prob * (1 - prob) / n
    g = {}
    g['w'] = pooled.T @ dlogit
    g['b'] = dlogit.sum()
    dpooled = np.outer(dlogit, prm['w'])
    da = np.zeros_like(z)
    np.put_along_axis(da, where[:, None, :], dpooled[:, None, :], axis=1)
    dz = da * (z > 0)
    g['K'] = np.einsum('ntf,ntk->fk', dz, win)
    g['kb'] = dz.sum(axis=(0, 1))
    return g


prm = {
    'K': 0.3 * rng.standard_normal((NF, KW)),
    'kb': np.zeros(NF),
    'w': 0.3 * rng.standard_normal(NF),
    'b': 0.0,
}

xtr, ytr = make_signals(400)
xte, yte = make_signals(200)
lr = 0.3

for ep in range(25):
    perm = rng.permutation(len(ytr))
    for s in range(0, len(ytr), 40):
        bidx = perm[s:s + 40]
        prob, cache = forward(xtr[bidx], prm)
        g = backward(prob, ytr[bidx], cache, prm)
        for name in prm:
            prm[name] = prm[name] - lr * g[name]
    if ep % 6 == 0:
        print('ep %2d  train bce %.4f' % (ep, bce(forward(xtr, prm)[0], ytr)))

pte, _ = forward(xte, prm)
print('test bce %.4f, acc %.3f' % (bce(pte, yte), np.mean((pte > 0.5) == (yte == 1))))
print('strongest filter:', np.round(prm['K'][np.argmax(np.abs(prm['w']))], 2))
