# Event / no event in short seismogram windows.
# 1-D convolution (4 kernels), ReLU, average over time, logistic output.
import numpy as np

rng = np.random.default_rng(8)
NT = 60      # samples per trace
K = 7        # kernel length
F = 4        # number of kernels


def traces(n):
    lab = np.arange(n) % 2
    x = 0.3 * rng.normal(size=(n, NT))
    wav = np.array([0.2, -0.6, 1.6, -1.6, 0.6, -0.2]) * 1.2
    for i in range(n):
        if lab[i]:
            t0 = rng.integers(0, NT - 12)
            x[i, t0:t0 + 6] += wav
            x[i, t0 + 6:t0 + 12] += 0.5 * wav
    return x, lab.astype(float)


X, y = traces(200)
Xv, yv = traces(200)

kern = 0.4 * rng.normal(size=(F, K))
kb = np.zeros(F)
w = 0.5 * rng.normal(size=F)
b = 0.0
NO = NT - K + 1


def windows(x):
    # (n, NO, K) view of all the sliding windows
    return np.lib.stride_tricks.sliding_window_view(x, K, axis=1)


def forward(x):
    win = windows(x)
    a = win @ kern.T + kb              # (n, NO, F)
    r = np.maximum(a, 0)
    pooled = r.mean(axis=1)            # (n, F)
    p = 1 / (1 + np.exp(-(pooled @ w + b)))
    return win, a, pooled, p


lr = 0.5
for it in range(401):
    win, a, pooled, p = forward(X)
    loss = -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))

    ds = (p - y) / len(y)              # d loss / d logit
    gw = pooled.T @ ds
    gb = ds.sum()
    dpool = np.outer(ds, w)            # (n, F)
    da = (dpool / NO)[:, None, :] * (a > 0)
    gkern = np.einsum('ntf,ntk->fk', da, win)
    gkb = da.sum()

    w -= lr * gw
    b -= lr * gb
    kern -= lr * gkern
    kb -= lr * gkb
    if it % 100 == 0:
        acc = np.mean((forward(Xv)[3] > 0.5) == yv)
        print("it %3d  loss %.4f  val acc %.3f" % (it, loss, acc))
print("kernels:\n", kern.round(2))
