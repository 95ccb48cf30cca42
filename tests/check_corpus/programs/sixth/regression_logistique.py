# %% [markdown]
# # TP 3 : régression logistique
# Réussite à l'examen en fonction des heures de travail et de sommeil.

# %%
import numpy as np

rng = np.random.default_rng(12)

# %% Données
n = 200
heures = rng.uniform(0, 40, n)
sommeil = rng.uniform(4, 10, n)
score = 0.9 * (heures - 18) + 2.0 * (sommeil - 7)
y = (score + rng.normal(0, 1.5, n) > 0).astype(float)
X = np.column_stack([heures - heures.mean(), sommeil - sommeil.mean()])
print("admis :", int(y.sum()), "/", n)

# %% Fonctions


def sigmoide(z):
    # version stable, pas d'exp d'un grand nombre positif
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def perte(p, y):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


def gradient(X, y, p):
    diff = p - y
    gw = X.T @ diff / len(y)
    gb = np.mean(diff)
    return gw, gb


# %% Entraînement
# pas adaptatif : si la perte remonte, on le divise par deux
w = np.zeros(2)
b = 0.0
pas = 1.0
L_prec = np.inf

for etape in range(400):
    p = sigmoide(X @ w + b)
    L = perte(p, y)
    if L > L_prec:
        pas = pas / 2
    L_prec = L
    gw, gb = gradient(X, y, p)
    w = w - pas * gw
    b = b - pas * gb
    if etape % 50 == 0:
        print(f"étape {etape:4d}  pas = {pas:.4f}  perte = {L:.4f}")

# %% Bilan
p = sigmoide(X @ w + b)
print("perte finale :", round(float(perte(p, y)), 4))
print("poids :", w, " biais :", b)
print("taux de bonnes réponses :", np.mean((p > 0.5) == (y == 1)))
