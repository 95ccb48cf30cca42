# Week 2 programming assignment style logistic regression ("with a neural network mindset")
# predicts if a student passes from two exam scores + hours slept
import numpy as np


def sigmoid(z):
    z = np.clip(z, -500, 500)
    return 1 / (1 + np.exp(-z))


def initialize_with_zeros(dim):
    w = np.zeros((dim, 1))
    b = 0.0
    assert w.shape == (dim, 1)
    return w, b


def propagate(w, b, X, Y):
    """
    w -- weights, (n_x, 1)
    b -- bias, a scalar
    X -- data of size (n_x, m)
    Y -- true labels (0/1), (1, m)
    """
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    P = np.clip(A, 1e-12, 1 - 1e-12)
    cost = -1 / m * np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P))

    dZ = A - Y
    dw = 1 / m * np.dot(X, dZ.T)
    db = 1 / m * np.sum(dZ)
    return {"dw": dw, "db": db}, cost


def optimize(w, b, X, Y, num_iterations, learning_rate, tol=5e-6):
    costs = []
    for i in range(num_iterations):
        grads, cost = propagate(w, b, X, Y)
        w = w - learning_rate * grads["dw"]
        b = b - learning_rate * grads["db"]
        costs.append(float(cost))
        if i % 200 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
        if i > 0 and abs(costs[-1] - costs[-2]) < tol:
            print("converged at", i)
            break
    return w, b, costs


def predict(w, b, X):
    A = sigmoid(np.dot(w.T, X) + b)
    return (A > 0.5).astype(int)


np.random.seed(0)
m = 240
scores = np.random.uniform(20, 100, size=(2, m))
sleep = np.random.normal(7, 1.2, size=(1, m))
X = np.vstack([scores, sleep])
Y = (scores[0] + scores[1] + 3 * sleep[0] + 3 * np.random.randn(m) > 140).astype(int).reshape(1, m)

X_train, Y_train = X[:, :180], Y[:, :180]
X_test, Y_test = X[:, 180:], Y[:, 180:]
mean = X_train.mean(axis=1, keepdims=True)
X_train = X_train - mean      # centered only, scores are all in points anyway
X_test = X_test - mean

w, b = initialize_with_zeros(X_train.shape[0])
w, b, costs = optimize(w, b, X_train, Y_train, 2000, 0.1)

print("w =", w.ravel(), "b =", b)
print("train accuracy: {} %".format(100 - np.mean(np.abs(predict(w, b, X_train) - Y_train)) * 100))
print("test accuracy: {} %".format(100 - np.mean(np.abs(predict(w, b, X_test) - Y_test)) * 100))
