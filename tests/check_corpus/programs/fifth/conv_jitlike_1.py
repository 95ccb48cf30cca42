# 1-D conv net in plain loops, written so that numba could compile it.
# (numba is not on the lab machines, so @jit does nothing here)
import math
import random


def jit(f):
    return f


@jit
def conv_forward(x, K, kb, z):
    nf, width = len(K), len(K[0])
    for f in range(nf):
        for p in range(len(x) - width + 1):
            acc = kb[f]
            for j in range(width):
                acc += K[f][j] * x[p + j]
            z[f][p] = acc


@jit
def relu_mean(z, pooled):
    for f in range(len(z)):
        s = 0.0
        for v in z[f]:
            if v > 0.0:
                s += v
        pooled[f] = s / len(z[f])


@jit
def head(pooled, w, b):
    s = b
    for f in range(len(w)):
        s += w[f] * pooled[f]
    return 1.0 / (1.0 + math.exp(-s))


@jit
def backward(x, z, pooled, prob, y, w, gK, gkb, gw):
    """adds this sample's gradients to gK, gkb, gw; returns dloss/db"""
    d = prob - y
    npos = len(z[0])
    for f in range(len(w)):
        gw[f] += d * pooled[f]
        dpool = d * w[f] / npos
        for p in range(npos):
            if z[f][p] > 0.0:
                gkb[f] = dpool
                for j in range(len(gK[f])):
                    gK[f][j] += dpool * x[p + j]
    return d


def make_signal(rnd, y, n=24):
    # class 1: fast wiggle, class 0: slow wave
    freq = rnd.uniform(1.6, 2.4) if y else rnd.uniform(0.3, 0.7)
    ph = rnd.uniform(0, 6.28)
    return [math.sin(freq * i + ph) + rnd.gauss(0, 0.3) for i in range(n)]


def main():
    rnd = random.Random(12)
    NF, WIDTH, LEN = 3, 4, 24
    data = [(make_signal(rnd, i % 2), i % 2) for i in range(60)]
    K = [[rnd.gauss(0, 0.5) for _ in range(WIDTH)] for _ in range(NF)]
    kb = [0.0] * NF
    w = [rnd.gauss(0, 0.5) for _ in range(NF)]
    b = 0.0
    lr = 1.0
    z = [[0.0] * (LEN - WIDTH + 1) for _ in range(NF)]
    pooled = [0.0] * NF

    for epoch in range(61):
        gK = [[0.0] * WIDTH for _ in range(NF)]
        gkb = [0.0] * NF
        gw = [0.0] * NF
        gb = 0.0
        loss = 0.0
        hits = 0
        for x, y in data:
            conv_forward(x, K, kb, z)
            relu_mean(z, pooled)
            prob = head(pooled, w, b)
            loss -= math.log(prob if y == 1 else 1.0 - prob)
            hits += (prob > 0.5) == (y == 1)
            gb += backward(x, z, pooled, prob, y, w, gK, gkb, gw)
        n = len(data)
        for f in range(NF):
            for j in range(WIDTH):
                K[f][j] -= lr * gK[f][j] / n
            kb[f] -= lr * gkb[f] / n
            w[f] -= lr * gw[f] / n
        b -= lr * gb / n
        if epoch % 10 == 0:
            print("epoch %2d  loss %.4f  hits %d/%d" % (epoch, loss / n, hits, n))


main()
