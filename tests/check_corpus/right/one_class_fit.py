import numpy as np


class NeuralNetwork:
    """Two layers, softmax, minibatches."""

    def __init__(self, n_features, n_hidden, n_classes, lr=0.1, seed=0):
        rng = np.random.default_rng(seed)
        self.lr = lr
        self.rng = rng
        self.W1 = rng.normal(0, 0.5, (n_features, n_hidden))
        self.b1 = np.zeros(n_hidden)
        self.W2 = rng.normal(0, 0.5, (n_hidden, n_classes))
        self.b2 = np.zeros(n_classes)
        self.losses = []

    def _softmax(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def _forward(self, X):
        self.z1 = X @ self.W1 + self.b1
        self.h = np.maximum(self.z1, 0)
        return self._softmax(self.h @ self.W2 + self.b2)

    def _step(self, X, Y):
        n = len(X)
        p = self._forward(X)
        loss = -np.sum(Y * np.log(p + 1e-12)) / n
        dz2 = (p - Y) / n
        dW2 = self.h.T @ dz2
        db2 = dz2.sum(axis=0)
        dh = dz2 @ self.W2.T
        dz1 = dh * (self.z1 > 0)
        dW1 = X.T @ dz1
        db1 = dz1.sum(axis=0)
        self.W1 -= self.lr * dW1
        self.b1 -= self.lr * db1
        self.W2 -= self.lr * dW2
        self.b2 -= self.lr * db2
        return loss

    def fit(self, X, y, epochs=10, batch_size=8):
        Y = np.eye(self.b2.size)[y]
        for _ in range(epochs):
            order = self.rng.permutation(len(X))
            X_shuffled, Y_shuffled = X[order], Y[order]
            for start in range(0, len(X), batch_size):
                xb = X_shuffled[start:start + batch_size]
                yb = Y_shuffled[start:start + batch_size]
                self.losses.append(self._step(xb, yb))
        return self

    def predict(self, X):
        return self._forward(X).argmax(axis=1)


if __name__ == "__main__":
    data = np.random.default_rng(1)
    X = data.normal(size=(50, 3))
    y = (X.sum(axis=1) > 0).astype(int) + (X[:, 0] > 1)
    net = NeuralNetwork(3, 7, 3).fit(X, y)
    print((net.predict(X) == y).mean())
