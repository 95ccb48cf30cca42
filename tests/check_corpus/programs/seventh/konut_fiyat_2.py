# Konut fiyatı tahmini - çoklu doğrusal regresyon, saf Python (numpy yok)
# fiyat (milyon TL) ~ metrekare, bina yaşı, merkeze uzaklık
import random

random.seed(34)

evler = []
fiyatlar = []
for _ in range(150):
    m2 = random.uniform(50, 200)
    yas = random.uniform(0, 40)
    uzak = random.uniform(1, 25)
    fiyat = 1.0 + 0.03 * m2 - 0.02 * yas - 0.08 * uzak + random.gauss(0, 0.3)
    evler.append([m2, yas, uzak])
    fiyatlar.append(fiyat)

n = len(evler)
d = 3

# standartlaştırma
ort = [sum(e[j] for e in evler) / n for j in range(d)]
ss = [(sum((e[j] - ort[j]) ** 2 for e in evler) / n) ** 0.5 for j in range(d)]
X = [[(e[j] - ort[j]) / ss[j] for j in range(d)] for e in evler]

w = [0.0] * d
b = 0.0
alfa = 0.1


def tahmin(x):
    return sum(wj * xj for wj, xj in zip(w, x)) + b


def okh():
    # ortalama kare hata
    return sum((tahmin(x) - y) ** 2 for x, y in zip(X, fiyatlar)) / n


for adim in range(301):
    grad_w = [0.0] * d
    grad_b = 0.0
    for x, y in zip(X, fiyatlar):
        hata = tahmin(x) - y
        for j in range(d):
            grad_w[j] += 2 * hata * x[j] / n
        grad_b += 2 * hata / n
    for j in range(d):
        w[j] -= alfa * grad_w[j]
    b += alfa * grad_b
    if adim % 50 == 0:
        print("adım", adim, "OKH", round(okh(), 4))

# katsayıları özgün birimlere çevir
print("m2 başına     :", round(w[0] / ss[0], 4))
print("yaş başına    :", round(w[1] / ss[1], 4))
print("km başına     :", round(w[2] / ss[2], 4))
yeni = [120, 5, 8]
print("120 m2, 5 yaş, 8 km ->", round(tahmin([(yeni[j] - ort[j]) / ss[j] for j in range(d)]), 2), "milyon TL")
