"""Trainings that the check adds to a class whose file makes no object of it."""

import pytest

from check_corpus.corpus import check_text

PERCEPTRON = """import numpy as np


class Unit:
    def net(self, X):
        return np.dot(X, self.w) + self.b

    def predict(self, X):
        return np.where(self.net(X) > 0, 1, -1)


class Perceptron(Unit):
    def __init__(self, k, n):
        self.k = k
        self.n = n

    def fit(self, X, y):
        self.w = np.zeros(X.shape[1])
        self.b = 0.0
        misses = []
        for _ in range(self.n):
            sse = 0
            for xi, yi in zip(X, y):
                error = yi - self.predict(xi)
                sse += error ** 2
                step = error * self.k
                self.w += step * xi
                self.b += step
            misses.append(sse)
        return misses
"""


def mistakes(text):
    result = check_text(text)
    assert not result["reason"]
    return [finding["mistake"] for finding in result["findings"]]


def test_a_perceptron_with_outputs_1_and_minus_1_is_given_such_labels():
    assert mistakes(PERCEPTRON) == []


def test_a_fit_that_makes_its_weights_is_called_once():
    # A second call would begin with new weights in the middle of the record.
    assert (
        mistakes(
            PERCEPTRON.replace("(self, k, n)", "(self, eta, runs)")
            .replace("self.k = k", "self.k = eta")
            .replace("self.n = n", "self.n = runs")
        )
        == []
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [("self.b += step", "self.b -= step"), ("self.w += step * xi", "self.w -= step * xi")],
)
def test_a_wrong_sign_of_such_a_perceptron_is_found(old, new):
    assert mistakes(PERCEPTRON.replace(old, new)) == ["sign"]


NETWORK = """import numpy as np


class MLP:
    def __init__(self, sizes):
        self.W = [np.random.randn(b, a) for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [np.random.randn(b, 1) for b in sizes[1:]]

    def forward(self, X):
        self.A = [X]
        for W, b in zip(self.W, self.b):
            self.A.append(1 / (1 + np.exp(-(W @ self.A[-1] + b))))
        return self.A[-1]

    def backward(self, X, wanted, rate=0.5):
        out = self.forward(X)
        d = (out - wanted) * out * (1 - out)
        for i in reversed(range(len(self.W))):
            dW, db = d @ self.A[i].T, d.sum(axis=1, keepdims=True)
            if i > 0:
                d = (self.W[i].T @ d) * self.A[i] * (1 - self.A[i])
            self.W[i] -= rate * dW
            self.b[i] -= rate * db

    def train(self, X, wanted, runs=40):
        for _ in range(runs):
            self.backward(X, wanted)


X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
MLP([2, 4, 1]).train(X, np.array([[0, 1, 1, 0]]))
"""


@pytest.mark.slow
def test_a_network_whose_backward_pass_takes_the_outputs_wanted_is_no_layer():
    assert mistakes(NETWORK) == []
    wrong = NETWORK.replace("d = (out - wanted)", "d = (wanted - out)")
    assert mistakes(wrong) == ["sign"]


OF_ONE_SAMPLE = """import numpy as np


class Rede:
    def __init__(self, taxa_aprendizado, num_entradas, num_ocultos, num_saidas):
        self.taxa = taxa_aprendizado
        self.W1 = np.random.uniform(-0.5, 0.5, (num_ocultos, num_entradas))
        self.b1 = np.random.uniform(-0.5, 0.5, num_ocultos)
        self.W2 = np.random.uniform(-0.5, 0.5, (num_saidas, num_ocultos))
        self.b2 = np.random.uniform(-0.5, 0.5, num_saidas)

    def feedforward(self, entradas):
        self.h = np.tanh(self.W1 @ entradas + self.b1)
        self.s = 1 / (1 + np.exp(-(self.W2 @ self.h + self.b2)))
        return self.s

    def backprop(self, entradas, alvo):
        d2 = (alvo - self.s) * self.s * (1 - self.s)
        d1 = (self.W2.T @ d2) * (1 - self.h ** 2)
        self.W2 += self.taxa * np.outer(d2, self.h)
        self.b2 += self.taxa * d2
        self.W1 += self.taxa * np.outer(d1, entradas)
        self.b1 += self.taxa * d1
"""

OF_COLUMNS = """import numpy as np


class Netz:
    def __init__(self, eingaben, versteckte, ausgaben, lernrate):
        self.lernrate = lernrate
        self.W = np.random.normal(0.0, 0.5, (versteckte, eingaben))
        self.V = np.random.normal(0.0, 0.5, (ausgaben, versteckte))

    def trainiere(self, eingabe, erwartung):
        h = 1 / (1 + np.exp(-(self.W @ eingabe)))
        y = 1 / (1 + np.exp(-(self.V @ h)))
        d = (erwartung - y) * y * (1 - y)
        e = (self.V.T @ d) * h * (1 - h)
        self.V += self.lernrate * d @ h.T
        self.W += self.lernrate * e @ eingabe.T
"""

OF_NUMBERS = """import math
import random


def s(z):
    return 1 / (1 + math.exp(-z))


class Small:
    def __init__(self):
        self.w1, self.w2, self.b = (random.uniform(-1, 1) for _ in range(3))
        self.u, self.c = random.uniform(-1, 1), random.uniform(-1, 1)
        self.lr = 0.001

    def forward(self, x1, x2):
        self.h = s(self.w1 * x1 + self.w2 * x2 + self.b)
        self.out = s(self.u * self.h + self.c)
        return self.out

    def backward(self, x1, x2, y):
        d = (self.out - y) * self.out * (1 - self.out)
        e = d * self.u * self.h * (1 - self.h)
        self.u -= self.lr * d * self.h
        self.c -= self.lr * d
        self.w1 -= self.lr * e * x1
        self.w2 -= self.lr * e * x2
        self.b -= self.lr * e
"""


@pytest.mark.parametrize("text", [OF_ONE_SAMPLE, OF_COLUMNS, OF_NUMBERS])
def test_a_network_of_one_sample_at_a_time_is_trained(text):
    assert mistakes(text) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (OF_NUMBERS, "self.u -= self.lr * d * self.h", "self.u -= self.lr * d"),
        (OF_ONE_SAMPLE, "(1 - self.h ** 2)", "(1 - self.h)"),
        (OF_ONE_SAMPLE, "self.b1 += self.taxa * d1", "self.b1 -= self.taxa * d1"),
        (OF_COLUMNS, "(self.V.T @ d) * h", "(self.V.T @ d) + h"),
    ],
)
def test_a_mistake_of_such_a_network_is_found(text, old, new):
    assert old in text
    assert mistakes(text.replace(old, new))


@pytest.mark.slow
def test_steps_are_long_enough_to_see_their_order():
    early = "        self.u -= self.lr * d * self.h\n"
    late = "        e = d * self.u * self.h * (1 - self.h)\n"
    assert mistakes(OF_NUMBERS.replace(late + early, early + late)) == ["update-before-use"]


GIVEN_RESULTS = """import numpy as np


class Network:
    def __init__(self, nx, nodes):
        self.__W1, self.__b1 = np.random.randn(nodes, nx), np.zeros((nodes, 1))
        self.__W2, self.__b2 = np.random.randn(1, nodes), 0

    def forward_prop(self, X):
        A1 = np.tanh(self.__W1 @ X + self.__b1)
        A2 = 1 / (1 + np.exp(-(self.__W2 @ A1 + self.__b2)))
        return A1, A2

    def evaluate(self, X):
        return np.where(self.forward_prop(X)[1] >= 0.5, 1, 0)

    def gradient_descent(self, X, Y, A1, A2, alpha=0.05):
        m = Y.shape[1]
        d2 = A2 - Y
        d1 = self.__W2.T @ d2 * (1 - A1 ** 2)
        self.__W2 = self.__W2 - alpha * d2 @ A1.T / m
        self.__W1 = self.__W1 - alpha * d1 @ X.T / m
        self.__b1 = self.__b1 - alpha * d1.sum(axis=1, keepdims=True) / m
        self.__b2 = self.__b2 - alpha * d2.sum(axis=1, keepdims=True) / m
"""
"""The bias of the output begins as a number, and becomes an array by its first update."""

GIVEN_CACHE = """import numpy as np


class Deep:
    def __init__(self, nx, layers):
        self.__L, self.__cache, self.__weights = len(layers), {}, {}
        for i, n in enumerate(layers, 1):
            self.weights["W" + str(i)] = np.random.randn(n, nx)
            self.weights["b" + str(i)] = np.zeros((n, 1))
            nx = n

    @property
    def weights(self):
        return self.__weights

    def forward_prop(self, X):
        A = self.__cache["A0"] = X
        for i in range(1, self.__L + 1):
            z = self.weights["W" + str(i)] @ A + self.weights["b" + str(i)]
            A = self.__cache["A" + str(i)] = 1 / (1 + np.exp(-z))
        return A, self.__cache

    def gradient_descent(self, Y, cache, alpha=0.05):
        m = Y.shape[1]
        dZ = cache["A" + str(self.__L)] - Y
        for i in range(self.__L, 0, -1):
            A = cache["A" + str(i - 1)]
            before = self.weights["W" + str(i)].T @ dZ * A * (1 - A)
            self.weights["W" + str(i)] -= alpha * dZ @ A.T / m
            self.weights["b" + str(i)] -= alpha * dZ.sum(axis=1, keepdims=True) / m
            dZ = before
"""

TRAINED = """
    def train(self, X, Y, iterations=5000, alpha=0.05, step=100):
        if step > iterations:
            raise ValueError("step must be <= iterations")
        for i in range(iterations):
            A, cache = self.forward_prop(X)
            self.gradient_descent(Y, cache, alpha)
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize("text", [GIVEN_RESULTS, GIVEN_CACHE, GIVEN_CACHE + TRAINED])
def test_an_update_is_given_what_the_forward_pass_returns(text):
    assert mistakes(text) == []


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (GIVEN_RESULTS, " * (1 - A1 ** 2)", "", "activation-derivative-missing"),
        (GIVEN_CACHE, "- Y", "+ Y", "sign"),
        (GIVEN_CACHE, " * A * (1 - A)", "", "activation-derivative-missing"),
    ],
)
def test_a_mistake_of_such_an_update_is_found(text, old, new, mistake):
    assert mistakes(text.replace(old, new)) == [mistake]


WITH_SETTINGS = """import numpy as np


class Softmax:
    def __init__(self, n_features, n_classes, lr=0.1):
        self.W, self.b = np.zeros((n_features, n_classes)), np.zeros(n_classes)
        self.lr = lr

    def predict_proba(self, X):
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def fit(self, X, y, epochs, batch_size, rng, verbose, lam):
        for epoch in range(epochs):
            order = rng.permutation(len(X))
            for start in range(0, len(X), batch_size):
                rows = order[start:start + batch_size]
                p = self.predict_proba(X[rows])
                p[np.arange(len(rows)), y[rows]] -= 1
                p /= len(rows)
                self.W -= self.lr * (X[rows].T @ p + lam * self.W)
                self.b -= self.lr * p.sum(axis=0)
            if verbose:
                print(epoch)
"""

OF_FLAT_TARGETS = """import numpy as np


class Logistic:
    def __init__(self, n_features, learning_rate, batch_size, epochs):
        self.w, self.b = np.zeros(n_features), np.zeros(1)
        self.rate, self.size, self.epochs = learning_rate, batch_size, epochs

    def fit(self, X, y, seed):
        rng = np.random.default_rng(seed)
        for _ in range(self.epochs):
            order = rng.permutation(len(X))
            for start in range(0, len(X), self.size):
                rows = order[start:start + self.size]
                inputs, wanted = X[rows], y[rows]
                p = 1 / (1 + np.exp(-(inputs @ self.w + self.b[0])))
                off = p - wanted
                self.w -= self.rate * inputs.T @ off / len(rows)
                self.b[0] -= self.rate * np.mean(off)
"""
"""Targets as rows of one 1 do not fit: three outputs minus (3, 3) have the shape (3, 3)."""

OF_PAIRS = """import random
import numpy as np


class Net:
    def __init__(self, sizes):
        self.W = [np.random.randn(b, a) for a, b in zip(sizes[:-1], sizes[1:])]
        self.b = [np.random.randn(b, 1) for b in sizes[1:]]

    def gradients(self, x, y):
        values = [x]
        for W, b in zip(self.W, self.b):
            values.append(np.tanh(W @ values[-1] + b))
        d = (values[-1] - y) * (1 - values[-1] ** 2)
        found = []
        for i in reversed(range(len(self.W))):
            found.insert(0, (d @ values[i].T, d))
            d = self.W[i].T @ d * (1 - values[i] ** 2)
        return found

    def process_batch(self, batch, learn_rate):
        found = [self.gradients(x, y) for x, y in batch]
        for i in range(len(self.W)):
            self.W[i] = self.W[i] - learn_rate / len(batch) * sum(f[i][0] for f in found)
            self.b[i] = self.b[i] - learn_rate / len(batch) * sum(f[i][1] for f in found)

    def grad_desc_learn(self, training_data, epochs, batch_size, learn_rate):
        for _ in range(epochs):
            random.shuffle(training_data)
            for k in range(0, len(training_data), batch_size):
                self.process_batch(training_data[k:k + batch_size], learn_rate)
"""


@pytest.mark.cases(2)
@pytest.mark.parametrize("text", [WITH_SETTINGS, OF_PAIRS, OF_FLAT_TARGETS])
def test_a_training_is_given_likely_settings_and_targets(text):
    assert mistakes(text) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "old", "new", "mistake"),
    [
        (WITH_SETTINGS, "p.sum(axis=0)", "p[0]", "bias-gradient-not-summed"),
        (OF_FLAT_TARGETS, "off = p - wanted", "off = wanted - p", "sign"),
        (OF_PAIRS, "(values[-1] - y)", "(y - values[-1])", "sign"),
    ],
)
def test_a_mistake_of_such_a_training_is_found(text, old, new, mistake):
    assert mistakes(text.replace(old, new)) == [mistake]
