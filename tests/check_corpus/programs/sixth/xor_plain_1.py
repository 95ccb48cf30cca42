# XOR mit einem selbstgebauten Netz, ohne Bibliotheken (nur math und random)
# 2 Eingänge, 4 versteckte Neuronen, 1 Ausgang
import math
import random

random.seed(2)

N_VERSTECKT = 4
LERNRATE = 0.5


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


w_h = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(N_VERSTECKT)]
b_h = [random.uniform(-1, 1) for _ in range(N_VERSTECKT)]
w_o = [random.uniform(-1, 1) for _ in range(N_VERSTECKT)]
b_o = random.uniform(-1, 1)

muster = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]


def vorwaerts(x):
    h = []
    for j in range(N_VERSTECKT):
        s = b_h[j]
        for i in range(2):
            s += w_h[j][i] * x[i]
        h.append(sigmoid(s))
    s = b_o
    for j in range(N_VERSTECKT):
        s += w_o[j] * h[j]
    return h, sigmoid(s)


for durchgang in range(10001):
    fehler = 0.0
    random.shuffle(muster)
    for x, ziel in muster:
        h, o = vorwaerts(x)
        fehler += 0.5 * (ziel - o) ** 2

        # Ausgangsschicht
        delta_o = (ziel - o) * o * (1 - o)

        # versteckte Schicht
        delta_h = []
        for j in range(N_VERSTECKT):
            delta_h.append(delta_o * w_o[j])

        # Gewichte anpassen
        for j in range(N_VERSTECKT):
            w_o[j] += LERNRATE * delta_o * h[j]
            for i in range(2):
                w_h[j][i] += LERNRATE * delta_h[j] * x[i]
            b_h[j] += LERNRATE * delta_h[j]
        b_o += LERNRATE * delta_o

    if durchgang % 2000 == 0:
        print("Durchgang", durchgang, "Fehler", round(fehler, 5))

print()
for x, ziel in sorted(muster):
    print(x, "->", round(vorwaerts(x)[1], 3), "(soll", str(ziel) + ")")
