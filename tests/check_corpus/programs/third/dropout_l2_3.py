# Binary classifier with one hidden layer, inverted dropout and weight decay.
import numpy as np

rng = np.random.default_rng(8)


def init_params(n_in, n_hidden):
    return {
        "W1": rng.normal(0, np.sqrt(2.0 / n_in), (n_hidden, n_in)),
        "b1": np.zeros((n_hidden, 1)),
        "W2": rng.normal(0, np.sqrt(1.0 / n_hidden), (1, n_hidden)),
        "b2": np.zeros((1, 1)),
    }


def forward(X, p, keep_prob=1.0):
    Z1 = p["W1"] @ X + p["b1"]
    A1 = np.maximum(Z1, 0)
    # inverted dropout: scale here so that nothing has to be done at test time
    D1 = (rng.random(A1.shape) < keep_prob) / keep_prob
    A1 = A1 * D1
    Z2 = p["W2"] @ A1 + p["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, (Z1, D1, A1)


def cost_fn(A2, Y, p, lambd):
    m = Y.shape[1]
    ce = -np.sum(Y * np.log(A2 + 1e-12) + (1 - Y) * np.log(1 - A2 + 1e-12)) / m
    l2 = lambd / (2 * m) * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
    return ce + l2


def backward(X, Y, A2, cache, p, lambd):
    m = X.shape[1]
    Z1, D1, A1 = cache
    g = {}
    dZ2 = (A2 - Y) / m
    g["W2"] = dZ2 @ A1.T + lambd / m * p["W2"]
    g["b2"] = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = p["W2"].T @ dZ2
    dA1 = dA1 * D1
    dZ1 = dA1 * (Z1 > 0)
    g["W1"] = dZ1 @ X.T + lambd * p["W1"]
    g["b1"] = np.sum(dZ1, axis=1, keepdims=True)
    return g


def train(X, Y, n_hidden=30, keep_prob=0.8, lambd=0.5, lr=0.3, iterations=1200):
    p = init_params(X.shape[0], n_hidden)
    for it in range(iterations):
        A2, cache = forward(X, p, keep_prob)
        grads = backward(X, Y, A2, cache, p, lambd)
        for name in p:
            p[name] -= lr * grads[name]
        if it % 200 == 0:
            print(f"{it:5d}  cost {cost_fn(A2, Y, p, lambd):.5f}")
    return p


def accuracy(X, Y, p):
    A2, _ = forward(X, p, keep_prob=1.0)
    return np.mean((A2 > 0.5) == (Y > 0.5))


def dataset(m):
    X = rng.uniform(-1, 1, (2, m))
    Y = (X[1:] > 0.5 * np.sin(3 * X[:1])).astype(float)
    flip = rng.random((1, m)) < 0.05
    return X, np.where(flip, 1 - Y, Y)


X_train, Y_train = dataset(120)
X_test, Y_test = dataset(400)
params = train(X_train, Y_train)
print("train acc", accuracy(X_train, Y_train, params))
print("test acc ", accuracy(X_test, Y_test, params))
