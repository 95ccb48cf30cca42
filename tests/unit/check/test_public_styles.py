"""Right programs in styles of public code that were taken for wrong ones."""

import textwrap

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.text import Source

ONE_SAMPLE = """
    import numpy as np
    np.random.seed(0)

    class Net:
        def __init__(self, n, h, k):
            self.W1, self.b1 = np.random.uniform(-1, 1, (n, h)), np.zeros(h)
            self.W2, self.b2 = np.random.uniform(-1, 1, (h, k)), np.zeros(k)

        def softmax(self, v):
            e = np.exp(v - np.max(v))
            return e / e.sum(axis=0)

        def forward(self, x):
            self.h = 1 / (1 + np.exp(-(np.dot(x, self.W1) + self.b1)))
            self.out = self.softmax(np.dot(self.h, self.W2) + self.b2)
            return self.out

        def backward(self, x, target):
            d = self.out - target
            dh = d.dot(self.W2.T) * self.h * (1 - self.h)
            self.W2 -= 0.1 * np.dot(self.h.reshape(-1, 1), d.reshape(1, -1))
            self.b2 -= 0.1 * d
            self.W1 -= 0.1 * np.dot(x.reshape(-1, 1), dh.reshape(1, -1))
            self.b1 -= 0.1 * dh

    X = np.random.randn(30, 3)
    T = np.eye(2)[(X[:, 0] > 0).astype(int)]
    net = Net(3, 5, 2)
    for epoch in range(3):
        for x, t in zip(X, T):
            net.forward(x)
            net.backward(x, t)
"""

LOGISTIC = """
    import numpy as np
    np.random.seed(3)

    class Unit:
        def __init__(self, n):
            self.weights, self.bias = np.random.rand(n), np.random.rand(1)

        def output(self, inputs):
            return 1 / (1 + np.exp(-(np.dot(inputs, self.weights) + self.bias)))

        def train(self, samples, targets, rate):
            for inputs, target in zip(samples, targets):
                error = target - self.output(inputs)
                self.weights += rate * inputs * error
                self.bias += rate * error

    samples = np.random.randn(60, 400) * 0.1
    targets = (samples[:, 0] > 0) * 1.0
    Unit(400).train(samples, targets, 0.01)
"""

REPEATED_BIASES = """
    import numpy as np
    np.random.seed(1)
    X = np.random.randn(12, 3)
    Y = (X[:, :1] * X[:, 1:2] > 0) * 1.0
    W0, W1 = np.random.randn(3, 4), np.random.randn(4, 2)
    Y = np.hstack([Y, 1 - Y])
    b0 = np.repeat(np.random.randn(1, 4), 12, axis=0)
    b1 = np.repeat(np.random.randn(1, 2), 12, axis=0)
    for _ in range(30):
        h = np.tanh(X @ W0 + b0)
        y = h @ W1 + b1
        d = (y - Y) / 12
        dh = d @ W1.T * (1 - h * h)
        W1 -= 0.1 * h.T @ d
        W0 -= 0.1 * X.T @ dh
        b1 -= 0.1 * np.repeat(d.sum(axis=0, keepdims=True), 12, axis=0)
        b0 -= 0.1 * np.repeat(dh.sum(axis=0, keepdims=True), 12, axis=0)
"""

LAST_GRADIENT = """
    import numpy as np
    np.random.seed(1)

    class MLP:
        def __init__(self, *shape):
            self.weights = [np.random.uniform(-0.5, 0.5, (a, b)) for a, b in zip(shape, shape[1:])]
            self.dw = [0, 0]

        def forward(self, x):
            self.layers = [np.append(x, 1.0)]
            for w in self.weights:
                self.layers.append(np.tanh(np.dot(self.layers[-1], w)))
            return self.layers[-1]

        def backward(self, target, rate=0.1, momentum=0.1):
            deltas = [(target - self.layers[-1]) * (1 - self.layers[-1] ** 2)]
            deltas.insert(0, np.dot(deltas[0], self.weights[1].T) * (1 - self.layers[1] ** 2))
            for i in range(2):
                dw = np.dot(np.atleast_2d(self.layers[i]).T, np.atleast_2d(deltas[i]))
                self.weights[i] += rate * dw + momentum * self.dw[i]
                self.dw[i] = dw

    net = MLP(3, 4, 1)
    for epoch in range(20):
        for x, t in (([0.2, -0.5], 0.3), ([0.9, 0.4], -0.6), ([-0.3, 0.8], 0.5)):
            net.forward(x)
            net.backward(t)
"""

LAYERS = """
    import numpy as np
    rng = np.random.RandomState(3)

    class Dense:
        def __init__(self, n, m):
            self.W, self.b = rng.randn(n, m), np.zeros(m)
            self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

        def Forward(self, x, modus):
            self.x = x
            return x @ self.W + self.b

        def Backward(self, g):
            self.dW += self.x.T @ g
            self.db += g.sum(axis=0)
            return g @ self.W.T

        def Params(self):
            return [(self.W, self.dW), (self.b, self.db)]

    class Relu:
        def Forward(self, x, modus):
            self.on = x > 0
            return x * self.on

        def Backward(self, g):
            return g * self.on

        def Params(self):
            return []

    class Drop:
        def Forward(self, x, modus):
            if not modus:
                return x
            self.mask = (rng.rand(*x.shape) < 0.8) / 0.8
            return x * self.mask

        def Backward(self, g):
            return g * self.mask

        def Params(self):
            return []

    class Net:
        def __init__(self):
            self.layers = [Dense(3, 8), Relu(), Drop(), Dense(8, 2)]

        def loss(self, x, t):
            for layer in self.layers:
                x = layer.Forward(x, True)
            e = np.exp(x - x.max(axis=1, keepdims=True))
            self.p = e / e.sum(axis=1, keepdims=True)
            return -np.log(self.p[np.arange(len(t)), t] + 1e-7).mean()

        def step(self, x, t):
            value = self.loss(x, t)
            g = (self.p - np.eye(2)[t]) / len(t)
            for layer in self.layers[::-1]:
                g = layer.Backward(g)
            for layer in self.layers:
                for p, d in layer.Params():
                    p -= 0.1 * d
                    d.fill(0)
            return value

    X = rng.randn(40, 3)
    T = (X[:, 0] > 0).astype(int)
    net = Net()
    for i in range(20):
        net.step(X[i : i + 20], T[i : i + 20])
"""

FAR_OFF = """
    import numpy as np
    rng = np.random.RandomState(3)

    class Net:
        def __init__(self):
            self.params = {"W": 0.05 * rng.randn(8, 5), "b": np.zeros(5)}

        def loss(self, x, t):
            z = 3 * (x @ self.params["W"] + self.params["b"])
            e = np.exp(z - z.max(axis=1, keepdims=True))
            self.p = e / e.sum(axis=1, keepdims=True)
            return -np.log(self.p[np.arange(len(t)), t] + 1e-7).mean()

        def gradient(self, x, t):
            self.loss(x, t)
            d = 3 * (self.p - np.eye(5)[t]) / len(t)
            return {"W": x.T @ d, "b": d.sum(axis=0)}

    X = 2 * rng.randn(40, 8)
    T = rng.randint(0, 5, 40)
    net = Net()
    for i in range(20):
        g = net.gradient(X, T)
        for key in net.params:
            net.params[key] -= 0.01 * g[key]
"""


STEPS_OF_ENTRIES = """
    import numpy as np

    class Two:
        def squash(self, a):
            return 1 / (1 + np.exp(-a))

        def gradient(self, w, slope):
            rate = 0.5
            return w - rate * slope

        def error(self, t, out):
            return sum(0.5 * (t[i] - out[i]) ** 2 for i in range(len(t)))

        def learn(self):
            X, t = np.array([[1, 1], [1, 0], [0, 1], [0, 0]]), np.array([0, 1, 1, 0])
            u, v = np.array([[0.9, 0.1], [0.3, 0.5]]), np.array([0.8, 0.7])
            for turn in range(30):
                out = []
                for i in range(4):
                    p = self.squash(u[0, 0] * X[i][0] + u[1, 0] * X[i][1])
                    q = self.squash(u[0, 1] * X[i][0] + u[1, 1] * X[i][1])
                    y = self.squash(v[0] * p + v[1] * q)
                    out.append(y)
                    d = (y - t[i]) * y * (1 - y)
                    du0, du1 = d * v[0] * p * (1 - p), d * v[1] * q * (1 - q)
                    u[0, 0] = self.gradient(u[0, 0], du0 * X[i][0])
                    u[0, 1] = self.gradient(u[0, 1], du1 * X[i][0])
                    u[1, 0] = self.gradient(u[1, 0], du0 * X[i][1])
                    u[1, 1] = self.gradient(u[1, 1], du1 * X[i][1])
                    v[0] = self.gradient(v[0], d * p)
                    v[1] = self.gradient(v[1], d * q)
                print("error", self.error(t, out))

    Two().learn()
"""

NEW_ARRAYS = """
    import random
    import numpy as np
    np.random.seed(1)
    random.seed(2)
    points, answers = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]), np.array([[0], [1], [1], [0]])
    A, a = np.random.rand(2, 2), np.zeros([2, 1])
    B, b = np.random.rand(1, 2), np.random.rand(1, 1)

    def s(z):
        return 1 / (1 + np.exp(-z))

    for turn in range(2000):
        which = random.sample([0, 1, 2, 3], 1)
        x = np.array(points[which])
        x.shape = (2, 1)
        h = s(np.dot(A, x) + a)
        o = s(np.dot(B, h) + b)
        d = -2 * o * (1 - o) * (answers[which] - o)
        slope = h * (1 - h)
        slope.shape = (1, 2)
        e = np.dot(np.diag(slope[0]), B.T) * d
        B = B - 0.05 * d * h.T
        b = b - 0.05 * d
        A = A - 0.05 * np.dot(e, x.T)
        a = a - 0.05 * e
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "text",
    [ONE_SAMPLE, LOGISTIC, REPEATED_BIASES, LAST_GRADIENT, LAYERS, FAR_OFF, STEPS_OF_ENTRIES],
    ids=["one sample", "logistic", "repeated biases", "last gradient", "layers", "far", "entries"],
)
def test_it_is_not_accused(text):
    assert check_text(textwrap.dedent(text))["findings"] == []


@pytest.mark.cases(2)
@pytest.mark.parametrize("text", [ONE_SAMPLE, LOGISTIC, NEW_ARRAYS, FAR_OFF, LAYERS])
def test_its_training_is_understood(text):
    assert "training" in check_text(textwrap.dedent(text))["checked"]


def test_a_wrong_sign_with_repeated_biases_is_found():
    text = textwrap.dedent(REPEATED_BIASES).replace("W0 -= 0.1", "W0 += 0.1")
    assert [f["mistake"] for f in check_text(text)["findings"]] == ["sign"]


def test_labels_of_other_samples_are_found_one_by_one():
    text = textwrap.dedent(LOGISTIC).replace(
        "train(samples, targets", "train(samples, targets[::-1]"
    )
    assert [f["mistake"] for f in check_text(text)["findings"]] == ["labels-misaligned"]


def test_a_matrix_is_taken_for_an_array():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.asmatrix([[1.0, 2.0]])
    assert type(as_array(matrix)) is np.ndarray


@pytest.mark.parametrize(
    ("product", "columns"),
    [
        ("h = np.dot(self.W1.T, x); y = np.dot(self.W2.T, h)", True),
        ("h = W1 @ x; y = params['W2'] @ h", True),
        ("h = np.dot(x, self.W1); y = np.dot(h, self.W2.T)", False),
        ("h = x.dot(W1); y = h.dot(weights[1])", False),
    ],
)
def test_samples_are_columns_where_weights_stand_on_the_left(product, columns):
    assert Source(product).columns is columns


SOFTMAX_CLASS = """
import numpy as np

class Softmax:
    def __call__(self, x):
        e = np.exp(x - np.max(x, axis=-1, keepdims=True))
        self.p = e / np.sum(e, axis=-1, keepdims=True)
        return self.p

"""


@pytest.mark.parametrize(
    ("gradient", "mistakes"),
    [
        ("def gradient(self, x): p = self(x); return p * (1 - p)", []),
        ("def gradient(self, x): return np.ones_like(x)", []),
        (
            "def gradient(self, dout): return dout * self.p * (1 - self.p)",
            ["softmax-diagonal-only"],
        ),
    ],
)
def test_the_diagonal_of_a_softmax_is_its_derivative_by_itself(gradient, mistakes):
    report = check_text(f"{SOFTMAX_CLASS}    {gradient}\n")
    assert [finding["mistake"] for finding in report["findings"]] == mistakes
    assert report["reason"] is None


SOFTMAX_FUNCTIONS = """
import numpy as np

def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)

def softmax_derivative(x):
    p = softmax(x)
    return p * (1 - p)
"""


def test_another_derivative_of_a_softmax_is_not_called_right():
    assert check_text(SOFTMAX_FUNCTIONS)["reason"] is None
    assert check_text(SOFTMAX_FUNCTIONS.replace("1 - p", "1 + p"))["reason"] is not None


UNITS = """
import numpy as np
rng = np.random.default_rng(0)

class Unit:
    def __init__(self, n):
        self.w = rng.uniform(size=n)
        self.b = rng.uniform()

    def sigmoid(self, x):
        return 1 / (1 + np.exp(-x))

    def sigmoid_derivative(self, x):
        return SLOPE

    def output(self, inputs):
        return self.sigmoid(np.dot(inputs, self.w) + self.b)

hidden = [Unit(2) for _ in range(3)]
top = Unit(3)
for epoch in range(30):
    for x, y in zip(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]):
        h = [unit.output(x) for unit in hidden]
        out = top.output(h)
        d = (y - out) * top.sigmoid_derivative(out)
        ds = [d * top.w[i] * unit.sigmoid_derivative(h[i]) for i, unit in enumerate(hidden)]
        top.w += 0.5 * d * np.array(h)
        top.b += 0.5 * d
        for unit, part in zip(hidden, ds):
            unit.w += 0.5 * part * x
            unit.b += 0.5 * part
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("slope", "mistakes"),
    [
        ("x * (1 - x)", []),
        ("self.sigmoid(x) * (1 - self.sigmoid(x))", ["activation-derivative-at-output"]),
    ],
)
def test_a_method_takes_the_output_of_one_unit(slope, mistakes):
    found = check_text(UNITS.replace("SLOPE", slope))["findings"]
    assert [finding["mistake"] for finding in found] == mistakes


COPIED_START = """
import copy
import numpy as np
X = np.array([[0.5, 1.5], [1, 1], [1.5, 0.5], [3, 0.5], [2, 2], [1, 2.5]])
y = np.array([0, 0, 0, 1, 1, 1])

def cost(x, y, w, b):
    total = 0
    for i in range(len(x)):
        p = 1 / (1 + np.exp(-(np.dot(x[i], w) + b)))
        total += -y[i] * np.log(p) - (1 - y[i]) * np.log(1 - p)
    return total / len(x)

def gradient(x, y, w, b):
    p = 1 / (1 + np.exp(-(np.dot(x, w) + b)))
    return np.dot(x.T, p - y) / len(x), np.sum(p - y) / len(x)

def descent(x, y, w, b, rate, rounds):
    w, b = copy.deepcopy(w), copy.deepcopy(b)
    for i in range(rounds):
        dw, db = gradient(x, y, w, b)
        w = w - rate * dw
        b = b - rate * db
    return w, b

w_init = np.zeros(2)
b_init = 0.0
w, b = descent(X, y, w_init, b_init, 0.1, 200)
print(cost(X, y, w, b))
"""


@pytest.mark.parametrize(
    ("update", "mistakes"),
    [("b = b - rate * db", []), ("rate = rate * 1.0", ["bias-gradient-missing"])],
)
def test_a_number_that_a_function_begins_with_is_no_parameter(update, mistakes):
    found = check_text(COPIED_START.replace("b = b - rate * db", update))["findings"]
    assert [finding["mistake"] for finding in found] == mistakes


SOFTMAX_WITH_LABELS = """
import numpy as np
rng = np.random.default_rng(0)

class Dense:
    def __init__(self, n, k):
        self.weights, self.biases = 0.5 * rng.normal(size=(n, k)), np.zeros((1, k))
    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases
    def backward(self, dvalues):
        self.dweights = self.inputs.T @ dvalues
        self.dbiases = dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T

class Softmax:
    def forward(self, inputs):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(dvalues)), y_true.argmax(axis=1)] -= 1
        self.dinputs = self.dinputs / len(dvalues)

X = rng.normal(size=(20, 3))
Y = np.eye(3)[X.argmax(axis=1)]
dense, softmax = Dense(3, 3), Softmax()
for epoch in range(30):
    dense.forward(X)
    softmax.forward(dense.output)
    print(-np.mean(np.log(softmax.output[range(20), Y.argmax(axis=1)])))
    softmax.backward(softmax.output, Y)
    dense.backward(softmax.dinputs)
    dense.weights -= 0.5 * dense.dweights
    dense.biases -= 0.5 * dense.dbiases
"""


@pytest.mark.slow
def test_a_backward_pass_with_labels_has_the_loss_in_it():
    assert check_text(SOFTMAX_WITH_LABELS)["findings"] == []
    wrong = SOFTMAX_WITH_LABELS.replace("argmax(axis=1)] -= 1", "argmax(axis=1)] += 1")
    assert [finding["mistake"] for finding in check_text(wrong)["findings"]] == ["sign"]


CALLED_W = """
import numpy as np
w1 = np.array([[2, 2, 1], [-1, 2, 0], [1, 3, 1], [0, 1, 2]])
w2 = np.array([[-1, -3, 1], [0, -1, 3], [1, -2, 1], [2, -2, 0]])
X = np.concatenate([w1, w2], axis=0)
y = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
w = WEIGHTS
for epoch in range(30):
    p = 1 / (1 + np.exp(-(X @ w)))
    g = X.T @ (p - y) / 8
    for j in range(3):
        w[j] -= 0.5 * g[j]
    print(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))
"""


def test_whole_numbers_that_no_update_changes_are_data():
    assert check_text(CALLED_W.replace("WEIGHTS", "np.zeros(3)"))["findings"] == []
    wrong = CALLED_W.replace("WEIGHTS", "np.array([0, 0, 0])")
    assert [f["mistake"] for f in check_text(wrong)["findings"]] == ["integer-weights"]


NUMBER_AND_ARRAY = """
import numpy as np

class Node:
    def __init__(self, value, parents=()):
        self.value = np.array(value, dtype=float)
        self.grad = np.zeros_like(self.value)
        self.parents = parents
        self.pull = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        out = Node(self.value + other.value, (self, other))

        def pull():
            self.grad += out.grad
            other.grad += out.grad
        out.pull = pull
        return out

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        other = other if isinstance(other, Node) else Node(other)
        out = Node(self.value * other.value, (self, other))

        def pull():
            self.grad += FACTOR * out.grad
            other.grad += self.value * out.grad
        out.pull = pull
        return out

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        self.grad = np.ones_like(self.value)
        for node in reversed(order):
            node.pull()
"""


@pytest.mark.parametrize(
    ("factor", "places"), [("other.value", []), ("self.value", ["Node.__mul__"])]
)
def test_a_number_next_to_an_array_is_no_transposed_gradient(factor, places):
    found = check_text(NUMBER_AND_ARRAY.replace("FACTOR", factor))["findings"]
    assert [finding["where"] for finding in found] == places


IN_AN_INDEX = """
    import numpy as np
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 4))
    y = np.argmax(X[:, :3], axis=1)
    W, b = rng.normal(size=(4, 3)), np.zeros(3)

    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    for epoch in range(5):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 10):
            rows = order[start:start + 10]
            p = softmax(X[rows] @ W + b)
            LABELS
            p /= len(rows)
            W -= 0.1 * X[rows].T @ p
            b -= 0.1 * p.sum(axis=0)
"""


@pytest.mark.parametrize(
    "labels",
    [
        "p[np.arange(len(rows)), y[rows]] -= 1",
        "p[range(len(rows)), y[rows].astype(int)] -= 1",
        "p.T[y[rows], np.arange(len(rows))] -= 1",
    ],
)
def test_labels_of_a_batch_may_be_in_an_index_alone(labels):
    text = textwrap.dedent(IN_AN_INDEX.replace("LABELS", labels))
    result = check_text(text, "script.py")
    assert "training" in result["checked"]
    assert result["findings"] == []
    wrong = check_text(text.replace("p.sum(axis=0)", "p[0]"), "script.py")
    assert [f["mistake"] for f in wrong["findings"]] == ["bias-gradient-not-summed"]


IN_BRACKETS = """
import numpy as np
np.random.seed(1)
X, t = np.array([[0.2, 1], [1, -1], [0.5, 0.3]]), np.array([[1.0], [0.0], [1.0]])
w, k = np.zeros((2, 1)), 0
while(k < 9):
    p = 1 / (1 + np.exp(-X @ w))
    w = w - 0.5 * X.T @ (p - t)
    k = k + 1
"""


def test_a_loop_may_stand_without_a_space():
    for text, mistakes in ((IN_BRACKETS, []), (IN_BRACKETS.replace("p - t", "t - p"), ["sign"])):
        result = check_text(text)
        assert result["checked"] == ["training"]
        assert [finding["mistake"] for finding in result["findings"]] == mistakes
