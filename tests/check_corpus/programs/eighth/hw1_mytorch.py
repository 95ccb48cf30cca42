"""
Homework 1 - mytorch
Linear / activations / losses. N = batch size, C = number of outputs.
"""
import numpy as np


class Linear:

    def __init__(self, in_features, out_features, debug=False):
        # W: (out, in), b: (out, 1)
        k = np.sqrt(1.0 / in_features)
        self.W = np.random.uniform(-k, k, (out_features, in_features))
        self.b = np.zeros((out_features, 1))
        self.debug = debug

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        Z = self.A @ self.W.T + self.Ones @ self.b.T
        return Z

    def backward(self, dLdZ):
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ self.Ones
        if self.debug:
            self.dLdA = dLdA
        return dLdA


class Identity:

    def forward(self, Z):
        self.A = Z
        return self.A

    def backward(self, dLdA):
        dAdZ = np.ones(self.A.shape, dtype="f")
        return dLdA * dAdZ


class Sigmoid:

    def forward(self, Z):
        self.A = 0.5 * (1.0 + np.tanh(0.5 * Z))
        return self.A

    def backward(self, dLdA):
        dAdZ = self.A - self.A * self.A
        return dLdA * dAdZ


class Tanh:

    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self, dLdA):
        dAdZ = 1 - self.A ** 2
        return dLdA * dAdZ


class ReLU:

    def forward(self, Z):
        self.A = np.maximum(Z, 0)
        return self.A

    def backward(self, dLdA):
        dAdZ = np.where(self.A > 0, 1.0, 0.0)
        return dLdA * dAdZ


class MSELoss:

    def forward(self, A, Y):
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape
        se = (self.A - self.Y) * (self.A - self.Y)
        return np.sum(se) / (self.N * self.C)

    def backward(self):
        dLdA = 2 * (self.A - self.Y) / (self.N * self.C)
        return dLdA


class CrossEntropyLoss:

    def forward(self, A, Y):
        """ A: logits (N, C), Y: one-hot (N, C) """
        self.A = A
        self.Y = Y
        self.N, self.C = A.shape

        shifted = A - np.max(A, axis=1, keepdims=True)
        sumexp = np.sum(np.exp(shifted), axis=1, keepdims=True)
        self.softmax = np.exp(shifted) / sumexp
        logp = shifted - np.log(sumexp)
        crossentropy = -np.sum(self.Y * logp, axis=1)
        return np.sum(crossentropy) / self.N

    def backward(self):
        dLdA = (self.softmax - self.Y) / self.N
        return dLdA


class MLP1:
    """ in -> hidden -> out """

    def __init__(self, n_in, n_hid, n_out, act=Tanh):
        self.layers = [Linear(n_in, n_hid), act(), Linear(n_hid, n_out)]

    def forward(self, A):
        for layer in self.layers:
            A = layer.forward(A)
        return A

    def backward(self, dLdZ):
        for layer in reversed(self.layers):
            dLdZ = layer.backward(dLdZ)
        return dLdZ


class SGD:

    def __init__(self, model, lr=0.1, momentum=0.0):
        self.l = [layer for layer in model.layers if hasattr(layer, "W")]
        self.lr = lr
        self.mu = momentum
        self.v_W = [np.zeros(layer.W.shape) for layer in self.l]
        self.v_b = [np.zeros(layer.b.shape) for layer in self.l]

    def step(self):
        for i, layer in enumerate(self.l):
            self.v_W[i] = self.mu * self.v_W[i] + layer.dLdW
            self.v_b[i] = self.mu * self.v_b[i] + layer.dLdb
            layer.W -= self.lr * self.v_W[i]
            layer.b -= self.lr * self.v_b[i]
