import numpy as np

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
y = np.array([[0], [1], [1], [0]], dtype=float)

np.random.seed(3)
w0 = np.random.uniform(-1, 1, (2, 5))
c0 = np.zeros((1, 5))
w1 = np.random.uniform(-1, 1, (5, 1))
c1 = np.zeros((1, 1))
eta = 0.5


def sig(t):
    return 1.0 / (1.0 + np.exp(-t))


for epoch in range(200):
    hidden = sig(X.dot(w0) + c0)
    out = sig(hidden.dot(w1) + c1)
    loss = 0.5 * np.sum((out - y) ** 2)

    delta_out = (out - y) * out * (1 - out)
    delta_hidden = delta_out.dot(w1.T) * hidden * (1 - hidden)

    w1 -= eta * hidden.T.dot(delta_out)
    c1 -= eta * delta_out.sum(axis=0, keepdims=True)
    w0 -= eta * X.T.dot(delta_hidden)
    c0 -= eta * delta_hidden.sum(axis=0, keepdims=True)

print(out)
