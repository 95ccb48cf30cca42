"""A small fully connected net, trained by mini-batch SGD.

I wrote this while working through an online book on neural nets; the samples
are column vectors, weights[k] maps layer k to layer k+1.
Toy data: three noisy rings instead of the handwritten digits.
"""
import random
import numpy as np

random.seed(1)
np.random.seed(1)


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))


class Net:

    def __init__(self, sizes):
        self.sizes = sizes
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]
        self.weights = [np.random.randn(n, m) / np.sqrt(m)
                        for m, n in zip(sizes[:-1], sizes[1:])]
        self.reset_gradients()

    def reset_gradients(self):
        self.nabla_b = [np.zeros(b.shape) for b in self.biases]
        self.nabla_w = [np.zeros(w.shape) for w in self.weights]

    def feedforward(self, a):
        for w, b in zip(self.weights, self.biases):
            a = sigmoid(w @ a + b)
        return a

    def backprop(self, x, y):
        """Add the gradient of the cross-entropy of one sample to nabla_*."""
        activation = x
        activations = [x]
        zs = []
        for w, b in zip(self.weights, self.biases):
            z = w @ activation + b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        # cross-entropy with sigmoid outputs: no sigmoid_prime here
        delta = activations[-1] - y
        self.nabla_b[-1] += delta
        self.nabla_w[-1] += delta @ activations[-2].T
        for l in range(2, len(self.sizes)):
            delta = (self.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])
            self.nabla_b[-l] += delta
            self.nabla_w[-l] += delta @ activations[-l - 1].T

    def update_mini_batch(self, batch, eta):
        self.reset_gradients()
        for x, y in batch:
            self.backprop(x, y)
        rate = eta / len(batch)
        self.weights = [w - rate * nw for w, nw in zip(self.weights, self.nabla_w)]
        self.biases = [b - rate * nb for b, nb in zip(self.biases, self.nabla_b)]

    def train(self, data, epochs, size, eta, test):
        random.shuffle(data)
        n = len(data)
        # cut once, afterwards only the order of the batches changes
        batches = [data[k:k + size] for k in range(0, n - size + 1, size)]
        for epoch in range(epochs):
            random.shuffle(batches)
            for batch in batches:
                self.update_mini_batch(batch, eta)
            if epoch % 10 == 9:
                print("epoch %d: %d / %d" % (epoch + 1, self.evaluate(test), len(test)))

    def evaluate(self, data):
        return sum(int(np.argmax(self.feedforward(x)) == np.argmax(y)) for x, y in data)


def rings(n):
    samples = []
    for i in range(n):
        label = i % 3
        r = 0.5 + label + 0.12 * np.random.randn()
        phi = 2 * np.pi * np.random.rand()
        x = np.array([[r * np.cos(phi)], [r * np.sin(phi)]])
        y = np.zeros((3, 1))
        y[label] = 1.0
        samples.append((x, y))
    return samples


net = Net([2, 12, 3])
net.train(rings(310), epochs=60, size=20, eta=1.5, test=rings(150))
