# Rozpoznavani barvy kulicky z RGB hodnot (0..255), softmaxova regrese
# Barvy nenormalizuju schvalne, at je videt ze to jde i tak.
import numpy as np

rng = np.random.default_rng(5)
stredy = np.array([[190, 60, 50], [70, 170, 60], [50, 80, 180], [180, 170, 60]])
N_na_barvu = 60
X = np.vstack([rng.normal(s, 28, (N_na_barvu, 3)) for s in stredy])
X = np.clip(X, 0, 255)
y = np.repeat(np.arange(4), N_na_barvu)
X = np.hstack([X, np.full((len(X), 1), 100.0)])    # sloupec pro posun (bias)

W = rng.normal(0, 0.1, (4, 4))
krok = 0.05
davka = 30


def softmax(S):
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def ztrata(W):
    S = X @ W
    M = S.max(axis=1)
    log_soucet = M + np.log(np.exp(S - M[:, None]).sum(axis=1))
    return (log_soucet - S[np.arange(len(y)), y]).mean()


nejlepsi, W_nej = ztrata(W), W.copy()
minula = nejlepsi
print("na zacatku", nejlepsi)
for epocha in range(60):
    poradi = rng.permutation(len(X))
    X, y = X[poradi], y[poradi]
    for i in range(0, len(X), davka):
        Xd, yd = X[i:i + davka], y[i:i + davka]
        P = softmax(Xd @ W)
        P[np.arange(len(yd)), yd] -= 1
        W -= krok * Xd.T @ P / len(yd)
    z = ztrata(W)
    if z < nejlepsi:                # schovam si nejlepsi vahy
        nejlepsi, W_nej = z, W.copy()
    if z > minula:                  # zhorsilo se to, zmensim krok
        krok *= 0.8
    minula = z
    if epocha % 10 == 0:
        print("epocha", epocha, "ztrata %.4f" % z, "krok %.5f" % krok)

uspesnost = ((X @ W_nej).argmax(axis=1) == y).mean()
print("nejlepsi ztrata %.4f, uspesnost %.3f" % (nejlepsi, uspesnost))
