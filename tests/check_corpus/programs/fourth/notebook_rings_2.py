#!/usr/bin/env python
# coding: utf-8

# # Assignment 3: a 3-layer network with leaky ReLU, dropout and RMSprop

# In[1]:

import numpy as np

np.random.seed(100)

# ## 1. Data
# In[2]:

n = 330
radius = np.concatenate([np.random.uniform(0, 1, n // 2), np.random.uniform(1.2, 2.2, n // 2)])
angle = np.random.uniform(0, 2 * np.pi, n)
X = np.c_[radius * np.cos(angle), radius * np.sin(angle)]
y = np.r_[np.zeros(n // 2), np.ones(n // 2)].reshape(-1, 1)

perm = np.random.permutation(n)
X, y = X[perm], y[perm]
X_train, y_train = X[:230], y[:230]
X_test, y_test = X[230:], y[230:]
print(X_train.shape, y_train.shape)

# ## 2. Parameters
# In[3]:

sizes = [2, 20, 20, 1]
W = [np.random.randn(a, b) * np.sqrt(2 / a) for a, b in zip(sizes[:-1], sizes[1:])]
B = [np.zeros((1, b)) for b in sizes[1:]]
cache_W = [np.zeros_like(w) for w in W]
cache_B = [np.zeros_like(b) for b in B]

lr = 0.005
rho = 0.9
keep = 0.8
slope = 0.05


def lrelu(z):
    return np.where(z > 0, z, slope * z)


def dlrelu(z):
    return np.where(z > 0, 1.0, slope)


def predict_proba(X):
    # no units are dropped at test time, so activations are scaled instead
    a1 = lrelu(X @ W[0] + B[0]) * keep
    a2 = lrelu(a1 @ W[1] + B[1]) * keep
    return 1 / (1 + np.exp(-(a2 @ W[2] + B[2])))


# ## 3. Training
# In[4]:

batch = 32
for epoch in range(60):
    order = np.random.permutation(len(X_train))
    epoch_loss = 0
    for start in range(0, len(X_train), batch):
        idx = order[start:start + batch]
        x, t = X_train[idx], y_train[idx]

        z1 = x @ W[0] + B[0]
        m1 = np.random.rand(*z1.shape) < keep
        a1 = lrelu(z1) * m1
        z2 = a1 @ W[1] + B[1]
        m2 = np.random.rand(*z2.shape) < keep
        a2 = lrelu(z2) * m2
        out = 1 / (1 + np.exp(-(a2 @ W[2] + B[2])))

        loss = -np.mean(t * np.log(out + 1e-9) + (1 - t) * np.log(1 - out + 1e-9))
        epoch_loss += loss * len(x)

        d3 = (out - t) / len(x)
        d2 = (d3 @ W[2].T) * m2 * dlrelu(z2)
        d1 = (d2 @ W[1]) * m1 * dlrelu(z1)

        grads_W = [x.T @ d1, a1.T @ d2, a2.T @ d3]
        grads_B = [d.sum(axis=0, keepdims=True) for d in (d1, d2, d3)]

        for l in range(3):
            cache_W[l] = rho * cache_W[l] + (1 - rho) * grads_W[l] ** 2
            cache_B[l] = rho * cache_B[l] + (1 - rho) * grads_B[l] ** 2
            W[l] -= lr * grads_W[l] / (np.sqrt(cache_W[l]) + 1e-8)
            B[l] -= lr * grads_B[l] / (np.sqrt(cache_B[l]) + 1e-8)
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "loss", round(epoch_loss / len(X_train), 4))

# ## 4. Evaluation
# In[5]:

for name, A, t in (("train", X_train, y_train), ("test", X_test, y_test)):
    p = predict_proba(A)
    print(name, "accuracy", np.mean((p > 0.5) == t), "nll",
          round(-np.mean(np.log(np.where(t == 1, p, 1 - p) + 1e-9)), 4))
