# Küçük bir regresyon ağı: öğrenme oranı çizelgesi, gradyan kırpma, erken durdurma
import numpy as np

rng = np.random.default_rng(23)


def veri(n):
    x = rng.uniform(-3, 3, (n, 1))
    y = np.sin(2 * x) + 0.3 * x + 0.25 * rng.standard_normal((n, 1))
    return x, y


def baslat(gizli):
    return {
        "W1": rng.standard_normal((1, gizli)) * 1.5,
        "b1": rng.standard_normal(gizli),
        "W2": rng.standard_normal((gizli, 1)) / np.sqrt(gizli),
        "b2": np.zeros(1),
    }


def ileri(p, x):
    h = np.tanh(x @ p["W1"] + p["b1"])
    return h @ p["W2"] + p["b2"], h


def kayip(p, x, y):
    return 0.5 * np.mean((ileri(p, x)[0] - y) ** 2)


def gradyan(p, x, y):
    tahmin, h = ileri(p, x)
    d2 = (tahmin - y) / len(x)
    d1 = d2 @ p["W2"].T * (1 - h ** 2)
    return {"W1": x.T @ d1, "b1": d1.sum(axis=0),
            "W2": h.T @ d2, "b2": d2.sum(axis=0)}


def kirp(g, sinir):
    """bütün gradyanların ortak normu sınırı aşarsa ölçekle"""
    norm = np.sqrt(sum(np.sum(v ** 2) for v in g.values()))
    if norm > sinir:
        g = {k: v * (norm / sinir) for k, v in g.items()}
    return g


def oran(epok, ilk=0.3, yari=60):
    return ilk * 0.5 ** (epok / yari)


def egit(x, y, x_dog, y_dog, gizli=25, epok_sayisi=200, paket=10, sinir=0.5, sabir=40):
    p = baslat(gizli)
    en_iyi, en_iyi_p, bekleme = np.inf, None, 0
    for epok in range(epok_sayisi):
        sira = rng.permutation(len(x))
        lr = oran(epok)
        for i in range(0, len(x), paket):
            s = sira[i:i + paket]
            g = kirp(gradyan(p, x[s], y[s]), sinir)
            for k in p:
                p[k] -= lr * g[k]
        dog = kayip(p, x_dog, y_dog)
        if dog < en_iyi:
            en_iyi, bekleme = dog, 0
            en_iyi_p = {k: v.copy() for k, v in p.items()}
        else:
            bekleme += 1
            if bekleme >= sabir:
                print("erken durdurma, epok", epok)
                break
        if epok % 25 == 0:
            print(f"epok {epok:3d}  eğitim {kayip(p, x, y):.4f}  doğrulama {dog:.4f}")
    return en_iyi_p, en_iyi


x, y = veri(40)
x_dog, y_dog = veri(40)
p, en_iyi = egit(x, y, x_dog, y_dog)
print("en iyi doğrulama kaybı:", round(en_iyi, 4))
print("geri yüklenen ağırlıklarla:", round(kayip(p, x_dog, y_dog), 4))
