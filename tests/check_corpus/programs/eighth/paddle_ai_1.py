"""
paddle_ai.py - teach the CPU paddle where the ball will land.

Part of my pong clone. The net sees (x, y, vx, vy) of the ball and should answer
the y at which it hits the right wall. Walls bounce, so it is not linear :)
"""
import numpy as np

W, H = 1.6, 1.0          # field size in "units"
SEED = 42


def landing_y(x, y, vx, vy):
    """where does it hit the right wall (with bounces at top/bottom)"""
    t = (W - x) / vx
    yy = (y + vy * t) % (2 * H)
    return np.where(yy > H, 2 * H - yy, yy)


def make_shots(n, rng):
    x = rng.uniform(0, W * 0.8, n)
    y = rng.uniform(0, H, n)
    vx = rng.uniform(0.8, 1.6, n)
    vy = rng.uniform(-0.8, 0.8, n)
    shots = np.stack([x, y, vx, vy], axis=1)
    return shots, landing_y(x, y, vx, vy)[:, None]


class Brain:
    def __init__(self, n_in, n_hid, rng, lr=0.05, mom=0.9):
        self.p = {
            "W1": rng.normal(0, np.sqrt(2 / n_in), (n_in, n_hid)),
            "b1": np.zeros(n_hid),
            "W2": rng.normal(0, np.sqrt(2 / n_hid), (n_hid, 1)),
            "b2": np.zeros(1),
        }
        self.vel = {k: np.zeros_like(v) for k, v in self.p.items()}
        self.lr = lr
        self.mom = mom

    def think(self, s):
        self.s = s
        self.pre = s @ self.p["W1"] + self.p["b1"]
        self.act = np.maximum(0, self.pre)
        return self.act @ self.p["W2"] + self.p["b2"]

    def learn(self, s, target):
        out = self.think(s)
        n = len(s)
        loss = np.mean((out - target) ** 2)

        d_out = 2 * (out - target) / n
        g = {}
        g["W2"] = self.act.T @ d_out
        g["b2"] = d_out.sum(axis=0)
        d_act = d_out @ self.p["W2"].T
        d_pre = d_act * (self.pre > 0)
        g["W1"] = self.s.T @ d_pre
        g["b1"] = d_pre.sum(axis=0)

        for k in self.p:
            self.vel[k] = self.lr * g[k] - self.mom * self.vel[k]
            self.p[k] -= self.vel[k]
        return loss


def main():
    rng = np.random.default_rng(SEED)
    shots, goal = make_shots(2048, rng)
    test_s, test_g = make_shots(500, rng)
    mu, sd = shots.mean(0), shots.std(0)
    shots = (shots - mu) / sd
    test_s = (test_s - mu) / sd

    brain = Brain(4, 32, rng)
    for epoch in range(40):
        idx = rng.permutation(len(shots))
        total = 0.0
        for i in range(0, len(shots), 64):
            take = idx[i:i + 64]
            total += brain.learn(shots[take], goal[take]) * len(take)
        if epoch % 8 == 0 or epoch == 39:
            print(f"epoch {epoch:2d}  mse {total / len(shots):.5f}")

    miss = np.abs(brain.think(test_s) - test_g)
    print(f"mean miss: {miss.mean():.3f} units, paddle catches {np.mean(miss < 0.12):.0%}")


if __name__ == "__main__":
    main()
