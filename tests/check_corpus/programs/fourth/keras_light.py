import numpy as np


class Dense:
    def __init__(self, units, activation=None):
        self.units = units
        self.activation = activation

    def build(self, n_in, rng):
        limit = np.sqrt(6.0 / (n_in + self.units))
        self.kernel = rng.uniform(-limit, limit, size=(n_in, self.units))
        self.bias = np.zeros(self.units)
        return self.units

    def call(self, inputs):
        self.inputs = inputs
        self.z = inputs @ self.kernel + self.bias
        if self.activation == "relu":
            self.out = np.maximum(self.z, 0.0)
        elif self.activation == "softmax":
            e = np.exp(self.z - self.z.max(axis=1, keepdims=True))
            self.out = e / e.sum(axis=1, keepdims=True)
        else:
            self.out = self.z
        return self.out

    def backward(self, grad):
        if self.activation == "relu":
            grad = np.where(self.z > 0, grad, 0.0)
        elif self.activation == "softmax":
            grad = self.out * (grad - (grad * self.out).sum(axis=1, keepdims=True))
        self.d_kernel = self.inputs.T @ grad
        self.d_bias = grad.sum(axis=0)
        return grad @ self.kernel.T


class CategoricalCrossentropy:
    eps = 1e-9

    def __call__(self, y_true, y_pred):
        return -np.mean(np.sum(y_true * np.log(y_pred + self.eps), axis=1))

    def gradient(self, y_true, y_pred):
        return -y_true / (y_pred + self.eps) / len(y_true)


class MeanSquaredError:
    def __call__(self, y_true, y_pred):
        return np.mean(np.sum((y_true - y_pred) ** 2, axis=1))

    def gradient(self, y_true, y_pred):
        return 2 * (y_pred - y_true) / len(y_true)


class SGD:
    def __init__(self, learning_rate=0.01, momentum=0.0):
        self.lr, self.momentum = learning_rate, momentum
        self.velocity = {}

    def apply(self, layers):
        for n, layer in enumerate(layers):
            for p, g in (("kernel", "d_kernel"), ("bias", "d_bias")):
                v = self.velocity.get((n, p), 0.0)
                v = self.momentum * v - self.lr * getattr(layer, g)
                self.velocity[(n, p)] = v
                setattr(layer, p, getattr(layer, p) + v)


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def compile(self, loss, optimizer):
        self.loss, self.optimizer = loss, optimizer

    def build(self, n_in, seed=0):
        rng = np.random.default_rng(seed)
        for layer in self.layers:
            n_in = layer.build(n_in, rng)

    def predict(self, x):
        for layer in self.layers:
            x = layer.call(x)
        return x

    def train_on_batch(self, x, y):
        y_pred = self.predict(x)
        loss = self.loss(y, y_pred)
        grad = self.loss.gradient(y, y_pred)
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        self.optimizer.apply(self.layers)
        return loss

    def fit(self, x, y, epochs=1, batch_size=32, verbose=1):
        rng = np.random.default_rng(99)
        for epoch in range(1, epochs + 1):
            order = rng.permutation(len(x))
            losses = [self.train_on_batch(x[order[i:i + batch_size]], y[order[i:i + batch_size]])
                      for i in range(0, len(x), batch_size)]
            if verbose and epoch % 5 == 0:
                acc = np.mean(self.predict(x).argmax(1) == y.argmax(1))
                print(f"Epoch {epoch}/{epochs} - loss: {np.mean(losses):.4f} - accuracy: {acc:.4f}")


if __name__ == "__main__":
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, size=(300, 2))
    labels = (x[:, 0] > 0).astype(int) + 2 * (x[:, 0] * x[:, 1] > 0).astype(int)
    y = np.eye(4)[labels]

    model = Sequential([Dense(16, "relu"), Dense(16, "relu"), Dense(4, "softmax")])
    model.compile(loss=CategoricalCrossentropy(), optimizer=SGD(0.1, momentum=0.9))
    model.build(2)
    model.fit(x, y, epochs=30)
