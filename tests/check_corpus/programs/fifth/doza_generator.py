# logisticheskaya regressiya "doza - otvet", partii otdayot generator
# x i y - stolbtsy (n, 1)
import numpy as np

np.random.seed(5)

n = 230
RAZMER = 32

doza = np.concatenate([np.random.uniform(0, 4, 150), np.random.uniform(4, 10, n - 150)])
veroyatnost = 1 / (1 + np.exp(-(1.3 * doza - 5.0)))
otvet = (np.random.rand(n) < veroyatnost).astype(float)

x = doza.reshape(-1, 1)
y = otvet.reshape(-1, 1)

# odin raz peremeshaem, dalshe idyom po poryadku
poryadok = np.random.permutation(n)
x = x[poryadok]
y = y[poryadok]


def sigma(z):
    return 1 / (1 + np.exp(-z))


def partii(x, y, razmer):
    for nachalo in range(0, len(x), razmer):
        yield x[nachalo:nachalo + razmer], y[nachalo:nachalo + razmer]


def epokhi(skolko):
    """generator: na kazhdom shage obuchaet odnu epokhu i vydayot (nomer, w, b)"""
    w, b = 0.0, 0.0
    lr = 0.08
    for e in range(skolko):
        for xb, yb in partii(x, y, RAZMER):
            p = sigma(w * xb + b)
            d = p - yb
            grad_w = np.mean(d * xb)
            grad_b = np.mean(d)
            w -= lr * grad_w
            b -= lr * grad_b
        yield e, w, b


def poteri(w, b):
    z = w * x + b
    # log(1+e^z) - y z, bez perepolneniya
    return np.mean(np.logaddexp(0, z) - y * z)


for e, w, b in epokhi(600):
    if e % 100 == 0:
        print("epokha", e, "poteri", round(poteri(w, b), 4), "w", round(w, 3), "b", round(b, 3))

print("polovinnaya doza ED50 =", round(-b / w, 3), "(istinnaya 3.846)")
