"""
Character-level vanilla RNN, everything by hand in numpy.
The text is tiny, the net should learn to continue it.
"""
import numpy as np

np.random.seed(0)
data = "hello world, hello rnn. " * 6
chars = sorted(set(data))
n_chars = len(chars)
to_ix = {ch: i for i, ch in enumerate(chars)}
to_char = {i: ch for i, ch in enumerate(chars)}

# hyperparameters
n_hid = 24
seq_len = 12
lr = 0.1

# parameters
Wxh = np.random.randn(n_hid, n_chars) * 0.1   # input to hidden
Whh = np.random.randn(n_hid, n_hid) * 0.1  # hidden to hidden
Why = np.random.randn(n_chars, n_hid) * 0.1   # hidden to output
bh = np.zeros((n_hid, 1))
by = np.zeros((n_chars, 1))


def bptt(inputs, targets, h_last):
    """inputs and targets are lists of integers, h_last is the last hidden state.
    Returns loss, gradients and the new hidden state."""
    xs, hs, probs = {}, {}, {}
    hs[-1] = np.copy(h_last)
    loss = 0
    # forward through time
    for t in range(len(inputs)):
        xs[t] = np.zeros((n_chars, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys = np.dot(Why, hs[t]) + by
        e = np.exp(ys - np.max(ys))
        probs[t] = e / np.sum(e)
        loss += -np.log(probs[t][targets[t], 0])

    # backward through time
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    carry = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(probs[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + carry
        dpre = dh      # through the tanh
        dbh += dpre
        dWxh += np.dot(dpre, xs[t].T)
        dWhh += np.dot(dpre, hs[t - 1].T)
        carry = np.dot(Whh.T, dpre)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]


def sample(h, ix, n):
    out = [ix]
    for _ in range(n):
        x = np.zeros((n_chars, 1))
        x[ix] = 1
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        ix = int(np.argmax(np.dot(Why, h) + by))      # greedy
        out.append(ix)
    return ''.join(to_char[i] for i in out)


# memory for Adagrad
params = [Wxh, Whh, Why, bh, by]
mem = [np.zeros_like(p) for p in params]
avg_loss = -np.log(1.0 / n_chars) * seq_len
p = 0
h_last = np.zeros((n_hid, 1))
for n in range(601):
    if p + seq_len + 1 >= len(data):
        h_last = np.zeros((n_hid, 1))     # reset the memory
        p = 0
    inputs = [to_ix[ch] for ch in data[p:p + seq_len]]
    targets = [to_ix[ch] for ch in data[p + 1:p + seq_len + 1]]

    loss, dWxh, dWhh, dWhy, dbh, dby, h_last = bptt(inputs, targets, h_last)
    avg_loss = avg_loss * 0.99 + loss * 0.01
    if n % 100 == 0:
        print('iter %d, loss %.5f, running %.5f' % (n, loss, avg_loss))
        print('   ', sample(np.zeros((n_hid, 1)), to_ix['h'], 30))

    for param, dparam, m in zip(params, [dWxh, dWhh, dWhy, dbh, dby], mem):
        dparam = np.clip(dparam, -5, 5)        # exploding gradients
        m += dparam * dparam
        param += -lr * dparam / np.sqrt(m + 1e-8)
    p += seq_len
