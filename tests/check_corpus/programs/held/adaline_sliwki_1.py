# ADALINE bez numpy - czy śliwka jest dojrzała?
# dane: masa [g], średnica [mm], twardość; dojrzała = +1, zielona = -1
import random

random.seed(11)

dane = []
for _ in range(80):
    dane.append(([random.gauss(42, 5), random.gauss(38, 3), random.gauss(2.0, 0.6)], 1))
for _ in range(35):
    dane.append(([random.gauss(31, 5), random.gauss(33, 3), random.gauss(3.6, 0.6)], -1))
random.shuffle(dane)

n = len(dane)
ile_cech = 3

# standaryzacja, inaczej krok musiałby być malutki
for j in range(ile_cech):
    sr = sum(x[j] for x, _ in dane) / n
    odch = (sum((x[j] - sr) ** 2 for x, _ in dane) / n) ** 0.5
    for x, _ in dane:
        x[j] = (x[j] - sr) / odch

wagi = [random.uniform(-0.5, 0.5) for _ in range(ile_cech)]
prog = 0.0
krok = 0.1


def aktywacja(x):
    s = prog
    for wj, xj in zip(wagi, x):
        s += wj * xj
    return s


for epoka in range(80):
    dw = [0.0] * ile_cech
    dprog = 0.0
    koszt = 0.0
    for x, cel in dane:
        blad = cel - aktywacja(x)
        koszt += 0.5 * blad ** 2
        for j in range(ile_cech):
            dw[j] += blad * x[j]
        dprog += blad
    for j in range(ile_cech):
        wagi[j] += krok * (dw[j] // n)
    prog += krok * (dprog // n)
    if epoka % 20 == 0:
        print("epoka %2d   koszt sredni %.4f" % (epoka, koszt / n))

dobrze = 0
for x, cel in dane:
    wynik = 1 if aktywacja(x) >= 0 else -1
    dobrze += (wynik == cel)
print("wagi:", [round(w, 3) for w in wagi], "prog:", round(prog, 3))
print("dobrze: %d z %d" % (dobrze, n))
