#!/usr/bin/env python
# coding: utf-8

# # Sorting variable stars with softmax regression
# (exported from my notebook, cells in order)

# In[1]:
import numpy as np
rng = np.random.RandomState(42)

# In[2]: a fake catalogue: period [d], amplitude [mag], colour B-V
names = ["RR Lyr", "Cepheid", "Mira", "delta Sct"]
n_each = 70
def fake(period_lo, period_hi, amp, bv):
    per = rng.uniform(period_lo, period_hi, n_each)
    a = rng.normal(amp, 0.15, n_each)
    c = rng.normal(bv, 0.10, n_each)
    return np.column_stack([per, a, c])

feats = np.vstack([fake(0.3, 0.9, 0.9, 0.25), fake(3, 50, 0.7, 0.8),
                   fake(200, 400, 4.0, 1.6), fake(0.05, 0.25, 0.2, 0.3)])
kind = np.repeat(np.arange(4), n_each)
# I keep the period in days. Yes I know.

# In[3]:
order = rng.permutation(len(feats))
feats, kind = feats[order], kind[order]
ntr = 200
Xtr, ytr = feats[:ntr], kind[:ntr]
Xte, yte = feats[ntr:], kind[ntr:]

# In[4]:
def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)

# In[5]:
W = rng.normal(0, 0.01, (3, 4))
b = np.zeros(4)
lr = 0.02
bs = 25

# In[6]:
hist = []
for epoch in range(200):
    perm = rng.permutation(ntr)
    tot = 0.0
    for s in range(0, ntr, bs):
        idx = perm[s:s + bs]
        xb = Xtr[idx]
        yb = ytr[idx]
        p = softmax(xb @ W + b)
        tot += -np.log(p[np.arange(len(yb)), yb] + 1e-12).sum()
        d = p.copy()
        d[np.arange(len(yb)), yb] -= 1
        d /= len(yb)
        gW = xb.T @ d
        gb = d.sum(axis=0)
        W -= lr * gW
        b -= lr * gb
    hist.append(tot / ntr)
    if epoch % 40 == 0:
        print("epoch", epoch, "loss", hist[-1])

# In[7]:
pred = softmax(Xte @ W + b).argmax(axis=1)
print("test accuracy:", (pred == yte).mean())
for k in range(4):
    print(names[k], (pred[yte == k] == k).mean())
