# Rete con batch normalization sullo strato nascosto (leaky ReLU)
# problema: classificare punti di una scacchiera 3x3, uscita logistica
import numpy as np

np.random.seed(21)

N = 600
X = np.random.uniform(0, 3, (N, 2))
y = ((np.floor(X[:, 0]) + np.floor(X[:, 1])) % 2).reshape(-1, 1)
X = (X - 1.5) / 1.5
X_tr, y_tr = X[:500], y[:500]
X_te, y_te = X[500:], y[500:]

nh = 40
par = {
    'W1': np.random.randn(2, nh),
    'gamma': np.ones(nh),
    'beta': np.zeros(nh),
    'W2': np.random.randn(nh, nh) * np.sqrt(2. / nh),
    'b2': np.zeros(nh),
    'W3': np.random.randn(nh, 1) * np.sqrt(1. / nh),
    'b3': np.zeros(1),
}
# medie mobili per la fase di test
media_m, var_m = np.zeros(nh), np.ones(nh)
PEND, EPS, MOM = 0.1, 1e-5, 0.9


def leaky(z):
    return np.where(z > 0, z, PEND * z)


def d_leaky(z):
    return np.where(z > 0, 1.0, PEND)


def prob(z):
    return 1 / (1 + np.exp(-z))


def passo(x, t):
    """forward + backward su un mini-batch, restituisce costo e gradienti"""
    global media_m, var_m
    n = len(x)
    # --- avanti
    u = x @ par['W1']                   # niente bias: c'e' gia' beta
    mu = u.mean(0)
    var = u.var(0)
    istd = 1 / np.sqrt(var + EPS)
    uh = (u - mu) * istd
    z1 = par['gamma'] * uh + par['beta']
    a1 = leaky(z1)
    z2 = a1 @ par['W2'] + par['b2']
    a2 = leaky(z2)
    z3 = a2 @ par['W3'] + par['b3']
    costo = np.mean(np.logaddexp(0, z3) - t * z3)
    media_m = MOM * media_m + (1 - MOM) * mu
    var_m = MOM * var_m + (1 - MOM) * var

    # --- indietro
    g = {}
    d3 = (prob(z3) - t) / n
    g['W3'] = a2.T @ d3
    g['b3'] = d3.sum(0)
    d2 = (d3 @ par['W3'].T) * d_leaky(z2)
    g['W2'] = a1.T @ d2
    g['b2'] = d2.sum(0)
    d1 = (d2 @ par['W2'].T) * d_leaky(z1)
    g['gamma'] = (d1 * uh).sum(0)
    g['beta'] = d1.sum(0)
    duh = d1 * par['gamma']
    du = istd * duh
    g['W1'] = x.T @ du
    return costo, g


def predici(x):
    uh = (x @ par['W1'] - media_m) / np.sqrt(var_m + EPS)
    a1 = leaky(par['gamma'] * uh + par['beta'])
    a2 = leaky(a1 @ par['W2'] + par['b2'])
    return a2 @ par['W3'] + par['b3'] > 0


vel = {k: np.zeros_like(w) for k, w in par.items()}
for epoca in range(80):
    ordine = np.random.permutation(len(X_tr))
    tot = 0
    for s in range(0, len(X_tr), 50):
        ii = ordine[s:s + 50]
        costo, g = passo(X_tr[ii], y_tr[ii])
        for k in par:
            vel[k] = 0.9 * vel[k] - 0.05 * g[k]
            par[k] += vel[k]
        tot += costo * len(ii)
    if epoca % 20 == 19:
        print('epoca %d: costo %.4f, accuratezza test %.3f'
              % (epoca + 1, tot / len(X_tr), np.mean(predici(X_te) == (y_te == 1))))
