# Enkelt RNN (Elman) som gissar nästa värde i en tidsserie.
# BPTT genom hela fönstret, RMSProp.
import numpy as np

rng = np.random.default_rng(6)

T, H = 20, 12
Wx = rng.normal(0, 0.5, (H, 1))
Wh = rng.normal(0, 0.9 / np.sqrt(H), (H, H))
bh = np.zeros((H, 1))
Wy = rng.normal(0, 0.3, (1, H))
by = np.zeros((1, 1))
params = [Wx, Wh, bh, Wy, by]
cache = [np.zeros_like(p) for p in params]

serie = np.sin(0.4 * np.arange(400)) + 0.5 * np.sin(1.1 * np.arange(400) + 1)


def fonster():
    s = rng.integers(0, len(serie) - T - 1)
    return serie[s:s + T], serie[s + 1:s + T + 1]


def framat(x):
    hs = {-1: np.zeros((H, 1))}
    ys = []
    for t in range(T):
        hs[t] = np.tanh(Wx * x[t] + Wh @ hs[t - 1] + bh)
        ys.append(Wy @ hs[t] + by)
    return hs, ys


def bakat(x, m, hs, ys):
    dWx, dWh, dbh, dWy, dby = [np.zeros_like(p) for p in params]
    dh_nasta = np.zeros((H, 1))
    for t in reversed(range(T)):
        dy = (ys[t] - m[t]) / T
        dWy += dy @ hs[t].T
        dby += dy
        dh = Wy.T @ dy
        dz = (1 - hs[t] ** 2) * dh
        dWx += dz * x[t]
        dWh += dz @ hs[t - 1].T
        dbh += dz
        dh_nasta = Wh.T @ dz
    return dWx, dWh, dbh, dWy, dby


snitt = None
for steg in range(1201):
    x, m = fonster()
    hs, ys = framat(x)
    fel = sum(0.5 * (y.item() - mt) ** 2 for y, mt in zip(ys, m)) / T
    snitt = fel if snitt is None else 0.98 * snitt + 0.02 * fel
    grads = bakat(x, m, hs, ys)
    for p, g, c in zip(params, grads, cache):
        c *= 0.95
        c += 0.05 * g ** 2
        p -= 0.003 * g / (np.sqrt(c) + 1e-6)
    if steg % 200 == 0:
        print(f"steg {steg:4d}  glidande fel {snitt:.5f}")
