# Sieć neuronowa 2-3-1, problem XOR, bez numpy
# Zadanie zaliczeniowe, Podstawy SI
import math
import random


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


class Neuron:
    def __init__(self, ile_wejsc):
        self.wagi = [0.5 for _ in range(ile_wejsc)]
        self.prog = 0.0
        self.wyjscie = 0.0
        self.delta = 0.0

    def oblicz(self, wejscia):
        suma = self.prog
        for w, x in zip(self.wagi, wejscia):
            suma += w * x
        self.wyjscie = sigmoid(suma)
        return self.wyjscie

    def popraw(self, wejscia, eta):
        for i in range(len(self.wagi)):
            self.wagi[i] -= eta * self.delta * wejscia[i]
        self.prog -= eta * self.delta


class Siec:
    def __init__(self, n_we, n_ukryte):
        self.ukryta = [Neuron(n_we) for _ in range(n_ukryte)]
        self.wyjsciowy = Neuron(n_ukryte)

    def przod(self, x):
        self.h = [n.oblicz(x) for n in self.ukryta]
        return self.wyjsciowy.oblicz(self.h)

    def ucz(self, x, t, eta):
        y = self.przod(x)
        # E = 1/2 (y - t)^2
        self.wyjsciowy.delta = (y - t) * y * (1 - y)
        for i, n in enumerate(self.ukryta):
            blad = self.wyjsciowy.delta * self.wyjsciowy.wagi[i]
            n.delta = blad * n.wyjscie * (1 - n.wyjscie)
        self.wyjsciowy.popraw(self.h, eta)
        for n in self.ukryta:
            n.popraw(x, eta)
        return 0.5 * (y - t) ** 2


def main():
    random.seed(1)
    dane = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
    siec = Siec(2, 3)
    for epoka in range(8001):
        random.shuffle(dane)
        E = 0.0
        for x, t in dane:
            E += siec.ucz(x, t, 0.5)
        if epoka % 2000 == 0:
            print("epoka", epoka, "blad", round(E, 5))

    for x, t in sorted(dane):
        print(x, "->", round(siec.przod(x), 3), "(oczekiwane", t, ")")


if __name__ == "__main__":
    main()
