# Vjezba 4: visoslojna mreza, neuroni kao objekti
# (bez numpy, samo cisti Python)
import math
import random

random.seed(11)


class Neuron:
    def __init__(self, broj_ulaza):
        self.tezine = [random.uniform(-1, 1) for _ in range(broj_ulaza)]
        self.prag = random.uniform(-1, 1)
        self.ulazi = []
        self.izlaz = 0.0
        self.delta = 0.0

    def aktiviraj(self, ulazi):
        self.ulazi = ulazi
        net = self.prag
        for t, u in zip(self.tezine, ulazi):
            net += t * u
        self.izlaz = 1.0 / (1.0 + math.exp(-net))
        return self.izlaz

    def derivacija(self):
        return self.izlaz * (1.0 - self.izlaz)

    def korigiraj(self, eta):
        for i in range(len(self.tezine)):
            self.tezine[i] += eta * self.delta * self.ulazi[i]
        self.prag += eta * self.delta


class Mreza:
    def __init__(self, dimenzije):
        self.slojevi = []
        for k in range(1, len(dimenzije)):
            self.slojevi.append([Neuron(dimenzije[k - 1]) for _ in range(dimenzije[k])])

    def naprijed(self, x):
        for sloj in self.slojevi:
            x = [n.aktiviraj(x) for n in sloj]
        return x

    def natrag(self, cilj, eta):
        # izlazni sloj
        for n, c in zip(self.slojevi[-1], cilj):
            n.delta = (c - n.izlaz) * n.derivacija()
        # skriveni slojevi, od kraja prema pocetku
        for s in range(len(self.slojevi) - 2, -1, -1):
            for j, n in enumerate(self.slojevi[s]):
                suma = 0.0
                for m in self.slojevi[s + 1]:
                    suma += m.tezine[j] * m.delta
                n.delta = suma * n.derivacija()
        # tek sada mijenjamo tezine
        for sloj in self.slojevi:
            for n in sloj:
                n.korigiraj(eta)


# zbrajalo: ulaz a, b, c   izlaz: [suma, prijenos]
primjeri = []
for a in (0, 1):
    for b in (0, 1):
        for c in (0, 1):
            z = a + b + c
            primjeri.append(([a, b, c], [z % 2, z // 2]))

mreza = Mreza([3, 6, 2])
for epoha in range(3000):
    random.shuffle(primjeri)
    greska = 0.0
    for x, cilj in primjeri:
        y = mreza.naprijed(x)
        greska += 0.5 * sum((c - o) ** 2 for c, o in zip(cilj, y))
        mreza.natrag(cilj, 0.8)
    if epoha % 500 == 0:
        print("epoha", epoha, "greska", round(greska, 4))

tocno = 0
for x, cilj in sorted(primjeri):
    y = mreza.naprijed(x)
    tocno += [round(o) for o in y] == cilj
    print(x, "->", [round(o, 2) for o in y], "cilj", cilj)
print("tocno:", tocno, "od", len(primjeri))
