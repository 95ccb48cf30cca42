"""
Classificazione di spettri IR simulati (due sostanze + miscela) con batch normalization.
Chimico che impara le reti: ogni pezzo e' una funzione avanti / indietro.
"""
import numpy as np

gen = np.random.default_rng(33)
onda = np.linspace(0, 1, 40)


def picco(centro, larghezza):
    return np.exp(-0.5 * ((onda - centro) / larghezza) ** 2)


def spettri(n):
    classe = gen.integers(0, 3, n)
    dati = np.zeros((n, onda.size))
    for i, c in enumerate(classe):
        fa = [1.0, 0.0, 0.5][c] + 0.1 * gen.normal()
        s = fa * (picco(0.3, 0.05) + 0.5 * picco(0.7, 0.03))
        s = s + (1 - fa) * (picco(0.36, 0.05) + 0.6 * picco(0.62, 0.04))
        s = s * gen.uniform(0.7, 1.4)                       # cammino ottico
        s = s + gen.uniform(0, 0.3) + 0.05 * gen.normal(size=onda.size)
        dati[i] = s
    return dati, classe


def affine_avanti(x, W, b):
    return x @ W + b, (x, W)


def affine_indietro(dout, mem):
    x, W = mem
    return dout @ W.T, x.T @ dout, dout.sum(axis=0)


def bn_avanti(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    var = x.var(axis=0)
    istd = 1.0 / np.sqrt(var + eps)
    xn = (x - mu) * istd
    return gamma * xn + beta, (xn, istd, gamma), mu, var


def bn_indietro(dout, mem):
    xn, istd, gamma = mem
    dgamma = np.sum(dout * xn, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxn = dout * gamma
    dx = istd * dxn
    return dx, dgamma, dbeta


def softmax_perdita(punti, t):
    z = punti - punti.max(axis=1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    N = len(t)
    perdita = -logp[np.arange(N), t].mean()
    d = np.exp(logp)
    d[np.arange(N), t] -= 1
    return perdita, d / N


X, t = spettri(480)
Xp, tp = spettri(200)

nascosti = 20
P = {
    'W1': gen.normal(size=(40, nascosti)) * 0.2, 'b1': np.zeros(nascosti),
    'gamma': np.ones(nascosti), 'beta': np.zeros(nascosti),
    'W2': gen.normal(size=(nascosti, 3)) * 0.2, 'b2': np.zeros(3),
}
mu_corrente, var_corrente = np.zeros(nascosti), np.ones(nascosti)
passo = 0.2

for epoca in range(40):
    perm = gen.permutation(len(X))
    somma = 0.0
    for k in range(0, len(X), 48):
        q = perm[k:k + 48]
        a1, m1 = affine_avanti(X[q], P['W1'], P['b1'])
        n1, mbn, mu, var = bn_avanti(a1, P['gamma'], P['beta'])
        h = np.maximum(n1, 0)
        punti, m2 = affine_avanti(h, P['W2'], P['b2'])
        perdita, d = softmax_perdita(punti, t[q])
        somma += perdita * len(q)

        G = {}
        d, G['W2'], G['b2'] = affine_indietro(d, m2)
        d = d * (n1 > 0)
        d, G['gamma'], G['beta'] = bn_indietro(d, mbn)
        _, G['W1'], G['b1'] = affine_indietro(d, m1)

        for nome in G:
            P[nome] -= passo * G[nome]
        mu_corrente = 0.9 * mu_corrente + 0.1 * mu
        var_corrente = 0.9 * var_corrente + 0.1 * var
    if epoca % 10 == 9:
        print(f'epoca {epoca + 1:3d}   perdita {somma / len(X):.4f}')

# prova: si usano le statistiche correnti
a1 = Xp @ P['W1'] + P['b1']
n1 = P['gamma'] * (a1 - mu_corrente) / np.sqrt(var_corrente + 1e-5) + P['beta']
scelta = np.argmax(np.maximum(n1, 0) @ P['W2'] + P['b2'], axis=1)
print('accuratezza sulla prova:', np.mean(scelta == tp))
