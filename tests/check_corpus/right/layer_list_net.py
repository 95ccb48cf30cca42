import numpy as np


class FC:
    def __init__(self, sizes, seed=0):
        r = np.random.RandomState(seed)
        self.num = len(sizes) - 1
        self.W = [r.randn(a, b) / np.sqrt(a) for a, b in zip(sizes[:-1], sizes[1:])]
        self.B = [np.zeros((1, b)) for b in sizes[1:]]

    def forward(self, X):
        self.acts = [X]
        self.pre = []
        for i in range(self.num):
            z = self.acts[-1] @ self.W[i] + self.B[i]
            self.pre.append(z)
            a = np.tanh(z) if i < self.num - 1 else z
            self.acts.append(a)
        return self.acts[-1]

    def backward(self, Y):
        m = Y.shape[0]
        self.dW = [None] * self.num
        self.dB = [None] * self.num
        delta = 2 * (self.acts[-1] - Y) / m
        for i in range(self.num - 1, -1, -1):
            self.dW[i] = self.acts[i].T @ delta
            self.dB[i] = np.sum(delta, axis=0, keepdims=True)
            if i > 0:
                delta = (delta @ self.W[i].T) * (1 - self.acts[i] ** 2)

    def update(self, lr):
        for i in range(self.num):
            self.W[i] -= lr * self.dW[i]
            self.B[i] -= lr * self.dB[i]

    def loss(self, Y):
        return np.sum((self.acts[-1] - Y) ** 2) / Y.shape[0]


def train():
    r = np.random.RandomState(5)
    X = r.rand(12, 3)
    Y = np.sin(X.sum(axis=1, keepdims=True))
    net = FC([3, 6, 4, 1])
    for step in range(40):
        net.forward(X)
        loss = net.loss(Y)
        net.backward(Y)
        net.update(0.05)
    return loss


if __name__ == "__main__":
    print(train())
