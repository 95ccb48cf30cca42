# brain for the asteroid ships: learns to steer from a "teacher" autopilot
# inputs: angle to target, angular velocity, distance  -> output: thrust left/right in [-1, 1]
import math
import random

LR = 0.03


def lrelu(v):
    return v if v > 0 else 0.1 * v


class Brain:
    def __init__(self, n_in, n_hid):
        k = 1 / math.sqrt(n_in)
        self.wh = [[random.uniform(-k, k) for _ in range(n_in)] for _ in range(n_hid)]
        self.bh = [0.0] * n_hid
        k = 1 / math.sqrt(n_hid)
        self.wo = [random.uniform(-k, k) for _ in range(n_hid)]
        self.bo = 0.0

    def think(self, inp):
        self.inp = inp
        self.pre = []
        self.hid = []
        for i in range(len(self.wh)):
            s = self.bh[i]
            for j in range(len(inp)):
                s += self.wh[i][j] * inp[j]
            self.pre.append(s)
            self.hid.append(lrelu(s))
        s = self.bo
        for i in range(len(self.hid)):
            s += self.wo[i] * self.hid[i]
        self.out = math.tanh(s)
        return self.out

    def learn(self, target):
        # loss = 0.5 * (out - target)^2, call after think()
        d_out = (self.out - target) * (1 - self.out * self.out)
        d_hid = []
        for i in range(len(self.hid)):
            d = d_out * self.wo[i]
            if self.pre[i] <= 0:
                d *= 0.1
            d_hid.append(d)
        for i in range(len(self.hid)):
            self.wo[i] -= LR * d_out * self.hid[i]
        self.bo -= LR * d_out
        for i in range(len(self.wh)):
            for j in range(len(self.inp)):
                self.wh[i][j] -= LR * d_hid[i] * self.inp[j]
        return 0.5 * (self.out - target) ** 2


def autopilot(angle, spin, dist):
    """the hand-written steering we want to imitate"""
    turn = 1.5 * angle - 0.8 * spin + 0.2
    if dist < 0.3:
        turn *= 0.5
    return max(-0.95, min(0.95, turn))


def random_situation():
    return [random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(0, 1)]


if __name__ == "__main__":
    random.seed(1337)
    brain = Brain(3, 8)
    frames = 0
    err = 0.0
    while frames < 30000:
        s = random_situation()
        brain.think(s)
        err += brain.learn(autopilot(*s))
        frames += 1
        if frames % 5000 == 0:
            print("frame", frames, "avg err", err / 5000)
            err = 0.0

    for s in ([0.5, 0.0, 0.8], [-0.5, 0.0, 0.8], [0.0, 0.6, 0.1]):
        print(s, "brain %.2f" % brain.think(s), "autopilot %.2f" % autopilot(*s))
