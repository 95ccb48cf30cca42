"""Units of a layer that begin as equals, and arrays that only look as if they did."""

import pytest

from check_corpus.corpus import check_text

FILLED_LATER = """
import random
import numpy as np
random.seed(1)
V, W = np.zeros((2, 3)), np.zeros((3, 2))
for i in range(2):
    for j in range(3):
        V[i][j] = random.uniform(-1, 1)
        W[j, i] = random.uniform(-1, 1)
w1, w2 = V, W
X = np.array([[0.2, 0.4], [0.7, -0.3], [-0.5, 0.1]])
T = np.array([[1.0, 0], [0, 1], [1, 0]])
for turn in range(30):
    H = np.tanh(X @ w1)
    D = H @ w2 - T
    slope = D @ w2.T * (1 - H**2)
    w2 -= 0.1 * H.T @ D
    w1 -= 0.1 * X.T @ slope
"""


def test_an_array_of_zeros_may_get_its_weights_one_by_one():
    text = FILLED_LATER.replace("V", "w1").replace("W", "w2").replace("w1, w2 = w1, w2\n", "")
    assert check_text(text)["findings"] == []
    lines = [line for line in text.splitlines() if "uniform" not in line and "for i" not in line]
    empty = "\n".join(line for line in lines if "for j" not in line)
    assert [f["mistake"] for f in check_text(empty)["findings"]] == ["symmetric-init"]


ALIKE = """
import math, random
random.seed(8)
data = [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]
w1 = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
b1 = [0.0] * 3
w2 = [random.uniform(-1, 1) for _ in range(3)]
b2 = 0.3

def squash(z):
    return 1 / (1 + math.exp(-z))

for turn in range(300):
    for x, t in data:
        hidden = [squash(b1[k] + w1[k][0] * x[0] + w1[k][1] * x[1]) for k in range(3)]
        out = squash(b2 + sum(w2[k] * hidden[k] for k in range(3)))
        d = (out - t) * out * (1 - out)
        e = [d * w2[k] * hidden[k] * (1 - hidden[k]) for k in range(3)]
        for k in range(3):
            w2[k] -= 0.5 * d * hidden[k]
            b1[k] -= 0.5 * e[k]
            for j in range(2):
                w1[k][j] -= 0.5 * e[k] * x[j]
        b2 -= 0.5 * d
"""


@pytest.mark.slow
def test_units_in_lists_that_begin_as_equals_stay_equal():
    assert check_text(ALIKE)["findings"] == []
    text = ALIKE.replace("[random.uniform(-1, 1) for _ in range(2)]", "[0.5, 0.5]")
    text = text.replace("[random.uniform(-1, 1) for _ in range(3)]", "[0.5] * 3")
    assert [f["mistake"] for f in check_text(text)["findings"]] == ["symmetric-init"]


ADAM = """
import numpy as np
rng = np.random.default_rng(2)
X = rng.normal(size=(30, 2))
y = (X[:, :1] * X[:, 1:] > 0) * 1.0

def start(a, b):
    return START


params = [start(2, 5), np.zeros(5), start(5, 1), np.zeros(1)]
m = [np.zeros_like(p) for p in params]
v = [np.zeros_like(p) for p in params]
for t in range(1, 12):
    W1, b1, W2, b2 = params
    h = np.tanh(X @ W1 + b1)
    e = (1 / (1 + np.exp(-(h @ W2 + b2))) - y) / len(X)
    d = e @ W2.T * (1 - h ** 2)
    gW1, gb1, gW2, gb2 = X.T @ d, d.sum(axis=0), h.T @ e, e.sum(axis=0)
    grads = [gW1, gb1, gW2, gb2]
    for k in range(4):
        m[k] = 0.9 * m[k] + 0.1 * grads[k]
        v[k] = 0.99 * v[k] + 0.01 * grads[k] ** 2
        m_hat, v_hat = m[k] / (1 - 0.9 ** t), v[k] / (1 - 0.99 ** t)
        params[k] = params[k] - 0.02 * m_hat / (np.sqrt(v_hat) + 1e-8)
"""


@pytest.mark.slow
def test_equal_units_that_adam_moves_are_found():
    equal = ADAM.replace("START", "np.ones((a, b)) * np.sqrt(1 / a)")
    drawn = ADAM.replace("START", "rng.normal(size=(a, b)) * np.sqrt(1 / a)")
    assert [f["mistake"] for f in check_text(equal)["findings"]] == ["symmetric-init"]
    assert check_text(drawn)["findings"] == []


STILL = """
import numpy as np
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
V, W = np.zeros((3, 4)), np.zeros((4, 1))
for turn in range(200):
    h = 1 / (1 + np.exp(-X @ V))
    o = 1 / (1 + np.exp(-h @ W))
    d = (y - o) * o * (1 - o)
    V += X.T @ (d @ W.T * h * (1 - h))
    W += h.T @ d
"""


def test_zero_weights_whose_gradients_cancel_are_found():
    assert [f["mistake"] for f in check_text(STILL)["findings"]] == ["symmetric-init"]
    drawn = STILL.replace("np.zeros((3, 4))", "np.linspace(-1, 1, 12).reshape(3, 4)")
    drawn = drawn.replace("np.zeros((4, 1))", "np.array([[0.3], [-0.2], [0.5], [-0.4]])")
    assert check_text(drawn)["findings"] == []


CLASS_OF_ZEROS = """
import numpy as np
rng = np.random.default_rng(4)

class Linear:
    def __init__(self, d, k):
        self.W = np.zeros((d, k))
        self.b = np.zeros(k)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T
    def step(self):
        self.W -= 0.5 * self.dW
        self.b -= 0.5 * self.db
"""

ONE_LAYER = """
X = rng.normal(size=(30, 4))
Y = np.eye(3)[X[:, :3].argmax(axis=1)]
layer = Linear(4, 3)
for epoch in range(20):
    E = np.exp(layer.forward(X))
    layer.backward((E / E.sum(axis=1, keepdims=True) - Y) / 30)
    layer.step()
"""

TWO_LAYERS = """
X = rng.normal(size=(30, 4))
Y = X[:, :1] * X[:, 1:2]
first, second = Linear(4, 5), Linear(5, 1)
first.W += 0.3
second.W += 0.3
for epoch in range(20):
    H = np.tanh(first.forward(X))
    gradient = second.backward((second.forward(H) - Y) / 30)
    first.backward(gradient * (1 - H**2))
    first.step()
    second.step()
"""


def test_a_class_may_begin_with_zeros():
    assert check_text(CLASS_OF_ZEROS)["findings"] == []
    assert check_text(CLASS_OF_ZEROS + ONE_LAYER)["findings"] == []
    found = check_text(CLASS_OF_ZEROS + TWO_LAYERS)["findings"]
    assert [f["mistake"] for f in found] == ["symmetric-init"]
    right = TWO_LAYERS.replace("0.3\n", "rng.normal(size=first.W.shape)\n", 1)
    right = right.replace("0.3\n", "rng.normal(size=second.W.shape)\n")
    assert check_text(CLASS_OF_ZEROS + right)["findings"] == []


ACTIVATION = """
class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, g):
        return g * (self.x > 0)
"""


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (CLASS_OF_ZEROS, []),
        (CLASS_OF_ZEROS + ACTIVATION, []),
        (
            CLASS_OF_ZEROS.replace("np.zeros((d, k))", "np.full((d, k), 0.5)") + ACTIVATION,
            ["symmetric-init"],
        ),
        (CLASS_OF_ZEROS.replace("np.zeros((d, k))", "rng.normal(size=(d, k))") + ACTIVATION, []),
        (CLASS_OF_ZEROS + ACTIVATION + ONE_LAYER, []),
    ],
)
def test_equal_weights_of_a_file_of_layers_are_found_without_a_run(text, mistakes):
    assert [f["mistake"] for f in check_text(text)["findings"]] == mistakes


def test_zeros_of_a_file_of_layers_are_told_in_a_remark():
    remarks = check_text(CLASS_OF_ZEROS + ACTIVATION)["remarks"]
    assert [remark["mistake"] for remark in remarks] == ["symmetric-init"]
    assert check_text(CLASS_OF_ZEROS)["remarks"] == []
