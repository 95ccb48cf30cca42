# Perceptron, ADALINE i regresja logistyczna na "kwiatach" (dwie chmury punktow)
# porownanie trzech regul uczenia
import numpy as np

np.random.seed(7)

n = 50
klasaA = np.random.randn(n, 2) * [0.6, 0.4] + [1.5, 0.5]
klasaB = np.random.randn(n, 2) * [1.0, 0.5] + [4.6, 1.8]
X = np.vstack([klasaA, klasaB])
y = np.array([-1] * n + [1] * n)


# ---------- perceptron Rosenblatta ----------
def perceptron(X, y, eta=0.1, epoki=20):
    w = np.array([0.0, 0.0])
    b = 0.0
    bledy = []
    for ep in range(epoki):
        zle = 0
        for xi, yi in zip(X, y):
            wyjscie = 1 if xi @ w + b >= 0 else -1
            delta = eta * (yi - wyjscie)
            for j in range(2):
                w[j] += delta * xi[j]
            b += delta
            if delta != 0:
                zle += 1
        bledy.append(zle)
        if zle == 0:
            break
    return w, b, bledy


# ---------- ADALINE (regula delta, cala paczka naraz) ----------
def adaline(X, y, eta=0.05, epoki=60):
    w = np.random.normal(0, 0.01, X.shape[1])
    b = 0.0
    koszt = []
    for ep in range(epoki):
        netto = X @ w + b
        blad = y - netto
        w += eta * X.T @ blad / len(y)
        b += eta * blad.mean()
        koszt.append((blad ** 2).mean() / 2)
    return w, b, koszt


# ---------- regresja logistyczna, y z {0, 1} ----------
def logistyczna(X, y, eta=1.0, maks=40000, tol=2e-8):
    w = np.zeros(X.shape[1])
    b = 0.0
    stary = np.inf
    for it in range(maks):
        z = X @ w + b
        p = 1 / (1 + np.exp(-z))
        koszt = np.mean(np.logaddexp(0, z) - y * z)
        if stary - koszt < tol:
            break                      # juz prawie nie maleje
        stary = koszt
        w -= eta * X.T @ (p - y) / len(y)
        b -= eta * np.mean(p - y)
    return w, b, koszt, it


w, b, bledy = perceptron(X, y)
print("perceptron: bledy w epokach", bledy)
print("  w =", w, " b =", b)
print("  trafnosc:", np.mean(np.where(X @ w + b >= 0, 1, -1) == y))

# dalej najpierw standaryzacja cech
Xs = (X - X.mean(axis=0)) / X.std(axis=0)
w, b, koszt = adaline(Xs, y)
print("adaline: koszt na poczatku %.4f, na koncu %.4f" % (koszt[0], koszt[-1]))
print("  trafnosc:", np.mean(np.where(Xs @ w + b >= 0, 1, -1) == y))

w, b, koszt, it = logistyczna(Xs, (y + 1) / 2)
print("logistyczna: koszt %.6f po %d krokach" % (koszt, it))
print("  w =", w, " b =", b)
