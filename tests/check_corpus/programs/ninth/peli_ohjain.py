# Vihollisaluksen ohjain pikkupeliini. Ei numpya, koska peli pyörii
# paikassa jossa sitä ei ole. Verkko oppii matkimaan käsin kirjoitettua sääntöä.
import math
import random

random.seed(11)

N_IN = 3      # etäisyys, kulma, oma nopeus
N_PIILO = 6
N_ULOS = 2    # käännös, kaasu (molemmat -1..1)


class Ohjain:
    def __init__(self):
        self.w1 = [[random.gauss(0, 0.6) for _ in range(N_IN)] for _ in range(N_PIILO)]
        self.b1 = [0.0] * N_PIILO
        self.w2 = [[random.gauss(0, 0.4) for _ in range(N_PIILO)] for _ in range(N_ULOS)]
        self.b2 = [0.0] * N_ULOS

    def laske(self, x):
        self.x = x
        self.h = []
        for j in range(N_PIILO):
            s = self.b1[j]
            for i in range(N_IN):
                s += self.w1[j][i] * x[i]
            self.h.append(math.tanh(s))
        self.y = []
        for k in range(N_ULOS):
            s = self.b2[k]
            for j in range(N_PIILO):
                s += self.w2[k][j] * self.h[j]
            self.y.append(math.tanh(s))
        return self.y

    def opeta(self, x, tavoite, nopeus):
        y = self.laske(x)
        virhe = 0.0
        d_ulos = [0.0] * N_ULOS
        for k in range(N_ULOS):
            e = y[k] - tavoite[k]
            virhe += 0.5 * e * e
            d_ulos[k] = e * (1.0 - y[k] * y[k])
        # piilokerroksen virheet
        d_piilo = [0.0] * N_PIILO
        for j in range(N_PIILO):
            s = 0.0
            for k in range(N_ULOS):
                s += d_ulos[k] * self.w2[k][j]
            d_piilo[j] = s * (1.0 - self.h[j] ** 2)
        # painot
        for k in range(N_ULOS):
            for j in range(N_PIILO):
                self.w2[k][j] -= nopeus * d_ulos[k] * self.h[j]
            self.b2[k] -= nopeus * d_ulos[k]
        for j in range(N_PIILO):
            for i in range(N_IN):
                self.w1[j][i] -= nopeus * d_piilo[j] * x[i]
            self.b1[j] -= nopeus * d_piilo[j]
        return virhe


def saanto(x):
    etaisyys, kulma, vauhti = x
    kaannos = 0.8 * math.sin(2.0 * kulma)
    kaasu = max(-0.9, min(0.9, 1.2 * etaisyys - 0.5 * vauhti))
    return [kaannos, kaasu]


tilanteet = [[random.uniform(-1, 1) for _ in range(N_IN)] for _ in range(150)]
vastaukset = [saanto(t) for t in tilanteet]
ohjain = Ohjain()
jarjestys = list(range(len(tilanteet)))
for kierros in range(100):
    random.shuffle(jarjestys)
    summa = 0.0
    for n in jarjestys:
        summa += ohjain.opeta(tilanteet[n], vastaukset[n], 0.1)
    if kierros % 20 == 0 or kierros == 99:
        print("kierros", kierros, "virhe", round(summa / len(tilanteet), 5))

for t in tilanteet[:3]:
    print([round(v, 2) for v in ohjain.laske(t)], "pitäisi olla", [round(v, 2) for v in saanto(t)])
