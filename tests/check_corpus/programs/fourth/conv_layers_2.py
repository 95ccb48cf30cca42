"""Naive convolution and pooling layers. Shapes: x (N, C, H, W), w (F, C, k, k), b (F,)."""
import numpy as np


def conv_forward(x, w, b, stride=1, pad=1):
    N, C, H, W = x.shape
    F, _, k, _ = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    Ho = (H + 2 * pad - k) // stride + 1
    Wo = (W + 2 * pad - k) // stride + 1
    out = np.zeros((N, F, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            patch = xp[:, :, i * stride:i * stride + k, j * stride:j * stride + k]
            out[:, :, i, j] = np.tensordot(patch, w, axes=([1, 2, 3], [1, 2, 3])) + b
    cache = (x.shape, xp, w, stride, pad)
    return out, cache


def conv_backward(dout, cache):
    x_shape, xp, w, stride, pad = cache
    H, W = x_shape[2:]
    k = w.shape[2]
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    db = dout.sum(axis=(0, 2, 3))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * stride, i * stride + k)
            cols = slice(j * stride, j * stride + k)
            d = dout[:, :, i, j]                                   # (N, F)
            dw += np.tensordot(d, xp[:, :, rows, cols], axes=(0, 0))
            dxp[:, :, rows, cols] += np.tensordot(d, w, axes=(1, 0))
    dx = dxp[:, :, pad:pad + H, pad:pad + W]
    return dx, dw, db


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


def max_pool_forward(x, size=2):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // size, W // size))
    for i in range(H // size):
        for j in range(W // size):
            window = x[:, :, i * size:(i + 1) * size, j * size:(j + 1) * size]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out, (x, out, size)


def max_pool_backward(dout, cache):
    x, out, size = cache
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * size, (i + 1) * size)
            cols = slice(j * size, (j + 1) * size)
            mask = x[:, :, rows, cols] == out[:, :, i, j][:, :, None, None]
            dx[:, :, rows, cols] = mask * dout[:, :, i, j][:, :, None, None]
    return dx


def global_avg_pool_forward(x):
    return x.mean(axis=(2, 3)), x.shape


def global_avg_pool_backward(dout, shape):
    N, C, H, W = shape
    dx = np.ones(shape) * dout[:, :, None, None]
    return dx
