"""The optimizer zoo: same net, same start, four optimizers.

Companion code for the post "What does Adam actually do?"
"""
import numpy as np

ACT = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
}


class SGD:
    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        for k in params:
            params[k] -= self.lr * grads[k]


class Momentum:
    def __init__(self, lr, mu=0.9):
        self.lr, self.mu, self.vel = lr, mu, {}

    def step(self, params, grads):
        for k in params:
            self.vel[k] = self.mu * self.vel.get(k, 0) + grads[k]
            params[k] -= self.lr * self.vel[k]


class RMSProp:
    def __init__(self, lr, rho=0.9, eps=1e-7):
        self.lr, self.rho, self.eps, self.sq = lr, rho, eps, {}

    def step(self, params, grads):
        for k in params:
            self.sq[k] = self.rho * self.sq.get(k, 0) + (1 - self.rho) * grads[k] ** 2
            params[k] -= self.lr * grads[k] / (self.sq[k] + self.eps)


class Adam:
    def __init__(self, lr, b1=0.9, b2=0.999, eps=1e-8):
        self.lr, self.b1, self.b2, self.eps = lr, b1, b2, eps
        self.m, self.v, self.t = {}, {}, 0

    def step(self, params, grads):
        self.t += 1
        for k in params:
            self.m[k] = self.b1 * self.m.get(k, 0) + (1 - self.b1) * grads[k]
            self.v[k] = self.b2 * self.v.get(k, 0) + (1 - self.b2) * grads[k] ** 2
            m_hat = self.m[k] / (1 - self.b1 ** self.t)
            v_hat = self.v[k] / (1 - self.b2 ** self.t)
            params[k] -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


def init(sizes, seed):
    rng = np.random.default_rng(seed)
    params = {}
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        params[f"W{i}"] = rng.normal(0, 1 / np.sqrt(a), (a, b))
        params[f"b{i}"] = np.zeros(b)
    return params


def loss_and_grads(params, acts, x, y):
    a, zs, inputs = x, [], []
    for i, name in enumerate(acts):
        inputs.append(a)
        z = a @ params[f"W{i}"] + params[f"b{i}"]
        zs.append(z)
        a = ACT[name][0](z)
    loss = 0.5 * np.mean(np.sum((a - y) ** 2, axis=1))
    grads = {}
    delta = (a - y) / len(x)
    for i in reversed(range(len(acts))):
        delta = delta * ACT[acts[i]][1](zs[i])
        grads[f"W{i}"] = inputs[i].T @ delta
        grads[f"b{i}"] = delta.sum(axis=0)
        delta = delta @ params[f"W{i}"].T
    return loss, grads


def run(opt, seed=3, steps=400, batch=40):
    rng = np.random.default_rng(99)
    x = rng.uniform(-2, 2, (400, 2))
    y = np.c_[np.sin(x[:, 0] * x[:, 1]), x[:, 0] ** 2 - x[:, 1]]
    acts = ["tanh", "softplus", "identity"]
    params = init([2, 20, 10, 2], seed)
    history = {}
    for s in range(1, steps + 1):
        pick = rng.choice(len(x), batch, replace=False)
        _, g = loss_and_grads(params, acts, x[pick], y[pick])
        opt.step(params, g)
        if s % 50 == 0:
            history[s] = loss_and_grads(params, acts, x, y)[0]
    return history


for opt in (SGD(0.05), Momentum(0.02), RMSProp(0.005), Adam(0.01)):
    h = run(opt)
    print(f"{type(opt).__name__:10s}", "  ".join(f"{h[s]:.4f}" for s in (50, 100, 200, 400)))
