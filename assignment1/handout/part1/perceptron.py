"""Task 1: the perceptron."""

import numpy as np


class Perceptron:
    """f(x) = sign(w·x + b), where sign(0) = +1.

    Args:
        n_inputs: D, the number of inputs.
        max_epochs: how often ``train`` goes through the samples.
        learning_rate: η.
    """

    def __init__(self, n_inputs, max_epochs=1000, learning_rate=0.01):
        self.max_epochs = max_epochs
        self.learning_rate = learning_rate
        self.weights = np.zeros(n_inputs)
        self.bias = 0.0

    def forward(self, x):
        """Return the labels +1 or -1, (N,), of samples x (N, D); of one sample x (D,) its label."""
        raise NotImplementedError("task 1.1")

    def train(self, x, y):
        """Learn from samples x (N, D) with labels y (N,), each +1 or -1.

        Start from w = 0 and b = 0. In each epoch, predict all samples with the same weights. Then,
        with the sums over the misclassified samples,

            w <- w + η/N Σ y x        b <- b + η/N Σ y
        """
        raise NotImplementedError("task 1.2")
