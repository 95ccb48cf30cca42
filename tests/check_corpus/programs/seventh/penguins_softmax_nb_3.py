#!/usr/bin/env python
# coding: utf-8

# # Softmax regression from scratch
# Three made-up penguin species, two measurements: flipper (mm) and body mass (in 20 g units).
# I leave the raw units on purpose, to see if it still learns.

# In[1]:


import numpy as np
rng = np.random.default_rng(42)


# In[2]:


n_per = 70
centers = np.array([[190, 185], [196, 160], [217, 254]])
X = np.vstack([c + rng.normal(0, 5, (n_per, 2)) for c in centers])
y = np.repeat([0, 1, 2], n_per)
X = np.hstack([X, np.ones((len(X), 1))])   # bias column
X.shape, y.shape


# In[3]:


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)

def cross_entropy(p, y):
    return -np.mean(np.log(np.maximum(p[np.arange(len(y)), y], 1e-12)))


# In[4]:


def train(X, y, k, lr=0.1, epochs=200, bs=32):
    n, d = X.shape
    W = np.zeros((d, k))
    losses = []
    for ep in range(epochs):
        idx = rng.permutation(n)
        Xs, ys = X[idx], y[idx]
        for i in range(0, n, bs):
            xb, yb = Xs[i:i+bs], ys[i:i+bs]
            p = softmax(xb @ W)
            onehot = np.eye(k)[yb]
            grad = xb.T @ (p - onehot) / len(xb)
            W -= lr * grad
        losses.append(cross_entropy(softmax(X @ W), y))
    return W, losses


# In[5]:


W, losses = train(X, y, 3)
print(losses[0], losses[-1])


# In[6]:


# raw units can make the last steps jump about, so look at a mean as well
print("mean loss of the last 20 epochs:", np.mean(losses[-20:]))
pred = softmax(X @ W).argmax(axis=1)
print("accuracy", (pred == y).mean())
