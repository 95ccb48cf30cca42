"""Right programs of kinds that are easily taken for wrong ones."""

import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.functions import gradients

SUMMED = """
import numpy as np

class Linear:
    def __init__(self, n_in, n_out, rng):
        self.W, self.b = rng.normal(size=(n_in, n_out)), np.zeros(n_out)
        self.zero_grad()
    def zero_grad(self):
        self.gW, self.gb = np.zeros_like(self.W), np.zeros_like(self.b)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g):
        self.gW += self.x.T @ g
        self.gb += g.sum(axis=0)
        return g @ self.W.T

class Net:
    def __init__(self, sizes, rng):
        self.layers = [Linear(a, b, rng) for a, b in zip(sizes, sizes[1:])]
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, g):
        for layer in self.layers[::-1]:
            g = layer.backward(g)
"""

FROM_ZEROS = """
import numpy as np
rng = np.random.default_rng(3)
F, y = rng.normal(size=(24, 3)), rng.normal(size=24)
def slopes(F, y, w, b):
    e = F @ w + b - y
    return F.T @ e / len(y), e.mean()
def fit(steps):
    w, b = np.zeros(3), 0.0
    sw, sb = np.zeros(3), 0.0
    for k in range(steps):
        gw, gb = slopes(F, y, w, b)
        sw = 0.8 * sw - 0.1 * gw
        sb = 0.8 * sb - 0.1 * gb
        w = w + sw
        b = b + sb
    return w, b
fit(20)
"""

PAIRS = """
import math, random
random.seed(2)
data = [([random.random(), random.random()], k % 2) for k in range(50)]

def output(w, b, x):
    return 1 / (1 + math.exp(-(sum(wi * xi for wi, xi in zip(w, x)) + b)))

def loss(w, b):
    total = 0.0
    for x, y in data:
        p = output(w, b, x)
        total -= y * math.log(p) + (1 - y) * math.log(1 - p)
    return total / len(data)

def train(rounds):
    w, b = [0.0, 0.0], 0.0
    for k in range(rounds):
        gw, gb = [0.0, 0.0], 0.0
        for x, y in data:
            error = output(w, b, x) - y
            for i in range(2):
                gw[i] += error * x[i]
            gb += error
        w = [wi - 2.0 * gi / len(data) for wi, gi in zip(w, gw)]
        b = b - 2.0 * gb / len(data)
        if k % 40 == 0:
            print(loss(w, b))
    return w, b

train(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("text", [SUMMED, FROM_ZEROS, PAIRS], ids=["summed", "zeros", "pairs"])
def test_it_is_called_right(text):
    result = check_text(text, "script.py")
    assert result["findings"] == []
    assert result["reason"] is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (SUMMED, "g.sum(axis=0)", "2 * g.sum(axis=0)"),
        (FROM_ZEROS, "F.T @ e / len(y)", "F.T @ (e * e) / len(y)"),
        (PAIRS, "gb += error", "gb += error * x[0]"),
    ],
    ids=["summed", "zeros", "pairs"],
)
def test_a_mistake_in_it_is_found(text, right, wrong):
    assert check_text(text.replace(right, wrong), "script.py")["findings"]


@pytest.mark.slow
def test_a_loss_that_takes_long_is_left_out(monkeypatch):
    text = """
import numpy as np
def loss_and_gradient(w, X, y):
    for k in range(20_000_000):
        pass
    error = X @ w - y
    return (error ** 2).mean(), X.T @ error
"""
    monkeypatch.setattr(gradients, "MOST_SECONDS", 0.1)
    assert not check_text(text).get("findings")
    quick = check_text(text.replace("20_000_000", "2"))
    assert quick["findings"]


MODES = """
import numpy as np

class ReLU:
    def forward(self, x, train):
        self.on = x > 0
        return x * self.on
    def backward(self, g):
        return g * self.on

class Dropout:
    def __init__(self, p):
        self.p = p
    def forward(self, x, train):
        if not train:
            return x
        self.mask = (np.random.random(x.shape) >= self.p) / (1 - self.p)
        return x * self.mask
    def backward(self, g):
        return g * self.mask
"""


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("", "", []),
        ("return g * self.on", "return g", ["activation-derivative-missing"]),
        (" / (1 - self.p)", "", ["dropout-scale"]),
        ("return g * self.mask", "return g", ["dropout-scale"]),
    ],
)
def test_layers_whose_forward_takes_the_mode(right, wrong, expected):
    result = check_text(MODES.replace(right, wrong) if right else MODES)
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert result["checked"] == ["ReLU", "Dropout"]


def test_a_decoder_is_no_backward_pass():
    text = """
import numpy as np
class Tied:
    def __init__(self, d, h):
        rng = np.random.default_rng(1)
        self.W, self.b, self.c = rng.normal(size=(d, h)), np.zeros(h), np.zeros(d)
    def inward(self, X):
        return np.tanh(X @ self.W + self.b)
    def outward(self, H):
        return H @ self.W.T + self.c
"""
    assert not check_text(text).get("findings")


@pytest.mark.slow
def test_a_long_list_of_samples_leaves_room_for_the_training():
    text = """
import math, random
random.seed(3)
samples = []
for k in range(700):
    x = [random.random(), random.random()]
    samples.append((x, float(x[0] > x[1])))
w, b = [0.1, -0.2], 0.0
for x, y in samples:
    p = 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b)))
    e = p - y
    w = [w[0] - 0.5 * e * x[0], w[1] - 0.5 * e * x[1]]
    b = b - 0.5 * e
"""
    result = check_text(text, "script.py")
    assert result["findings"] == []
    assert "training" in result["checked"]
    assert check_text(text.replace("e * x[1]", "e * x[0]"), "script.py")["findings"]


ONE_SAMPLE = """
import numpy as np
rng = np.random.default_rng(2)
X, labels = rng.normal(size=(12, 3)), rng.integers(0, 3, 12)
W = 0.1 * rng.normal(size=(3, 3))
def softmax(u):
    e = np.exp(u - u.max())
    return e / e.sum()
for k in range(5):
    for x, n in zip(X, labels):
        d = softmax(W @ x) - np.eye(3)[n]
        W -= 0.1 * np.outer(d, x)
print(GIVEN)
"""


@pytest.mark.parametrize(
    ("given", "expected"), [("W", []), ("softmax(X @ W.T)", ["softmax-wrong-axis"])]
)
def test_a_softmax_of_one_sample_at_a_time_is_right(given, expected):
    text = ONE_SAMPLE.replace("GIVEN", given)
    if expected:
        text = text.replace("for k", f"{given}\nfor k")
    result = check_text(text, "script.py")
    assert [finding["mistake"] for finding in result["findings"]] == expected


def test_an_argument_that_is_no_array_ends_no_check():
    text = ONE_SAMPLE.replace("GIVEN", "W").replace(
        "softmax(W @ x)", "softmax(W @ x, [[1, 2], [3]])"
    )
    text = text.replace("def softmax(u):", "def softmax(u, parts=()):")
    assert check_text(text, "script.py")["findings"] == []


def test_a_buffer_that_is_filled_is_no_parameter():
    text = """
import numpy as np
rng = np.random.default_rng(4)
X, y = rng.normal(size=(10, 3)), rng.normal(size=10)
w, mean = [0.1, -0.2, 0.3], [0.0, 0.0, 0.0]
for k in range(8):
    for x, t in zip(X, y):
        for i in range(3):
            s = 0.0
            for part in (0.5, 1.0):
                s += part * x[i]
            mean[i] = s / 2
        e = sum(a * b for a, b in zip(w, mean)) - t
        for i in range(3):
            w[i] -= 0.1 * e * mean[i]
"""
    assert check_text(text, "script.py")["findings"] == []


@pytest.mark.parametrize(
    ("right", "wrong", "is_wrong"),
    [("", "", False), ("shift += 0.1 * t", "shift -= 0.1 * t", True)],
)
def test_a_bias_that_is_0_now_and_then(right, wrong, is_wrong):
    text = """
rows = [([1.0, 0.3], 1), ([-0.4, -1.1], -1), ([0.2, 0.9], 1), ([-0.8, 0.1], -1), ([0.1, -0.6], -1)]
w, shift = [-0.2, 0.1], 0.0
def inner(a, b):
    return sum(p * q for p, q in zip(a, b))
def answer(x):
    return 1 if inner(w, x) + shift >= 0 else -1
for k in range(9):
    for x, t in rows:
        if answer(x) != t:
            w = [a + 0.1 * t * b for a, b in zip(w, x)]
            shift += 0.1 * t
"""
    result = check_text(text.replace(right, wrong) if right else text, "script.py")
    assert bool(result["findings"]) == is_wrong
    assert result["reason"] is None


def test_a_generator_that_trains_is_checked():
    text = """
import numpy as np
rng = np.random.default_rng(4)
X, y = rng.normal(size=(20, 1)), rng.integers(0, 2, (20, 1)).astype(float)
def rounds(count):
    w, b = 0.0, 0.0
    for k in range(count):
        p = 1 / (1 + np.exp(-(w * X + b)))
        d = p - y
        w -= 0.1 * np.mean(d * X)
        b -= 0.1 * np.mean(d)
        yield w, b
for w, b in rounds(9):
    print(w, b)
"""
    result = check_text(text, "script.py")
    assert result["findings"] == []
    assert result["reason"] is None


UNEVEN_BATCHES = """
import numpy as np
rng = np.random.default_rng(2)
X, y = rng.normal(size=(25, 3)), rng.normal(size=25)
w, b = rng.normal(size=3), 0.0
parts = [slice(k, k + 10) for k in (20, 0, 10)]
for k in range(6):
    for part in parts:
        gw, gb = np.zeros(3), 0.0
        for x, t in zip(X[part], y[part]):
            e = x @ w + b - t
            gw = gw + e * x
            gb = gb + e
        rate = 0.1 / len(X[part])
        w = w - rate * gw
        b = b - rate * gb
"""

IN_COLUMNS = """
import numpy as np
rng = np.random.default_rng(2)
X, Y = rng.normal(size=(2, 30)), np.eye(3)[:, rng.integers(0, 3, 30)]
W = rng.normal(size=(3, 2))
def softmax(z):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)
for k in range(6):
    W = W - 0.1 * (softmax(W @ X) - Y) @ X.T / 30
"""


CLOSURES = """
import numpy as np
rng = np.random.default_rng(7)

def dense(n, m):
    W, b = rng.normal(0, 1, (n, m)), np.zeros((1, m))
    def forward(x):
        return x @ W + b, x
    def backward(g, x, eta):
        gx = g @ W.T
        W[...] -= eta * (x.T @ g)
        b[...] -= eta * g.sum(axis=0, keepdims=True)
        return gx
    return forward, backward

def leaky():
    def forward(x):
        return np.where(x > 0, x, 0.1 * x), x
    def backward(g, x, eta):
        return np.where(x > 0, g, 0.1 * g)
    return forward, backward

def softmax():
    def forward(x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return p, p
    def backward(g, p, eta):
        return p * (g - (g * p).sum(axis=1, keepdims=True))
    return forward, backward

X = rng.normal(size=(60, 2))
t = np.eye(3)[(X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)]
net = [dense(2, 9), leaky(), dense(9, 5), leaky(), dense(5, 3), softmax()]

def passes(x):
    memory = []
    for forward, _ in net:
        x, m = forward(x)
        memory.append(m)
    return x, memory

def entropie(p, t):
    q = np.maximum(p, 1e-12)
    return -np.mean(np.sum(t * np.log(q), axis=1)), -t / q / len(p)

def retour(memory, g):
    for (_, backward), m in zip(reversed(net), reversed(memory)):
        g = backward(g, m, 0.2)
    return g

for epoch in range(9):
    for i in range(0, 60, 20):
        p, memory = passes(X[i : i + 20])
        perte, g = entropie(p, t[i : i + 20])
        retour(memory, g)
"""


@pytest.mark.slow
def test_parameters_with_one_name_in_several_closures_are_told_apart():
    result = check_text(CLOSURES)
    assert result["findings"] == []
    assert "training" in result["checked"]


@pytest.mark.parametrize("text", [UNEVEN_BATCHES, IN_COLUMNS])
def test_batches_of_two_sizes_and_samples_in_columns(text):
    result = check_text(text, "script.py")
    assert result["findings"] == []
    assert result["reason"] is None
