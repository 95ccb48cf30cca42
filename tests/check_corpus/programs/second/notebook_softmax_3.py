#!/usr/bin/env python
# coding: utf-8

# # Softmax regression from scratch
# In this notebook we classify three kinds of wheat kernels by four measurements.

# In[1]:

import numpy as np
rng = np.random.default_rng(100)

# In[2]:  Make the data (I don't have the csv any more, so I simulate it)

centers = np.array([[14.3, 5.5, 3.2, 2.7], [18.3, 6.1, 3.7, 3.6], [11.9, 5.2, 2.8, 4.8]])
spread = np.array([1.2, 0.25, 0.2, 1.2])
labels = rng.integers(0, 3, 210)
data = centers[labels] + spread * rng.normal(size=(210, 4))
data.shape, labels.shape

# In[3]:  Split, standardize, one-hot

order = rng.permutation(210)
data, labels = data[order], labels[order]
X_train, X_test = data[:150], data[150:]
y_train, y_test = labels[:150], labels[150:]

mean, std = X_train.mean(axis=0), X_train.std(axis=0)
X_train = (X_train - mean) / std
X_test = (X_test - mean) / std

Y_train = np.eye(3)[y_train]
Y_test = np.eye(3)[y_test]

# In[4]:


def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def cross_entropy(X, Y, theta):
    P = softmax(X @ theta)
    return -np.mean(np.sum(Y * np.log(P + 1e-12), axis=1))


def add_ones(X):
    return np.hstack([X, np.ones((X.shape[0], 1))])


# In[5]:  Training

lr = 0.2
batch = 30
theta = np.zeros((5, 3))
A_train, A_test = add_ones(X_train), add_ones(X_test)
train_curve, test_curve = [], []
for epoch in range(60):
    perm = rng.permutation(len(A_train))
    A_shuf = A_train[perm]
    Y_shuf = Y_train
    for i in range(0, len(A_shuf), batch):
        A = A_shuf[i:i + batch]
        Y = Y_shuf[i:i + batch]
        P = softmax(A @ theta)
        gradient = A.T @ (P - Y) / A.shape[0]
        theta -= lr * gradient
    train_curve.append(cross_entropy(A_train, Y_train, theta))
    test_curve.append(cross_entropy(A_test, Y_test, theta))

# In[6]:

for e in (0, 1, 5, 20, 59):
    print("epoch", e, "train", round(train_curve[e], 4), "test", round(test_curve[e], 4))

# In[7]:  Confusion matrix (rows: true class)

guess = np.argmax(A_test @ theta, axis=1)
confusion = np.zeros((3, 3), dtype=int)
for t, g in zip(y_test, guess):
    confusion[t, g] += 1
print(confusion)
print("accuracy:", np.trace(confusion) / len(y_test))
