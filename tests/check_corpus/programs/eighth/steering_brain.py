"""
Tiny brain for the enemy ships: learns to steer towards the player and
to hit the brakes when it is too close. No numpy, has to run inside the engine.

inputs:  angle to the player (-1..1), distance (0..1), own speed (0..1)
outputs: steer (-1..1), thrust (-1..1)
"""
import math
import random

random.seed(1234)


class Brain:
    def __init__(self, n_in, n_hidden, n_out):
        self.n_in, self.n_hidden, self.n_out = n_in, n_hidden, n_out
        self.w1 = [[random.gauss(0, 1 / math.sqrt(n_in)) for _ in range(n_in)] for _ in range(n_hidden)]
        self.b1 = [0.0] * n_hidden
        self.w2 = [[random.gauss(0, 1 / math.sqrt(n_hidden)) for _ in range(n_hidden)] for _ in range(n_out)]
        self.b2 = [0.0] * n_out

    def think(self, inp):
        self.inp = inp
        self.hid = []
        for j in range(self.n_hidden):
            s = self.b1[j]
            for i in range(self.n_in):
                s += self.w1[j][i] * inp[i]
            self.hid.append(math.tanh(s))
        self.out = []
        for k in range(self.n_out):
            s = self.b2[k]
            for j in range(self.n_hidden):
                s += self.w2[k][j] * self.hid[j]
            self.out.append(math.tanh(s))
        return self.out

    def learn(self, target, rate):
        # loss = 1/2 * sum (out - target)^2
        d_out = []
        for k in range(self.n_out):
            err = self.out[k] - target[k]
            d_out.append(err * (1 - self.out[k] ** 2))

        d_hid = []
        for j in range(self.n_hidden):
            err = 0.0
            for k in range(self.n_out):
                err += d_out[k] * self.w2[k][j]
            d_hid.append(err * (1 - self.hid[j] ** 2))

        for k in range(self.n_out):
            for j in range(self.n_hidden):
                self.w2[k][j] -= rate * d_out[k] * self.hid[j]
            self.b2[k] -= rate * d_out[k]
        for j in range(self.n_hidden):
            for i in range(self.n_in):
                self.w1[j][i] -= rate * d_hid[j] * self.inp[i]
            self.b1[j] -= rate * d_hid[j]


def teacher(angle, dist, speed):
    steer = max(-0.9, min(0.9, 1.5 * angle))
    want = 0.9 if dist > 0.3 else -0.6
    thrust = max(-0.9, min(0.9, want - 0.5 * speed))
    return [steer, thrust]


def random_situation():
    return [random.uniform(-1, 1), random.random(), random.random()]


replay = []
for _ in range(300):
    s = random_situation()
    replay.append((s, teacher(*s)))

brain = Brain(3, 8, 2)
for epoch in range(60):
    random.shuffle(replay)
    total = 0.0
    for s, t in replay:
        o = brain.think(s)
        total += 0.5 * sum((a - b) ** 2 for a, b in zip(o, t))
        brain.learn(t, 0.05)
    if epoch % 10 == 0 or epoch == 59:
        print("epoch", epoch, "avg loss", round(total / len(replay), 5))

for s in ([0.8, 0.9, 0.2], [-0.5, 0.1, 0.9]):
    print(s, "->", [round(v, 2) for v in brain.think(s)], "wanted", [round(v, 2) for v in teacher(*s)])
