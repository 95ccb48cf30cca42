# -*- coding: utf-8 -*-
# Régression ridge par descente de gradient, comparaison avec la solution exacte
# Modèle : y = X w + b ;  J = moyenne(residus^2) + lam * ||w||^2  (b n'est pas pénalisé)
import numpy as np

gen = np.random.default_rng(12)
n, p = 60, 8

# variables corrélées : c'est là que la ridge sert à quelque chose
commun = gen.normal(size=(n, 1))
X = 0.7 * commun + 0.7 * gen.normal(size=(n, p))
w_vrai = np.array([1.5, 0, 0, -2, 0, 0.5, 0, 0])
y = X @ w_vrai + 4.0 + 0.5 * gen.normal(size=n)

lam = 0.2
pas = 0.05


def cout(w, b):
    r = y - X @ w - b
    return np.mean(r ** 2) + lam * (w @ w)


def gradient(w, b):
    r = y - X @ w - b
    gw = -2 * X.T @ r / n + lam * w
    gb = -2 * r.mean()
    return gw, gb


w, b = np.zeros(p), 0.0
J = [cout(w, b)]
for it in range(2000):
    gw, gb = gradient(w, b)
    w = w - pas * gw
    b = b - pas * gb
    J.append(cout(w, b))
    if abs(J[-2] - J[-1]) < 1e-12:
        break

print(f"arrêt après {it + 1} itérations, J = {J[-1]:.6f}")

# solution exacte sur données centrées
Xc, yc = X - X.mean(axis=0), y - y.mean()
w_ex = np.linalg.solve(Xc.T @ Xc / n + lam * np.eye(p), Xc.T @ yc / n)
b_ex = y.mean() - X.mean(axis=0) @ w_ex
print("w descente :", np.round(w, 4))
print("w exact    :", np.round(w_ex, 4))
print(f"b descente : {b:.4f}   b exact : {b_ex:.4f}")
