# jido bibun (autograd) wo jibun de tsukutte miru. numpy no gyouretsu ban.
# tape ni "gyaku houkou no kansuu" wo tsunde iku dake.
import numpy as np

tape = []


class Hensuu:
    """atai (value) to koubai (gradient) wo motsu hako"""
    def __init__(self, atai):
        self.atai = np.asarray(atai, dtype=float)
        self.koubai = np.zeros_like(self.atai)


def moto_no_katachi(g, katachi):
    # broadcast sareta jiku wo tashite modosu
    while g.ndim > len(katachi):
        g = g.sum(axis=0)
    for i, s in enumerate(katachi):
        if s == 1 and g.shape[i] != 1:
            g = g.sum(axis=i, keepdims=True)
    return g


def tasu(a, b):
    c = Hensuu(a.atai + b.atai)
    def gyaku():
        a.koubai += moto_no_katachi(c.koubai, a.atai.shape)
        b.koubai += moto_no_katachi(c.koubai, b.atai.shape)
    tape.append(gyaku)
    return c


def hiku(a, b):
    c = Hensuu(a.atai - b.atai)
    def gyaku():
        a.koubai += moto_no_katachi(c.koubai, a.atai.shape)
        b.koubai -= moto_no_katachi(c.koubai, b.atai.shape)
    tape.append(gyaku)
    return c


def gyouretsu_seki(a, b):
    c = Hensuu(a.atai @ b.atai)
    def gyaku():
        a.koubai += c.koubai @ b.atai.T
        b.koubai += a.atai.T @ c.koubai
    tape.append(gyaku)
    return c


def sigmoid(a):
    c = Hensuu(1 / (1 + np.exp(-a.atai)))
    def gyaku():
        a.koubai += c.koubai * a.atai * (1 - a.atai)
    tape.append(gyaku)
    return c


def nijou_heikin(a):
    c = Hensuu(np.mean(a.atai ** 2))
    def gyaku():
        a.koubai += c.koubai * 2 * a.atai / a.atai.size
    tape.append(gyaku)
    return c


def gyaku_denpa(sonshitsu):
    sonshitsu.koubai = np.ones_like(sonshitsu.atai)
    while tape:
        tape.pop()()


# ---- gakushuu: sin to cos no nami wo 2 tsu no shutsuryoku de maneru ----
rng = np.random.default_rng(12)
x = rng.uniform(-3, 3, (120, 1))
y = np.hstack([np.sin(x), 0.5 * np.cos(2 * x)])

X = Hensuu(x)
Y = Hensuu(y)
H = 12
W1 = Hensuu(rng.normal(0, 1.5, (1, H)))
b1 = Hensuu(rng.normal(0, 1.0, (1, H)))
W2 = Hensuu(rng.normal(0, 0.5, (H, H)))
b2 = Hensuu(np.zeros((1, H)))
W3 = Hensuu(rng.normal(0, 0.5, (H, 2)))
b3 = Hensuu(np.zeros((1, 2)))
parameta = [W1, b1, W2, b2, W3, b3]

ritsu = 1.0
for kai in range(3001):
    h1 = sigmoid(tasu(gyouretsu_seki(X, W1), b1))
    h2 = sigmoid(tasu(gyouretsu_seki(h1, W2), b2))
    yosoku = tasu(gyouretsu_seki(h2, W3), b3)
    L = nijou_heikin(hiku(Y, yosoku))

    for p in parameta + [X, Y]:
        p.koubai[...] = 0
    gyaku_denpa(L)
    for p in parameta:
        p.atai -= ritsu * p.koubai

    if kai % 500 == 0:
        print("kai", kai, " gosa", round(float(L.atai), 5))
