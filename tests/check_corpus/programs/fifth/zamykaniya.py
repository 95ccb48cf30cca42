# sloi kak zamykaniya: kazhdy sloy - para funktsiy (vpered, nazad)
# podgonka zashumlennoy krivoy, MSE, obychny gradientny spusk
import numpy as np

rng = np.random.default_rng(3)


def lineyny(n_vkhod, n_vykhod, shag):
    W = rng.normal(0.0, 1.0 / np.sqrt(n_vkhod), (n_vkhod, n_vykhod))
    b = np.zeros(n_vykhod)
    vkhod = None

    def vpered(x):
        nonlocal vkhod
        vkhod = x
        return x @ W + b

    def nazad(g):
        nonlocal W, b
        g_vkhod = g @ W.T
        W = W - shag * (vkhod.T @ g)
        b = b - shag * g.sum(axis=0)
        return g_vkhod

    return vpered, nazad


def tangens():
    vykhod = None

    def vpered(x):
        nonlocal vykhod
        vykhod = np.tanh(x)
        return vykhod

    def nazad(g):
        return g * (1 - vykhod ** 2)

    return vpered, nazad


def set_iz(*sloi):
    def vpered(x):
        for f, _ in sloi:
            x = f(x)
        return x

    def nazad(g):
        for _, n in reversed(sloi):
            g = n(g)
        return g

    return vpered, nazad


def dannye(n):
    x = rng.uniform(-2, 2, (n, 1))
    y = np.sin(2 * x) + 0.3 * x ** 2 + 0.05 * rng.normal(size=(n, 1))
    return x, y


x_ob, y_ob = dannye(100)
x_pr, y_pr = dannye(100)

SHAG = 0.05
predskaz, obratno = set_iz(
    lineyny(1, 20, SHAG), tangens(),
    lineyny(20, 20, SHAG), tangens(),
    lineyny(20, 1, SHAG),
)

for epokha in range(2001):
    raznost = predskaz(x_ob) - y_ob
    oshibka = np.mean(raznost ** 2)
    obratno(2 * raznost / len(x_ob))
    if epokha % 400 == 0:
        proverka = np.mean((predskaz(x_pr) - y_pr) ** 2)
        print(f"epokha {epokha:5d}  obuchenie {oshibka:.5f}  proverka {proverka:.5f}")
