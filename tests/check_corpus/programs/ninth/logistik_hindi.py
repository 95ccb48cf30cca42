# Logistic regression bina numpy ke. Fail ya pass: padhai ke ghante aur neend ke ghante
import math
import random


def sigmoid(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    e = math.exp(z)
    return e / (1 + e)


def data_banao(n):
    X, y = [], []
    for _ in range(n):
        padhai = random.uniform(0, 8)
        neend = random.uniform(4, 9)
        ank = 1.2 * padhai + 0.6 * neend - 8.5 + random.gauss(0, 0.8)
        X.append([padhai, neend])
        y.append(1 if ank > 0 else 0)
    return X, y


def saamanya(X):
    """har column ka ausat 0 aur vichlan 1"""
    n = len(X)
    for j in range(len(X[0])):
        ausat = sum(r[j] for r in X) / n
        vichlan = math.sqrt(sum((r[j] - ausat) ** 2 for r in X) / n)
        for r in X:
            r[j] = (r[j] - ausat) / vichlan
    return X


def anuman(model, x):
    z = model["b"]
    for j in range(len(x)):
        z += model["w"][j] * x[j]
    return sigmoid(z)


def nuksaan(model, X, y):
    s = 0.0
    for x, t in zip(X, y):
        p = min(max(anuman(model, x), 1e-12), 1 - 1e-12)
        s -= t * math.log(p) + (1 - t) * math.log(1 - p)
    return s / len(X)


def sikhao(model, X, y, dar, yug, batch):
    n = len(X)
    for k in range(yug):
        kram = list(range(n))
        random.shuffle(kram)
        for s in range(0, n, batch):
            hissa = kram[s:s + batch]
            gw = [0.0] * len(model["w"])
            gb = 0.0
            for i in hissa:
                fark = anuman(model, X[i]) - y[i]
                for j in range(len(gw)):
                    gw[j] += fark * X[i][j]
                gb += fark
            for j in range(len(gw)):
                model["w"][j] -= dar * gw[j] / len(hissa)
            model["b"] -= dar * gb / len(hissa)
        if k % 10 == 0:
            print("yug", k, "nuksaan", round(nuksaan(model, X, y), 4))


if __name__ == "__main__":
    random.seed(6)
    X, y = data_banao(150)
    X = saamanya(X)
    model = {"w": [0.0, 0.0], "b": 0.0}
    sikhao(model, X, y, dar=0.3, yug=50, batch=16)
    sahi = sum((anuman(model, x) > 0.5) == (t == 1) for x, t in zip(X, y))
    print("w =", model["w"], "b =", model["b"])
    print("sahi uttar:", sahi, "/", len(X))
