# Un piccolo motore di derivazione automatica, solo scalari, niente numpy.
# L'ho fatto per capire come funziona PyTorch "sotto il cofano".
import math
import random


class Valore:
    def __init__(self, dato, genitori=()):
        self.dato = dato
        self.grad = 0.0
        self._genitori = genitori
        self._indietro = lambda: None

    def __add__(self, altro):
        altro = altro if isinstance(altro, Valore) else Valore(altro)
        out = Valore(self.dato + altro.dato, (self, altro))

        def _indietro():
            self.grad += out.grad
            altro.grad += out.grad
        out._indietro = _indietro
        return out

    def __mul__(self, altro):
        altro = altro if isinstance(altro, Valore) else Valore(altro)
        out = Valore(self.dato * altro.dato, (self, altro))

        def _indietro():
            self.grad += altro.dato * out.grad
            altro.grad += self.dato * out.grad
        out._indietro = _indietro
        return out

    def tanh(self):
        t = math.tanh(self.dato)
        out = Valore(t, (self,))

        def _indietro():
            self.grad += (1 - t * t) * out.grad
        out._indietro = _indietro
        return out

    def __sub__(self, altro):
        return self + altro * -1 if isinstance(altro, Valore) else self + (-altro)

    __radd__ = __add__
    __rmul__ = __mul__

    def retro(self):
        """ordine topologico e poi catena all'indietro"""
        ordine, visti = [], set()

        def visita(v):
            if v not in visti:
                visti.add(v)
                for g in v._genitori:
                    visita(g)
                ordine.append(v)
        visita(self)
        self.grad = 1.0
        for v in reversed(ordine):
            v._indietro()


# ---------- rete ----------
def crea_strato(n_in, n_out):
    return [{"w": [Valore(random.uniform(-1, 1)) for _ in range(n_in)], "b": Valore(0.0)} for _ in range(n_out)]


def applica(strato, x, attiva=True):
    uscite = []
    for neurone in strato:
        s = neurone["b"]
        for w, xi in zip(neurone["w"], x):
            s = s + w * xi
        uscite.append(s.tanh() if attiva else s)
    return uscite


def parametri(rete):
    return [p for strato in rete for n in strato for p in n["w"] + [n["b"]]]


def main():
    random.seed(1)
    # dentro (+1) o fuori (-1) dal cerchio
    punti = [(random.uniform(-1, 1), random.uniform(-1, 1)) for _ in range(40)]
    etichette = [1.0 if x * x + y * y < 0.5 else -1.0 for x, y in punti]
    rete = [crea_strato(2, 6), crea_strato(6, 1)]
    lr = 0.2

    for passo in range(120):
        perdita = Valore(0.0)
        for p, t in zip(punti, etichette):
            h = applica(rete[0], p)
            o = applica(rete[1], h)[0]
            d = o - t
            perdita = perdita + d * d
        perdita = perdita * (1.0 / len(punti))

        for v in parametri(rete):
            v.grad = 0.0
        perdita.retro()
        for v in parametri(rete):
            v.dato -= lr * v.grad

        if passo % 20 == 0:
            print("passo", passo, "perdita", round(perdita.dato, 4))

    giusti = 0
    for p, t in zip(punti, etichette):
        o = applica(rete[1], applica(rete[0], p))[0].dato
        giusti += (o > 0) == (t > 0)
    print("giusti", giusti, "su", len(punti))


if __name__ == "__main__":
    main()
