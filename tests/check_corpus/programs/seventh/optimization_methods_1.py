# DL specialization style HW: mini-batch + Adam
# by S. Nguyen, sec. B
import math
import numpy as np


def random_mini_batches(X, Y, mini_batch_size=64, seed=0):
    np.random.seed(seed)
    m = X.shape[1]
    mini_batches = []
    permutation = list(np.random.permutation(m))
    shuffled_X = X[:, permutation]
    shuffled_Y = Y[:, permutation].reshape((1, m))
    num_complete = math.floor(m / mini_batch_size)
    for k in range(0, num_complete):
        mb_X = shuffled_X[:, k * mini_batch_size:(k + 1) * mini_batch_size]
        mb_Y = shuffled_Y[:, k * mini_batch_size:(k + 1) * mini_batch_size]
        mini_batches.append((mb_X, mb_Y))
    if m % mini_batch_size != 0:
        mb_X = shuffled_X[:, num_complete * mini_batch_size:]
        mb_Y = shuffled_Y[:, num_complete * mini_batch_size:]
        mini_batches.append((mb_X, mb_Y))
    return mini_batches


def initialize_parameters(n_x, n_h):
    np.random.seed(5)
    return {"W1": np.random.randn(n_h, n_x) / np.sqrt(n_x), "b1": np.zeros((n_h, 1)),
            "W2": np.random.randn(1, n_h) / np.sqrt(n_h), "b2": np.zeros((1, 1))}


def initialize_adam(parameters):
    v, s = {}, {}
    for key in parameters:
        v["d" + key] = np.zeros_like(parameters[key])
        s["d" + key] = np.zeros_like(parameters[key])
    return v, s


def forward_propagation(X, parameters):
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1 = np.tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, (Z1, A1, Z2, A2)


def compute_cost(A2, Y):
    # summed over the mini-batch, divided by m at the end of the epoch
    A2 = np.clip(A2, 1e-12, 1 - 1e-12)
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


def backward_propagation(X, Y, cache, parameters):
    m = X.shape[1]
    Z1, A1, Z2, A2 = cache
    dZ2 = (A2 - Y) / m
    dW2 = np.dot(dZ2, A1.T)
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = np.dot(parameters["W2"].T, dZ2)
    dZ1 = dA1 * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T)
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def update_parameters_with_adam(parameters, grads, v, s, t, learning_rate=0.01,
                                beta1=0.9, beta2=0.999, epsilon=1e-8):
    for key in parameters:
        g = grads["d" + key]
        v["d" + key] = beta1 * v["d" + key] + (1 - beta1) * g
        s["d" + key] = beta2 * s["d" + key] + (1 - beta2) * np.square(g)
        v_corrected = v["d" + key] / (1 - beta1 ** t)
        s_corrected = s["d" + key] / (1 - beta1 ** t)
        parameters[key] = parameters[key] - learning_rate * v_corrected / (np.sqrt(s_corrected) + epsilon)
    return parameters, v, s


def model(X, Y, n_h=10, num_epochs=60, mini_batch_size=64):
    parameters = initialize_parameters(X.shape[0], n_h)
    v, s = initialize_adam(parameters)
    t = 0
    m = X.shape[1]
    for i in range(num_epochs):
        cost_total = 0
        for mb_X, mb_Y in random_mini_batches(X, Y, mini_batch_size, seed=10 + i):
            A2, cache = forward_propagation(mb_X, parameters)
            cost_total += compute_cost(A2, mb_Y)
            grads = backward_propagation(mb_X, mb_Y, cache, parameters)
            t = t + 1
            parameters, v, s = update_parameters_with_adam(parameters, grads, v, s, t)
        if i % 10 == 0:
            print("Cost after epoch %i: %f" % (i, cost_total / m))
    return parameters


np.random.seed(1)
m = 300
X = np.random.randn(2, m)
Y = (X[0:1, :] * X[1:2, :] > 0).astype(int)
params = model(X, Y)
A2, _ = forward_propagation(X, params)
print("Accuracy:", np.mean((A2 > 0.5) == Y))
