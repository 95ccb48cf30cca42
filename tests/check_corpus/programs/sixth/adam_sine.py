"""Fit a 1-D function with a 2-hidden-layer tanh net and Adam.
Functional style, everything lives in dicts. (physics background, please be kind)
"""
import numpy as np

rng = np.random.default_rng(0)
N_HID = 20


def init():
    return dict(
        W1=rng.standard_normal((1, N_HID)), b1=rng.standard_normal(N_HID),
        W2=rng.standard_normal((N_HID, N_HID)) / np.sqrt(N_HID), b2=np.zeros(N_HID),
        W3=rng.standard_normal((N_HID, 1)) / np.sqrt(N_HID), b3=np.zeros(1),
    )


def model(p, x):
    h1 = np.tanh(x @ p["W1"] + p["b1"])
    h2 = np.tanh(h1 @ p["W2"] + p["b2"])
    out = h2 @ p["W3"] + p["b3"]
    return out, (x, h1, h2)


def mse(out, y):
    return np.mean((out - y) ** 2)


def gradients(p, cache, out, y):
    x, h1, h2 = cache
    d3 = 2 * (out - y) / y.size
    d2 = (d3 @ p["W3"].T) * (1 - h2 ** 2)
    d1 = (d2 @ p["W2"].T) * (1 - h1 ** 2)
    return dict(
        W1=x.T @ d1, b1=d1.sum(0),
        W2=h1.T @ d2, b2=d2.sum(0),
        W3=h2.T @ d3, b3=d3.sum(0),
    )


def adam_init(p):
    return {"t": 0, "m": {k: np.zeros_like(v) for k, v in p.items()},
            "v": {k: np.zeros_like(v) for k, v in p.items()}}


def adam_step(p, g, s, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    s["t"] += 1
    for k in p:
        s["m"][k] = beta1 * s["m"][k] + (1 - beta1) * g[k]
        s["v"][k] = beta2 * s["v"][k] + (1 - beta2) * g[k] ** 2
        m_hat = s["m"][k] / (1 - beta1 ** s["t"])
        v_hat = s["v"][k] / (1 - beta2 ** s["t"])
        p[k] = p[k] - lr * m_hat / (np.sqrt(v_hat) + eps)


def target(x):
    return np.sin(3 * x) * np.exp(-0.2 * x ** 2)


x_train = rng.uniform(-3, 3, (200, 1))
y_train = target(x_train) + 0.05 * rng.standard_normal((200, 1))
x_grid = np.linspace(-3, 3, 101)[:, None]

p = init()
state = adam_init(p)
for it in range(2500):
    lr = 0.01 if it < 1500 else 0.002
    out, cache = model(p, x_train)
    g = gradients(p, cache, out, y_train)
    adam_step(p, g, state, lr)
    if it % 500 == 0:
        print(f"it={it:5d}  train mse={mse(out, y_train):.5f}  "
              f"grid mse={mse(model(p, x_grid)[0], target(x_grid)):.5f}")
print("final grid mse:", mse(model(p, x_grid)[0], target(x_grid)))
