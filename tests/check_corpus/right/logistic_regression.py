import numpy as np


class LogisticRegression:
    def __init__(self, learning_rate=0.1, n_iters=50):
        self.learning_rate = learning_rate
        self.n_iters = n_iters

    def fit(self, X, y):
        n_samples, n_features = X.shape
        self.weights = np.zeros(n_features)
        self.bias = np.zeros(1)
        for _ in range(self.n_iters):
            linear = X @ self.weights + self.bias
            y_pred = 1 / (1 + np.exp(-linear))
            dw = (1 / n_samples) * (X.T @ (y_pred - y))
            db = (1 / n_samples) * np.sum(y_pred - y)
            self.weights = self.weights - self.learning_rate * dw
            self.bias = self.bias - self.learning_rate * db

    def predict(self, X):
        return (X @ self.weights + self.bias > 0).astype(int)


rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3))
y = (X[:, 0] + X[:, 1] > 0).astype(float)
model = LogisticRegression()
model.fit(X, y)
print((model.predict(X) == y).mean())
