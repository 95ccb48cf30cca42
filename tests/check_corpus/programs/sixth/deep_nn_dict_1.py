import numpy as np

# L-layer network, samples are columns (same conventions as the online course)
# [LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID


def initialize_parameters(layer_dims, seed=1):
    np.random.seed(seed)
    parameters = {}
    for l in range(1, len(layer_dims)):
        parameters["W" + str(l)] = np.random.randn(layer_dims[l], layer_dims[l - 1]) * np.sqrt(2 / layer_dims[l - 1])
        parameters["b" + str(l)] = np.zeros((layer_dims[l], 1))
    return parameters


def forward(X, parameters):
    L = len(parameters) // 2
    A = X
    caches = []
    for l in range(1, L):
        A_prev = A
        Z = parameters["W" + str(l)] @ A_prev + parameters["b" + str(l)]
        A = np.maximum(0, Z)
        caches.append((A_prev, Z))
    ZL = parameters["W" + str(L)] @ A + parameters["b" + str(L)]
    caches.append((A, ZL))
    AL = 1 / (1 + np.exp(-ZL))
    return AL, caches


def compute_cost(ZL, Y, parameters, lambd):
    # cross entropy written with the logits: log(1+e^z) - y z
    m = Y.shape[1]
    cost = np.sum(np.logaddexp(0, ZL) - Y * ZL) / m
    L = len(parameters) // 2
    reg = sum(np.sum(parameters["W" + str(l)] ** 2) for l in range(1, L + 1))
    return cost + lambd / (2 * m) * reg


def backward(AL, Y, caches, parameters, lambd):
    grads = {}
    L = len(caches)
    m = Y.shape[1]
    dZ = AL - Y
    for l in range(L, 0, -1):
        A_prev, _ = caches[l - 1]
        W = parameters["W" + str(l)]
        grads["dW" + str(l)] = dZ @ A_prev.T / m + lambd / m * W
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True)
        if l > 1:
            dA = W.T @ dZ
            Z_prev = caches[l - 2][1]
            dZ = dA * (Z_prev > 0)
    return grads


def update_parameters(parameters, grads, learning_rate):
    for key in parameters:
        parameters[key] = parameters[key] - learning_rate * grads["d" + key]
    return parameters


def predict(X, parameters):
    AL, _ = forward(X, parameters)
    return (AL > 0.5).astype(int)


def make_data(m, seed):
    r = np.random.RandomState(seed)
    X = r.uniform(-1.5, 1.5, (2, m))
    Y = ((X[1] > np.sin(3 * X[0]) * 0.6) ^ (r.rand(m) < 0.03)).astype(int)
    return X, Y.reshape(1, m)


train_X, train_Y = make_data(300, 0)
test_X, test_Y = make_data(200, 1)

layers_dims = [2, 16, 8, 1]
lambd = 0.3
parameters = initialize_parameters(layers_dims)
costs = []
for i in range(2000):
    AL, caches = forward(train_X, parameters)
    cost = compute_cost(caches[-1][1], train_Y, parameters, lambd)
    grads = backward(AL, train_Y, caches, parameters, lambd)
    parameters = update_parameters(parameters, grads, 0.2)
    if i % 250 == 0:
        print("Cost after iteration {}: {}".format(i, np.round(cost, 5)))
        costs.append(cost)

print("Train accuracy:", np.mean(predict(train_X, parameters) == train_Y))
print("Test accuracy:", np.mean(predict(test_X, parameters) == test_Y))
