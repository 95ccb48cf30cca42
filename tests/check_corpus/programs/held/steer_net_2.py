# steer_net.py - tiny brain for my kart AI. Given where the next waypoint is and
# how fast we go, output a steering value in [-1, 1]. No numpy, has to be portable
# to Lua later.
import math
import random

random.seed(1337)

N_IN, N_HID = 3, 8
LR = 0.05


def teacher(dx, dy, speed):
    """the hand-written controller we want to imitate"""
    ang = math.atan2(dx, dy)
    return max(-1.0, min(1.0, ang / (0.6 + 0.5 * speed)))


samples = []
for _ in range(300):
    dx = random.uniform(-1, 1)
    dy = random.uniform(0.2, 1)
    sp = random.random()
    samples.append(((dx, dy, sp), teacher(dx, dy, sp)))

w1 = [[0.3] * N_IN for _ in range(N_HID)]
b1 = [0.0] * N_HID
w2 = [0.3] * N_HID
b2 = 0.0


def think(inp):
    hid = []
    for j in range(N_HID):
        s = b1[j]
        for i in range(N_IN):
            s += w1[j][i] * inp[i]
        hid.append(math.tanh(s))
    s = b2
    for j in range(N_HID):
        s += w2[j] * hid[j]
    return hid, math.tanh(s)


def learn(inp, want):
    """one step of online backprop on 0.5*(out-want)^2, returns the loss"""
    global b2
    hid, out = think(inp)
    err = out - want
    d_out = err * (1 - out * out)
    d_hid = [d_out * w2[j] * (1 - hid[j] * hid[j]) for j in range(N_HID)]
    for j in range(N_HID):
        w2[j] -= LR * d_out * hid[j]
    b2 -= LR * d_out
    for j in range(N_HID):
        for i in range(N_IN):
            w1[j][i] -= LR * d_hid[j] * inp[i]
        b1[j] -= LR * d_hid[j]
    return 0.5 * err * err


for lap in range(60):
    random.shuffle(samples)
    total = 0.0
    for inp, want in samples:
        total += learn(inp, want)
    if lap % 10 == 0 or lap == 59:
        print("lap", lap, "avg loss", round(total / len(samples), 5))

for probe in [(-0.5, 0.5, 0.2), (0.0, 1.0, 0.9), (0.9, 0.4, 0.1)]:
    print(probe, "net %.3f  teacher %.3f" % (think(probe)[1], teacher(*probe)))
