# Avtokoder so svyazannymi vesami (dekoder = W transponirovannaya).
# Da, globalnye peremennye. Da, ya znayu.
import numpy as np

np.random.seed(9)

N, RAZM, KOD = 200, 12, 4

# dannye: smesi chetyryokh "not" na setke + nemnogo shuma
setka = np.linspace(0, 1, RAZM)
noty = np.array([np.sin(np.pi * (k + 1) * setka) for k in range(4)])
X = np.random.rand(N, 4) @ noty + 0.02 * np.random.randn(N, RAZM)

W = 0.3 * np.random.randn(RAZM, KOD)
b_kod = np.zeros(KOD)
b_vykh = np.zeros(RAZM)
shag = 0.3

Z = H = Y = None
gW = gb_kod = gb_vykh = None


def sigma(z):
    return 1 / (1 + np.exp(-z))


def dsigma(z):
    s = sigma(z)
    return s * (1 - s)


def vpered():
    global Z, H, Y
    Z = X @ W + b_kod
    H = sigma(Z)
    Y = H @ W.T + b_vykh


def poteri():
    return 0.5 * ((Y - X) ** 2).sum() / N


def nazad():
    global gW, gb_kod, gb_vykh
    dY = (Y - X) / N
    dZ = (dY @ W) * dsigma(H)
    gW = X.T @ dZ + dY.T @ H
    gb_kod = dZ.sum(axis=0)
    gb_vykh = dY.sum(axis=0)


def shagnut():
    global W, b_kod, b_vykh
    W = W - shag * gW
    b_kod = b_kod - shag * gb_kod
    b_vykh = b_vykh - shag * gb_vykh


for it in range(1501):
    vpered()
    if it % 300 == 0:
        print("iteratsiya", it, "poteri", round(poteri(), 5))
    nazad()
    shagnut()

vpered()
print("srednyaya oshibka na element:", round(float(np.abs(Y - X).mean()), 4))
