# Perzeptron - mein erster Versuch mit neuronalen Netzen
# alles ohne numpy, auf dem alten Raspi im Keller ist das nicht drauf
import random

random.seed(11)

LERNRATE = 0.1
RUNDEN = 60


def punkte_wuerfeln(n):
    """n zufaellige Punkte links (0) oder rechts (1) von einer Geraden"""
    liste = []
    while len(liste) < n:
        x = random.uniform(-5, 5)
        y = random.uniform(-5, 5)
        d = 0.8 * x - 0.6 * y + 2.5
        if abs(d) < 0.15:
            continue          # zu nah dran, weglassen
        liste.append(([x, y], 1 if d > 0 else 0))
    return liste


def ausgabe(gewichte, schwelle, p):
    s = schwelle
    for g, wert in zip(gewichte, p):
        s += g * wert
    return 1 if s >= 0 else 0


training = punkte_wuerfeln(120)
test = punkte_wuerfeln(60)

gewichte = [random.uniform(-0.5, 0.5) for _ in range(2)]
schwelle = 0.0

for runde in range(RUNDEN):
    random.shuffle(training)
    falsch = 0
    for p, soll in training:
        ist = ausgabe(gewichte, schwelle, p)
        fehler = soll - ist
        if fehler != 0:
            falsch += 1
            for i in range(len(gewichte)):
                gewichte[i] += LERNRATE * fehler * p[i]
            schwelle += LERNRATE * fehler
    print("Runde %2d: %d falsch" % (runde + 1, falsch))
    if falsch == 0:
        break

print("Gewichte:", [round(g, 3) for g in gewichte], "Schwelle:", round(schwelle, 3))
treffer = sum(1 for p, soll in test if ausgabe(gewichte, schwelle, p) == soll)
print("Test: %d von %d richtig" % (treffer, len(test)))
