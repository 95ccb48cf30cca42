"""Tiny ConvNet on 8x8 pictures of bars: horizontal, vertical or diagonal.

conv 3x3 (6 filters) -> ReLU -> 2x2 max pool -> dense -> softmax
Homework 5, done without any framework.
"""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(88)
F, C = 6, 3


def make_images(n):
    imgs = rng.normal(0, 0.15, (n, 8, 8))
    labels = rng.integers(0, C, n)
    for img, lab in zip(imgs, labels):
        p = rng.integers(1, 7)
        if lab == 0:
            img[p, :] += 1
        elif lab == 1:
            img[:, p] += 1
        else:
            k = p - 3
            for i in range(8):
                if 0 <= i + k < 8:
                    img[i, i + k] += 1
    return imgs, labels


def forward(imgs, K, bk, W, b):
    patches = sliding_window_view(imgs, (3, 3), axis=(1, 2))      # (n, 6, 6, 3, 3)
    z = np.einsum('nijab,fab->nfij', patches, K) + bk[None, :, None, None]
    a = np.maximum(z, 0)
    n = len(imgs)
    blocks = a.reshape(n, F, 3, 2, 3, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, F, 3, 3, 4)
    arg = blocks.argmax(axis=-1)
    pooled = blocks.max(axis=-1)
    flat = pooled.reshape(n, -1)
    s = flat @ W + b
    s = s - s.max(axis=1, keepdims=True)
    probs = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    return probs, (patches, z, arg, flat)


def backward(probs, labels, cache, W):
    patches, z, arg, flat = cache
    n = len(labels)
    ds = probs.copy()
    ds[np.arange(n), labels] -= 1
    ds /= n
    dW = flat.T @ ds
    db = ds.sum(axis=0)
    dpool = (ds @ W.T).reshape(n, F, 3, 3)
    # the gradient goes to the winner of each 2x2 block
    dblocks = np.zeros((n, F, 3, 3, 4))
    np.put_along_axis(dblocks, arg[..., None], dpool[..., None], axis=-1)
    da = dblocks.reshape(n, F, 3, 3, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, F, 6, 6)
    dz = da.copy()
    dz[z <= 0] = 0
    dK = np.einsum('nijab,nfij->fab', patches, dz)
    dbk = dz.sum(axis=(0, 2, 3))
    return dK, dbk, dW, db


X, y = make_images(300)
Xt, yt = make_images(150)
K = rng.normal(0, 0.3, (F, 3, 3))
bk = np.zeros(F)
W = rng.normal(0, 0.1, (F * 9, C))
b = np.zeros(C)
lr, batch = 0.2, 25                    # 300 = 12 * 25

for epoch in range(15):
    order = rng.permutation(len(X))
    total = 0.0
    for i in range(0, len(X), batch):
        idx = order[i:i + batch]
        probs, cache = forward(X[idx], K, bk, W, b)
        total -= np.log(probs[np.arange(batch), y[idx]] + 1e-12).sum()
        dK, dbk, dW, db = backward(probs, y[idx], cache, W)
        K -= lr * dK
        bk -= lr * dbk
        W -= lr * dW
        b -= lr * db
    test = forward(Xt, K, bk, W, b)[0].argmax(axis=1)
    print("epoch %2d  loss %.4f  test acc %.3f" % (epoch + 1, total / len(X), (test == yt).mean()))
