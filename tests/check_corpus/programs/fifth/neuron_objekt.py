"""XOR med neuroner som objekt. Ingen numpy, bara math.
Labb 3 - skriv din egen neuron."""
import math
import random

random.seed(11)


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


class Neuron:
    def __init__(self, antal_in):
        self.w = [random.uniform(-1, 1) for _ in range(antal_in)]
        self.b = random.uniform(-1, 1)
        self.delta = 0.0

    def fram(self, indata):
        self.indata = indata
        self.ut = sigmoid(sum(w * x for w, x in zip(self.w, indata)) + self.b)
        return self.ut

    def lutning(self):
        # derivatan av sigmoiden uttryckt i utsignalen
        return self.ut * (1 - self.ut)

    def uppdatera(self, lr):
        for i, x in enumerate(self.indata):
            self.w[i] -= lr * self.delta * x
        self.b -= lr * self.delta


class Natverk:
    def __init__(self, n_in, n_dolda):
        self.dolda = [Neuron(n_in) for _ in range(n_dolda)]
        self.utneuron = Neuron(n_dolda)

    def fram(self, x):
        h = [n.fram(x) for n in self.dolda]
        return self.utneuron.fram(h)

    def trana(self, x, mal, lr):
        y = self.fram(x)
        # kostnad E = (y - mal)^2 / 2
        self.utneuron.delta = (y - mal) * self.utneuron.lutning()
        for i, n in enumerate(self.dolda):
            n.delta = self.utneuron.delta * self.utneuron.w[i] * n.lutning()
        self.utneuron.uppdatera(lr)
        for n in self.dolda:
            n.uppdatera(lr)
        return 0.5 * (y - mal) ** 2


XOR = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]

nat = Natverk(2, 4)
for varv in range(6000):
    random.shuffle(XOR)
    fel = sum(nat.trana(x, m, 0.8) for x, m in XOR)
    if varv % 1000 == 0:
        print("varv %5d  fel %.5f" % (varv, fel))

for x, m in sorted(XOR):
    print(x, "->", round(nat.fram(x), 3), "ska vara", m)
