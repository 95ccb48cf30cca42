# Course 1, Week 4 - Programming assignment
# Building a deep network step by step: healthy vs. infected cells
# (two features per cell, examples are stored as COLUMNS)

import numpy as np

np.random.seed(1)


def make_cells(m):
    """Two half rings. Returns X of shape (2, m) and Y of shape (1, m)."""
    Y = (np.arange(m) % 2).reshape(1, m)
    angle = np.random.uniform(0, np.pi, (1, m))
    X = np.vstack([np.cos(angle) * (1 - 2 * Y) + Y, np.sin(angle) * (1 - 2 * Y) + 0.4 * Y])
    return X + 0.1 * np.random.randn(2, m), Y


def initialize_parameters_deep(layer_dims):
    parameters = {}
    L = len(layer_dims)
    for l in range(1, L):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(2.0 / layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def relu(Z):
    return np.maximum(0, Z)


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        A_prev = A
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = np.dot(W, A_prev) + b
        A = sigmoid(Z) if l == L else relu(Z)
        caches.append((A_prev, W, Z))
    return A, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m
    return float(np.squeeze(cost))


def linear_backward(dZ, cache):
    A_prev, W, _ = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    # derivative of the cost with respect to AL
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    # last layer: SIGMOID -> LINEAR
    dZ = dAL * AL * (1 - AL)
    dA, grads["dW" + str(L)], grads["db" + str(L)] = linear_backward(dZ, caches[L - 1])
    # the others: RELU -> LINEAR
    for l in reversed(range(1, L)):
        Z = caches[l - 1][2]
        dZ = np.array(dA, copy=True)
        dZ[Z >= 0] = 0
        dA, grads["dW" + str(l)], grads["db" + str(l)] = linear_backward(dZ, caches[l - 1])
    return grads


def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(1, L + 1):
        parameters["W" + str(l)] = parameters["W" + str(l)] - learning_rate * grads["dW" + str(l)]
        parameters["b" + str(l)] = parameters["b" + str(l)] - learning_rate * grads["db" + str(l)]
    return parameters


def L_layer_model(X, Y, layer_dims, learning_rate=0.3, num_iterations=1500, print_cost=True):
    costs = []
    parameters = initialize_parameters_deep(layer_dims)
    for i in range(num_iterations):
        AL, caches = L_model_forward(X, parameters)
        cost = compute_cost(AL, Y)
        grads = L_model_backward(AL, Y, caches)
        parameters = update_parameters(parameters, grads, learning_rate)
        if print_cost and i % 300 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
            costs.append(cost)
    return parameters, costs


if __name__ == "__main__":
    train_x, train_y = make_cells(200)
    test_x, test_y = make_cells(100)
    parameters, costs = L_layer_model(train_x, train_y, [2, 8, 5, 1])
    for name, x, y in (("train", train_x, train_y), ("test", test_x, test_y)):
        AL, _ = L_model_forward(x, parameters)
        print(name, "accuracy:", np.mean((AL > 0.5) == y))
