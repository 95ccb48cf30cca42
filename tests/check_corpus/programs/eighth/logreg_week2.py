# Week 2 programming exercise: logistic regression with a neural network mindset
# (my own version, toy "cat" features instead of images)
import numpy as np


def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    return w, b


def propagate(w, b, X, Y):
    """X is (n_features, m), Y is (1, m)"""
    m = X.shape[1]

    # forward
    A = sigmoid(np.dot(w.T, X) + b)
    A_safe = np.clip(A, 1e-12, 1 - 1e-12)
    cost = -1 / m * np.sum(Y * np.log(A_safe) + (1 - Y) * np.log(1 - A_safe))

    # backward
    dw = 1 / m * np.dot(X, (A - Y).T)
    db = 1 / m * np.sum(A - Y)

    grads = {"dw": dw, "db": db}
    return grads, cost


def optimize(w, b, X, Y, num_iterations, learning_rate, print_cost=False):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        dw = grads["dw"]
        db = grads["db"]

        w = w - learning_rate * dw
        b = b - learning_rate * db

        if i % 100 == 0:
            costs.append(cost)
            if print_cost:
                print("Cost after iteration %i: %f" % (i, cost))

    params = {"w": w, "b": b}
    grads = {"dw": dw, "db": db}
    return params, grads, costs


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return (A > 0.5).astype(float)


def model(X_train, Y_train, X_test, Y_test, num_iterations=1000, learning_rate=0.5):
    w, b = initialize_with_zeros(X_train.shape[0])
    params, grads, costs = optimize(w, b, X_train, Y_train, num_iterations, learning_rate, True)
    w, b = params["w"], params["b"]

    train_acc = 100 - np.mean(np.abs(predict(w, b, X_train) - Y_train)) * 100
    test_acc = 100 - np.mean(np.abs(predict(w, b, X_test) - Y_test)) * 100
    print("train accuracy: {} %".format(train_acc))
    print("test accuracy: {} %".format(test_acc))
    return {"w": w, "b": b, "costs": costs}


def make_data(m):
    X = np.random.standard_t(2, size=(6, m))     # heavy tails, like the pixel counts
    true_w = np.array([[1.5, -2.0, 0.7, 0.0, 0.3, -1.0]]).T
    Y = (np.dot(true_w.T, X) + 0.4 > 0).astype(float)
    return 40 * X + 100, Y


if __name__ == "__main__":
    np.random.seed(1)
    X_all, Y_all = make_data(400)
    X_tr, Y_tr = X_all[:, :300], Y_all[:, :300]
    X_te, Y_te = X_all[:, 300:], Y_all[:, 300:]

    mu = X_tr.mean(axis=1, keepdims=True)
    sd = X_tr.std(axis=1, keepdims=True)
    X_tr = (X_tr - mu) / sd
    X_te = (X_te - mu) / sd

    d = model(X_tr, Y_tr, X_te, Y_te)
