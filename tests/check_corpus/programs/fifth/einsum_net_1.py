"""Two hidden leaky-ReLU layers, everything written with einsum.

Index convention: n = sample, i = input, j/k = hidden, o = output.
Weights are stored (out, in), as in the lecture.
"""
import numpy as np
from numpy import einsum

rng = np.random.default_rng(2024)
SLOPE = 0.05
LAM = 1e-3


def lrelu(z):
    return np.where(z > 0, z, SLOPE * z)


def init(dims):
    return [rng.normal(size=(o, i)) * np.sqrt(2.0 / i) for i, o in zip(dims, dims[1:])], \
           [np.zeros(o) for o in dims[1:]]


def loss(W, b, x, t):
    """mean over samples of 1/2 |y - t|^2  +  LAM * sum of squared weights"""
    y = forward(W, b, x)[-1]
    return 0.5 * einsum("no,no->", y - t, y - t) / len(x) + LAM * sum(einsum("oi,oi->", w, w) for w in W)


def forward(W, b, x):
    z1 = einsum("ni,ji->nj", x, W[0]) + b[0]
    h1 = lrelu(z1)
    z2 = einsum("nj,kj->nk", h1, W[1]) + b[1]
    h2 = lrelu(z2)
    y = einsum("nk,ok->no", h2, W[2]) + b[2]
    return z1, h1, z2, h2, y


def grads(W, b, x, t):
    z1, h1, z2, h2, y = forward(W, b, x)
    dy = (y - t) / len(x)

    dh2 = einsum("no,ok->nk", dy, W[2])
    dz2 = np.where(z2 > 0, dh2, SLOPE * dh2)
    dh1 = einsum("nk,kj->nj", dz2, W[1])
    dz1 = np.where(dh1 > 0, dh1, SLOPE * dh1)

    dW = [
        einsum("nj,ni->ji", dz1, x) + 2 * LAM * W[0],
        einsum("nk,nj->kj", dz2, h1) + 2 * LAM * W[1],
        einsum("no,nk->ok", dy, h2) + 2 * LAM * W[2],
    ]
    db = [einsum("nj->j", d) for d in (dz1, dz2, dy)]
    return dW, db


# data: two outputs, polar coordinates of a point in the right half plane
x = np.stack([rng.uniform(0.2, 1.5, 256), rng.uniform(-1.5, 1.5, 256)], axis=1)
t = np.stack([np.hypot(x[:, 0], x[:, 1]), np.arctan2(x[:, 1], x[:, 0])], axis=1)

W, b = init([2, 24, 24, 2])
for step in range(1201):
    if step % 200 == 0:
        print(f"step {step:4d}   loss {loss(W, b, x, t):.5f}")
    dW, db = grads(W, b, x, t)
    for l in range(3):
        W[l] -= 0.1 * dW[l]
        b[l] -= 0.1 * db[l]

err = np.abs(forward(W, b, x)[-1] - t).mean(axis=0)
print("mean abs error  r: %.3f  phi: %.3f" % tuple(err))
