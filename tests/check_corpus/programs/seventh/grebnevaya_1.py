# Гребневая регрессия градиентным спуском, чистый Python (numpy не ставится на телефон)
# Предсказываем расход топлива по скорости, массе и уклону.
import random

random.seed(2024)


def dannye(n):
    X, y = [], []
    for _ in range(n):
        v = random.uniform(-1, 1)      # уже нормировано
        m = random.uniform(-1, 1)
        u = 0.5 * m + random.uniform(-0.5, 0.5)
        X.append([v, m, u])
        y.append(6.0 + 1.5 * v + 2.0 * m - 1.0 * u + random.gauss(0, 0.2))
    return X, y


def predskaz(w, b, x):
    return b + sum(wi * xi for wi, xi in zip(w, x))


def poterya(w, b, X, y, lam):
    n = len(X)
    s = 0.0
    for x, t in zip(X, y):
        s += (predskaz(w, b, x) - t) ** 2
    return s / n + lam * sum(wi * wi for wi in w)


def obuchit(X, y, lam=0.1, shag=0.1, iteraciy=500):
    n = len(X)
    d = len(X[0])
    w = [0.0] * d
    b = 0.0
    for it in range(iteraciy):
        gw = [0.0] * d
        gb = 0.0
        for x, t in zip(X, y):
            e = predskaz(w, b, x) - t
            for j in range(d):
                gw[j] += 2 * e * x[j] / n
            gb += 2 * e / n
        for j in range(d):
            gw[j] -= 2 * lam * w[j]
        # сам шаг (свободный член не штрафуем)
        for j in range(d):
            w[j] -= shag * gw[j]
        b -= shag * gb
        if it % 100 == 0:
            print("шаг", it, "потеря", round(poterya(w, b, X, y, lam), 5))
    return w, b


X, y = dannye(80)
w, b = obuchit(X, y)
print("итог:", round(poterya(w, b, X, y, 0.1), 5))
print("w =", [round(wi, 4) for wi in w], " b =", round(b, 4))
