# neuronova sit jako skladani funkci: vsude reduce, nikde se nic neprepisuje
# uloha: sit 3-3-3-3 se ma naucit "otoc a zmackni" v prostoru
from functools import reduce
import numpy as np

gen = np.random.default_rng(8)


def nahodna_vrstva(_):
    return gen.normal(size=(3, 3)) * 0.6, np.zeros(3)


def dopredu(vrstvy, X):
    """vrati seznam (vstup, vystup) pro kazdou vrstvu"""
    def krok(stopa, vrstva):
        W, b = vrstva
        a = stopa[-1][1] if stopa else X
        return stopa + [(a, np.tanh(a @ W + b))]
    return reduce(krok, vrstvy, [])


def zpatky(vrstvy, stopa, dA):
    """gradienty vsech vrstev, od posledni k prvni"""
    def krok(stav, polozka):
        delta, grady = stav
        (W, b), (vstup, vystup) = polozka
        g = delta * (1 - vystup ** 2)
        return g @ W.T, [(vystup.T @ g, g.sum(axis=0))] + grady
    return reduce(krok, reversed(list(zip(vrstvy, stopa))), (dA, []))[1]


def posun(vrstvy, grady, eta):
    return [(W - eta * gW, b - eta * gb) for (W, b), (gW, gb) in zip(vrstvy, grady)]


def ztrata(Y, T):
    return np.sum((Y - T) ** 2) / len(T)


uhel = 0.8
R = np.array([[np.cos(uhel), -np.sin(uhel), 0],
              [np.sin(uhel), np.cos(uhel), 0],
              [0, 0, 1]])
X = gen.normal(size=(150, 3))
T = 0.8 * np.tanh(X @ R.T + 0.2)


def epocha(vrstvy, i):
    stopa = dopredu(vrstvy, X)
    Y = stopa[-1][1]
    if i % 250 == 0:
        print("epocha", i, "ztrata", round(float(ztrata(Y, T)), 5))
    return posun(vrstvy, zpatky(vrstvy, stopa, 2 * (Y - T) / len(T)), 0.1)


sit = reduce(epocha, range(1501), list(map(nahodna_vrstva, range(3))))
print("konecna ztrata:", round(float(ztrata(dopredu(sit, X)[-1][1], T)), 5))
