# Домашка 3: один скрытый слой (tanh -> sigmoid), данные "цветок"
# Кто застрял на backward_propagation -- у меня так, грейдер принял
import numpy as np


def load_planar(m=300):
    np.random.seed(1)
    N = m // 2
    X = np.zeros((m, 2))
    Y = np.zeros((m, 1))
    a = 4
    for j in range(2):
        ix = range(N * j, N * (j + 1))
        t = np.linspace(j * 3.12, (j + 1) * 3.12, N) + np.random.randn(N) * 0.2
        r = a * np.sin(4 * t) + np.random.randn(N) * 0.2
        X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
        Y[ix] = j
    return X.T, Y.T


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def initialize_parameters(n_x, n_h, n_y):
    np.random.seed(2)
    W1 = np.random.randn(n_h, n_x) * 0.3
    b1 = np.zeros((n_h, 1))
    W2 = np.random.randn(n_y, n_h) * 0.3
    b2 = np.zeros((n_y, 1))
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def forward_propagation(X, p):
    Z1 = np.dot(p["W1"], X) + p["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(p["W2"], A1) + p["b2"]
    A2 = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def compute_cost(A2, Y):
    m = Y.shape[1]
    eps = 1e-10   # чтобы логарифм не ругался
    return -np.sum(Y * np.log(A2 + eps) + (1 - Y) * np.log(1 - A2 + eps)) / m


def backward_propagation(p, cache, X, Y):
    m = X.shape[1]
    W2 = p["W2"]
    A1, Z1, A2 = cache["A1"], cache["Z1"], cache["A2"]

    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(Z1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def update_parameters(p, g, learning_rate=1.0):
    for k in ("W1", "b1", "W2", "b2"):
        p[k] = p[k] - learning_rate * g["d" + k]
    return p


X, Y = load_planar()
p = initialize_parameters(2, 6, 1)
for i in range(4001):
    A2, cache = forward_propagation(X, p)
    cost = compute_cost(A2, Y)
    grads = backward_propagation(p, cache, X, Y)
    p = update_parameters(p, grads)
    if i % 500 == 0:
        print("итерация %d, стоимость %.5f" % (i, cost))

A2, _ = forward_propagation(X, p)
print("точность: %.1f%%" % (100 * np.mean((A2 > 0.5) == Y)))
