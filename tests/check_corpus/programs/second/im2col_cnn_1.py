"""
Convolution layer with im2col, batch of images in NCHW order.
conv(5 filters, 3x3, pad 1, stride 2) - relu - conv(6 filters, 3x3, pad 1) - relu - global average - affine - softmax
"""
import numpy as np


def im2col(x, k, pad, stride):
    """(N, C, H, W) -> (N, H', W', C*k*k)"""
    N, C, H, W = x.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho, Wo = (H + 2 * pad - k) // stride + 1, (W + 2 * pad - k) // stride + 1
    cols = np.empty((N, Ho, Wo, C, k, k))
    for i in range(k):
        for j in range(k):
            patch = xp[:, :, i:i + stride * Ho:stride, j:j + stride * Wo:stride]
            cols[:, :, :, :, i, j] = patch.transpose(0, 2, 3, 1)
    return cols.reshape(N, Ho, Wo, -1)


def col2im(dcols, shape, k, pad, stride):
    N, C, H, W = shape
    _, Ho, Wo, _ = dcols.shape
    d = dcols.reshape(N, Ho, Wo, C, k, k)
    dxp = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for i in range(k):
        for j in range(k):
            dxp[:, :, i:i + stride * Ho:stride, j:j + stride * Wo:stride] += d[:, :, :, :, i, j].transpose(0, 3, 1, 2)
    return dxp[:, :, pad:pad + H, pad:pad + W]


def conv_forward(x, w, b, pad=1, stride=1):
    F, C, k, _ = w.shape
    cols = im2col(x, k, pad, stride)
    out = cols @ w.reshape(F, -1).T + b
    return out.transpose(0, 3, 1, 2), (x.shape, w, cols, pad, stride)


def conv_backward(dout, cache):
    shape, w, cols, pad, stride = cache
    F, C, k, _ = w.shape
    d = dout.transpose(0, 2, 3, 1)
    dw = (d.reshape(-1, F).T @ cols.reshape(-1, C * k * k)).reshape(w.shape)
    db = d.sum(axis=(0, 1, 2))
    dx = col2im(d @ w.reshape(F, -1), shape, k, pad, stride)
    return dx, dw, db


def softmax_loss(s, y):
    s = s - s.max(axis=1, keepdims=True)
    p = np.exp(s)
    p /= p.sum(axis=0, keepdims=True)
    n = len(y)
    loss = -np.log(p[np.arange(n), y]).mean()
    ds = p
    ds[np.arange(n), y] -= 1
    return loss, ds / n


def model(P, X, y):
    z1, c1 = conv_forward(X, P["w1"], P["b1"], pad=1, stride=2)
    a1 = np.maximum(z1, 0)
    z2, c2 = conv_forward(a1, P["w2"], P["b2"])
    a2 = np.maximum(z2, 0)
    pooled = a2.mean(axis=(2, 3))
    scores = pooled @ P["w3"] + P["b3"]
    loss, ds = softmax_loss(scores, y)

    G = {}
    G["w3"], G["b3"] = pooled.T @ ds, ds.sum(axis=0)
    dpooled = ds @ P["w3"].T
    area = a2.shape[2] * a2.shape[3]
    da2 = np.broadcast_to(dpooled[:, :, None, None], a2.shape) / area
    dz2 = da2 * (z2 > 0)
    da1, G["w2"], G["b2"] = conv_backward(dz2, c2)
    dz1 = da1 * (z1 > 0)
    _, G["w1"], G["b1"] = conv_backward(dz1, c1)
    return loss, G, scores


def shapes(n, rng):
    """Class 0: filled square, 1: frame, 2: cross; two channels of 8x8."""
    X = rng.normal(0, 0.2, (n, 2, 8, 8))
    y = rng.integers(0, 3, n)
    for k in range(n):
        r, c = rng.integers(0, 3, 2)
        block = np.ones((5, 5))
        if y[k] == 1:
            block[1:4, 1:4] = 0
        elif y[k] == 2:
            block = np.zeros((5, 5))
            block[2, :] = block[:, 2] = 1
        X[k, k % 2, r:r + 5, c:c + 5] += block
    return X, y


if __name__ == "__main__":
    rng = np.random.default_rng(2)
    P = {
        "w1": rng.normal(0, 0.35, (5, 2, 3, 3)), "b1": np.zeros(5),
        "w2": rng.normal(0, 0.25, (6, 5, 3, 3)), "b2": np.zeros(6),
        "w3": rng.normal(0, 0.5, (6, 3)), "b3": np.zeros(3),
    }
    X, y = shapes(90, rng)
    for epoch in range(24):
        order = rng.permutation(len(X))
        for s in range(0, len(X), 16):
            i = order[s:s + 16]
            loss, G, _ = model(P, X[i], y[i])
            for k in P:
                P[k] -= 0.5 * G[k]
        if epoch % 4 == 3:
            loss, _, scores = model(P, X, y)
            print(f"epoch {epoch + 1:2d} loss {loss:.4f} acc {(scores.argmax(1) == y).mean():.3f}")
