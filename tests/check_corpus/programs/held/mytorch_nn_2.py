# mytorch/nn.py  -- HW1P1, all parts in one file for submission
# (Linear, activations, losses, SGD, and the small models of section 5)
import numpy as np


class Linear:
    def __init__(self, in_features, out_features):
        bound = 1.0 / np.sqrt(in_features)
        self.W = np.random.uniform(-bound, bound, (out_features, in_features))
        self.b = np.zeros((out_features, 1))

    def forward(self, A):
        self.A = A
        self.N = A.shape[0]
        self.Ones = np.ones((self.N, 1))
        Z = A @ self.W.T + self.Ones @ self.b.T
        return Z

    def backward(self, dLdZ):
        dLdA = dLdZ @ self.W
        self.dLdW = dLdZ.T @ self.A
        self.dLdb = dLdZ.T @ self.Ones
        return dLdA


class Sigmoid:
    def forward(self, Z):
        # written with tanh so that big negative Z does not warn
        self.A = 0.5 * (1 + np.tanh(0.5 * Z))
        return self.A

    def backward(self, dLdA):
        return dLdA * (self.A - self.A * self.A)


class Tanh:
    def forward(self, Z):
        self.A = np.tanh(Z)
        return self.A

    def backward(self, dLdA):
        return dLdA * (1 - self.A ** 2)


class ReLU:
    def forward(self, Z):
        self.A = np.maximum(0, Z)
        return self.A

    def backward(self, dLdA):
        return np.where(self.A > 0, dLdA, 0)


class Softmax:
    """Row-wise softmax. dLdZ is built row by row from the Jacobian."""

    def forward(self, Z):
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        self.A = E / np.sum(E, axis=1, keepdims=True)
        return self.A

    def backward(self, dLdA):
        N, C = dLdA.shape
        dLdZ = np.zeros((N, C))
        for i in range(N):
            a = self.A[i]
            J = np.diag(a * (1 - a))
            dLdZ[i] = dLdA[i] @ J
        return dLdZ


class MSELoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        self.N, self.C = A.shape
        return np.sum((A - Y) ** 2) / (self.N * self.C)

    def backward(self):
        return 2 * (self.A - self.Y) / (self.N * self.C)


class CrossEntropyLoss:
    """A are logits, Y is one-hot."""

    def forward(self, A, Y):
        self.Y = Y
        self.N = A.shape[0]
        S = A - A.max(axis=1, keepdims=True)
        logp = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
        self.softmax = np.exp(logp)
        return -np.sum(Y * logp) / self.N

    def backward(self):
        return (self.softmax - self.Y) / self.N


class SGD:
    def __init__(self, model, lr=0.1, momentum=0.0):
        self.layers = [l for l in model.layers if hasattr(l, "W")]
        self.lr, self.mu = lr, momentum
        self.v_W = [np.zeros_like(l.W) for l in self.layers]
        self.v_b = [np.zeros_like(l.b) for l in self.layers]

    def step(self):
        for i, layer in enumerate(self.layers):
            self.v_W[i] = self.mu * self.v_W[i] + layer.dLdW
            self.v_b[i] = self.mu * self.v_b[i] + layer.dLdb
            layer.W = layer.W - self.lr * self.v_W[i]
            layer.b = layer.b - self.lr * self.v_b[i]


class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, A):
        for layer in self.layers:
            A = layer.forward(A)
        return A

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


def MLP4():
    return Sequential(Linear(2, 4), ReLU(), Linear(4, 8), Tanh(),
                      Linear(8, 8), Sigmoid(), Linear(8, 4), ReLU(), Linear(4, 2))
