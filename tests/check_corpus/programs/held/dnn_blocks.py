# Week 4 programming exercise - building blocks of a deep network
# shapes: X is (n_x, m), one example per COLUMN.  Y is (1, m), 0/1.
import numpy as np

EPS = 1e-10


def initialize_parameters_deep(layer_dims, seed=1):
    rng = np.random.RandomState(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        n_in, n_out = layer_dims[l - 1], layer_dims[l]
        parameters["W" + str(l)] = rng.randn(n_out, n_in) * np.sqrt(2.0 / n_in)
        parameters["b" + str(l)] = np.zeros((n_out, 1))
    return parameters


def sigmoid(Z):
    return 0.5 * (1.0 + np.tanh(Z / 2.0))


def relu(Z):
    return np.maximum(0, Z)


def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    A = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    cache = (A_prev, W, b, Z)
    return A, cache


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A, cache = linear_activation_forward(A, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    AL = np.clip(AL, EPS, 1 - EPS)
    cost = -np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)) / m
    return cost


def linear_backward(dZ, cache):
    A_prev, W, b, _ = cache
    m = A_prev.shape[1]
    dW = np.dot(dZ, A_prev.T) / m
    db = np.sum(dZ, axis=1, keepdims=True) / m
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db


def linear_activation_backward(dA, cache, activation):
    Z = cache[3]
    if activation == "relu":
        dZ = dA * (Z > 0)
    else:
        s = sigmoid(Z)
        dZ = dA * s * (1 - s)
    return linear_backward(dZ, cache)


def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    AL = np.clip(AL, EPS, 1 - EPS)
    dA = -(Y / AL) + (1 - Y) / (1 - AL)
    dA, grads["dW" + str(L)], grads["db" + str(L)] = linear_activation_backward(dA, caches[L - 1], "sigmoid")
    for l in range(L - 1, 0, -1):
        dA, dW, db = linear_activation_backward(dA, caches[l - 1], "relu")
        grads["dW" + str(l)] = dW
        grads["db" + str(l)] = db
    return grads


def update_parameters(parameters, grads, learning_rate):
    L = len(parameters) // 2
    for l in range(1, L + 1):
        parameters["W" + str(l)] = parameters["W" + str(l)] - learning_rate * grads["dW" + str(l)]
        parameters["b" + str(l)] = parameters["b" + str(l)] - learning_rate * grads["db" + str(l)]
    return parameters


if __name__ == "__main__":
    np.random.seed(2)
    X = np.random.randn(2, 300)
    Y = (np.sum(X ** 2, axis=0, keepdims=True) < 1.3).astype(float)
    params = initialize_parameters_deep([2, 10, 6, 1])
    for i in range(1501):
        AL, caches = L_model_forward(X, params)
        grads = L_model_backward(AL, Y, caches)
        params = update_parameters(params, grads, 0.3)
        if i % 500 == 0:
            print("Cost after iteration %i: %f" % (i, compute_cost(AL, Y)))
    print("train accuracy:", np.mean((L_model_forward(X, params)[0] > 0.5) == Y))
