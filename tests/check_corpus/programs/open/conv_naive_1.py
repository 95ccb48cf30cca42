"""Convolution with naive loops, forward and backward. No im2col here."""
import numpy as np


def conv_forward(x, w, b, stride=1, pad=0):
    """
    x: (N, C, H, W)   w: (F, C, HH, WW)   b: (F,)
    """
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = (H + 2 * pad - HH) // stride + 1
    W_out = (W + 2 * pad - WW) // stride + 1
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = x_pad[n, :, i * stride:i * stride + HH, j * stride:j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, (x, x_pad, w, stride, pad)


def conv_backward(dout, cache):
    x, x_pad, w, stride, pad = cache
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape

    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    db = np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    g = dout[n, f, i, j]
                    dw[f] += g * x_pad[n, :, top:top + HH, left:left + WW]
                    dx_pad[n, :, top:top + HH, left:left + WW] += g * w[f].transpose(0, 2, 1)
                    db[f] += g
    # cut the padding off again
    dx = dx_pad[:, :, pad:pad + H, pad:pad + W]
    return dx, dw, db


def make_images(rng, n):
    # horizontal bars (label 0) and vertical bars (label 1), 6x6 pixels
    x = 0.2 * rng.normal(size=(n, 1, 6, 6))
    y = np.arange(n) % 2
    for k in range(n):
        pos = rng.integers(1, 5)
        if y[k] == 0:
            x[k, 0, pos, :] += 1
        else:
            x[k, 0, :, pos] += 1
    return x, y


if __name__ == '__main__':
    rng = np.random.default_rng(77)
    x, y = make_images(rng, 12)
    w1 = 0.5 * rng.normal(size=(2, 1, 3, 3))
    b1 = np.zeros(2)
    w2 = 0.5 * rng.normal(size=(2, 2, 3, 3))
    b2 = np.zeros(2)
    for it in range(26):
        h, cache1 = conv_forward(x, w1, b1, stride=1, pad=1)     # (N, 2, 6, 6)
        r = np.maximum(h, 0)
        o, cache2 = conv_forward(r, w2, b2, stride=2, pad=0)     # (N, 2, 2, 2)
        scores = o.mean(axis=(2, 3))                             # global average pooling
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean()

        ds = p.copy()
        ds[np.arange(len(y)), y] -= 1
        ds /= len(y)
        do = np.ones_like(o) * ds[:, :, None, None] / (o.shape[2] * o.shape[3])
        dr, dw2, db2 = conv_backward(do, cache2)
        dh = dr * (h > 0)
        dx, dw1, db1 = conv_backward(dh, cache1)
        w1 -= 0.5 * dw1
        b1 -= 0.5 * db1
        w2 -= 0.5 * dw2
        b2 -= 0.5 * db2
        if it % 5 == 0:
            print("iter", it, "loss", round(loss, 6))
    print("accuracy", np.mean(scores.argmax(axis=1) == y))
