# Übung 1: Perzeptron auf zwei Gauß-Wolken
# Klassen sind +1 und -1, Lernregel nach Rosenblatt
import numpy as np

np.random.seed(3)

N = 100
klasse_a = np.random.randn(N, 2) + np.array([1.2, 1.0])
klasse_b = np.random.randn(N, 2) + np.array([-1.0, -1.2])

X = np.vstack([klasse_a, klasse_b])
t = np.concatenate([np.ones(N), -np.ones(N)])

w = np.array([0.0, 0.0])
b = 0.0
eta = 0.1
epochen = 15

for epoche in range(epochen):
    # Reihenfolge in jeder Epoche neu mischen
    reihenfolge = np.random.permutation(len(X))
    X, t = X[reihenfolge], t[reihenfolge]

    fehler = 0
    for x, ziel in zip(X, t):
        aktivierung = w[0] * x[0] + w[1] * x[1] + b
        if ziel * aktivierung <= 0:          # falsch klassifiziert
            for j in range(len(w)):
                w[j] += eta * ziel * x[j]
            b += eta * ziel * x[j]
            fehler += 1
    print(f"Epoche {epoche + 1:2d}: {fehler} Fehler, w = {w}, b = {b:.2f}")
    if fehler == 0:
        break

vorhersage = np.where(X @ w + b > 0, 1, -1)
print("Trefferquote:", np.mean(vorhersage == t))
