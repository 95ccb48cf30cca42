# Perceptron ile iki çiçek türünü ayırma  (Ödev 1)
# numpy yok, sadece listeler
import random

AYAR = {"eta": 0.1, "tur": 100, "tohum": 7, "n": 80}


def veri_uret(n, rnd):
    """Yarısı kısa yapraklı (-1), yarısı uzun yapraklı (+1)"""
    X, y = [], []
    for i in range(n):
        if i < n // 2:
            X.append([rnd.gauss(3.6, 0.4), rnd.gauss(1.3, 0.2)])
            y.append(-1)
        else:
            X.append([rnd.gauss(4.8, 0.4), rnd.gauss(2.1, 0.2)])
            y.append(1)
    return X, y


def skor(model, x):
    s = model["b"]
    for wj, xj in zip(model["w"], x):
        s += wj * xj
    return s


def tahmin(model, x):
    return 1 if skor(model, x) >= 0 else -1


def egit(X, y, ayar, rnd):
    model = {"w": [0.0] * len(X[0]), "b": 0.0}
    sira = list(range(len(X)))
    for t in range(ayar["tur"]):
        rnd.shuffle(sira)          # her turda farklı sıra
        hata = 0
        for i in sira:
            if tahmin(model, X[i]) != y[i]:
                hata += 1
                # kural: w <- w + eta * y * x
                for j in range(len(model["w"])):
                    model["w"][j] += ayar["eta"] * y[i] * X[i][j]
        if t % 5 == 0:
            print("tur", t, "yanlış sayısı:", hata)
        if hata == 0:
            print("tur", t, "-> hepsi doğru, bitti")
            break
    return model


def dogruluk(model, X, y):
    dogru = sum(1 for xi, yi in zip(X, y) if tahmin(model, xi) == yi)
    return dogru / len(y)


if __name__ == "__main__":
    rnd = random.Random(AYAR["tohum"])
    X, y = veri_uret(AYAR["n"], rnd)
    Xt, yt = veri_uret(40, rnd)
    model = egit(X, y, AYAR, rnd)
    print("w =", [round(v, 3) for v in model["w"]], " b =", round(model["b"], 3))
    print("eğitim doğruluğu: %.3f" % dogruluk(model, X, y))
    print("test doğruluğu:   %.3f" % dogruluk(model, Xt, yt))
