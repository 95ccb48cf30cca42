"""Perceptrons of few samples, of which many are right before their update."""

import pytest

from check_corpus.corpus import check_text

PERCEPTRON = """import numpy as np


class Perceptron:
    def __init__(self, lr, rounds):
        self.lr = lr
        self.rounds = rounds

    def net_input(self, X):
        z = np.dot(X, self.w) + self.b
        return z

    def predict(self, X):
        z = self.net_input(X)
        y = np.where(z >= 0, 1, -1)
        return y

    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        history = []
        for _ in range(self.rounds):
            total = 0
            for xi, yi in zip(X, y):
                y_pred = self.predict(xi)
                error = yi - y_pred
                total += error**2
                update = error * self.lr
                self.w += update * xi
                self.b += update
            history.append(total)
        return history
"""

RUN = """
rng = np.random.RandomState({seed})
X_data = rng.randn(6, 4)
y_data = np.where(np.arange(6) % 3 == 0, -1.0, 1.0)
net = Perceptron({lr}, 5)
net.fit(X_data, y_data)
"""

ON_A_LINE = """
rng = np.random.RandomState({seed})
X_data = rng.randn(4, 2)
y_data = np.where(X_data[:, 0] + 0.3 * X_data[:, 1] > 0.1, 1, -1)
net = Perceptron({lr}, 8)
net.fit(X_data, y_data)
"""

CASES = [
    (form, run.format(seed=seed, lr=lr))
    for form, run, seed, lr in [
        (">", RUN, 3, 4),
        (">", RUN, 2, 0.1),
        (">=", RUN, 3, 4),
        (">=", RUN, 4, 4),
        (">", ON_A_LINE, 1, 1.0),
    ]
]

SHORT = """import numpy as np


class Perceptron:
    def __init__(self, eta=0.01, n_iter=10):
        self.eta = eta
        self.n_iter = n_iter

    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        for _ in range(self.n_iter):
            for xi, yi in zip(X, y):
                update = self.eta * (yi - self.predict(xi))
                self.w += update * xi
                self.b += update

    def net_input(self, X):
        return np.dot(X, self.w) + self.b

    def predict(self, X):
        return np.where(self.net_input(X) > 0.0, 1, -1)
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize("lr", [0.1, 1.0])
def test_the_bias_of_another_object_is_another_one_also_where_both_are_0(lr):
    assert check_text(SHORT + ON_A_LINE.format(seed=1, lr=lr))["findings"] == []


@pytest.mark.parametrize(("form", "run"), CASES)
def test_a_right_perceptron_is_not_accused(form, run):
    assert check_text(PERCEPTRON.replace(">=", form) + run)["findings"] == []


@pytest.mark.parametrize(("form", "run"), CASES)
@pytest.mark.parametrize("name", ["w", "b"])
def test_a_perceptron_that_moves_away_is_found(form, run, name):
    text = PERCEPTRON.replace(">=", form).replace(f"self.{name} +=", f"self.{name} -=")
    found = check_text(text + run)["findings"]
    assert found


DECISIONS = """import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 2))
labels = np.where(X[:, 0] + X[:, 1] > 0.3, 1, 0)
w, b = np.zeros(2), 0.0
for _ in range(20):
    for k, x in enumerate(X):
        score = np.dot(x, w) + b
        y_predicted = np.where(score > 0, 1, 0)
        step = 0.01 * (labels[k] - y_predicted)
        w += step * x
        b += step
"""


@pytest.mark.slow
def test_a_decision_is_no_target():
    assert check_text(DECISIONS)["findings"] == []
    text = DECISIONS.replace("labels[k] - y_predicted", "y_predicted - labels[k]")
    assert [finding["mistake"] for finding in check_text(text)["findings"]] == ["sign"]


WITH_FEW_MISTAKES = """import numpy as np

rng = np.random.default_rng(0)


class Neuron:
    def __init__(self):
        self.w = np.array([0.4, 0.1])
        self.b = np.array([0.2])

    def decide(self, x):
        z = np.dot(x, self.w) + self.b
        return 1 if z >= 0 else 0

    def learn(self, X, y):
        for epoch in range(20):
            for x, target in zip(X, y):
                error = target - self.decide(x)
                if error != 0:
                    self.w += 0.1 * error * x
                    self.b += 0.1 * error


X = np.array([[0.7, 1.0], [0.1, 0.0], [0.3, 1.0], [0.5, 0.0]])
Neuron().learn(X, np.array([1, 0, 1, 0]))
"""


def test_labels_of_samples_between_two_updates_are_no_targets_of_the_last():
    assert check_text(WITH_FEW_MISTAKES)["findings"] == []
    text = WITH_FEW_MISTAKES.replace("target - self.decide(x)", "self.decide(x) - target")
    assert [finding["mistake"] for finding in check_text(text)["findings"]] == ["sign"]


AT_THE_EDGE = """
import numpy as np
SAMPLES = [((0, 0), 0), ((0, 1), 0), ((1, 0), 0), ((1, 1), 1)]
weights, bias = [0.0, 0.0], 0.0
for turn in range(12):
    for given, wanted in SAMPLES:
        total = sum(w * x for w, x in zip(weights, given)) + bias
        off = wanted - (1 if total > 0 else 0)
        if off != 0:
            weights = [w + 0.5 * off * x for w, x in zip(weights, given)]
            bias += 0.5 * off
"""


def test_sums_of_exactly_0_do_not_hide_the_rule():
    """A weight that is changed by any little turns such a decision, and what the code does next."""
    result = check_text(AT_THE_EDGE)
    assert result["checked"] == ["training"]
    assert result["findings"] == []
