# Perceptron Rosenblatta - zadanie domowe nr 1
# Punkty na plaszczyznie, po ktorej stronie prostej leza?
import random
import numpy as np


class Perceptron:
    def __init__(self, ile_cech, eta=0.1):
        self.eta = eta
        self.w = np.array([0] * ile_cech)
        self.b = 0.0

    def przewidz(self, x):
        suma = self.b
        for j in range(len(self.w)):
            suma += self.w[j] * x[j]
        return 1 if suma >= 0 else 0

    def popraw(self, x, blad):
        krok = self.eta * blad
        for j in range(len(self.w)):
            self.w[j] += krok * x[j]
        self.b += krok

    def ucz(self, dane, max_epok=200):
        for epoka in range(max_epok):
            random.shuffle(dane)
            pomylki = 0
            for x, t in dane:
                blad = t - self.przewidz(x)
                if blad != 0:
                    self.popraw(x, blad)
                    pomylki += 1
            print("epoka", epoka, "pomylki:", pomylki)
            if pomylki == 0:
                return True
        return False


def losuj_punkty(n):
    # prosta: 2x - y + 0.4 = 0, z marginesem zeby sie dalo rozdzielic
    dane = []
    while len(dane) < n:
        x = [random.uniform(-1, 1), random.uniform(-1, 1)]
        s = 2 * x[0] - x[1] + 0.4
        if abs(s) > 0.15:
            dane.append((x, 1 if s > 0 else 0))
    return dane


if __name__ == "__main__":
    random.seed(12)
    uczace = losuj_punkty(150)
    testowe = losuj_punkty(100)
    p = Perceptron(2)
    ok = p.ucz(uczace)
    print("zbiezny" if ok else "NIE zbiegl")
    dobrze = sum(1 for x, t in testowe if p.przewidz(x) == t)
    print("wagi:", p.w, "prog:", p.b)
    print("test: %d / %d" % (dobrze, len(testowe)))
