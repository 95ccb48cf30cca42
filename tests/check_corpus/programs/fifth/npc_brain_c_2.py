"""NPC brain prototype: ATTACK / FLEE / HIDE from 5 stats, with dropout.
Just for the jam, will be ported to C# later."""
import numpy as np

rng = np.random.default_rng(99)
ACTIONS = ["ATTACK", "FLEE", "HIDE"]
KEEP = 0.8       # dropout keep probability
BATCH = 32
LR = 0.2


def fake_playthroughs(count):
    # hp, enemy hp, ammo, distance, cover  (all 0..1)
    s = rng.random((count, 5))
    scores = np.stack([s[:, 0] + s[:, 2] - s[:, 1],
                       0.9 * s[:, 1] + s[:, 3] - s[:, 0],
                       s[:, 4] + 0.5 - s[:, 2]], axis=1)
    return s * 2 - 1, scores.argmax(axis=1)


class Brain:
    def __init__(self, n_in, n_hid, n_out):
        self.w1 = rng.standard_normal((n_in, n_hid)) * np.sqrt(2 / n_in)
        self.b1 = np.zeros(n_hid)
        self.w2 = rng.standard_normal((n_hid, n_out)) * np.sqrt(1 / n_hid)
        self.b2 = np.zeros(n_out)

    def think(self, s, training=False):
        self.s = s
        self.pre = s @ self.w1 + self.b1
        self.hid = np.maximum(self.pre, 0)
        if training:
            self.mask = rng.random(self.hid.shape) < KEEP
            self.hid = self.hid * self.mask
        logits = self.hid @ self.w2 + self.b2
        logits = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(logits)
        return e / e.sum(axis=1, keepdims=True)

    def learn(self, probs, act):
        n = len(act)
        g = probs.copy()
        g[np.arange(n), act] -= 1
        g /= n
        gw2, gb2 = self.hid.T @ g, g.sum(axis=0)
        gh = g @ self.w2.T
        gh = gh * self.mask
        gh = gh * (self.pre > 0)
        gw1, gb1 = self.s.T @ gh, gh.sum(axis=0)
        self.w1 -= LR * gw1
        self.b1 -= LR * gb1
        self.w2 -= LR * gw2
        self.b2 -= LR * gb2


states, actions = fake_playthroughs(420)
test_s, test_a = fake_playthroughs(200)
brain = Brain(5, 32, 3)

for epoch in range(101):
    order = rng.permutation(len(states))
    states, actions = states[order], actions[order]
    total = 0.0
    for i in range(0, len(states), BATCH):
        s, a = states[i:i + BATCH], actions[i:i + BATCH]
        p = brain.think(s, training=True)
        total += -np.log(p[np.arange(len(a)), a] + 1e-12).sum()
        brain.learn(p, a)
    if epoch % 20 == 0:
        acc = (brain.think(test_s).argmax(axis=1) == test_a).mean()
        print(f"epoch {epoch:3d} | loss {total / len(states):.4f} | test acc {acc:.3f}")

for name, row in zip(("tired", "strong"), brain.think(np.array([[-.8, .8, -.6, .9, -.5], [.9, -.7, .8, -.5, -.5]]))):
    print(name, "->", ACTIONS[row.argmax()])
