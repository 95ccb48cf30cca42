# XOR problemi, kutuphane yok, sadece Python
# 2 giris - 3 gizli noron - 1 cikis
import math
import random

random.seed(8)

veri = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]

GIZLI = 3
ogrenme_hizi = 0.8


def sig(z):
    return 1 / (1 + math.exp(-z))


# agirliklar
w1 = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(GIZLI)]
b1 = [random.uniform(-1, 1) for _ in range(GIZLI)]
w2 = [random.uniform(-1, 1) for _ in range(GIZLI)]
b2 = random.uniform(-1, 1)


def ileri(x):
    gizli = []
    for k in range(GIZLI):
        z = b1[k]
        for j in range(2):
            z += w1[k][j] * x[j]
        gizli.append(sig(z))
    z = b2
    for k in range(GIZLI):
        z += w2[k] * gizli[k]
    return gizli, sig(z)


for tur in range(8001):
    toplam_hata = 0
    random.shuffle(veri)
    for x, hedef in veri:
        gizli, cikis = ileri(x)
        toplam_hata += (hedef - cikis) ** 2 / 2

        # geri yayilim
        delta_cikis = (cikis - hedef) * cikis * (1 - cikis)
        delta_gizli = []
        for k in range(GIZLI):
            delta_gizli.append(delta_cikis * w2[k] * gizli[k] * (1 - gizli[k]))

        # guncelleme
        for k in range(GIZLI):
            w2[k] -= ogrenme_hizi * delta_cikis * gizli[k]
            b2 -= ogrenme_hizi * delta_cikis * gizli[k]
        for k in range(GIZLI):
            for j in range(2):
                w1[k][j] -= ogrenme_hizi * delta_gizli[k] * x[j]
            b1[k] -= ogrenme_hizi * delta_gizli[k]

    if tur % 1000 == 0:
        print("tur", tur, "hata", round(toplam_hata, 5))

print("Sonuc:")
for x, hedef in sorted(veri):
    print(x, "->", round(ileri(x)[1], 3), "(beklenen", hedef, ")")
