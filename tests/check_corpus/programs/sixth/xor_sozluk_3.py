# XOR problemi, 2-4-1 yapay sinir ağı
# parametreler sözlükte: W1, b1, W2, b2
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_turev(z):
    s = sigmoid(z)
    return s * (1 - s)


def katman(giris, cikis, rng):
    return rng.normal(0, 1, size=(giris, cikis))


def baslat(ayar):
    rng = np.random.default_rng(ayar["tohum"])
    return {
        "W1": katman(2, ayar["gizli"], rng),
        "b1": np.zeros(ayar["gizli"]),
        "W2": katman(ayar["gizli"], 1, rng),
        "b2": np.zeros(1),
    }


def ileri(p, X):
    z1 = X @ p["W1"] + p["b1"]
    a1 = sigmoid(z1)
    z2 = a1 @ p["W2"] + p["b2"]
    a2 = sigmoid(z2)
    return z1, a1, z2, a2


def egit(X, y, ayar):
    p = baslat(ayar)
    lr = ayar["lr"]
    N = len(X)
    for adim in range(ayar["adim"]):
        # ileri
        z1, a1, z2, a2 = ileri(p, X)
        kayip = np.mean((a2 - y) ** 2) / 2

        # geri
        d2 = (a2 - y) * sigmoid_turev(z2) / N
        dW2 = a1.T @ d2
        p["W2"] -= lr * dW2
        p["b2"] -= lr * d2.sum(axis=0)

        d1 = (d2 @ p["W2"].T) * sigmoid_turev(z1)
        dW1 = X.T @ d1
        p["W1"] -= lr * dW1
        p["b1"] -= lr * d1.sum(axis=0)

        if adim % 1000 == 0:
            print(f"adım {adim:5d}  kayıp {kayip:.6f}")
    return p


if __name__ == "__main__":
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    y = np.array([[0], [1], [1], [0]], dtype=float)
    ayar = {"gizli": 4, "lr": 3.0, "adim": 6000, "tohum": 4}
    p = egit(X, y, ayar)
    cikti = ileri(p, X)[-1]
    for xi, oi, yi in zip(X, cikti, y):
        print(xi, "->", round(float(oi[0]), 3), " beklenen", int(yi[0]))
