# enemy_brain.py - offline trainer for the grunt AI's "attack or flee" decision
# inputs: own hp, player hp, distance, ammo  (all 0..1, shifted to be centred)
# label: what the old hand-written behaviour tree would do. Net goes in the build, tree doesn't.
import numpy as np

rng = np.random.default_rng(99)


def behaviour_tree(s):
    hp, php, dist, ammo = s
    if hp < 0.25 and php > 0.3:
        return 0
    if ammo < 0.1:
        return 1 if dist < 0.3 else 0
    return 1 if hp + 0.5 * ammo > php * 0.8 + 0.2 * dist else 0


S = rng.random((700, 4))
Y = np.array([behaviour_tree(s) for s in S], dtype=float).reshape(-1, 1)
S = (S - 0.5) * 2
Xtr, Ytr, Xte, Yte = S[:550], Y[:550], S[550:], Y[550:]

SLOPE = 0.05
KEEP = 0.9
LR = 0.004
DECAY = 0.95
BATCH = 40

P = {
    "W1": rng.normal(0, 0.7, (4, 24)), "b1": np.zeros((1, 24)),
    "W2": rng.normal(0, 0.3, (24, 12)), "b2": np.zeros((1, 12)),
    "W3": rng.normal(0, 0.4, (12, 1)), "b3": np.zeros((1, 1)),
}
cache = {k: np.zeros_like(p) for k, p in P.items()}


def lrelu(z):
    return np.where(z > 0, z, SLOPE * z)


def d_lrelu(z):
    return np.where(z < 0, 1.0, SLOPE)


def think(x):
    a = lrelu(x @ P["W1"] + P["b1"])
    a = lrelu(a @ P["W2"] + P["b2"])
    return a @ P["W3"] + P["b3"]


def bce(z, y):
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z))))


for epoch in range(60):
    order = rng.permutation(len(Xtr))
    for lo in range(0, len(order), BATCH):
        pick = order[lo:lo + BATCH]
        x, y = Xtr[pick], Ytr[pick]
        z1 = x @ P["W1"] + P["b1"]
        mask = (rng.random(z1.shape) < KEEP) / KEEP
        a1 = lrelu(z1) * mask
        z2 = a1 @ P["W2"] + P["b2"]
        a2 = lrelu(z2)
        z3 = a2 @ P["W3"] + P["b3"]

        d3 = (1 / (1 + np.exp(-z3)) - y) / len(pick)
        d2 = d3 @ P["W3"].T * d_lrelu(z2)
        d1 = d2 @ P["W2"].T * mask * d_lrelu(z1)
        G = {
            "W3": a2.T @ d3, "b3": d3.sum(0, keepdims=True),
            "W2": a1.T @ d2, "b2": d2.sum(0, keepdims=True),
            "W1": x.T @ d1, "b1": d1.sum(0, keepdims=True),
        }
        for k in P:
            cache[k] = DECAY * cache[k] + (1 - DECAY) * G[k] ** 2
            P[k] -= LR * G[k] / (np.sqrt(cache[k]) + 1e-8)
    if epoch % 15 == 14:
        print(f"epoch {epoch+1}: train {bce(think(Xtr), Ytr):.4f}  test {bce(think(Xte), Yte):.4f}")

acc = np.mean((think(Xte) > 0) == (Yte > 0.5))
print(f"grunt agrees with the tree in {acc:.1%} of cases")
