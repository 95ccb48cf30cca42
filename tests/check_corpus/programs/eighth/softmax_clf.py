"""Softmax regression with mini-batches (CS course, problem set 2)."""
import numpy as np


def one_hot(y, k):
    out = np.zeros((len(y), k))
    out[np.arange(len(y)), y] = 1
    return out


def softmax(z):
    z = z - np.max(z, axis=1, keepdims=True)
    e = np.exp(z)
    return e / np.sum(e, axis=1, keepdims=True)


class SoftmaxClassifier:
    def __init__(self, lr=0.1, decay=0.5, epochs=30, batch_size=32, l2=1e-3, seed=0):
        self.lr = lr
        self.decay = decay
        self.epochs = epochs
        self.batch_size = batch_size
        self.l2 = l2
        self.rng = np.random.default_rng(seed)

    def loss(self, X, Y):
        P = softmax(X @ self.W + self.b)
        data = -np.mean(np.sum(Y * np.log(P + 1e-12), axis=1))
        return data + 0.5 * self.l2 * np.sum(self.W ** 2)

    def grad(self, X, Y):
        n = X.shape[0]
        P = softmax(X @ self.W + self.b)
        dZ = (P - Y) / n
        dW = X.T @ dZ + self.l2 * self.W
        db = dZ.sum(axis=0)
        return dW, db

    def fit(self, X, y):
        n, d = X.shape
        k = int(y.max()) + 1
        Y = one_hot(y, k)
        self.W = 0.01 * self.rng.standard_normal((d, k))
        self.b = np.zeros(k)
        self.history = []
        for epoch in range(self.epochs):
            lr = self.lr / (1 + self.decay * epoch)
            order = self.rng.permutation(n)
            for start in range(0, n, self.batch_size):
                idx = order[start:start + self.batch_size]
                dW, db = self.grad(X[idx], Y[idx])
                self.W -= lr * dW
                self.b -= lr * db
            self.history.append(self.loss(X, Y))
        return self

    def predict(self, X):
        return np.argmax(X @ self.W + self.b, axis=1)


def make_colors(n, rng):
    # RGB in 0..255: reddish, greenish, bluish, gray
    centers = np.array([[190, 70, 60], [60, 180, 80], [70, 80, 200], [120, 120, 120]])
    y = rng.integers(0, 4, size=n)
    X = centers[y] + rng.normal(scale=20, size=(n, 3))
    return np.clip(X, 0, 255), y


if __name__ == "__main__":
    rng = np.random.default_rng(11)
    X, y = make_colors(500, rng)
    Xtest, ytest = make_colors(200, rng)
    clf = SoftmaxClassifier(lr=0.05, epochs=40)
    clf.fit(X, y)
    print("first / last loss: %.4f %.4f" % (clf.history[0], clf.history[-1]))
    print("train acc", np.mean(clf.predict(X) == y))
    print("test acc ", np.mean(clf.predict(Xtest) == ytest))
