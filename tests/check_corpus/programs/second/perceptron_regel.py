# De perceptron-leerregel van Rosenblatt (practicum 1)
# Twee soorten bloemen, twee maten per bloem; klassen +1 en -1.
import numpy as np

rng = np.random.default_rng(1957)

AANTAL = 80
klasse = np.where(np.arange(AANTAL) % 2 == 0, 1, -1)
x = np.empty((AANTAL, 2))
x[:, 0] = 1.5 + 0.7 * klasse + 0.4 * rng.standard_normal(AANTAL)
x[:, 1] = 0.8 - 0.5 * klasse + 0.4 * rng.standard_normal(AANTAL)

eta = 0.1
w = np.zeros(2)
b = 0.0


def voorspel(punt):
    if w @ punt + b > 0:
        return 1
    return -1


for ronde in range(20):
    volgorde = rng.permutation(AANTAL)
    fouten = 0
    for n in volgorde:
        uitkomst = voorspel(x[n])
        if uitkomst != klasse[n]:
            fouten += 1
            for i in range(2):
                w[i] += eta * klasse[n] * x[n, i]
            b += eta * klasse[n]
    print("ronde", ronde + 1, "fouten", fouten)
    if fouten == 0:
        break

goed = sum(voorspel(x[n]) == klasse[n] for n in range(AANTAL))
print("gewichten:", np.round(w, 3), "drempel:", round(-b, 3))
print("goed:", goed, "van", AANTAL)
