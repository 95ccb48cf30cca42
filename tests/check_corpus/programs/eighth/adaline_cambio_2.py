#!/usr/bin/env python
# coding: utf-8

# # ADALINE sul cambio euro/dollaro (dati finti!)
# Quaderno esportato da Jupyter. Provo a prevedere il rendimento di domani
# dai tre rendimenti precedenti, con la regola delta.

# In[1]:


import numpy as np

rng = np.random.RandomState(11)


# In[2]:


# serie finta: AR(3) + rumore, in centesimi di punto
N = 400
r = np.zeros(N)
for t in range(3, N):
    r[t] = 0.55 * r[t-1] - 0.30 * r[t-2] + 0.15 * r[t-3] + 0.4 * rng.randn() + 0.05

X = np.array([[r[t-1], r[t-2], r[t-3]] for t in range(3, N)])
y = r[3:]
print(X.shape, y.shape)


# In[3]:


# standardizzo gli ingressi
media = X.mean(axis=0)
dev = X.std(axis=0)
Xs = (X - media) / dev


# In[4]:


eta = 0.005
n_epoche = 30

w = np.array([0.0, 0.0, 0.0])
b = 0.0
costi = []

for epoca in range(n_epoche):
    # mescolo i giorni
    Xm = rng.permutation(Xs)
    ym = rng.permutation(y)
    costo = 0.0
    for i in range(len(ym)):
        uscita = b
        for j in range(3):
            uscita += w[j] * Xm[i, j]
        errore = ym[i] - uscita
        for j in range(3):
            w[j] += eta * errore * Xm[i, j]
        b += eta * errore
        costo += 0.5 * errore ** 2
    costi.append(costo / len(ym))


# In[5]:


print('costo prima epoca :', round(costi[0], 4))
print('costo ultima epoca:', round(costi[-1], 4))
print('pesi (scala originale):', w / dev)


# In[6]:


# quante volte azzecco il segno?
prev = Xs.dot(w) + b
print('segno giusto: %.1f %%' % (100 * np.mean(np.sign(prev) == np.sign(y))))
