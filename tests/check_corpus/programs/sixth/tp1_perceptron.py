# TP1 - perceptron simple sur deux nuages de points
# groupe B2, sans numpy (consigne du prof)
import random

random.seed(3)


def nuage(n, cx, cy, ecart, etiquette):
    pts = []
    for _ in range(n):
        pts.append(([random.gauss(cx, ecart), random.gauss(cy, ecart)], etiquette))
    return pts


def sortie(w, b, x):
    s = b
    for wi, xi in zip(w, x):
        s += wi * xi
    return 1 if s >= 0 else 0      # fonction seuil (Heaviside)


def apprentissage(exemples, eta=0.1, max_epoques=50):
    w = [random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5)]
    b = 0.0
    for epoque in range(max_epoques):
        random.shuffle(exemples)
        erreurs = 0
        for x, d in exemples:
            e = d - sortie(w, b, x)
            if e != 0:
                erreurs += 1
                for i in range(len(w)):
                    w[i] += eta * e * x[i]
                b += eta * e
        print("epoque %2d : %d erreur(s)" % (epoque + 1, erreurs))
        if erreurs == 0:
            break
    return w, b


# les deux classes sont presque toujours separables
base = nuage(40, 1.0, 3.5, 0.5, 0) + nuage(40, 3.6, 4.9, 0.5, 1)
w, b = apprentissage(base)

print("w =", [round(v, 3) for v in w], " b =", round(b, 3))
bons = sum(1 for x, d in base if sortie(w, b, x) == d)
print("bien classes : %d / %d" % (bons, len(base)))
# equation de la droite : w0*x + w1*y + b = 0
if abs(w[1]) > 1e-9:
    print("droite : y = %.2f x + %.2f" % (-w[0] / w[1], -b / w[1]))
