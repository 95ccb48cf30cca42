import numpy as np


class Linear:
    def __init__(self, in_features, out_features):
        self.params = {
            "weight": np.random.randn(in_features, out_features) * 0.1,
            "bias": np.zeros(out_features),
        }
        self.grads = {"weight": None, "bias": None}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"] + self.params["bias"]

    def backward(self, dout):
        self.grads["weight"] = self.x.T @ dout
        self.grads["bias"] = np.sum(dout, axis=0)
        return dout @ self.params["weight"].T


class ReLU:
    def forward(self, x):
        self.mask = x > 0
        return np.where(self.mask, x, 0)

    def backward(self, dout):
        return dout * self.mask


class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class SoftMax:
    def forward(self, x):
        shifted = x - np.max(x, axis=1, keepdims=True)
        e = np.exp(shifted)
        self.y = e / np.sum(e, axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        inner = np.sum(dout * self.y, axis=1, keepdims=True)
        return self.y * (dout - inner)


class CrossEntropy:
    def forward(self, x, y):
        return -np.sum(y * np.log(np.maximum(x, 1e-12))) / x.shape[0]

    def backward(self, x, y):
        return -y / np.maximum(x, 1e-12) / x.shape[0]
