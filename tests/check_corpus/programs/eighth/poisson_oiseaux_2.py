# Comptages d'oiseaux (simulés) : régression de Poisson par descente de gradient,
# en Python pur parce que l'ordinateur du terrain n'a pas numpy.
#   log(lambda) = b + w . x      x = (altitude, % forêt, distance à l'eau), centrés-réduits
from math import exp, log, lgamma
import random

random.seed(2024)


def poisson(lam):
    # tirage de Knuth
    seuil, k, p = exp(-lam), 0, 1.0
    while True:
        p *= random.random()
        if p <= seuil:
            return k
        k += 1


vrai_w = [-0.5, 0.8, -0.3]
vrai_b = 0.7
sites = []
for _ in range(300):
    x = [random.gauss(0, 1) for _ in range(3)]
    lam = exp(vrai_b + sum(wj * xj for wj, xj in zip(vrai_w, x)))
    sites.append((x, poisson(lam)))

w = [0.0, 0.0, 0.0]
b = 0.0
pas = 0.1
penalite = 0.01
N = len(sites)


def taux(x):
    s = b
    for j in range(3):
        s += w[j] * x[j]
    return exp(s)


def deviance():
    # moins log-vraisemblance moyenne + ridge
    total = 0.0
    for x, n in sites:
        lam = taux(x)
        total += lam - n * log(lam) + lgamma(n + 1)
    return total / N + 0.5 * penalite * sum(wj * wj for wj in w)


print("départ : %.4f" % deviance())
for it in range(1, 201):
    gw = [0.0, 0.0, 0.0]
    gb = 0.0
    for x, n in sites:
        r = taux(x) - n
        for j in range(3):
            gw[j] += r * x[j]
        gb += r
    for j in range(3):
        w[j] -= pas * (gw[j] / N - penalite * w[j])
    b -= pas * gb / N
    if it % 50 == 0:
        print("it %3d : %.4f   w = %s  b = %.3f" % (it, deviance(), [round(v, 3) for v in w], b))

print("vrais paramètres :", vrai_w, vrai_b)
