# Ridge-regression med polynomier, ren Python (ingen numpy på skolens pc)
# Vi minimerer  1/n * sum (f(x)-y)^2  +  lam * sum w_k^2    (k >= 1, ikke w_0)
import math
import random

random.seed(99)

GRAD = 5
LAM = 0.002
LR = 0.1


def potenser(x):
    return [x ** k for k in range(GRAD + 1)]


def f(w, phi):
    s = 0.0
    for wk, pk in zip(w, phi):
        s += wk * pk
    return s


def tab(w, data):
    mse = 0.0
    for phi, y in data:
        mse += (f(w, phi) - y) ** 2
    return mse / len(data) + LAM * sum(wk ** 2 for wk in w[1:])


def gradient(w, data):
    n = len(data)
    g = [0.0] * len(w)
    for phi, y in data:
        fejl = f(w, phi) - y
        for k in range(len(w)):
            g[k] += 2 * fejl * phi[k] / n
    for k in range(1, len(w)):
        g[k] += 2 * LAM * w[k] / n
    return g


def maaling(x):
    return math.sin(2.5 * x) + 0.3 * x + random.gauss(0, 0.1)


xs = [-1 + 2 * i / 39 for i in range(40)]
data = [(potenser(x), maaling(x)) for x in xs]

w = [random.uniform(-0.1, 0.1) for _ in range(GRAD + 1)]
for trin in range(3001):
    g = gradient(w, data)
    if trin % 500 == 0:
        print("trin %4d   tab %.5f   |grad| %.5f" % (trin, tab(w, data), math.sqrt(sum(gk * gk for gk in g))))
    for k in range(len(w)):
        w[k] -= LR * g[k]

print("koefficienter:", [round(wk, 3) for wk in w])
for x in (-0.75, 0.0, 0.5):
    print("x = %5.2f   model %.3f   sand %.3f" % (x, f(w, potenser(x)), math.sin(2.5 * x) + 0.3 * x))
