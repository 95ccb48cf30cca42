# Autokoder ze wspolnymi wagami (dekoder uzywa transpozycji wag kodera)
# Laboratorium 7, zadanie domowe
import numpy as np

rng = np.random.default_rng(2024)

# dane: 16-wymiarowe sygnaly, ktore naprawde zaleza tylko od 3 liczb
L_PROBEK, WYMIAR, UKRYTE = 200, 16, 5
czas = np.linspace(0, 1, WYMIAR)
amplituda = rng.uniform(0.5, 1.5, (L_PROBEK, 1))
faza = rng.uniform(0, 2 * np.pi, (L_PROBEK, 1))
poziom = rng.uniform(-0.5, 0.5, (L_PROBEK, 1))
sygnaly = amplituda * np.sin(2 * np.pi * czas + faza) + poziom


def sigmoida(z):
    return 1.0 / (1.0 + np.exp(-z))


def koduj(X, W, b):
    return sigmoida(X @ W + b)


def dekoduj(H, W, c):
    return H @ W.T + c


def blad(X, W, b, c):
    # suma kwadratow na probke, usredniona po probkach
    return np.sum((dekoduj(koduj(X, W, b), W, c) - X) ** 2) / len(X)


def gradienty(X, W, b, c):
    n = len(X)
    H = koduj(X, W, b)
    R = dekoduj(H, W, c)
    dR = 2 * (R - X) / n
    dc = dR.sum(axis=0)
    dH = dR @ W
    dZ = dH * H * (1 - H)
    db = dZ.sum(axis=0)
    dW = X.T @ dZ + dR.T @ H
    return dW, db, dc


W = 0.3 * rng.standard_normal((WYMIAR, UKRYTE))
b = np.zeros(UKRYTE)
c = np.zeros(WYMIAR)

tempo = 0.02
porcja = 20
print("blad na poczatku:", round(blad(sygnaly, W, b, c), 4))
for epoka in range(1, 151):
    kolejnosc = rng.permutation(L_PROBEK)
    for p in range(0, L_PROBEK, porcja):
        probki = sygnaly[kolejnosc[p:p + porcja]]
        dW, db, dc = gradienty(probki, W, b, c)
        W -= tempo * dW
        b -= tempo * db
        c -= tempo * dc
    if epoka % 30 == 0:
        print("epoka", epoka, "blad", round(blad(sygnaly, W, b, c), 4))

print("kod pierwszej probki:", np.round(koduj(sygnaly[:1], W, b), 2))
