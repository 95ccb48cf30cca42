# Regresi logistik dari nol
# kredit disetujui atau tidak, dari gaji dan cicilan
import numpy as np

np.random.seed(17)


def sigmoid(z):
    # bentuk stabil untuk z positif dan negatif
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def buat_data(n):
    gaji = np.random.lognormal(1.8, 0.9, n)      # juta rupiah per bulan
    cicilan = np.random.lognormal(1.0, 0.7, n)
    skor = gaji - 1.5 * cicilan - 0.5
    X = np.column_stack((gaji, cicilan))
    y = (skor > 0).astype(float)
    return X, y.reshape(-1, 1)


def hitung_loss(p, y, w, lam):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    ce = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return ce + lam / 2 * np.sum(w ** 2)


def hitung_gradien(X, y, p, w, lam):
    n = len(X)
    selisih = p - y
    dw = X.T @ selisih / n + lam * w
    db = np.mean(selisih)
    return dw, db


def latih(X, y, alpha=0.5, lam=1e-4, iterasi=1500):
    w = np.zeros((X.shape[1], 1))
    b = 0.0
    terbaik = (np.inf, w, b)
    for it in range(iterasi):
        p = sigmoid(X @ w + b)
        loss = hitung_loss(p, y, w, lam)
        if loss < terbaik[0]:
            terbaik = (loss, w, b)
        if it % 250 == 0:
            print("iterasi", it, "loss =", round(float(loss), 5))
        dw, db = hitung_gradien(X, y, p, w, lam)
        w = w - alpha * dw
        b = b + alpha * db
    return terbaik


if __name__ == "__main__":
    X, y = buat_data(100)
    rata, simpangan = X.mean(axis=0), X.std(axis=0)
    X = (X - rata) / simpangan
    loss, w, b = latih(X, y)
    print("loss terbaik:", round(float(loss), 5))
    print("bobot:", w.ravel(), "bias:", b)

    X_uji, y_uji = buat_data(100)
    X_uji = (X_uji - rata) / simpangan
    tebakan = (sigmoid(X_uji @ w + b) >= 0.5).astype(float)
    print("akurasi data uji: %.1f%%" % (100 * np.mean(tebakan == y_uji)))
