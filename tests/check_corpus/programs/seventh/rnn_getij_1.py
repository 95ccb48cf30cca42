# Getij voorspellen met een klein RNN (waterstand volgend uur uit de vorige uren)
# per venster van T uur: invoer x[0..T-1], doel x[1..T]
import numpy as np

rng = np.random.default_rng(1953)

uren = np.arange(600)
stand = (np.sin(2 * np.pi * uren / 12.42) + 0.3 * np.sin(2 * np.pi * uren / 12.0 + 1)
         + 0.05 * rng.normal(size=600))
stand = stand / stand[:500].std()

T = 24
H = 10
Wx = rng.normal(0, 0.5, (H, 1))
Wh = rng.normal(0, 1 / np.sqrt(H), (H, H))
bh = np.zeros((H, 1))
Wy = rng.normal(0, 0.3, (1, H))
by = np.zeros((1, 1))


def venster(x, doel):
    """verlies en gradienten over een venster (verlies = 1/2T som e^2)"""
    h = {-1: np.zeros((H, 1))}
    e = {}
    verlies = 0.0
    for t in range(T):
        h[t] = np.tanh(Wx * x[t] + Wh @ h[t - 1] + bh)
        y = Wy @ h[t] + by
        e[t] = y - doel[t]
        verlies += 0.5 * e[t].item() ** 2 / T

    dWx, dWh, dbh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(bh)
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dh_later = np.zeros((H, 1))
    for t in reversed(range(T)):
        dy = e[t] / T
        dWy += dy @ h[t].T
        dby += dy
        dh = Wy.T @ dy + dh_later
        da = (1 - h[t] ** 2) * dh
        dWx += da * x[t]
        dWh += da @ h[t].T
        dbh += da
        dh_later = Wh.T @ da
    return verlies, dWx, dWh, dbh, dWy, dby


lr = 0.05
for ronde in range(30):
    som = 0.0
    starts = rng.permutation(np.arange(0, 500 - T, 12))
    for s in starts:
        v, dWx, dWh, dbh, dWy, dby = venster(stand[s:s + T], stand[s + 1:s + T + 1])
        som += v
        for g in (dWx, dWh, dbh, dWy, dby):
            np.clip(g, -1, 1, out=g)       # tegen exploderende gradienten
        Wx -= lr * dWx
        Wh -= lr * dWh
        bh -= lr * dbh
        Wy -= lr * dWy
        by -= lr * dby
    if ronde % 5 == 0:
        print(f"ronde {ronde:2d}  gemiddeld verlies {som / len(starts):.5f}")

test = [venster(stand[s:s + T], stand[s + 1:s + T + 1])[0] for s in range(500, 570, 10)]
print("test:", np.mean(test))
