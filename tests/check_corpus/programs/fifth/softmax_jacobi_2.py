# softmax no yakobi gyouretsu wo chanto kaku (ensuu mondai 4-2)
# 1 sampuru zutsu, kousa entoropii
import numpy as np

rng = np.random.default_rng(13)

N, D, H, K = 90, 2, 8, 3
chuushin = np.array([[0.0, 1.6], [-1.5, -0.8], [1.5, -0.8]])
raberu = np.arange(N) % K
X = chuushin[raberu] + 0.6 * rng.standard_normal((N, D))
T = np.eye(K)[raberu]

W = 0.5 * rng.standard_normal((H, D))
b = np.zeros(H)
V = 0.5 * rng.standard_normal((K, H))
c = np.zeros(K)


def softmax(u):
    e = np.exp(u - u.max())
    return e / e.sum()


def yakobi(p):
    # dp_i / du_j = p_i (delta_ij - p_j)
    return np.diag(p) - np.outer(p, p)


def keisan(x):
    h = np.tanh(W @ x + b)
    return h, softmax(V @ h + c)


def koubai(x, t):
    h, p = keisan(x)
    dp = p - t
    du = yakobi(p).T @ dp
    dh = V.T @ du
    ds = dh * (1 - h ** 2)
    return np.outer(ds, x), ds, np.outer(du, h), du


def son():
    return -np.mean([np.log(max(t @ keisan(x)[1], 1e-12)) for x, t in zip(X, T)])


mu = 0.05
for kai in range(61):
    if kai % 10 == 0:
        atari = np.mean([keisan(x)[1].argmax() == r for x, r in zip(X, raberu)])
        print("kai", kai, " son", round(float(son()), 4), " seikai", round(float(atari), 3))
    for n in rng.permutation(N):
        gW, gb, gV, gc = koubai(X[n], T[n])
        W -= mu * gW
        b -= mu * gb
        V -= mu * gV
        c -= mu * gc
