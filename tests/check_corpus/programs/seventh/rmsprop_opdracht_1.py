# Opdracht 3B Neurale netwerken - binaire classificatie met leaky ReLU en RMSProp
# studentnr 11873221
import numpy as np

ALPHA = 0.05    # lek van de ReLU


def lrelu(z):
    return np.where(z > 0, z, ALPHA * z)


def d_lrelu(z):
    return np.where(z > 0, 1.0, ALPHA)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def maak_data(n, rng):
    # spelers: afstand tot de vijand en snelheid, vangt hij hem of niet
    afstand = rng.exponential(2.0, n)
    snelheid = rng.exponential(1.0, n)
    y = (snelheid * 2.5 > afstand).astype(float).reshape(n, 1)
    return np.column_stack([afstand, snelheid]), y


def init(rng, nin, nh):
    return {'W1': rng.normal(0, np.sqrt(2 / nin), (nin, nh)), 'b1': np.zeros((1, nh)),
            'W2': rng.normal(0, np.sqrt(2 / nh), (nh, 1)), 'b2': np.zeros((1, 1))}


def voorwaarts(par, X):
    z1 = X @ par['W1'] + par['b1']
    a1 = lrelu(z1)
    p = sigmoid(a1 @ par['W2'] + par['b2'])
    return p, (X, z1, a1)


def kosten(p, y):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def achterwaarts(par, cache, p, y):
    X, z1, a1 = cache
    n = len(y)
    dz2 = (p - y) / n
    gr = {'W2': a1.T @ dz2, 'b2': dz2.sum(axis=0, keepdims=True)}
    dz1 = dz2 @ par['W2'].T * d_lrelu(z1)
    gr['W1'] = X.T @ dz1
    gr['b1'] = dz1.sum(axis=0, keepdims=True)
    return gr


def rmsprop(par, gr, cache, lr=0.005, rho=0.9, eps=1e-8):
    for k in par:
        cache[k] = rho * cache[k] + (1 - rho) * gr[k] ** 2
        par[k] -= lr * gr[k] / (np.sqrt(cache[k]) + eps)


rng = np.random.default_rng(3)
X, y = maak_data(400, rng)
Xt, yt = maak_data(400, rng)
par = init(rng, 2, 15)
cache = {k: np.zeros_like(v) for k, v in par.items()}
beste, geduld = np.inf, 0
for stap in range(4000):
    p, c = voorwaarts(par, X)
    J = kosten(p, y)
    if stap % 500 == 0:
        print('stap', stap, 'kosten', J)
    # stoppen als het 300 stappen niet beter wordt
    if J < beste:
        beste, geduld = J, 0
    else:
        geduld += 1
        if geduld > 300:
            print('gestopt bij', stap)
            break
    rmsprop(par, achterwaarts(par, c, p, y), cache)
p, _ = voorwaarts(par, Xt)
print('juist op testset:', np.mean((p > 0.5) == (yt > 0.5)))
print('kleinste en grootste p:', p.min(), p.max())
