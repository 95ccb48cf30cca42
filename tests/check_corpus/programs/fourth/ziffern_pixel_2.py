# Ziffern 0-9 als 3x5-Pixelbilder, Netz 15-12-10 in reinem Python
import math
import random

random.seed(2024)

ZIFFERN = [
    "111101101101111", "010110010010111", "111001111100111", "111001111001111",
    "101101111001001", "111100111001111", "111100111101111", "111001010010010",
    "111101111101111", "111101111001111",
]

N_EIN, N_VER, N_AUS = 15, 12, 10


def zufallsmatrix(zeilen, spalten):
    return [[0.4 for _ in range(spalten)] for _ in range(zeilen)]


W1 = zufallsmatrix(N_VER, N_EIN)
b1 = [0.0] * N_VER
W2 = zufallsmatrix(N_AUS, N_VER)
b2 = [0.0] * N_AUS


def bild(ziffer, rauschen):
    pixel = [float(z) for z in ZIFFERN[ziffer]]
    return [1 - p if random.random() < rauschen else p for p in pixel]


def vorwaerts(x):
    h = []
    for j in range(N_VER):
        netto = b1[j]
        for i in range(N_EIN):
            netto += W1[j][i] * x[i]
        h.append(1 / (1 + math.exp(-netto)))
    o = []
    for k in range(N_AUS):
        netto = b2[k]
        for j in range(N_VER):
            netto += W2[k][j] * h[j]
        o.append(netto)
    groesstes = max(o)
    e = [math.exp(v - groesstes) for v in o]
    summe = sum(e)
    return h, [v / summe for v in e]


def lerne(x, klasse, eta):
    h, p = vorwaerts(x)
    fehler = -math.log(max(p[klasse], 1e-12))

    # Softmax mit Kreuzentropie: Delta = p - Zielvektor
    delta_aus = [p[k] - (1.0 if k == klasse else 0.0) for k in range(N_AUS)]
    delta_ver = []
    for j in range(N_VER):
        s = 0.0
        for k in range(N_AUS):
            s += W2[k][j] * delta_aus[k]
        delta_ver.append(s * h[j] * (1 - h[j]))

    for k in range(N_AUS):
        for j in range(N_VER):
            W2[k][j] -= eta * delta_aus[k] * h[j]
        b2[k] -= eta * delta_aus[k]
    for j in range(N_VER):
        for i in range(N_EIN):
            W1[j][i] -= eta * delta_ver[j] * x[i]
        b1[j] -= eta * delta_ver[j]
    return fehler


for runde in range(1, 61):
    reihenfolge = list(range(10)) * 2
    random.shuffle(reihenfolge)
    gesamt = 0.0
    for z in reihenfolge:
        gesamt += lerne(bild(z, 0.03), z, eta=0.3)
    if runde % 10 == 0:
        print("Runde", runde, "mittlerer Fehler %.4f" % (gesamt / len(reihenfolge)))

richtig = 0
for _ in range(20):
    for z in range(10):
        _, p = vorwaerts(bild(z, 0.05))
        if p.index(max(p)) == z:
            richtig += 1
print("Test mit Rauschen:", richtig, "von 200 richtig")
