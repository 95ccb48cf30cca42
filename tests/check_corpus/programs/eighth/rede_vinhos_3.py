# Rede neural do zero - classificar vinhos (dados inventados, 3 castas)
# 2 camadas ocultas, ReLU, softmax + entropia cruzada, L2 e mini-lotes
import numpy as np


def gerar_vinhos(n, rng):
    centros = np.array([
        [13.5, 2.0, 2.4, 17.0, 2.9],
        [12.3, 1.9, 2.2, 20.0, 2.1],
        [13.1, 3.2, 2.4, 21.0, 0.9],
    ])
    desvios = np.array([0.6, 0.9, 0.3, 2.5, 0.6])
    casta = rng.integers(0, 3, n)
    X = centros[casta] + rng.normal(size=(n, 5)) * desvios
    return X, casta


def iniciar(tamanhos, rng):
    par = {}
    for l in range(1, len(tamanhos)):
        par['W%d' % l] = rng.normal(size=(tamanhos[l - 1], tamanhos[l])) * np.sqrt(2 / tamanhos[l - 1])
        par['b%d' % l] = np.zeros((1, tamanhos[l]))
    return par


def softmax(z):
    z = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


def propagar(X, par):
    z1 = X @ par['W1'] + par['b1']
    a1 = np.maximum(0, z1)
    z2 = a1 @ par['W2'] + par['b2']
    a2 = np.maximum(0, z2)
    z3 = a2 @ par['W3'] + par['b3']
    return softmax(z3), (X, z1, a1, z2, a2)


def custo(P, Y, par, lam):
    dados = -np.mean(np.sum(Y * np.log(P + 1e-15), axis=1))
    reg = 0.5 * lam * sum(np.sum(par[k] ** 2) for k in par if k[0] == 'W')
    return dados + reg


def retropropagar_e_atualizar(P, Y, mem, par, lam, lr):
    X, z1, a1, z2, a2 = mem
    n = len(Y)

    dz3 = (P - Y) / n
    dW3 = a2.T @ dz3 + lam * par['W3']
    db3 = np.mean(dz3, axis=0, keepdims=True)

    da2 = dz3 @ par['W3'].T
    dz2 = da2 * (z2 > 0)
    dW2 = a1.T @ dz2 + lam * par['W2']
    db2 = np.mean(dz2, axis=0, keepdims=True)

    da1 = dz2 @ par['W2'].T
    dz1 = da1 * (z1 > 0)
    dW1 = X.T @ dz1 + lam * par['W1']
    db1 = np.mean(dz1, axis=0, keepdims=True)

    par['W3'] -= lr * dW3
    par['b3'] -= lr * db3
    par['W2'] -= lr * dW2
    par['b2'] -= lr * db2
    par['W1'] -= lr * dW1
    par['b1'] -= lr * db1


rng = np.random.default_rng(1910)
X, c = gerar_vinhos(350, rng)
X_teste, c_teste = gerar_vinhos(150, rng)
media, desvio = X.mean(axis=0), X.std(axis=0)
X = (X - media) / desvio
X_teste = (X_teste - media) / desvio
Y = np.eye(3)[c]

par = iniciar([5, 12, 8, 3], rng)
lam, lr, lote = 0.002, 0.1, 32

for epoca in range(1, 61):
    perm = rng.permutation(len(X))
    X_m = X[perm]
    Y_m = Y[perm]
    for i in range(0, len(X), lote):
        xb = X_m[i:i + lote]
        yb = Y_m[i:i + lote]
        P, mem = propagar(xb, par)
        retropropagar_e_atualizar(P, yb, mem, par, lam, lr)
    if epoca % 15 == 0:
        P, _ = propagar(X, par)
        print(f"epoca {epoca:2d} | custo {custo(P, Y, par, lam):.4f}")

P, _ = propagar(X_teste, par)
print("acerto no teste:", np.mean(P.argmax(axis=1) == c_teste))
