# 1-D conv net that tells short beeps from long ones in a noisy audio envelope.
# I am a radio amateur, not a machine learning person, so everything is spelled out.
import numpy as np

rng = np.random.default_rng(73)

LEN = 40        # samples per snippet
K = 7           # kernel width
F = 4           # number of kernels
OUT = LEN - K + 1


def snippet(kind):
    s = rng.normal(0, 0.15, LEN)
    width = rng.integers(4, 7) if kind == 0 else rng.integers(13, 18)
    at = rng.integers(0, LEN - width)
    s[at:at + width] += 1.0
    return s


kinds = rng.integers(0, 2, 240)
sig = np.array([snippet(k) for k in kinds])
train_x, train_y = sig[:200], kinds[:200]
test_x, test_y = sig[200:], kinds[200:]

kern = rng.normal(0, 0.4, (F, K))
kb = np.zeros(F)
w = rng.normal(0, 0.4, F)
wb = 0.0


def windows(x):
    """all K-wide windows of one snippet, shape (OUT, K)"""
    return np.array([x[i:i + K] for i in range(OUT)])


def forward(x):
    win = windows(x)
    conv = win @ kern.T + kb          # (OUT, F)
    act = np.maximum(conv, 0)
    pooled = act.mean(axis=0)         # global average pooling, (F,)
    logit = pooled @ w + wb
    return win, conv, pooled, logit


lr = 0.1
for epoch in range(20):
    loss = 0.0
    for n in rng.permutation(len(train_x)):
        x, t = train_x[n], train_y[n]
        win, conv, pooled, logit = forward(x)
        prob = 1 / (1 + np.exp(-logit))
        loss += np.logaddexp(0, logit) - t * logit

        d_logit = prob - t
        d_w = d_logit * pooled
        d_wb = d_logit
        d_pooled = d_logit * w
        d_act = np.tile(d_pooled / OUT, (OUT, 1))
        d_conv = d_act * (conv > 0)
        d_kern = d_conv.T @ win
        d_kb = d_conv.sum(axis=0)

        w -= lr * d_w
        wb -= lr * d_wb
        kern -= lr * d_kern
        kb -= lr * d_kb
    if epoch % 4 == 0 or epoch == 19:
        print(f"epoch {epoch:2d} mean loss {loss / len(train_x):.4f}")

good = sum((forward(x)[3] > 0) == bool(t) for x, t in zip(test_x, test_y))
print(f"test: {good}/{len(test_x)} correct")
