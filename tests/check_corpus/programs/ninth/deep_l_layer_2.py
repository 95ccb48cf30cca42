"""Building your deep neural network, step by step (my notes, week 4)

layers: [LINEAR -> RELU] * (L-1) -> LINEAR -> SIGMOID
"""
import numpy as np

np.random.seed(3)


def initialize_parameters(layer_dims):
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = np.ones((layer_dims[l], layer_dims[l - 1])) * np.sqrt(2.0 / layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L + 1):
        A_prev = A
        W, b = parameters["W" + str(l)], parameters["b" + str(l)]
        Z = W @ A_prev + b
        A = np.maximum(0, Z) if l < L else 1 / (1 + np.exp(-Z))
        caches.append((A_prev, W, Z))
    return A, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    eps = 1e-10
    return -np.sum(Y * np.log(AL + eps) + (1 - Y) * np.log(1 - AL + eps)) / m


def relu_backward(dA, Z):
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ


def linear_backward(dZ, A_prev, W):
    m = A_prev.shape[1]
    dW = dZ @ A_prev.T / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = W.T @ dZ
    return dA_prev, dW, db


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    dZ = AL - Y  # sigmoid and cross entropy together
    for l in reversed(range(1, L + 1)):
        A_prev, W, Z = caches[l - 1]
        if l < L:
            dZ = relu_backward(dA, Z)
        dA, grads["dW" + str(l)], grads["db" + str(l)] = linear_backward(dZ, A_prev, W)
    return grads


def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(1, L + 1):
        parameters["W" + str(l)] -= learning_rate * grads["dW" + str(l)]
        parameters["b" + str(l)] -= learning_rate * grads["db" + str(l)]
    return parameters


def make_circles(m):
    X = np.random.uniform(-1.5, 1.5, size=(2, m))
    Y = (np.sum(X ** 2, axis=0, keepdims=True) < 1.0).astype(float)
    return X, Y


if __name__ == "__main__":
    X, Y = make_circles(400)
    parameters = initialize_parameters([2, 8, 6, 1])
    for i in range(1500):
        AL, caches = L_model_forward(X, parameters)
        grads = L_model_backward(AL, Y, caches)
        parameters = update_parameters(parameters, grads, 0.3)
        if i % 300 == 0:
            print("cost after %d: %.4f" % (i, compute_cost(AL, Y)))
    AL, _ = L_model_forward(X, parameters)
    print("accuracy:", np.mean((AL > 0.5) == Y))
