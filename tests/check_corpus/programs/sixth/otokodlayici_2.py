# Otokodlayıcı (autoencoder), bağlı ağırlıklar: kod çözücü W.T kullanıyor
# 10 boyutlu veri aslında 2 boyutlu bir yüzeyde duruyor
import numpy as np

rng = np.random.default_rng(0)


def veri(n=200, boyut=10):
    u = rng.uniform(-1, 1, size=(n, 2))
    A = rng.normal(size=(2, boyut))
    X = np.tanh(u @ A) + 0.02 * rng.normal(size=(n, boyut))
    return X


def kodla(p, X):
    return np.tanh(X @ p["W"] + p["b"])


def coz(p, h):
    return h @ p["W"].T + p["c"]


def kayip(p, X):
    fark = coz(p, kodla(p, X)) - X
    return np.sum(fark ** 2) / (2 * len(X))


def gradyan(p, X):
    n = len(X)
    h = kodla(p, X)
    cikis = coz(p, h)
    d_cikis = (cikis - X) / n                 # (n, boyut)
    d_h = d_cikis @ p["W"]                    # (n, kod)
    d_z = d_h * (1 - np.tanh(h) ** 2)
    # W iki yerde geçiyor: kodlayıcıda ve çözücüde
    dW = X.T @ d_z
    dW += d_cikis.T @ h
    db = d_z.sum(axis=0)
    dc = d_cikis.sum(axis=0)
    return {"W": dW, "b": db, "c": dc}


if __name__ == "__main__":
    X = veri()
    boyut, kod = X.shape[1], 3
    p = {
        "W": rng.normal(0, 0.3, size=(boyut, kod)),
        "b": np.zeros(kod),
        "c": np.zeros(boyut),
    }
    ogrenme = 0.05
    for i in range(3001):
        g = gradyan(p, X)
        for ad in p:
            p[ad] -= ogrenme * g[ad]
        if i % 500 == 0:
            print("adım %4d  yeniden kurma hatası %.5f" % (i, kayip(p, X)))
    ilk = X[0]
    print("ilk örnek   :", np.round(ilk, 2))
    print("kurulan hali:", np.round(coz(p, kodla(p, ilk[None]))[0], 2))
