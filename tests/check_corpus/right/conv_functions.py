"""Convolution and pooling as functions; the gradients of parameters come first."""

import numpy as np


def forward_conv(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    n, _, height, width = x.shape
    f, _, hh, ww = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows = (height + 2 * pad - hh) // stride + 1
    columns = (width + 2 * pad - ww) // stride + 1
    out = np.zeros((n, f, rows, columns))
    for i in range(rows):
        for j in range(columns):
            r, c = i * stride, j * stride
            window = padded[:, :, r : r + hh, c : c + ww]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w) + b
    return out, (padded, w, stride, pad)


def backward_conv(dout, cache):
    padded, w, stride, pad = cache
    hh, ww = w.shape[2:]
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            r, c = i * stride, j * stride
            window = padded[:, :, r : r + hh, c : c + ww]
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], window)
            dpadded[:, :, r : r + hh, c : c + ww] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
    db = dout.sum(axis=(0, 2, 3))
    dx = dpadded[:, :, pad:-pad, pad:-pad] if pad else dpadded
    return dw, db, dx


def avgpool(x, size=2):
    n, c, height, width = x.shape
    return x.reshape(n, c, height // size, size, width // size, size).mean(axis=(3, 5))


def avgpool_grad(dout, x, size=2):
    spread = np.repeat(np.repeat(dout, size, axis=2), size, axis=3)
    return spread / size**2


def maxpool_forward(x, pool_param):
    size, stride = pool_param["pool_height"], pool_param["stride"]
    n, c, height, width = x.shape
    rows, columns = (height - size) // stride + 1, (width - size) // stride + 1
    out = np.zeros((n, c, rows, columns))
    for i in range(rows):
        for j in range(columns):
            r, s = i * stride, j * stride
            out[:, :, i, j] = x[:, :, r : r + size, s : s + size].max(axis=(2, 3))
    return out, (x, out, pool_param)


def maxpool_backward(dout, cache):
    x, out, pool_param = cache
    size, stride = pool_param["pool_height"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            r, s = i * stride, j * stride
            window = x[:, :, r : r + size, s : s + size]
            mask = window == out[:, :, i : i + 1, j : j + 1]
            dx[:, :, r : r + size, s : s + size] += mask * dout[:, :, i : i + 1, j : j + 1]
    return dx
