# Regresja wielomianowa stopnia 4 z regularyzacją (ridge), mini-batch SGD z pędem
import numpy as np

STOPIEN = 4
LAMBDA = 0.01


def cechy(x):
    """macierz cech: kolumny x, x^2, ..., x^STOPIEN (bez jedynki, bias osobno)"""
    return np.stack([x ** k for k in range(1, STOPIEN + 1)], axis=1)


def przewiduj(F, w, b):
    return F @ w + b


def strata(F, y, w, b):
    r = przewiduj(F, w, b) - y
    return 0.5 * np.mean(r ** 2) + 0.5 * LAMBDA * np.sum(w ** 2)


def gradienty(F, y, w, b):
    r = przewiduj(F, w, b) - y
    gw = F.T @ r / len(y) + LAMBDA * w
    gb = np.mean(r)
    return gw, gb


def trenuj(F, y, epoki, rozmiar, krok, ped, rng):
    w = np.zeros(F.shape[1])
    b = 0.0
    vw = np.zeros_like(w)
    vb = 0.0
    for epoka in range(epoki):
        p = rng.permutation(len(y))
        F = F[p]
        for i in range(0, len(y), rozmiar):
            Fb = F[i:i + rozmiar]
            yb = y[i:i + rozmiar]
            gw, gb = gradienty(Fb, yb, w, b)
            vw = ped * vw - krok * gw
            vb = ped * vb - krok * gb
            w = w + vw
            b = b + vb
        if epoka % 20 == 0:
            print(f"epoka {epoka:3d}: strata {strata(F, y, w, b):.5f}")
    return w, b


def main():
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 1, 90)
    y = 1.0 - 2.0 * x + 3.0 * x ** 3 + 0.1 * rng.standard_normal(90)
    w, b = trenuj(cechy(x), y, epoki=120, rozmiar=16, krok=0.05, ped=0.8, rng=rng)
    print("współczynniki:", np.round(w, 3), "bias:", round(float(b), 3))
    x_test = np.linspace(-1, 1, 5)
    print("predykcja:", np.round(przewiduj(cechy(x_test), w, b), 3))


if __name__ == "__main__":
    main()
