"""Mixture density network (1-D in, 1-D out, K gaussians) for an inverse problem."""
import numpy as np

K, H = 3, 15


def data(n, rng):
    t = rng.uniform(0, 1, (n, 1))
    x = t + 0.3 * np.sin(2 * np.pi * t) + rng.uniform(-0.05, 0.05, (n, 1))
    return x, t       # x -> t has several branches


def init(rng):
    return {
        "W1": rng.normal(0, 2, (1, H)), "b1": rng.normal(0, 1, H),
        "W2": rng.normal(0, 0.3, (H, 3 * K)),
        "b2": np.concatenate([np.zeros(K), np.linspace(0.2, 0.8, K), np.full(K, -1.0)]),
    }


def forward(p, x):
    h = np.tanh(x @ p["W1"] + p["b1"])
    o = h @ p["W2"] + p["b2"]
    a, mu, log_s = o[:, :K], o[:, K:2 * K], o[:, 2 * K:]
    a = a - a.max(axis=1, keepdims=True)
    pi = np.exp(a) / np.exp(a).sum(axis=0, keepdims=True)
    return h, pi, mu, log_s


def component_densities(t, mu, log_s):
    s = np.exp(log_s)
    return np.exp(-0.5 * ((t - mu) / s) ** 2) / (np.sqrt(2 * np.pi) * s)


def nll(p, x, t):
    _, pi, mu, log_s = forward(p, x)
    return -np.mean(np.log(np.sum(pi * component_densities(t, mu, log_s), axis=1) + 1e-300))


def gradients(p, x, t):
    h, pi, mu, log_s = forward(p, x)
    n = len(x)
    joint = pi * component_densities(t, mu, log_s)
    gamma = joint / (joint.sum(axis=1, keepdims=True) + 1e-300)    # responsibilities
    s2 = np.exp(2 * log_s)

    d_a = pi - gamma
    d_mu = gamma * (mu - t) / s2
    d_log_s = gamma * (1 - (t - mu) ** 2 / s2)

    d_o = np.concatenate([d_a, d_mu, d_log_s], axis=1) / n
    d_h = d_o @ p["W2"].T * (1 - h ** 2)
    return {"W2": h.T @ d_o, "b2": d_o.sum(axis=0), "W1": x.T @ d_h, "b1": d_h.sum(axis=0)}


def train(p, x, t, steps=1000, lr=0.01):
    m = {k: np.zeros_like(v) for k, v in p.items()}
    v = {k: np.zeros_like(w) for k, w in p.items()}
    for i in range(1, steps + 1):
        g = gradients(p, x, t)
        for k in p:
            m[k] = 0.9 * m[k] + 0.1 * g[k]
            v[k] = 0.99 * v[k] + 0.01 * g[k] ** 2
            p[k] = p[k] - lr * (m[k] / (1 - 0.9 ** i)) / (np.sqrt(v[k] / (1 - 0.99 ** i)) + 1e-8)
        if i % 200 == 0:
            print("step %4d  nll %.4f" % (i, nll(p, x, t)))
    return p


if __name__ == "__main__":
    rng = np.random.default_rng(20)
    x, t = data(200, rng)
    p = train(init(rng), x, t)
    xt, tt = data(200, rng)
    print("test nll %.4f" % nll(p, xt, tt))
