#!/usr/bin/env python
# coding: utf-8

# # Neural network from scratch
# One hidden layer, ReLU, softmax. Exported from my notebook.

# In[1]:


import numpy as np
np.random.seed(123)


# ## Data
# four gaussian blobs, two classes would be XOR but let's do 3 classes

# In[2]:


centers = np.array([[-2, -2], [2, 2], [-2, 2], [2, -2]])
labels = np.array([0, 0, 1, 2])
which = np.random.randint(0, 4, size=400)
X = centers[which] + np.random.randn(400, 2) * 0.9
y = labels[which]
X_train, X_val = X[:300], X[300:]
y_train, y_val = y[:300], y[300:]
Y_train = np.eye(3)[y_train]
print(X_train.shape, Y_train.shape, X_val.shape)


# ## Helper functions

# In[3]:


def relu(z):
    return np.maximum(0, z)

def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

def cross_entropy(p, y):
    return -np.log(p[range(len(y)), y] + 1e-12).mean()


# ## Training

# In[4]:


n_hidden = 24
learning_rate = 0.2
n_epochs = 300

W1 = np.random.randn(2, n_hidden) * np.sqrt(2 / 2)
b1 = np.zeros(n_hidden)
W2 = np.random.randn(n_hidden, 3) * np.sqrt(2 / n_hidden)
b2 = np.zeros(3)

history = []
for epoch in range(n_epochs):
    # forward
    z1 = X_train @ W1 + b1
    a1 = relu(z1)
    z2 = a1 @ W2 + b2
    probs = softmax(z2)

    # backward
    dz2 = (probs - Y_train) / len(X_train)
    dW2 = a1.T @ dz2
    db2 = dz2.sum(axis=0)
    W2 -= learning_rate * dW2
    b2 -= learning_rate * db2
    da1 = dz2 @ W2.T
    dz1 = da1 * (z1 > 0)
    dW1 = X_train.T @ dz1
    db1 = dz1.sum(axis=0)

    # update
    W1 -= learning_rate * dW1
    b1 -= learning_rate * db1

    history.append(cross_entropy(probs, y_train))
    if epoch % 50 == 0:
        print(epoch, history[-1])


# ## Evaluation

# In[5]:


p_val = softmax(relu(X_val @ W1 + b1) @ W2 + b2)
print("val loss", cross_entropy(p_val, y_val))
print("val acc ", (p_val.argmax(axis=1) == y_val).mean())


# In[6]:


# confusion matrix by hand
conf = np.zeros((3, 3), dtype=int)
for t, p in zip(y_val, p_val.argmax(axis=1)):
    conf[t, p] += 1
conf
