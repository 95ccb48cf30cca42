"""
Logistic regression as a one-neuron network.
Data in columns: X is (n_features, m), Y is (1, m)
"""
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def initialize(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return w, b


def propagate(w, b, X, Y):
    m = X.shape[1]

    # FORWARD
    A = sigmoid(np.dot(w.T, X) + b)
    A_safe = np.clip(A, 1e-10, 1 - 1e-10)
    cost = -np.sum(Y * np.log(A_safe) + (1 - Y) * np.log(1 - A_safe)) / m

    # BACKWARD
    dZ = A - Y
    dw = np.dot(X, dZ.T) / m
    db = np.sum(dZ) / m

    return {"dw": dw, "db": db}, cost


def optimize(w, b, X, Y, num_iterations, learning_rate, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)

        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]

        if i % 100 == 0:
            costs.append(cost)
            if print_cost:
                print("Cost after iteration %i: %f" % (i, cost))
    return w, b, costs


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return (A > 0.5).astype(float)


def model(X, Y, num_iterations=600, learning_rate=0.2):
    w, b = initialize(X.shape[0])
    w, b, costs = optimize(w, b, X, Y, num_iterations, learning_rate, print_cost=True)
    acc = 100 - np.mean(np.abs(predict(w, b, X) - Y)) * 100
    print("train accuracy: {:.1f} %".format(acc))
    return w, b, costs


if __name__ == "__main__":
    rng = np.random.RandomState(1)
    m = 150
    X = rng.randn(3, m)
    true_w = np.array([[1.5], [-2.0], [0.7]])
    Y = ((np.dot(true_w.T, X) + 1.0 + 0.5 * rng.randn(1, m)) > 0).astype(float)
    w, b, costs = model(X, Y)
    print("w =", w.ravel(), "b =", b)
