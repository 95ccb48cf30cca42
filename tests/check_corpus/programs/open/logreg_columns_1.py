# Logistic regression, fully vectorized, w is a column
# (exercise: will the customer come back?)
import numpy as np

rng = np.random.default_rng(8)
n = 90
visits = rng.poisson(4, n).astype(float)
spent = rng.gamma(2.0, 20.0, n)
age = rng.uniform(18, 80, n)
chance = 1 / (1 + np.exp(-(0.8 * (visits - 4) + 0.03 * (spent - 40))))
y = (rng.random(n) < chance).astype(float)

X = np.stack([visits, spent, age], axis=1)
X = (X - X.mean(axis=0)) / X.std(axis=0)

# shuffle the customers, the last 20 are the test set
p = rng.permutation(n)
X = X[p]
y = y[p]
X_train, X_test = X[:70], X[70:]
y_train = y[:70]
y_test = y[70:].reshape(-1, 1)

w = np.zeros((3, 1))
b = 0.0
lr = 0.3
m = len(X_train)


def predict_proba(X, w, b):
    return 1 / (1 + np.exp(-(X @ w + b)))


def log_loss(y, p):
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


for i in range(301):
    a = predict_proba(X_train, w, b)
    cost = log_loss(y_train, a)
    dz = a - y_train
    dw = X_train.T @ dz / m
    db = np.sum(dz) / m
    w = w - lr * dw
    b = b - lr * db
    if i % 50 == 0:
        print("iteration", i, "cost", cost)

p_test = predict_proba(X_test, w, b)
print("w:", w.ravel(), "b:", b)
print("test log loss:", log_loss(y_test, p_test))
print("test accuracy:", np.mean((p_test > 0.5) == y_test))
