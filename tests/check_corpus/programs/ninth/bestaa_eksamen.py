# Logistisk regression uden numpy: består den studerende eksamen?
# x1 = timers læsning, x2 = timers søvn.
import math
import random

random.seed(8)

data = []
for _ in range(150):
    laest = random.uniform(0, 10)
    soevn = random.uniform(3, 9)
    z = 0.9 * laest + 0.5 * soevn - 7.0
    bestod = 1 if random.random() < 1 / (1 + math.exp(-z)) else 0
    data.append(([(laest - 5) / 3, (soevn - 6) / 2], bestod))


def sigmoid(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    e = math.exp(z)
    return e / (1 + e)


def log1pexp(z):
    return max(z, 0) + math.log(1 + math.exp(-abs(z)))


w = [0.0, 0.0]
b = 0.0
vw = [0.0, 0.0]
vb = 0.0
rate, mom = 0.3, 0.8
n = len(data)

for runde in range(100):
    gw = [0.0, 0.0]
    gb = 0.0
    tab = 0.0
    for x, t in data:
        z = w[0] * x[0] + w[1] * x[1] + b
        tab += log1pexp(z) - t * z
        fejl = sigmoid(z) - t
        for j in range(2):
            gw[j] += fejl * x[j]
        gb += fejl
    for j in range(2):
        vw[j] = mom * vw[j] - rate * gw[j] / n
        w[j] += vw[j]
    vb = mom * vb - rate * gb / n
    b += vb
    if runde % 20 == 0 or runde == 99:
        print("runde %3d  tab %.4f" % (runde, tab / n))

rigtige = sum(1 for x, t in data if (w[0] * x[0] + w[1] * x[1] + b > 0) == (t == 1))
print("vægte", [round(v, 3) for v in w], "bias", round(b, 3))
print("rigtige: %d af %d" % (rigtige, n))
