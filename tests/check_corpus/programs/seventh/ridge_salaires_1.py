# -*- coding: utf-8 -*-
# Equation de Mincer : log(salaire) ~ scolarité + expérience + expérience² + ...
# Estimation ridge par descente de gradient, comparée à la forme fermée.
import numpy as np

rng = np.random.default_rng(1974)


def simule(n):
    scol = rng.integers(6, 20, size=n).astype(float)
    exper = rng.uniform(0, 40, size=n)
    femme = rng.integers(0, 2, size=n).astype(float)
    urbain = rng.integers(0, 2, size=n).astype(float)
    logsal = (1.2 + 0.08 * scol + 0.04 * exper - 0.0006 * exper ** 2
              - 0.15 * femme + 0.1 * urbain + rng.normal(0, 0.25, size=n))
    X = np.column_stack([scol, exper, exper ** 2, femme, urbain])
    return X, logsal


X, y = simule(300)
n, k = X.shape

# variables centrées-réduites, sinon exper² écrase tout
mu, et = X.mean(axis=0), X.std(axis=0)
Z = (X - mu) / et

lam = 0.05          # pénalité : lam * ||beta||²  (constante non pénalisée)
pas = 0.1
beta = np.zeros((k, 1))
cste = 0.0

for it in range(1000):
    resid = Z @ beta + cste - y
    perte = np.mean(resid ** 2) + lam * np.sum(beta ** 2)
    g_beta = 2 * Z.T @ resid / n + 2 * lam * beta
    g_cste = 2 * resid.mean()
    beta = beta - pas * g_beta
    cste = cste - pas * g_cste
    if it % 200 == 0:
        print("iter %4d  perte = %.5f" % (it, perte))

# forme fermée pour vérifier
yc = y - y.mean()
beta_mco = np.linalg.solve(Z.T @ Z / n + lam * np.eye(k), Z.T @ yc / n)

noms = ["scolarité", "expérience", "expérience²", "femme", "urbain"]
print("\n%-14s %9s %9s" % ("", "descente", "exact"))
for nom, b, be in zip(noms, beta.ravel(), beta_mco.ravel()):
    print("%-14s %9.4f %9.4f" % (nom, b, be))
print("constante      %9.4f %9.4f" % (cste, y.mean()))
