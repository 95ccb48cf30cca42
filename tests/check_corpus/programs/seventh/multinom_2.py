# Regressione logistica multinomiale (3 partiti) stimata con gradiente stocastico
# variabili: età, reddito, istruzione (standardizzate)
import numpy as np

gen = np.random.default_rng(2022)

n = 600
eta = gen.normal(48, 15, n)
reddito = gen.lognormal(3.2, 0.4, n)
istr = gen.integers(5, 19, n)
X = np.column_stack([eta, reddito, istr]).astype(float)
X = (X - X.mean(axis=0)) / X.std(axis=0)

B_vero = np.array([[0.9, -0.6, 0.0],
                   [-0.4, 0.8, 0.1],
                   [0.2, 0.5, -1.0]])
a_vero = np.array([0.3, 0.0, -0.2])
u = X @ B_vero + a_vero + gen.gumbel(size=(n, 3))
scelta = u.argmax(axis=1)
Y = np.eye(3)[scelta]


def softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def logver(B, a):
    """log-verosimiglianza media"""
    P = softmax(X @ B + a)
    return np.mean(np.log(P[np.arange(n), scelta]))


B = np.zeros((3, 3))
a = np.zeros(3)
passo = 0.2
m = 50          # 600 = 12 * 50

for epoca in range(60):
    idx = gen.permutation(n)
    for s in range(0, n, m):
        sel = idx[s:s + m]
        P = softmax(X[sel] @ B + a)
        diff = (P - Y[s:s + m]) / m
        gB = X[sel].T @ diff
        ga = diff.sum(axis=0)
        B -= passo * gB
        a -= passo * ga
    if epoca % 10 == 0:
        print("epoca %2d   logL media %.4f" % (epoca, logver(B, a)))

# contrasti rispetto al partito 3 (gli unici identificati)
print("stimati:\n", np.round(B - B[:, [2]], 2))
print("veri:\n", np.round(B_vero - B_vero[:, [2]], 2))
print("classificati bene:", np.mean(softmax(X @ B + a).argmax(1) == scelta))
