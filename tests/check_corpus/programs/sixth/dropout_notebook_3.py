# %% [markdown]
# # 5. Dropout
# MLP 20 -> 64 -> 1 on noisy data with few samples. Regression.
# We use *inverted* dropout: scale at training time, nothing to do at test time.

# %% 5.1 setup
import numpy as np
import time

rng = np.random.default_rng(2)
cfg = dict(n_train=150, n_test=500, d=20, hidden=64, keep=0.8, lr=0.03, epochs=200, batch=25)

# %% 5.2 data: only 3 of the 20 inputs matter


def sample(n):
    X = rng.normal(size=(n, cfg["d"]))
    y = np.sin(X[:, 0]) + 0.5 * X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=n)
    return X, y.reshape(-1, 1)


X_train, y_train = sample(cfg["n_train"])
X_test, y_test = sample(cfg["n_test"])

# %% 5.3 network
W1 = rng.normal(size=(cfg["d"], cfg["hidden"])) * np.sqrt(2 / cfg["d"])
b1 = np.zeros((1, cfg["hidden"]))
W2 = rng.normal(size=(cfg["hidden"], 1)) * np.sqrt(1 / cfg["hidden"])
b2 = np.zeros((1, 1))


def forward(X, train=False):
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    if train:
        mask = rng.random(h.shape) < cfg["keep"]
        h = h * mask
    else:
        mask = None
    out = h @ W2 + b2
    return out, (z1, h, mask)


def mse(X, y):
    return np.mean((forward(X)[0] - y) ** 2)


# %% 5.4 training loop
t0 = time.time()
n = cfg["n_train"]
for epoch in range(cfg["epochs"]):
    order = rng.permutation(n)
    for start in range(0, n, cfg["batch"]):
        rows = order[start:start + cfg["batch"]]
        xb, yb = X_train[rows], y_train[rows]
        out, (z1, h, mask) = forward(xb, train=True)

        d_out = 2 * (out - yb) / len(rows)
        dW2 = h.T @ d_out
        db2 = d_out.sum(axis=0, keepdims=True)
        d_h = d_out @ W2.T
        d_h = d_h * mask
        d_z1 = d_h * (z1 > 0)
        dW1 = xb.T @ d_z1
        db1 = d_z1.sum(axis=0, keepdims=True)

        W2 -= cfg["lr"] * dW2
        b2 -= cfg["lr"] * db2
        W1 -= cfg["lr"] * dW1
        b1 -= cfg["lr"] * db1

    if epoch % 40 == 0 or epoch == cfg["epochs"] - 1:
        print(f"epoch {epoch:3d}  train {mse(X_train, y_train):.4f}  test {mse(X_test, y_test):.4f}")

# %% 5.5 summary
print("test MSE with dropout:", round(float(mse(X_test, y_test)), 4))
print("variance of y_test   :", round(float(y_test.var()), 4))
