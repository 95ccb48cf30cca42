"""Huomisen lämpötila edellisistä päivistä, yksinkertainen takaisinkytketty verkko.
Harrastuksena, sääasema pihalla. Data tässä keksittyä."""
import numpy as np

np.random.seed(8)
paivat = 421
lampo = np.sin(np.arange(paivat) * 0.3) + 0.5 * np.sin(np.arange(paivat) * 0.07)
lampo += 0.1 * np.random.randn(paivat)

T = 12
H = 8
Wx = np.random.randn(H, 1) * 0.4
Wh = np.random.randn(H, H) * 0.3
bh = np.zeros((H, 1))
Wy = np.random.randn(1, H) * 0.4
by = np.zeros((1, 1))


def jakso(xs, ts):
    """Eteen- ja taaksepäin yhden jakson yli; palauttaa virheen ja gradientit."""
    hs = {-1: np.zeros((H, 1))}
    ys = {}
    virhe = 0.0
    for t in range(len(xs)):
        hs[t] = np.tanh(Wx * xs[t] + Wh @ hs[t - 1] + bh)
        ys[t] = Wy @ hs[t] + by
        virhe += 0.5 * float(ys[t][0, 0] - ts[t]) ** 2

    dWx, dWh, dbh = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(bh)
    dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
    dh_seur = np.zeros((H, 1))
    for t in reversed(range(len(xs))):
        dy = ys[t] - ts[t]
        dWy += dy @ hs[t].T
        dby += dy
        dh = Wy.T @ dy + dh_seur
        dz = (1 - hs[t] ** 2) * dh
        dWx += dz * xs[t]
        dWh += dz @ hs[t - 1].T
        dbh += dz
        dh_seur = Wh.T @ dz
    return virhe, [dWx, dWh, dbh, dWy, dby]


alut = list(range(0, paivat - T, 6))
nopeus = 0.01
for kierros in range(40):
    np.random.shuffle(alut)
    yht = 0.0
    for a in alut:
        virhe, gradit = jakso(lampo[a:a + T], lampo[a + 1:a + T + 1])
        yht += virhe
        for par, g in zip([Wx, Wh, bh, Wy, by], gradit):
            np.clip(g, -5, 5, out=g)       # ettei räjähdä
            par -= nopeus * g
    if kierros % 5 == 0:
        print("kierros %2d  virhe/päivä %.4f" % (kierros, yht / (len(alut) * T)))
