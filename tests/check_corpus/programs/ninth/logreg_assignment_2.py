# Programming assignment: logistic regression with a neural network mindset
# X is (n_features, m), Y is (1, m)
import numpy as np


def sigmoid(z):
    # two branches so that exp never gets a large positive number
    s = np.empty_like(z)
    pos = z >= 0
    s[pos] = 1.0 / (1.0 + np.exp(-z[pos]))
    e = np.exp(z[~pos])
    s[~pos] = e / (1.0 + e)
    return s


def initialize_with_zeros(dim):
    return {"w": np.zeros((dim, 1)), "b": 0.0}


def propagate(params, X, Y):
    w, b = params["w"], params["b"]
    m = X.shape[1]

    # forward
    A = sigmoid(np.dot(w.T, X) + b)
    P = np.clip(A, 1e-12, 1 - 1e-12)
    cost = -np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P)) / m

    # backward
    dZ = A - Y
    grads = {"dw": np.dot(X, dZ.T) / m, "db": dZ / m}
    return grads, cost


def optimize(params, X, Y, num_iterations=2000, learning_rate=0.03, print_cost=True):
    best = {"cost": np.inf, "w": params["w"], "b": params["b"]}
    for i in range(num_iterations):
        grads, cost = propagate(params, X, Y)
        # the scores are not scaled, the cost jumps at first: remember the best point
        if cost < best["cost"]:
            best = {"cost": cost, "w": params["w"], "b": params["b"]}
        params = {"w": params["w"] - learning_rate * grads["dw"],
                  "b": params["b"] - learning_rate * grads["db"]}
        if print_cost and i % 400 == 0:
            print("Cost after iteration %i: %f" % (i, cost))
    return best


def predict(params, X):
    A = sigmoid(np.dot(params["w"].T, X) + params["b"])
    return (A > 0.5).astype(float)


def load_dataset(m=150, seed=1):
    # two exam scores (0..100 points, passing line in the middle) and hours of sleep
    rng = np.random.RandomState(seed)
    exams = rng.uniform(0, 100, size=(2, m))
    sleep = rng.normal(7, 1, size=(1, m))
    Y = (exams[0:1] + 0.8 * exams[1:2] + rng.normal(0, 3, size=(1, m)) > 90).astype(float)
    X = np.vstack([exams - 50, sleep - 7])
    return X, Y


if __name__ == "__main__":
    X, Y = load_dataset()
    X_test, Y_test = load_dataset(seed=2)
    params = initialize_with_zeros(X.shape[0])
    params = optimize(params, X, Y)
    print("train accuracy: {:.1f} %".format(100 * np.mean(predict(params, X) == Y)))
    print("test accuracy: {:.1f} %".format(100 * np.mean(predict(params, X_test) == Y_test)))
