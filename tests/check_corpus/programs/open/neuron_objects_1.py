"""
A multi layer perceptron in pure Python.
Every layer is a list of Neuron objects, no numpy needed.
"""
import random
from math import tanh


class Neuron:
    def __init__(self, n_inputs):
        self.weights = [0.5 for _ in range(n_inputs)]
        self.bias = 0.0
        self.inputs = None
        self.output = 0.0
        self.delta = 0.0

    def activate(self, inputs):
        self.inputs = inputs
        z = self.bias
        for w, v in zip(self.weights, inputs):
            z += w * v
        self.output = tanh(z)
        return self.output

    def slope(self):
        return 1 - self.output ** 2

    def learn(self, lr):
        for i, v in enumerate(self.inputs):
            self.weights[i] -= lr * self.delta * v
        self.bias -= lr * self.delta


class Network:
    def __init__(self, sizes):
        self.layers = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            self.layers.append([Neuron(n_in) for _ in range(n_out)])

    def forward(self, x):
        for layer in self.layers:
            x = [neuron.activate(x) for neuron in layer]
        return x

    def backward(self, y):
        # output layer
        for neuron, target in zip(self.layers[-1], y):
            neuron.delta = (neuron.output - target) * neuron.slope()
        # hidden layers, from right to left
        for idx in range(len(self.layers) - 2, -1, -1):
            following = self.layers[idx + 1]
            for j, neuron in enumerate(self.layers[idx]):
                back = sum(f.weights[j] * f.delta for f in following)
                neuron.delta = back * neuron.slope()

    def update(self, lr):
        for layer in self.layers:
            for neuron in layer:
                neuron.learn(lr)

    def fit_one(self, x, y, lr):
        out = self.forward(x)
        loss = 0.5 * sum((o - t) ** 2 for o, t in zip(out, y))
        self.backward(y)
        self.update(lr)
        return loss


if __name__ == "__main__":
    random.seed(7)
    # XOR with -1 / +1
    samples = [([-1, -1], [-0.9]), ([-1, 1], [0.9]), ([1, -1], [0.9]), ([1, 1], [-0.9])]
    net = Network([2, 4, 3, 1])
    for epoch in range(301):
        loss = 0.0
        for x, y in samples:
            loss += net.fit_one(x, y, 0.1)
        if epoch % 50 == 0:
            print("epoch %3d   loss %.6f" % (epoch, loss))
    for x, y in samples:
        print(x, "wanted", y[0], "got", round(net.forward(x)[0], 4))
