# RNN rucne: sit ma na konci rict klouzavy soucet poslednich cisel
# (hobby projekt, poznamky pro sebe)
import numpy as np

rng = np.random.default_rng(8)

T = 8            # delka posloupnosti
H = 12           # skryty stav
LR = 0.05
KROKU = 1500

Wx = rng.normal(0, 0.5, (H, 1))
Wh = rng.normal(0, 1 / np.sqrt(H), (H, H))
bh = np.zeros((H, 1))
Wy = rng.normal(0, 1 / np.sqrt(H), (1, H))
by = np.zeros((1, 1))


def dej_posloupnost():
    x = rng.uniform(-1, 1, T)
    cil = np.zeros(T)
    for t in range(T):
        cil[t] = 0.5 * x[t]
        if t >= 1:
            cil[t] += 0.4 * x[t - 1]
        if t >= 2:
            cil[t] -= 0.3 * x[t - 2]
    return x, cil


def dopredu_a_zpet(x, cil):
    h = {-1: np.zeros((H, 1))}
    y = {}
    ztrata = 0.0
    for t in range(T):
        h[t] = np.tanh(Wx * x[t] + Wh @ h[t - 1] + bh)
        y[t] = Wy @ h[t] + by
        ztrata += 0.5 * float((y[t] - cil[t])[0, 0]) ** 2

    dWx, dWh, dbh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(bh)
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dh_dalsi = np.zeros((H, 1))
    for t in reversed(range(T)):
        dy = y[t] - cil[t]
        dWy += dy @ h[t].T
        dby += dy
        dh = Wy.T @ dy + dh_dalsi
        dz = dh * (1 - h[t] ** 2)
        dbh += dz
        dWx += dz * x[t]
        dWh += dz @ h[t].T
        dh_dalsi = Wh.T @ dz
    return ztrata, (dWx, dWh, dbh, dWy, dby)


prumer = 1.0
for k in range(KROKU):
    x, cil = dej_posloupnost()
    ztrata, grady = dopredu_a_zpet(x, cil)
    for p, g in zip((Wx, Wh, bh, Wy, by), grady):
        np.clip(g, -1, 1, out=g)        # at to nevybuchne
        p -= LR * g
    prumer = 0.99 * prumer + 0.01 * ztrata
    if k % 250 == 0:
        print("krok", k, "ztrata", round(prumer, 5))
print("nakonec", round(prumer, 5))
