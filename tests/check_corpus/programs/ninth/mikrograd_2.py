# mein eigenes kleines autograd (nach dem Video von A. K., aber ohne abzuschreiben)
# reines Python, trainiert ein 2-6-1 Netz auf XOR-artigen Punkten
import math
import random

random.seed(3)


class Zahl:
    def __init__(self, wert, eltern=()):
        self.wert = wert
        self.grad = 0.0
        self.eltern = eltern
        self.rueck = lambda: None

    def __add__(self, o):
        o = o if isinstance(o, Zahl) else Zahl(o)
        aus = Zahl(self.wert + o.wert, (self, o))

        def rueck():
            self.grad += aus.grad
            o.grad += aus.grad
        aus.rueck = rueck
        return aus

    def __mul__(self, o):
        o = o if isinstance(o, Zahl) else Zahl(o)
        aus = Zahl(self.wert * o.wert, (self, o))

        def rueck():
            self.grad = o.wert * aus.grad
            o.grad = self.wert * aus.grad
        aus.rueck = rueck
        return aus

    def tanh(self):
        t = math.tanh(self.wert)
        aus = Zahl(t, (self,))

        def rueck():
            self.grad += (1 - t * t) * aus.grad
        aus.rueck = rueck
        return aus

    def backward(self):
        reihe, gesehen = [], set()

        def besuche(k):
            if k not in gesehen:
                gesehen.add(k)
                for e in k.eltern:
                    besuche(e)
                reihe.append(k)
        besuche(self)
        self.grad = 1.0
        for k in reversed(reihe):
            k.rueck()


punkte = []
for _ in range(24):
    a, b = random.uniform(-1, 1), random.uniform(-1, 1)
    punkte.append((a, b, 1.0 if a * b > 0 else -1.0))

VERSTECKT = 6
W1 = [[Zahl(random.gauss(0, 1)) for _ in range(2)] for _ in range(VERSTECKT)]
B1 = [Zahl(random.gauss(0, 0.3)) for _ in range(VERSTECKT)]
W2 = [Zahl(random.gauss(0, 0.5)) for _ in range(VERSTECKT)]
B2 = Zahl(0.0)
alle = [w for zeile in W1 for w in zeile] + B1 + W2 + [B2]


def netz(a, b):
    aus = B2
    for j in range(VERSTECKT):
        h = (W1[j][0] * a + W1[j][1] * b + B1[j]).tanh()
        aus = aus + W2[j] * h
    return aus.tanh()


for runde in range(151):
    verlust = Zahl(0.0)
    for a, b, ziel in punkte:
        d = netz(a, b) + (-ziel)
        verlust = verlust + d * d
    verlust = verlust * (1.0 / len(punkte))

    for p in alle:
        p.grad = 0.0
    verlust.backward()
    for p in alle:
        p.wert -= 0.3 * p.grad
    if runde % 50 == 0:
        print("Runde", runde, "Verlust", round(verlust.wert, 4))

treffer = sum((netz(a, b).wert > 0) == (z > 0) for a, b, z in punkte)
print("Treffer:", treffer, "von", len(punkte))
