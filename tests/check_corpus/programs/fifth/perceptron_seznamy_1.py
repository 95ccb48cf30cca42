# Perceptron na dvou hromadkach bodu - cisty Python, zadne knihovny
# cviceni 2, uvod do strojoveho uceni
import random

random.seed(7)


def hromadka(stred, kolik, trida):
    return [([random.gauss(s, 0.75) for s in stred], trida) for _ in range(kolik)]


body = hromadka((2.6, 3.1), 60, +1) + hromadka((0.2, 0.4), 60, -1)
random.shuffle(body)
trenovaci, testovaci = body[:90], body[90:]

vahy = [0.0, 0.0]
posun = 0.0
krok = 0.1


def soucin(a, b):
    return sum(p * q for p, q in zip(a, b))


def odpoved(x):
    return 1 if soucin(vahy, x) + posun >= 0 else -1


def presnost(data):
    return sum(odpoved(x) == t for x, t in data) / len(data)


for epocha in range(40):
    chyby = 0
    for x, t in trenovaci:
        if odpoved(x) != t:
            # spatne zarazeny bod -> pootocime primku
            vahy = [w + krok * t * xi for w, xi in zip(vahy, x)]
            posun -= krok * t
            chyby += 1
    if epocha % 5 == 0:
        print("epocha", epocha, "chyb:", chyby)
    if chyby == 0:
        print("hotovo, zadna chyba v epose", epocha)
        break

print("vahy", [round(w, 3) for w in vahy], "posun", round(posun, 3))
print("presnost trenovaci %.2f, testovaci %.2f" % (presnost(trenovaci), presnost(testovaci)))
