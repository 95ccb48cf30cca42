"""
Wlasny autograd na skalarach, bez numpy.
Siec 2-6-1 z tanh, zadanie: punkt w pierscieniu (+1) czy w srodku (-1).
"""
import math
import random


class Wartosc:
    def __init__(self, dane, rodzice=()):
        self.dane = dane
        self.grad = 0.0
        self.rodzice = rodzice
        self._wstecz = lambda: None

    def __add__(self, inny):
        inny = inny if isinstance(inny, Wartosc) else Wartosc(inny)
        wyn = Wartosc(self.dane + inny.dane, (self, inny))

        def _wstecz():
            self.grad += wyn.grad
            inny.grad += wyn.grad
        wyn._wstecz = _wstecz
        return wyn

    def __mul__(self, inny):
        inny = inny if isinstance(inny, Wartosc) else Wartosc(inny)
        wyn = Wartosc(self.dane * inny.dane, (self, inny))

        def _wstecz():
            self.grad += inny.dane * wyn.grad
            inny.grad += self.dane * wyn.grad
        wyn._wstecz = _wstecz
        return wyn

    def tanh(self):
        t = math.tanh(self.dane)
        wyn = Wartosc(t, (self,))

        def _wstecz():
            self.grad += (1 - t * t) * wyn.grad
        wyn._wstecz = _wstecz
        return wyn

    __radd__ = __add__
    __rmul__ = __mul__

    def __sub__(self, inny):
        return self + inny * -1

    def wstecz(self):
        kolejnosc, byly = [], set()

        def odwiedz(v):
            if v not in byly:
                byly.add(v)
                for r in v.rodzice:
                    odwiedz(r)
                kolejnosc.append(v)
        odwiedz(self)
        self.grad = 1.0
        for v in reversed(kolejnosc):
            v._wstecz()


class Neuron:
    def __init__(self, n):
        self.w = [Wartosc(random.gauss(0, 1 / math.sqrt(n))) for _ in range(n)]
        self.b = Wartosc(0.0)

    def __call__(self, x):
        s = self.b
        for wi, xi in zip(self.w, x):
            s = s + wi * xi
        return s.tanh()


class MLP:
    def __init__(self, rozmiary):
        self.warstwy = [[Neuron(a) for _ in range(b)] for a, b in zip(rozmiary, rozmiary[1:])]

    def __call__(self, x):
        for warstwa in self.warstwy:
            x = [n(x) for n in warstwa]
        return x[0]

    def parametry(self):
        return [p for warstwa in self.warstwy for n in warstwa for p in n.w + [n.b]]


def dane(n):
    zbior = []
    for i in range(n):
        r = random.uniform(0, 0.6) if i % 2 else random.uniform(1.0, 1.5)
        kat = random.uniform(0, 2 * math.pi)
        zbior.append(([r * math.cos(kat), r * math.sin(kat)], -1 if i % 2 else 1))
    return zbior


random.seed(34)
zbior = dane(40)
siec = MLP([2, 6, 1])
for krok in range(126):
    strata = Wartosc(0.0)
    for x, t in zbior:
        roznica = siec(x) - t
        strata = strata + roznica * roznica
    strata = strata * (1 / len(zbior))
    strata.wstecz()
    for p in siec.parametry():
        p.dane -= 0.3 * p.grad
    if krok % 25 == 0:
        print("krok %3d strata %.4f" % (krok, strata.dane))
trafione = sum((siec(x).dane > 0) == (t > 0) for x, t in zbior)
print("trafione: %d z %d" % (trafione, len(zbior)))
