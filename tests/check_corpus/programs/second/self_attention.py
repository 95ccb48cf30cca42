"""
Single-head self-attention, forward and backward, in NumPy.

Toy task: every token has a key part and a value part; the first token asks for a key,
and the output at position 0 has to be the value of the matching token.
"""
import numpy as np


def softmax(s):
    s = s - s.max(axis=-1, keepdims=True)
    e = np.exp(s)
    return e / e.sum(axis=-1, keepdims=True)


class Attention:
    def __init__(self, d, rng):
        self.W = {n: rng.normal(0, 1 / np.sqrt(d), (d, d)) for n in ("q", "k", "v", "o")}
        self.scale = 1 / np.sqrt(d)

    def forward(self, X):
        # X: (batch, tokens, d)
        self.X = X
        self.Q = X @ self.W["q"]
        self.K = X @ self.W["k"]
        self.V = X @ self.W["v"]
        scores = self.Q @ self.K.transpose(0, 2, 1) * self.scale
        self.A = softmax(scores)
        self.H = self.A @ self.V
        return self.H @ self.W["o"]

    def backward(self, dout):
        grads = {}
        grads["o"] = np.einsum("btd,bte->de", self.H, dout)
        dH = dout @ self.W["o"].T
        dA = dH @ self.V.transpose(0, 2, 1)
        dV = self.A.transpose(0, 2, 1) @ dH
        # softmax, row by row
        dscores = self.A * (dA - np.sum(dA * self.A, axis=-1, keepdims=True))
        dscores = dscores * self.scale
        dQ = dscores @ self.K
        dK = dscores.transpose(0, 2, 1) @ self.Q
        grads["q"] = np.einsum("btd,bte->de", self.X, dQ)
        grads["k"] = np.einsum("btd,bte->de", self.X, dK)
        grads["v"] = np.einsum("btd,bte->de", self.X, dV)
        return grads


class Adam:
    def __init__(self, params, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
        self.params, self.lr, self.beta1, self.beta2, self.eps = params, lr, beta1, beta2, eps
        self.m = {k: np.zeros_like(v) for k, v in params.items()}
        self.v = {k: np.zeros_like(v) for k, v in params.items()}
        self.t = 0

    def step(self, grads):
        self.t += 1
        for k, g in grads.items():
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g * g
            m_hat = self.m[k] / (1 - self.beta1 ** self.t)
            v_hat = self.v[k] / (1 - self.beta2 ** self.t)
            self.params[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def make_batch(n, tokens, rng):
    """One-hot key in columns 0..4, value in 5..6, a 'question' flag in 7."""
    X = np.zeros((n, tokens, 8))
    target = np.zeros((n, 2))
    for b in range(n):
        keys = rng.permutation(5)[:tokens - 1]
        values = rng.normal(size=(tokens - 1, 2))
        X[b, np.arange(1, tokens), keys] = 1
        X[b, 1:, 5:7] = values
        asked = rng.integers(tokens - 1)
        X[b, 0, keys[asked]] = 1
        X[b, 0, 7] = 1
        target[b] = values[asked]
    return X, target


def loss_and_dout(out, target):
    diff = out[:, 0, 5:7] - target
    dout = np.zeros_like(out)
    dout[:, 0, 5:7] = 2 * diff / diff.size
    return np.mean(diff ** 2), dout


if __name__ == "__main__":
    rng = np.random.default_rng(17)
    att = Attention(8, rng)
    opt = Adam(att.W, lr=0.02)
    for step in range(301):
        X, target = make_batch(32, 5, rng)
        out = att.forward(X)
        loss, dout = loss_and_dout(out, target)
        opt.step(att.backward(dout))
        if step % 60 == 0:
            print(f"step {step:4d}  mse {loss:.4f}")
    X, target = make_batch(1, 5, rng)
    att.forward(X)
    print("attention of the question:", np.round(att.A[0, 0], 2))
    print("asked for key", X[0, 0, :5].argmax(), "keys", X[0, 1:, :5].argmax(axis=1))
