# Tiny brain for the chaser enemy. No numpy, the engine's python doesn't ship it.
# in:  dir to player (x, y), own speed      out: turn, throttle   (all -1..1)
# trained offline on what the hand-written AI would do, weights get pasted into the game
import math
import random

random.seed(1337)

N_IN, N_HID, N_OUT = 3, 8, 2
LEARN_RATE = 0.05


def scripted_ai(dx, dy, speed):
    ang = math.atan2(dx, dy)
    turn = math.tanh(1.5 * ang)
    throttle = math.cos(ang) * 0.8 - 0.3 * speed
    return [turn, max(-0.9, min(0.9, throttle))]


class Brain:
    def __init__(self):
        self.w_ih = [[random.uniform(-0.7, 0.7) for _ in range(N_IN)] for _ in range(N_HID)]
        self.b_h = [0.0] * N_HID
        self.w_ho = [[random.uniform(-0.5, 0.5) for _ in range(N_HID)] for _ in range(N_OUT)]
        self.b_o = [0.0] * N_OUT

    def think(self, inp):
        self.inp = inp
        self.hid = []
        for j in range(N_HID):
            s = self.b_h[j]
            for i in range(N_IN):
                s += self.w_ih[j][i] * inp[i]
            self.hid.append(math.tanh(s))
        self.out = []
        for k in range(N_OUT):
            s = self.b_o[k]
            for j in range(N_HID):
                s += self.w_ho[k][j] * self.hid[j]
            self.out.append(math.tanh(s))
        return self.out

    def learn(self, target):
        # loss = 1/2 * sum (out - target)^2
        d_out = [(self.out[k] - target[k]) * (1 - self.out[k] ** 2) for k in range(N_OUT)]
        for k in range(N_OUT):
            for j in range(N_HID):
                self.w_ho[k][j] -= LEARN_RATE * d_out[k] * self.hid[j]
            self.b_o[k] -= LEARN_RATE * d_out[k]

        d_hid = []
        for j in range(N_HID):
            s = 0.0
            for k in range(N_OUT):
                s += d_out[k] * self.w_ho[k][j]
            d_hid.append(s * (1 - self.hid[j] ** 2))
        for j in range(N_HID):
            for i in range(N_IN):
                self.w_ih[j][i] -= LEARN_RATE * d_hid[j] * self.inp[i]
            self.b_h[j] -= LEARN_RATE * d_hid[j]
        return 0.5 * sum((o - t) ** 2 for o, t in zip(self.out, target))


def random_situation():
    a = random.uniform(-2.8, 2.8)
    return [math.sin(a), math.cos(a), random.uniform(0, 1)]


brain = Brain()
situations = [random_situation() for _ in range(300)]
for frame in range(40):
    random.shuffle(situations)
    total = 0.0
    for s in situations:
        brain.think(s)
        total += brain.learn(scripted_ai(*s))
    if frame % 8 == 0:
        print("pass", frame, "avg loss", round(total / len(situations), 5))

for s in [random_situation() for _ in range(4)]:
    print([round(v, 2) for v in scripted_ai(*s)], "->", [round(v, 2) for v in brain.think(s)])
