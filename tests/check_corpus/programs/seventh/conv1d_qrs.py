# 一维卷积找心跳峰 (自己造的信号) -- 周末小项目
# conv(1->F, k=5) -> relu -> 全局平均池化 -> logistic
import numpy as np

rs = np.random.RandomState(3)
L, K, F = 40, 5, 6
M = L - K + 1          # 卷积以后的长度


def make(n):
    X = rs.randn(n, L) * 0.3
    y = rs.randint(0, 2, n)
    spike = np.array([0.4, 1.5, 3.0, 1.5, 0.4])
    dip = np.array([-0.8, 0.0, 0.9, 0.0, -0.8])
    for i in range(n):
        for _ in range(3):
            p = rs.randint(0, L - K)
            X[i, p:p + K] += spike if y[i] == 1 else dip
    return X, y.astype(float)


def windows(X):
    # (n, M, K)
    return np.stack([X[:, i:i + K] for i in range(M)], axis=1)


def sigmoid(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))


kern = rs.randn(K, F) * np.sqrt(2 / K)
kb = np.zeros(F)
v = rs.randn(F) * 0.5
c = 0.0


def forward(X):
    cols = windows(X)
    z = cols @ kern + kb              # (n, M, F)
    a = np.maximum(0, z)
    pooled = a.mean(axis=1)           # (n, F)
    s = pooled @ v + c
    return cols, z, pooled, s


X, y = make(200)
lr = 0.5
for ep in range(150):
    cols, z, pooled, s = forward(X)
    p = sigmoid(s)
    loss = np.mean(np.logaddexp(0, s) - y * s)

    ds = (p - y) / len(y)
    dv = pooled.T @ ds
    dc = ds.sum()
    dpooled = np.outer(ds, v)
    da = np.repeat(dpooled[:, None, :], M, axis=1) / M
    dz = da * (z > 0)
    dkern = np.einsum('nmk,nmf->kf', cols, dz)
    dkb = dz.sum(axis=(0, 1))

    kern = kern - lr * dkern
    kb = kb - lr * dkb
    v = v - lr * dv
    c = c - lr * dc
    if ep % 25 == 0:
        print('ep', ep, 'loss %.4f' % loss)

Xt, yt = make(300)
st = forward(Xt)[-1]
print('train loss %.4f  test acc %.3f' % (loss, np.mean((st > 0) == (yt == 1))))
