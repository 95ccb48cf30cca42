"""A residual MLP block as in a transformer: x + W2 gelu(W1 layernorm(x)), trained with Adam on a toy map."""
import numpy as np

C = np.sqrt(2 / np.pi)


class Module:
    def parameters(self):
        return [(self, name) for name in getattr(self, "names", ())]


class Linear(Module):
    names = ("W", "b")

    def __init__(self, n_in, n_out, rng, gain=1.0):
        self.W = rng.normal(0, gain / np.sqrt(n_in), (n_in, n_out))
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, g):
        self.grad_W = self.x.T @ g
        self.grad_b = g.sum(0)
        return g @ self.W.T


class GELU(Module):
    # tanh approximation
    def forward(self, x):
        self.t = np.tanh(C * (x + 0.044715 * x ** 3))
        self.x = 0.5 * x * (1 + self.t)
        return self.x

    def backward(self, g):
        du = C * (1 + 3 * 0.044715 * self.x ** 2)
        return g * (0.5 * (1 + self.t) + 0.5 * self.x * (1 - self.t ** 2) * du)


class LayerNorm(Module):
    names = ("gain", "shift")

    def __init__(self, d):
        self.gain = np.ones(d)
        self.shift = np.zeros(d)

    def forward(self, x):
        self.inv = 1 / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        self.xhat = (x - x.mean(axis=1, keepdims=True)) * self.inv
        return self.xhat * self.gain + self.shift

    def backward(self, g):
        self.grad_gain = np.sum(g * self.xhat, axis=0)
        self.grad_shift = np.sum(g, axis=0)
        gx = g * self.gain
        mean1 = gx.mean(axis=1, keepdims=True)
        mean2 = (gx * self.xhat).mean(axis=1, keepdims=True)
        return self.inv * (gx - mean1 - self.xhat * mean2)


class Block(Module):
    def __init__(self, d, hidden, rng):
        self.inner = [LayerNorm(d), Linear(d, hidden, rng), GELU(), Linear(hidden, d, rng, gain=0.5)]

    def forward(self, x):
        h = x
        for m in self.inner:
            h = m.forward(h)
        return x + h

    def backward(self, g):
        gh = g
        for m in reversed(self.inner):
            gh = m.backward(gh)
        return g + gh

    def parameters(self):
        return [p for m in self.inner for p in m.parameters()]


def adam(params, state, lr=3e-3, b1=0.9, b2=0.99, eps=1e-8):
    state["t"] = state.get("t", 0) + 1
    for i, (owner, name) in enumerate(params):
        g = getattr(owner, "grad_" + name)
        m, v = state.get(i, (0.0, 0.0))
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g ** 2
        state[i] = (m, v)
        step = (m / (1 - b1 ** state["t"])) / (np.sqrt(v / (1 - b2 ** state["t"])) + eps)
        setattr(owner, name, getattr(owner, name) - lr * step)


if __name__ == "__main__":
    rng = np.random.default_rng(21)
    D = 6
    net = [Linear(D, D, rng), Block(D, 24, rng), Block(D, 24, rng), Linear(D, 2, rng)]
    params = [p for m in net for p in m.parameters()]
    X = rng.normal(size=(128, D))
    Y = np.c_[np.sin(X[:, 0] + X[:, 1]), X[:, 2] * X[:, 3]]
    state = {}
    for it in range(401):
        out = X
        for m in net:
            out = m.forward(out)
        loss = np.mean((out - Y) ** 2)
        g = 2 * (out - Y) / Y.size
        for m in reversed(net):
            g = m.backward(g)
        adam(params, state)
        if it % 80 == 0:
            print(f"iteration {it}: loss {loss:.5f}")
