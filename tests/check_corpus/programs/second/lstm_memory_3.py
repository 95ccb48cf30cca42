"""
LSTM by hand: remember which two numbers were marked and add them up.
Each step gets (value, mark); the target is known only after the last step.
Shapes: x (T, N, 2), h and c (N, H). All four gates live in one matrix.
"""
import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def init(D, H, rng):
    p = {
        "Wx": rng.normal(0, 1 / np.sqrt(D), (D, 4 * H)),
        "Wh": rng.normal(0, 1 / np.sqrt(H), (H, 4 * H)),
        "b": np.zeros(4 * H),
        "Wy": rng.normal(0, 1 / np.sqrt(H), (H, 1)),
        "by": np.zeros(1),
    }
    p["b"][H:2 * H] = 1.0  # forget gate starts open
    return p


def step_forward(x, h_prev, c_prev, p):
    H = h_prev.shape[1]
    a = x @ p["Wx"] + h_prev @ p["Wh"] + p["b"]
    i = sigmoid(a[:, :H])
    f = sigmoid(a[:, H:2 * H])
    o = sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (x, h_prev, c_prev, i, f, o, g, c)


def step_backward(dh, dc, cache, p, grads):
    x, h_prev, c_prev, i, f, o, g, c = cache
    tc = np.tanh(c)
    do = dh * tc
    dc = dc + dh * o * (1 - tc ** 2)
    di = dc * g
    df = dc * c_prev
    dg = dc * i
    da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)])
    grads["Wx"] += x.T @ da
    grads["Wh"] += h_prev.T @ da
    grads["b"] += da.sum(axis=0)
    return da @ p["Wh"].T, dc * f


def loss_and_grads(xs, target, p):
    T, N, _ = xs.shape
    H = p["Wh"].shape[0]
    h, c = np.zeros((N, H)), np.zeros((N, H))
    caches = []
    for t in range(T):
        h, c, cache = step_forward(xs[t], h, c, p)
        caches.append(cache)
    y = h @ p["Wy"] + p["by"]
    err = y - target
    loss = 0.5 * np.mean(err ** 2)

    grads = {k: np.zeros_like(v) for k, v in p.items()}
    dy = err / N
    grads["Wy"] = h.T @ dy
    grads["by"] = dy.sum(axis=0)
    dh, dc = dy @ p["Wy"].T, np.zeros((N, H))
    for t in range(T - 1, -1, -1):
        dh, dc = step_backward(dh, dc, caches[t], p, grads)
    return loss, grads


def batch(N, T, rng):
    xs = np.zeros((T, N, 2))
    xs[:, :, 0] = rng.uniform(0, 1, (T, N))
    first = rng.integers(0, T // 2, N)
    second = rng.integers(T // 2, T, N)
    xs[first, np.arange(N), 1] = 1
    xs[second, np.arange(N), 1] = 1
    target = np.sum(xs[:, :, 0] * xs[:, :, 1], axis=0)
    return xs, target.reshape(N, 1)


def clip(grads, limit=1.0):
    norm = np.sqrt(sum(np.sum(g ** 2) for g in grads.values()))
    if norm > limit:
        for k in grads:
            grads[k] *= limit / norm


if __name__ == "__main__":
    rng = np.random.default_rng(4)
    p = init(2, 10, rng)
    velocity = {k: np.zeros_like(v) for k, v in p.items()}
    for it in range(301):
        xs, target = batch(32, 6, rng)
        loss, grads = loss_and_grads(xs, target, p)
        clip(grads)
        for k in p:
            velocity[k] = 0.9 * velocity[k] - 0.05 * grads[k]
            p[k] -= velocity[k]
        if it % 50 == 0:
            print(f"{it:5d}  loss {loss:.5f}")
    print("(always answering 1.0 would give about 0.083)")
