"""The perceptron with the report's batch rule, over ``rosenblatt.Perceptron``."""

import numpy as np

import rosenblatt as rb


class Perceptron:
    """f(x) = sign(w·x + b) with sign(0) = +1, trained from w = 0, b = 0.

    Each epoch adds η/N · Σ y x over the misclassified samples to w, and η/N · Σ y to b.
    ``rosenblatt/models/perceptron.py`` has the rule and its relatives.

    Args:
        n_inputs: D, the width of a sample.
        max_epochs: how often ``train`` visits every sample.
        learning_rate: η.
    """

    def __init__(self, n_inputs: int, max_epochs: int = 1000, learning_rate: float = 0.01):
        self.model = rb.Perceptron(n_inputs, rule="batch")
        self.max_epochs = max_epochs
        self.learning_rate = learning_rate
        self.params = self.model.init(seed=0)

    @property
    def weights(self):
        """w, (D,)."""
        return self.params["0.weight"][:, 0]

    @property
    def bias(self):
        """b, a float."""
        return float(self.params["0.bias"][0])

    def forward(self, x):
        """Return the labels ±1 of rows x (N, D), or the label of one sample x (D,)."""
        rows = self.model.check_inputs(np.atleast_2d(x), float)
        scores, _ = self.model.forward(self.params, rows)
        labels = 2 * self.model.default_loss.predict(scores) - 1
        return labels if np.ndim(x) > 1 else int(labels[0])

    def train(self, x, y, x_test=None, y_test=None):
        """Learn from samples x (N, D) with labels y = ±1 (N,), starting from 0; return the history.

        The history has a row for every epoch: the perceptron criterion and the accuracy, on the
        training set and, where one is given, on the test set.
        """
        run = rb.train(
            self.model,
            rb.data.Dataset(x, y, classes=(-1, 1)),
            test=None if x_test is None else rb.data.Dataset(x_test, y_test, classes=(-1, 1)),
            optimizer=rb.SGD(self.learning_rate),
            epochs=self.max_epochs,
        )
        self.params = run.params
        return run.history
