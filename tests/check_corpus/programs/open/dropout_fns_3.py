"""Inverted dropout in a small regression network."""
import numpy as np


def dropout_forward(x, p_drop, train, rng):
    """
    p_drop is the probability to DROP a unit.
    At training time the kept units are scaled up, so that nothing has to be
    done at test time.
    """
    keep = 1.0 - p_drop
    if not train:
        return x * keep, None
    mask = (rng.random(x.shape) < keep) / keep
    return x * mask, mask


def dropout_backward(dout, mask):
    if mask is None:
        return dout
    return dout * mask


def forward(params, X, p_drop, train, rng):
    W1, b1, W2, b2 = params
    Z1 = X @ W1 + b1
    A1 = np.maximum(0, Z1)
    D1, mask = dropout_forward(A1, p_drop, train, rng)
    out = D1 @ W2 + b2
    return out, (X, Z1, D1, mask)


def backward(params, cache, dout):
    W1, b1, W2, b2 = params
    X, Z1, D1, mask = cache
    dW2 = D1.T @ dout
    db2 = dout.sum(axis=0)
    dD1 = dout @ W2.T
    dA1 = dropout_backward(dD1, mask)
    dZ1 = dA1 * (Z1 > 0)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return [dW1, db1, dW2, db2]


def main():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 6))
    y = (X[:, :1] - 2 * X[:, 1:2] + np.abs(X[:, 2:3]))
    y += 0.1 * rng.normal(size=y.shape)
    params = [rng.normal(size=(6, 20)) * np.sqrt(2 / 6), np.zeros(20),
              rng.normal(size=(20, 1)) * np.sqrt(2 / 20), np.zeros(1)]
    lr = 0.05
    for epoch in range(201):
        out, cache = forward(params, X, 0.2, True, rng)
        loss = 0.5 * np.sum((out - y) ** 2) / len(X)
        grads = backward(params, cache, (out - y) / len(X))
        for p, g in zip(params, grads):
            p -= lr * g
        if epoch % 50 == 0:
            test_out, _ = forward(params, X, 0.2, False, rng)
            test_loss = 0.5 * np.mean((test_out - y) ** 2)
            print("epoch", epoch, "train loss (noisy)", loss, "test loss", test_loss)


if __name__ == "__main__":
    main()
