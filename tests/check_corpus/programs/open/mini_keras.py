"""A keras-like Sequential model in plain NumPy."""
import numpy as np


class Dense:
    def __init__(self, units, input_dim, activation="linear"):
        limit = np.sqrt(6.0 / (units + input_dim))
        self.W = np.random.uniform(-limit, limit, (input_dim, units))
        self.b = np.zeros(units)
        self.activation = activation

    def call(self, x):
        self.x = x
        self.z = x @ self.W + self.b
        if self.activation == "relu":
            return np.maximum(self.z, 0)
        if self.activation == "tanh":
            return np.tanh(self.z)
        if self.activation == "sigmoid":
            return 1 / (1 + np.exp(-self.z))
        return self.z

    def backward(self, grad):
        if self.activation == "relu":
            grad = grad * (self.z > 0)
        elif self.activation == "tanh":
            grad = grad * (1 - np.tanh(self.z) ** 2)
        elif self.activation == "sigmoid":
            s = 1 / (1 + np.exp(-self.z))
            grad = grad * s * (1 - s)
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T


class MeanSquaredError:
    def value(self, y_true, y_pred):
        return np.mean((y_pred - y_true) ** 2)

    def gradient(self, y_true, y_pred):
        return 2 * (y_pred - y_true) / y_true.size


class SGD:
    def __init__(self, learning_rate=0.01):
        self.learning_rate = learning_rate

    def apply(self, layer):
        layer.W -= self.learning_rate * layer.dW
        layer.b -= self.learning_rate * layer.db


class Sequential:
    def __init__(self):
        self.layers = []

    def add(self, layer):
        self.layers.append(layer)

    def compile(self, optimizer, loss):
        self.optimizer = optimizer
        self.loss = loss

    def predict(self, x):
        for layer in self.layers:
            x = layer.call(x)
        return x

    def train_on_batch(self, x, y):
        y_pred = self.predict(x)
        grad = self.loss.gradient(y, y_pred)
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        for layer in self.layers:
            self.optimizer.apply(layer)
        return self.loss.value(y, y_pred)

    def fit(self, x, y, epochs=10, batch_size=32, verbose=10):
        n = len(x)
        history = []
        for epoch in range(1, epochs + 1):
            idx = np.random.permutation(n)
            x_shuffled, y_shuffled = x[idx], y[idx]
            total = 0.0
            for start in range(0, n, batch_size):
                xb = x_shuffled[start:start + batch_size]
                yb = y_shuffled[start:start + batch_size]
                total += self.train_on_batch(xb, yb) * len(xb)
            history.append(total / n)
            if verbose and epoch % verbose == 0:
                print(f"Epoch {epoch}/{epochs} - loss: {history[-1]:.6f}")
        return history

    def evaluate(self, x, y):
        return self.loss.value(y, self.predict(x))


if __name__ == "__main__":
    np.random.seed(17)
    x = np.random.uniform(-1, 1, (110, 2))
    y = np.stack([x[:, 0] * x[:, 1], np.abs(x[:, 0])], axis=1)
    model = Sequential()
    model.add(Dense(12, input_dim=2, activation="tanh"))
    model.add(Dense(8, input_dim=12, activation="relu"))
    model.add(Dense(2, input_dim=8))
    model.compile(optimizer=SGD(0.1), loss=MeanSquaredError())
    model.fit(x, y, epochs=60, batch_size=32, verbose=10)
    print("evaluate:", model.evaluate(x, y))
