import numpy as np


class MLP:
    """
    Multi layer perceptron for classification, gradients only.
    The optimizer of the previous exercise can be used:

        grads = mlp.compute_gradients(X, Y)
        for p, g in zip(mlp.parameters(), grads): p -= lr * g
    """

    def __init__(self, layer_sizes, hidden="relu", l2=0.0, seed=None):
        rng = np.random.default_rng(seed)
        self.hidden = hidden
        self.l2 = l2
        self.weights = []
        self.biases = []
        for n_in, n_out in zip(layer_sizes[:-1], layer_sizes[1:]):
            self.weights.append(rng.normal(0.0, np.sqrt(2.0 / n_in), (n_out, n_in)))
            self.biases.append(np.zeros(n_out))

    def parameters(self):
        return self.weights + self.biases

    def _act(self, z):
        return np.maximum(z, 0) if self.hidden == "relu" else np.tanh(z)

    def _act_grad(self, z):
        if self.hidden == "relu":
            return np.where(z > 0, 1.0, 0.0)
        return 1.0 - np.tanh(z) ** 2

    @staticmethod
    def _softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def forward(self, X):
        self.inputs = []     # what goes into every layer
        self.zs = []         # pre-activations
        a = X
        for k, (W, b) in enumerate(zip(self.weights, self.biases)):
            self.inputs.append(a)
            z = a @ W.T + b
            self.zs.append(z)
            a = self._act(z) if k < len(self.weights) - 1 else self._softmax(z)
        return a

    def loss(self, X, Y):
        """Y is one-hot"""
        P = self.forward(X)
        data = -np.sum(Y * np.log(P + 1e-15)) / len(X)
        return data + 0.5 * self.l2 * sum(np.sum(W ** 2) for W in self.weights)

    def compute_gradients(self, X, Y):
        P = self.forward(X)
        L = len(self.weights)
        gW, gb = [None] * L, [None] * L
        delta = (P - Y) / len(X)
        for k in reversed(range(L)):
            gW[k] = delta.T @ self.inputs[k] + self.l2 * self.weights[k]
            gb[k] = delta.sum(axis=0)
            if k > 0:
                delta = (delta @ self.weights[k]) * self._act_grad(self.zs[k - 1])
        return gW + gb

    def predict(self, X):
        return self.forward(X).argmax(axis=1)
