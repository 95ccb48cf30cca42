# Neural network from scratch, part 3: every layer is an object
# (the code that goes with the blog post)
import numpy as np


class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, grad, lr):
        raise NotImplementedError


class Dense(Layer):
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * np.sqrt(1.0 / n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad, lr):
        grad_in = grad @ self.W.T
        self.W -= lr * (self.x.T @ grad)
        self.b -= lr * grad.sum(axis=0)
        return grad_in


class Tanh(Layer):
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad, lr):
        return grad * (1 - self.out ** 2)


class ReLU(Layer):
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, grad, lr):
        return grad * (self.x > 0)


class Network:
    def __init__(self, *layers):
        self.layers = layers

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad, lr):
        for layer in reversed(self.layers):
            grad = layer.backward(grad, lr)


def mse(pred, y):
    return np.mean((pred - y) ** 2)


def mse_grad(pred, y):
    return 2 * (pred - y) / pred.size


np.random.seed(0)
x = np.random.uniform(-3, 3, (200, 1))
y = np.sin(x) + 0.1 * x ** 2
x_train, y_train = x[:100], y[:100]
x_test, y_test = x[100:], y[100:]

net = Network(Dense(1, 16), Tanh(), Dense(16, 16), ReLU(), Dense(16, 1))

for epoch in range(1, 2001):
    pred = net.predict(x_train)
    net.backward(mse_grad(pred, y_train), lr=0.05)
    if epoch % 200 == 0:
        test_loss = mse(net.predict(x_test), y_test)
        print(f"{epoch:5d}  train {mse(pred, y_train):.5f}  test {test_loss:.5f}")
