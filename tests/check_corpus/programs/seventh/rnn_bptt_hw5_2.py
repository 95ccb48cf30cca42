"""
COMP 6248 / homework 5
Vanilla RNN on short sequences, task: repeat the symbol seen two steps ago
(structure follows the well known char-rnn gist from the lecture)
"""
import numpy as np

np.random.seed(8)
V = 4          # symbols
H = 24
T = 10
DELAY = 2

Wxh = np.random.randn(H, V) * 0.2
Whh = np.random.randn(H, H) * (0.8 / np.sqrt(H))
Why = np.random.randn(V, H) * 0.2
bh = np.zeros((H, 1))
by = np.zeros((V, 1))


def sample():
    s = np.random.randint(0, V, T)
    target = np.concatenate([np.zeros(DELAY, dtype=int), s[:-DELAY]])
    return s, target


def lossFun(inputs, targets):
    xs, hs, ps = {}, {}, {}
    hs[-1] = np.zeros((H, 1))
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((V, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t-1] + bh)
        y = Why @ hs[t] + by
        e = np.exp(y - y.max())
        ps[t] = e / e.sum()
        loss += -np.log(ps[t][targets[t], 0] + 1e-12)

    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += dy @ hs[t].T
        dby += dy
        dh = Why.T @ dy + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += dhraw @ xs[t].T
        dWhh += dhraw @ hs[t].T
        dhnext = Whh.T @ dhraw
    for dparam in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(dparam, -5, 5, out=dparam)     # exploding gradients
    return loss, dWxh, dWhh, dWhy, dbh, dby


mem = [np.zeros_like(p) for p in (Wxh, Whh, Why, bh, by)]
lr = 0.1
smooth = T * np.log(V)
for n in range(2000):
    inputs, targets = sample()
    loss, dWxh, dWhh, dWhy, dbh, dby = lossFun(inputs, targets)
    smooth = smooth * 0.99 + loss * 0.01
    if n % 400 == 0:
        print('iter %d, loss per step: %f' % (n, smooth / T))
    for param, dparam, m in zip([Wxh, Whh, Why, bh, by], [dWxh, dWhh, dWhy, dbh, dby], mem):
        m += dparam * dparam
        param += -lr * dparam / np.sqrt(m + 1e-8)    # adagrad
print('end, loss per step: %f' % (smooth / T))
