# chiisana jidou bibun (autograd) - sukara dake, numpy nashi
import math
import random

random.seed(2)


class Atai:
    """hitotsu no kazu to sono koubai"""

    def __init__(self, kazu, oya=()):
        self.kazu = kazu
        self.koubai = 0.0
        self.oya = oya
        self.modoru = lambda: None

    def __add__(self, ta):
        ta = ta if isinstance(ta, Atai) else Atai(ta)
        deta = Atai(self.kazu + ta.kazu, (self, ta))

        def modoru():
            self.koubai += deta.koubai
            ta.koubai += deta.koubai
        deta.modoru = modoru
        return deta

    def __sub__(self, ta):
        ta = ta if isinstance(ta, Atai) else Atai(ta)
        deta = Atai(self.kazu - ta.kazu, (self, ta))

        def modoru():
            self.koubai += deta.koubai
            ta.koubai -= deta.koubai
        deta.modoru = modoru
        return deta

    def __mul__(self, ta):
        ta = ta if isinstance(ta, Atai) else Atai(ta)
        deta = Atai(self.kazu * ta.kazu, (self, ta))

        def modoru():
            self.koubai = ta.kazu * deta.koubai
            ta.koubai = self.kazu * deta.koubai
        deta.modoru = modoru
        return deta

    def tanh(self):
        th = math.tanh(self.kazu)
        deta = Atai(th, (self,))

        def modoru():
            self.koubai += (1 - th * th) * deta.koubai
        deta.modoru = modoru
        return deta

    def gyaku(self):
        """topologika junban ni narabete, ushiro kara modoru"""
        junban, mita = [], set()

        def tadoru(v):
            if id(v) not in mita:
                mita.add(id(v))
                for o in v.oya:
                    tadoru(o)
                junban.append(v)
        tadoru(self)
        self.koubai = 1.0
        for v in reversed(junban):
            v.modoru()


def sou(n_in, n_out):
    return [[Atai(random.gauss(0, 0.8)) for _ in range(n_in + 1)] for _ in range(n_out)]


def tooru(s, xs):
    # saigo no omomi wa baiasu
    return [sum((w * x for w, x in zip(nyuron, xs)), nyuron[-1]) for nyuron in s]


kakure, deguchi = sou(2, 6), sou(6, 1)
parameta = [w for s in (kakure, deguchi) for nyuron in s for w in nyuron]


def yosoku(x):
    h = [u.tanh() for u in tooru(kakure, x)]
    return tooru(deguchi, h)[0].tanh()


data = [((1, 1), -1), ((1, -1), 1), ((-1, 1), 1), ((-1, -1), -1), ((0, 0), -1)]
for kai in range(301):
    for w in parameta:
        w.koubai = 0.0
    son = Atai(0.0)
    for x, t in data:
        sa = yosoku(x) - t
        son = son + sa * sa
    son.gyaku()
    for w in parameta:
        w.kazu -= 0.1 * w.koubai
    if kai % 50 == 0:
        print("kai %3d  son %.5f" % (kai, son.kazu))

for x, t in data:
    print(x, "%.3f" % yosoku(x).kazu, "seikai", t)
