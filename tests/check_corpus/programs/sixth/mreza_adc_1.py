# Raspoznavanje geste iz sirovih ocitanja 10-bitnog ADC-a (0..1023)
# Duboka mreza: 6 -> 12 (ReLU) -> 8 (ReLU) -> 3 (softmax), uzorci su u stupcima
import numpy as np

np.random.seed(21)


def napravi_podatke(m):
    Y = np.zeros((3, m))
    X = np.zeros((6, m))
    uzorci = np.array([[900, 700, 300, 100, 80, 60],
                       [100, 300, 800, 850, 300, 90],
                       [60, 90, 120, 350, 700, 950]], dtype=float)
    for i in range(m):
        k = i % 3
        X[:, i] = np.clip(uzorci[k] * np.random.uniform(0.6, 1.1) + 90 * np.random.randn(6), 0, 1023)
        Y[k, i] = 1
    return X, Y


def inicijaliziraj(dim):
    par = {}
    for l in range(1, len(dim)):
        par['W%d' % l] = np.random.randn(dim[l], dim[l - 1]) * np.sqrt(2.0 / dim[l - 1])
        par['b%d' % l] = np.zeros((dim[l], 1))
    return par


def softmax(Z):
    """Softmax po stupcima, za bilo kakav Z."""
    e = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True)


def unaprijed(X, par):
    L = len(par) // 2
    spremnik = {'A0': X}
    A = X
    for l in range(1, L + 1):
        Z = par['W%d' % l] @ A + par['b%d' % l]
        A = softmax(Z) if l == L else np.maximum(0, Z)
        spremnik['Z%d' % l], spremnik['A%d' % l] = Z, A
    return A, spremnik


def gubitak(A, Y):
    return -np.sum(Y * np.log(A + 1e-15)) / Y.shape[1]


def unatrag(Y, par, sp):
    L = len(par) // 2
    m = Y.shape[1]
    grad = {}
    dZ = sp['A%d' % L] - Y
    for l in range(L, 0, -1):
        grad['dW%d' % l] = dZ @ sp['A%d' % (l - 1)].T / m
        grad['db%d' % l] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dA = par['W%d' % l].T @ dZ
            dZ = dA * (dA > 0)
    return grad


X, Y = napravi_podatke(240)
par = inicijaliziraj([6, 12, 8, 3])
alfa = 1e-6
for it in range(1501):
    A, sp = unaprijed(X, par)
    grad = unatrag(Y, par, sp)
    for l in range(1, len(par) // 2 + 1):
        par['W%d' % l] = par['W%d' % l] - alfa * grad['dW%d' % l]
        par['b%d' % l] = par['b%d' % l] - alfa * grad['db%d' % l]
    if it % 250 == 0:
        tocnost = np.mean(A.argmax(axis=0) == Y.argmax(axis=0))
        print('iteracija %4d   gubitak %8.4f   tocnost %.3f' % (it, gubitak(A, Y), tocnost))
