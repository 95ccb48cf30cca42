import numpy as np

"""MLP with any number of layers, trained with Adam on a toy 'bananas' problem."""


def init_network(layer_sizes, rng):
    net = []
    for fan_in, fan_out in zip(layer_sizes[:-1], layer_sizes[1:]):
        net.append([rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)), np.zeros(fan_out)])
    return net


def forward_pass(net, x):
    acts = [x]
    for k, (W, b) in enumerate(net):
        z = acts[-1] @ W + b
        acts.append(np.maximum(z, 0) if k < len(net) - 1 else z)
    return acts


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def loss_fn(net, x, y):
    lp = log_softmax(forward_pass(net, x)[-1])
    return -lp[np.arange(len(y)), y].mean()


def backward_pass(net, acts, y):
    n = len(y)
    g = np.exp(log_softmax(acts[-1]))
    g[np.arange(n), y] -= 1
    g = g / n
    grads = [None] * len(net)
    for k in range(len(net) - 1, -1, -1):
        W, _ = net[k]
        grads[k] = [acts[k].T @ g, g.sum(axis=0)]
        if k > 0:
            g = (g @ W.T) * (acts[k] > 0)
    return grads


def adam_init(net):
    zeros = lambda: [[np.zeros_like(p) for p in layer] for layer in net]
    return {"m": zeros(), "v": zeros(), "t": 0}


def adam_step(net, grads, state, lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
    state["t"] += 1
    t = state["t"]
    for k in range(len(net)):
        for j in range(2):
            g = grads[k][j]
            m = state["m"][k][j] = b1 * state["m"][k][j] + (1 - b1) * g
            v = state["v"][k][j] = b2 * state["v"][k][j] + (1 - b2) * g * g
            m_hat = m / (1 - b1 ** t)
            v_hat = v / (1 - b2 ** t)
            net[k][j] -= lr * m_hat / (np.sqrt(v_hat) + eps)


def bananas(n, rng):
    y = rng.integers(0, 2, n)
    a = rng.uniform(0, np.pi, n) + np.pi * y
    X = np.stack([np.cos(a) + 0.5 * y, np.sin(a) + 0.3 * y], axis=1)
    return X + 0.12 * rng.normal(size=(n, 2)), y


def train(layer_sizes, epochs=25, batch_size=30, seed=0):
    rng = np.random.default_rng(seed)
    X, y = bananas(250, rng)
    net = init_network(layer_sizes, rng)
    state = adam_init(net)
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        for s in range(0, len(X), batch_size):
            idx = order[s:s + batch_size]
            acts = forward_pass(net, X[idx])
            grads = backward_pass(net, acts, y[s:s + batch_size])
            adam_step(net, grads, state)
        if (epoch + 1) % 5 == 0:
            print("epoch %d: loss %.5f" % (epoch + 1, loss_fn(net, X, y)))
    return net, rng


if __name__ == "__main__":
    net, rng = train([2, 16, 12, 2])
    Xt, yt = bananas(300, rng)
    print("test accuracy:", np.mean(forward_pass(net, Xt)[-1].argmax(1) == yt))
