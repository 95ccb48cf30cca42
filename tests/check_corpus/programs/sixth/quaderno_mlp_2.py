#!/usr/bin/env python
# coding: utf-8

# # Laboratorio 4: rete a uno strato nascosto (ReLU + softmax)

# In[1]:

import numpy as np
np.random.seed(10)

# ## 1. Dati: tre gruppi, ognuno diviso in due

# In[2]:

n_per = 60
centri = np.array([[0, 2], [2, 0], [0, -2], [-2, 0], [2.2, 2.2], [-2.2, -2.2]])
classi = np.array([0, 1, 0, 1, 2, 2])
X = np.vstack([c + 0.55 * np.random.randn(n_per, 2) for c in centri])
y = np.repeat(classi, n_per)
N = len(X)
print(X.shape, y.shape)

# ## 2. Parametri

# In[3]:

n_nascosti = 24
W1 = np.random.randn(2, n_nascosti) * np.sqrt(2.0 / 2)
b1 = np.zeros(n_nascosti)
W2 = np.random.randn(n_nascosti, 3) * np.sqrt(2.0 / n_nascosti)
b2 = np.zeros(3)

# ## 3. Passo in avanti

# In[4]:

def avanti(X):
    z1 = X.dot(W1) + b1
    a1 = np.maximum(0, z1)
    punteggi = a1.dot(W2) + b2
    punteggi = punteggi - punteggi.max(axis=1, keepdims=True)
    e = np.exp(punteggi)
    return z1, a1, e / e.sum(axis=1, keepdims=True)

def entropia(prob, y):
    return -np.log(prob[np.arange(len(y)), y] + 1e-12).mean()

# ## 4. Addestramento a mini-lotti

# In[5]:

lr = 0.1
dim_lotto = 30      # 360 / 30 = 12 lotti giusti giusti
for epoca in range(40):
    ordine = np.random.permutation(N)
    X = X[ordine]
    y = y[ordine]
    for i in range(0, N, dim_lotto):
        xb = X[i:i + dim_lotto]
        yb = y[i:i + dim_lotto]
        z1, a1, prob = avanti(xb)

        # errore sullo strato di uscita
        dz2 = prob.copy()
        dz2[np.arange(len(yb)), yb] -= 1
        dz2 /= len(yb)
        dW2 = a1.T.dot(dz2)
        db2 = dz2.sum(axis=0)

        # strato nascosto
        da1 = dz2.dot(W2.T)
        dz1 = da1.copy()
        dz1[z1 <= 0] = 0
        dW1 = xb.T.dot(dz1)
        db1 = dz1.sum()

        W1 -= lr * dW1
        b1 -= lr * db1
        W2 -= lr * dW2
        b2 -= lr * db2
    if epoca % 5 == 0:
        _, _, prob = avanti(X)
        print('epoca %2d   perdita %.4f   acc %.3f' % (epoca, entropia(prob, y), (prob.argmax(axis=1) == y).mean()))

# ## 5. Risultato

# In[6]:

_, _, prob = avanti(X)
print('perdita finale:', entropia(prob, y))
print('accuratezza finale:', (prob.argmax(axis=1) == y).mean())
