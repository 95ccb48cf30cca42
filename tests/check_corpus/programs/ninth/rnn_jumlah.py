# RNN sederhana: baca deret angka, tebak rata-rata tertimbang (angka terakhir lebih penting)
# BPTT ditulis tangan, satu deret per langkah
import numpy as np

np.random.seed(17)
T, H = 6, 12

Wxh = np.random.randn(H, 1) * 0.5
Whh = np.random.randn(H, H) * 0.25
bh = np.zeros((H, 1))
Why = np.random.randn(1, H) * 0.3
by = np.zeros((1, 1))

bobot_waktu = 0.7 ** np.arange(T)[::-1]
bobot_waktu /= bobot_waktu.sum()


def buat_deret():
    x = np.random.uniform(-1, 1, T)
    return x, float(x @ bobot_waktu)


def maju(x):
    h = {-1: np.zeros((H, 1))}
    for t in range(T):
        h[t] = np.tanh(Wxh * x[t] + Whh @ h[t - 1] + bh)
    y = Why @ h[T - 1] + by
    return h, y


def mundur(x, h, y, target):
    dy = y - target                      # rugi = 0.5*(y-target)^2
    dWhy = dy @ h[T - 1].T
    dby = dy.copy()
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(bh)
    dh = Why.T @ dy
    for t in reversed(range(T)):
        dz = (1 - h[t] ** 2) * dh
        dWxh += dz * x[t]
        dWhh += dz @ h[t - 1].T
        dbh += dz
        dh = Whh.T @ dz
    return dWxh, dWhh, dbh, dWhy, dby


lr = 0.03
rata = None
for langkah in range(6001):
    x, target = buat_deret()
    h, y = maju(x)
    rugi = 0.5 * float((y - target)[0, 0]) ** 2
    rata = rugi if rata is None else 0.99 * rata + 0.01 * rugi
    grads = mundur(x, h, y, target)
    for p, g in zip((Wxh, Whh, bh, Why, by), grads):
        np.clip(g, -1, 1, out=g)
        p -= lr * g
    if langkah % 1500 == 0:
        print("langkah", langkah, "rugi rata-rata %.5f" % rata)

uji = [buat_deret() for _ in range(200)]
galat = np.mean([(float(maju(x)[1][0, 0]) - tg) ** 2 for x, tg in uji])
print("MSE uji: %.6f" % galat)
