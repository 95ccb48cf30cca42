import numpy as np


def init(d, h, k, rng):
    return {
        "w1": rng.standard_normal((d, h)) * 0.3,
        "b1": np.zeros(h),
        "w2": rng.standard_normal((h, k)) * 0.3,
        "b2": np.zeros(k),
    }


def forward(params, x):
    z1 = x @ params["w1"] + params["b1"]
    a1 = np.maximum(z1, 0.0)
    logits = a1 @ params["w2"] + params["b2"]
    return logits, (x, z1, a1)


def loss_and_grad(logits, labels):
    z = logits - logits.max(1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    n = len(labels)
    loss = -np.mean(np.log(p[range(n), labels] + 1e-12))
    p[range(n), labels] -= 1
    return loss, p / n


def backward(params, cache, dlogits):
    x, z1, a1 = cache
    da1 = dlogits @ params["w2"].T
    dz1 = np.where(z1 > 0, da1, 0)
    return {
        "w1": x.T @ dz1,
        "b1": dz1.sum(0),
        "w2": a1.T @ dlogits,
        "b2": dlogits.sum(0),
    }


def main(steps=30, lr=0.2, mu=0.9):
    rng = np.random.default_rng(7)
    x = rng.standard_normal((24, 4))
    labels = rng.integers(0, 3, 24)
    params = init(4, 8, 3, rng)
    velocity = {name: np.zeros_like(value) for name, value in params.items()}
    for step in range(steps):
        logits, cache = forward(params, x)
        loss, dlogits = loss_and_grad(logits, labels)
        grads = backward(params, cache, dlogits)
        for name in params:
            velocity[name] = mu * velocity[name] - lr * grads[name]
            params[name] += velocity[name]
    return loss


if __name__ == "__main__":
    print(main())
