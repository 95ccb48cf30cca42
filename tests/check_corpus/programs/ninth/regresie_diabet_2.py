"""
Regresie logistica pentru risc de diabet (date inventate, nu sunt pacienti reali).
Am invatat singur dupa un blog; sunt medic, nu programator.
"""
import numpy as np

np.random.seed(7)


def genereaza_pacienti(n):
    glicemie = np.random.normal(105, 25, n)
    imc = np.random.normal(27, 4, n)
    varsta = np.random.uniform(20, 80, n)
    scor = 0.07 * (glicemie - 110) + 0.2 * (imc - 27) + 0.03 * (varsta - 50)
    bolnav = (scor + np.random.normal(0, 0.8, n) > 0).astype(float)
    # cativa pacienti in coma hiperglicemica, valori enorme
    glicemie[:5] = [3900.0, 4200.0, 3600.0, 4500.0, 4100.0]
    bolnav[:5] = 1.0
    return np.column_stack([glicemie, imc, varsta]), bolnav


def sigmoida(z):
    z = np.clip(z, -500, 500)
    return 1.0 / (1.0 + np.exp(-z))


def cost(X, y, w, b, lam):
    p = sigmoida(X @ w + b)
    entropie = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    return entropie + 0.5 * lam * np.sum(w ** 2)


def gradienti(X, y, w, b, lam):
    n = X.shape[0]
    eroare = sigmoida(X @ w + b) - y
    dw = X.T @ eroare / n + lam * w
    db = np.mean(eroare)
    return dw, db


X, y = genereaza_pacienti(400)
# scalare cu mediana si abaterea mediana (media ar fi stricata de valorile enorme)
med = np.median(X, axis=0)
mad = np.median(np.abs(X - med), axis=0)
X = (X - med) / mad

w = np.zeros(X.shape[1])
b = 0.0
lam = 0.002
rata = 0.3
cost_vechi = cost(X, y, w, b, lam)
for pas in range(600):
    dw, db = gradienti(X, y, w, b, lam)
    w_nou = w - rata * dw
    b_nou = b - rata * db
    c = cost(X, y, w_nou, b_nou, lam)
    if c <= cost_vechi:
        w, b, cost_vechi = w_nou, b_nou, c
        rata *= 1.05
    else:
        rata *= 0.5     # pas prea mare, incercam mai mic
    if pas % 100 == 0:
        print("pas %d  cost %.4f  rata %.4g" % (pas, cost_vechi, rata))

prezis = (sigmoida(X @ w + b) > 0.5)
print("greutati:", w, "termen liber:", b)
print("acuratete:", np.mean(prezis == (y == 1)))
