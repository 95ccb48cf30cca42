"""
Siamese network with contrastive loss.
Two inputs go through the SAME layer; y = 1 means "same class".
    L = mean( y * d^2 + (1 - y) * max(0, margin - d)^2 ) / 2
"""
import numpy as np

rng = np.random.default_rng(44)
MARGIN = 1.0


class Embedder:
    def __init__(self, n_in, n_hidden, n_out):
        self.W1 = rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_hidden))
        self.b1 = np.zeros(n_hidden)
        self.W2 = rng.normal(0, 1 / np.sqrt(n_hidden), (n_hidden, n_out))
        self.b2 = np.zeros(n_out)

    def embed(self, x):
        h = np.tanh(x @ self.W1 + self.b1)
        return h @ self.W2 + self.b2, h

    def grads_one_side(self, x, h, dz):
        dh = dz @ self.W2.T * (1 - h * h)
        return [x.T @ dh, dh.sum(0), h.T @ dz, dz.sum(0)]

    def loss_and_grads(self, xa, xb, y):
        za, ha = self.embed(xa)
        zb, hb = self.embed(xb)
        diff = za - zb
        d = np.sqrt(np.sum(diff ** 2, axis=1) + 1e-9)
        gap = np.maximum(0, MARGIN - d)
        n = len(y)
        loss = 0.5 * np.mean(y * d ** 2 + (1 - y) * gap ** 2)

        # dL/dd, then d -> diff -> za, zb
        dd = (y * d - (1 - y) * gap) / n
        ddiff = (dd / d)[:, None] * diff
        ga = self.grads_one_side(xa, ha, ddiff)
        gb = self.grads_one_side(xb, hb, ddiff)
        return loss, [a + b for a, b in zip(ga, gb)]

    def update(self, grads, lr):
        for p, g in zip((self.W1, self.b1, self.W2, self.b2), grads):
            p -= lr * g


centers = rng.normal(0, 1.5, (4, 6))


def pairs(n):
    ca = rng.integers(0, 4, n)
    cb = np.where(rng.random(n) < 0.5, ca, rng.integers(0, 4, n))
    xa = centers[ca] + 0.8 * rng.normal(size=(n, 6))
    xb = centers[cb] + 0.8 * rng.normal(size=(n, 6))
    return xa, xb, (ca == cb).astype(float)


net = Embedder(6, 12, 2)
for step in range(801):
    xa, xb, y = pairs(40)
    loss, grads = net.loss_and_grads(xa, xb, y)
    net.update(grads, 0.2)
    if step % 200 == 0:
        print("step", step, "loss %.4f" % loss)

xa, xb, y = pairs(500)
dist = np.linalg.norm(net.embed(xa)[0] - net.embed(xb)[0], axis=1)
print("mean distance same: %.3f, different: %.3f" % (dist[y == 1].mean(), dist[y == 0].mean()))
print("accuracy at d < 0.5: %.3f" % np.mean((dist < 0.5) == (y == 1)))
