# 3 noisy rings, MLP 2-64-64-3 with ReLU, dropout, mini-batches and Adam
# (written after watching way too many lectures at 2x speed)
import numpy as np

np.random.seed(0)

# ---- data
N_PER = 200
xs, ys = [], []
for c, r in enumerate([0.5, 1.2, 2.0]):
    phi = np.random.rand(N_PER) * 2 * np.pi
    rad = r + 0.12 * np.random.randn(N_PER)
    xs.append(np.stack([rad * np.cos(phi), rad * np.sin(phi)], axis=1))
    ys.append(np.full(N_PER, c))
X = np.concatenate(xs)
Y = np.concatenate(ys)
perm = np.random.permutation(len(X))
X, Y = X[perm], Y[perm]
Xtr, Ytr, Xva, Yva = X[:480], Y[:480], X[480:], Y[480:]

# ---- params (he init)
H = 64
p = {
    "W1": np.random.randn(2, H) * np.sqrt(2 / 2), "b1": np.zeros(H),
    "W2": np.random.randn(H, H) * np.sqrt(2 / H), "b2": np.zeros(H),
    "W3": np.random.randn(H, 3) * np.sqrt(2 / H), "b3": np.zeros(3),
}
m = {k: np.zeros_like(v) for k, v in p.items()}
v = {k: np.zeros_like(w) for k, w in p.items()}
step = 0

LR, B1, B2, EPS = 2e-3, 0.9, 0.999, 1e-8
DROP = 0.2
BATCH = 48


def forward(x, train):
    z1 = x @ p["W1"] + p["b1"]
    a1 = np.maximum(z1, 0)
    m1 = np.ones_like(a1)
    if train:
        m1 = (np.random.rand(*a1.shape) > DROP) / (1 - DROP)
    h1 = a1 * m1
    z2 = h1 @ p["W2"] + p["b2"]
    a2 = np.maximum(z2, 0)
    m2 = np.ones_like(a2)
    if train:
        m2 = (np.random.rand(*a2.shape) > DROP) / (1 - DROP)
    h2 = a2 * m2
    logits = h2 @ p["W3"] + p["b3"]
    return logits, (x, z1, m1, h1, z2, m2, h2)


def ce(logits, y):
    s = logits - logits.max(1, keepdims=True)
    logp = s - np.log(np.exp(s).sum(1, keepdims=True))
    n = len(y)
    d = np.exp(logp)
    d[np.arange(n), y] -= 1
    return -logp[np.arange(n), y].mean(), d / n


def backward(dlog, cache):
    x, z1, m1, h1, z2, m2, h2 = cache
    g = {}
    g["W3"] = h2.T @ dlog
    g["b3"] = dlog.sum(0)
    dh2 = dlog @ p["W3"].T
    dz2 = dh2 * m2 * (z2 > 0)
    g["W2"] = h1.T @ dz2
    g["b2"] = dz2.sum(0)
    dh1 = dz2 @ p["W2"].T
    dz1 = dh1 * m1 * (z1 > 0)
    g["W1"] = x.T @ dz1
    g["b1"] = dz1.sum(0)
    return g


for epoch in range(30):
    idx = np.random.permutation(len(Xtr))
    for i in range(0, len(Xtr), BATCH):
        b = idx[i:i + BATCH]
        logits, cache = forward(Xtr[b], True)
        loss, dlog = ce(logits, Ytr[b])
        g = backward(dlog, cache)
        step += 1
        for k in p:
            m[k] = B1 * m[k] + (1 - B1) * g[k]
            v[k] = B2 * v[k] + (1 - B2) * g[k] ** 2
            mhat = m[k] / (1 - B1 ** (epoch + 1))
            vhat = v[k] / (1 - B2 ** (epoch + 1))
            p[k] -= LR * mhat / (np.sqrt(vhat) + EPS)
    if epoch % 5 == 4:
        lo, _ = forward(Xva, False)
        print(f"epoch {epoch + 1:3d}  val loss {ce(lo, Yva)[0]:.4f}  val acc {(lo.argmax(1) == Yva).mean():.3f}")
