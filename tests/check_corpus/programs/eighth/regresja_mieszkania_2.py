# Laboratorium 1 - regresja liniowa jednej zmiennej
# cena mieszkania [tys. zl] w zależności od metrażu
import numpy as np


def wczytaj_dane(n=80):
    np.random.seed(3)
    metraz = np.random.uniform(25, 120, size=n)
    cena = 9.5 * metraz + 60 + np.random.normal(0, 40, size=n)
    return metraz, cena


def normalizuj(v):
    return (v - v.mean()) / v.std()


def koszt(x, y, w, b):
    return np.mean((w * x + b - y) ** 2)


def gradienty(x, y, w, b):
    blad = w * x + b - y
    dw = np.mean(blad * x)
    db = 2 * np.mean(blad)
    return dw, db


def ucz(x, y, alfa=0.1, epoki=200):
    w, b = 0.0, 0.0
    historia = []
    for epoka in range(epoki):
        dw, db = gradienty(x, y, w, b)
        w = w - alfa * dw
        b = b - alfa * db
        historia.append(koszt(x, y, w, b))
        if epoka % 40 == 0:
            print(f"epoka {epoka:3d}  koszt = {historia[-1]:.5f}")
    return w, b, historia


if __name__ == "__main__":
    metraz, cena = wczytaj_dane()
    x = normalizuj(metraz)
    y = cena / 100      # w setkach tysięcy

    w, b, historia = ucz(x, y)
    print("w =", w, " b =", b)
    print("koszt końcowy:", historia[-1])

    # porównanie z rozwiązaniem dokładnym
    A = np.c_[x, np.ones(len(x))]
    dokladne, *_ = np.linalg.lstsq(A, y, rcond=None)
    print("najmniejsze kwadraty:", dokladne)

    # przykład: mieszkanie 50 m2
    nowe = (50 - metraz.mean()) / metraz.std()
    print("50 m2 ->", 100 * (w * nowe + b), "tys. zl")
