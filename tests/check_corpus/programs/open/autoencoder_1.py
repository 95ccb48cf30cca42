# Autoencoder: 8 -> 3 -> 8, the network has to invent a code for the 8 patterns
import numpy as np

rng = np.random.default_rng(2024)


class Autoencoder:
    def __init__(self, n_visible, n_code):
        self.We = rng.normal(0, 0.4, (n_visible, n_code))
        self.be = np.zeros(n_code)
        self.Wd = rng.normal(0, 0.4, (n_code, n_visible))
        self.bd = np.zeros(n_visible)

    def encode(self, x):
        return np.tanh(x @ self.We + self.be)

    def decode(self, code):
        logits = code @ self.Wd + self.bd
        return 1.0 / (1.0 + np.exp(-logits))

    def reconstruct(self, x):
        return self.decode(self.encode(x))

    @staticmethod
    def loss(x, x_rec):
        # binary cross entropy, summed over the pixels, mean over the samples
        bce = x * np.log(x_rec) + (1 - x) * np.log(1 - x_rec)
        return -bce.sum(axis=1).mean()

    def gradients(self, x):
        n = x.shape[0]
        code = self.encode(x)
        x_rec = self.decode(code)
        # sigmoid together with BCE
        d_logits = (x_rec - x) * x_rec * (1 - x_rec) / n
        dWd = code.T @ d_logits
        dbd = d_logits.sum(axis=0)
        d_code = d_logits @ self.Wd.T
        d_pre = d_code * (1 - code ** 2)
        dWe = x.T @ d_pre
        dbe = d_pre.sum(axis=0)
        return self.loss(x, x_rec), (dWe, dbe, dWd, dbd)

    def step(self, x, lr):
        loss, (dWe, dbe, dWd, dbd) = self.gradients(x)
        self.We -= lr * dWe
        self.be -= lr * dbe
        self.Wd -= lr * dWd
        self.bd -= lr * dbd
        return loss


patterns = np.eye(8)
net = Autoencoder(8, 3)
for epoch in range(1501):
    loss = net.step(patterns, 0.5)
    if epoch % 250 == 0:
        print(f"epoch {epoch:5d}   loss {loss:.6f}")

print("codes:")
print(np.round(net.encode(patterns), 2))
rec = net.reconstruct(patterns)
print("reconstructed right:", int((rec.argmax(axis=1) == np.arange(8)).sum()), "of 8")
