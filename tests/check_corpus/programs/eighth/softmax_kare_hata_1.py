"""
Uc sinifli (alcak / orta / yuksek) basit siniflandirma.
Hocanin odevi: son katman softmax, kayip fonksiyonu KARE HATA olacak.
Turev zincirini elle cikardim, softmax jakobiyeni ornek ornek hesaplaniyor.
"""
import numpy as np


def veri_uret(n, uretec):
    # sicaklik, nem, basinc  ->  risk seviyesi
    x = uretec.normal(size=(n, 3))
    puan = 1.2 * x[:, 0] - 0.7 * x[:, 1] + 0.4 * x[:, 0] * x[:, 2]
    sinif = np.digitize(puan, [-0.6, 0.6])
    return x, np.eye(3)[sinif]


def softmax(v):
    e = np.exp(v - np.max(v))
    return e / np.sum(e)


def softmax_jakobiyen(s):
    return np.diag(s * (1 - s))


class Ag:
    def __init__(self, giris, gizli, cikis, uretec):
        self.A = uretec.normal(scale=0.6, size=(gizli, giris))
        self.a = np.zeros(gizli)
        self.B = uretec.normal(scale=0.6, size=(cikis, gizli))
        self.b = np.zeros(cikis)

    def tahmin(self, x):
        g = np.tanh(self.A @ x + self.a)
        return g, softmax(self.B @ g + self.b)

    def egit(self, x, t, hiz):
        g, s = self.tahmin(x)
        fark = s - t
        delta2 = softmax_jakobiyen(s) @ fark
        delta1 = (self.B.T @ delta2) * (1 - g ** 2)
        self.B -= hiz * np.outer(delta2, g)
        self.b -= hiz * delta2
        self.A -= hiz * np.outer(delta1, x)
        self.a -= hiz * delta1
        return 0.5 * np.sum(fark ** 2)


uretec = np.random.default_rng(4)
X, T = veri_uret(250, uretec)
Xt, Tt = veri_uret(250, uretec)
ag = Ag(3, 8, 3, uretec)

for devir in range(1, 61):
    toplam = 0.0
    for i in uretec.permutation(len(X)):
        toplam += ag.egit(X[i], T[i], 0.2)
    if devir % 15 == 0 or devir == 1:
        print(f"devir {devir:3d}  ortalama kare hata {toplam / len(X):.4f}")

dogru = 0
for x, t in zip(Xt, Tt):
    _, s = ag.tahmin(x)
    dogru += int(np.argmax(s) == np.argmax(t))
print("test basarisi: %", 100 * dogru / len(Xt))
