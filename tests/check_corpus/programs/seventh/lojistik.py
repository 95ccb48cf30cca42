# Lojistik regresyon - sinifli (class) hali
# Amac: sinavi gecen / kalan ogrenciyi calisma saatinden tahmin etmek
import numpy as np


class LojistikRegresyon:
    def __init__(self, ogrenme_orani=0.2, tur=400):
        self.oran = ogrenme_orani
        self.tur = tur

    def _sigmoid(self, z):
        # buyuk |z| icin tasmasin diye iki dalli
        out = np.empty_like(z)
        poz = z >= 0
        out[poz] = 1 / (1 + np.exp(-z[poz]))
        ez = np.exp(z[~poz])
        out[~poz] = ez / (1 + ez)
        return out

    def _kayip(self, y, p):
        p = np.clip(p, 1e-12, 1 - 1e-12)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def fit(self, X, y):
        n, d = X.shape
        self.w = np.zeros(d)
        self.b = 0.0
        self.kayiplar = []
        for t in range(self.tur):
            p = self._sigmoid(X @ self.w + self.b)
            self.kayiplar.append(self._kayip(y, p))
            hata = p - y
            dw = X.T @ hata / n
            db = hata.mean()
            self.w -= self.oran * dw
            self.b -= self.oran * db
            if t % 50 == 0:
                print(f"tur {t}: kayip = {self.kayiplar[-1]:.4f}")
        return self

    def predict(self, X):
        return (self._sigmoid(X @ self.w + self.b) >= 0.5).astype(int)


rng = np.random.default_rng(16)
n = 260
saat = rng.uniform(0, 60, n)            # haftalik calisma (saat)
devam = rng.uniform(0, 100, n)          # derse devam (%)
puan = saat + 0.3 * devam + rng.normal(0, 1, n)
net = np.abs(puan - 45) > 6              # sinirda kalanlari (butunleme) at
saat, devam, gecti = saat[net], devam[net], (puan[net] > 45).astype(int)
X = np.column_stack([saat - 30, devam - 50])

model = LojistikRegresyon()
model.fit(X, gecti)
print("son kayip:", round(model.kayiplar[-1], 4))
print("dogruluk:", np.mean(model.predict(X) == gecti))
print("agirliklar:", model.w, model.b)
