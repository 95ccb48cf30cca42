# %% [markdown]
# # Shipwreck survival -- plain numpy baseline
# exported from the notebook, the csv is replaced by fake passengers so it runs anywhere

# %%
import numpy as np
np.random.seed(2021)

# %% fake passengers
n = 900
sex = np.random.rand(n) < 0.4               # True = female
pclass = np.random.choice([1, 2, 3], n, p=[.25, .2, .55])
age = np.clip(np.random.normal(30, 14, n), 1, 80)
fare = np.exp(np.random.normal(4.6 - 0.8 * pclass, 0.5))
logit = 2.6 * sex - 0.9 * (pclass - 2) - 0.03 * (age - 30) - 0.8
survived = (np.random.rand(n) < 1 / (1 + np.exp(-logit))).astype(float)

X = np.c_[sex, pclass, age, np.log1p(fare), sex * pclass].astype(float)
y = survived.reshape(-1, 1)

# %% split + scale
X_tr, X_va, y_tr, y_va = X[:720], X[720:], y[:720], y[720:]
mu, sd = X_tr.mean(0), X_tr.std(0)
X_tr = (X_tr - mu) / sd
X_va = (X_va - mu) / sd

# %% model
H1, H2, KEEP = 24, 12, 0.8
params = {
    "W1": np.random.randn(5, H1) * np.sqrt(2 / 5),  "b1": np.zeros(H1),
    "W2": np.random.randn(H1, H2) * np.sqrt(2 / H1), "b2": np.zeros(H2),
    "W3": np.random.randn(H2, 1) * np.sqrt(1 / H2), "b3": np.zeros(1),
}

def forward(X, p, train=False):
    c = {"X": X}
    c["z1"] = X @ p["W1"] + p["b1"]
    c["h1"] = np.maximum(c["z1"], 0)
    if train:
        c["m1"] = (np.random.rand(*c["h1"].shape) < KEEP) / KEEP
        c["h1"] = c["h1"] * c["m1"]
    c["z2"] = c["h1"] @ p["W2"] + p["b2"]
    c["h2"] = np.maximum(c["z2"], 0)
    if train:
        c["m2"] = (np.random.rand(*c["h2"].shape) < KEEP) / KEEP
        c["h2"] = c["h2"] * c["m2"]
    c["out"] = 1 / (1 + np.exp(-(c["h2"] @ p["W3"] + p["b3"])))
    return c

def backward(c, y, p):
    g = {}
    d3 = (c["out"] - y) / len(y)
    g["W3"], g["b3"] = c["h2"].T @ d3, d3.sum(0)
    d2 = (d3 @ p["W3"].T) * c["m2"] * (c["z2"] > 0)
    g["W2"], g["b2"] = c["h1"].T @ d2, d2.sum(0)
    d1 = (d2 @ p["W2"].T) * c["m1"] * (c["z1"] > 0)
    g["W1"], g["b1"] = c["X"].T @ d1, d1.sum(0)
    return g

def logloss(p, y):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

# %% train with Adam
lr, beta1, beta2, eps, BS = 2e-3, 0.9, 0.999, 1e-8, 64
m = {k: np.zeros_like(v) for k, v in params.items()}
v = {k: np.zeros_like(w) for k, w in params.items()}
t = 0
for epoch in range(40):
    perm = np.random.permutation(len(X_tr))
    Xs, ys = X_tr[perm], y_tr[perm]
    for i in range(0, len(Xs), BS):
        xb, yb = Xs[i:i + BS], ys[i:i + BS]
        grads = backward(forward(xb, params, train=True), yb, params)
        t += 1
        for k in ("W1", "W2", "W3"):
            m[k] = beta1 * m[k] + (1 - beta1) * grads[k]
            v[k] = beta2 * v[k] + (1 - beta2) * grads[k] ** 2
            mhat = m[k] / (1 - beta1 ** t)
            vhat = v[k] / (1 - beta2 ** t)
            params[k] -= lr * mhat / (np.sqrt(vhat) + eps)
    if epoch % 5 == 4:
        va = forward(X_va, params)["out"]
        print(f"epoch {epoch+1:3d}  val logloss {logloss(va, y_va):.4f}  acc {np.mean((va > .5) == y_va):.3f}")
