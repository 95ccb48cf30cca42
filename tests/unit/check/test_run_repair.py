"""Wrong gradients behind momentum with a schedule, behind masks, and next to words of rules."""

import pytest

from check_corpus.corpus import check_text, replay_of
from rosenblatt.check.descent.losses import loss_candidates
from rosenblatt.check.descent.mistakes import explained_descent
from rosenblatt.check.descent.moments import moments_of
from rosenblatt.check.descent.replay import parameters
from rosenblatt.check.descent.schedules import scheduled_loss

SCHEDULE = """
import numpy as np
rng = np.random.default_rng(3)
x = rng.uniform(-2, 2, (40, 1))
y = np.sin(x) + 0.1 * rng.normal(size=x.shape)
P = {"W": rng.normal(size=(1, 6)), "b": rng.normal(size=6), "V": rng.normal(size=(6, 1))}
speed = {name: np.zeros_like(value) for name, value in P.items()}
for k in range(40):
    rate = 0.05 / (1 + 0.1 * k)
    z = x @ P["W"] + P["b"]
    a = np.logaddexp(0, z)
    error = (a @ P["V"] - y) / len(x)
    dz = (error @ P["V"].T) / (1 + np.exp(-z))
    G = {"V": a.T @ error, "W": x.T @ dz, "b": dz.sum(axis=0)}
    for name in P:
        speed[name] = 0.9 * speed[name] + G[name]
        P[name] = P[name] - rate * speed[name]
"""

MASKED = """
import numpy as np
rng = np.random.default_rng(8)
words, tags = 9, 3
X, Y = np.zeros((90, words)), np.zeros((90, tags))
for row in range(90):
    for column in rng.integers(0, words, 4):
        X[row, column] += 1
    Y[row, rng.integers(tags)] = 1
P = {"W": rng.normal(0, 0.3, (words, 7)), "b": np.zeros(7), "V": rng.normal(0, 0.3, (7, tags))}


def gradients(X, Y, mask):
    z = X @ P["W"] + P["b"]
    a = np.where(z > 0, z, 0.1 * z) * mask
    p = 1 / (1 + np.exp(-a @ P["V"]))
    d = (p - Y) / Y.size
    dz = (d @ P["V"].T) * mask * np.where(z > 0, 1.0, 0.1)
    return {"V": a.T @ d, "W": X.T @ dz, "b": dz.sum(axis=0)}


for epoch in range(10):
    order = rng.permutation(90)
    for start in range(0, 90, 15):
        rows = order[start:start + 15]
        dropout = (rng.random((15, 7)) < 0.7) / 0.7
        G = gradients(X[rows], Y[rows], dropout)
        for name in P:
            P[name] -= 1.0 * G[name]
"""

ROWS = """
import numpy as np
rng = np.random.default_rng(5)
E, U = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
context, center = rng.integers(0, 6, (9, 3)), rng.integers(0, 6, 9)
for k in range(12):
    h = E[context].mean(axis=1)
    scores = h @ U.T
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-12, 1)
    loss = -np.log(p[np.arange(9), center]).mean()
    d = p.copy()
    d[np.arange(9), center] -= 1
    d = d / 9
    dU, share, dE = d.T @ h, d @ U / 3, np.zeros_like(E)
    for c in range(3):
        np.add.at(dE, context[:, c], share)
    E -= 0.5 * dE
    U -= 0.5 * dU
norms = np.linalg.norm(E, axis=1)
"""


def _mistakes(text):
    return [finding["mistake"] for finding in check_text(text)["findings"]]


@pytest.mark.parametrize("text", [SCHEDULE, MASKED, ROWS])
def test_a_right_training_is_right(text):
    result = check_text(text)
    assert not result["findings"]
    assert "training" in result["checked"]


@pytest.mark.slow
def test_a_change_is_found_behind_momentum_with_a_schedule():
    assert _mistakes(SCHEDULE.replace("np.exp(-z)", "np.exp(-a)")) == [
        "activation-derivative-at-output"
    ]
    assert _mistakes(SCHEDULE.replace("+ G[name]", "- G[name]")) == ["sign"]


@pytest.mark.slow
def test_masks_that_are_drawn_hide_no_gradient_after_a_long_preparation():
    wrong = MASKED.replace("np.where(z > 0, 1.0, 0.1)", "np.where(z > 0, 0.1, 1.0)")
    assert _mistakes(wrong) == ["relu-wrong-side"]


@pytest.mark.slow
def test_words_outside_of_the_updates_hide_no_gradient():
    wrong = ROWS.replace("np.add.at(dE, context[:, c], share)", "dE[context[:, c]] += share")
    assert _mistakes(wrong) == ["unexplained"]


UNITS = """
import math, random
random.seed(3)


class Unit:
    def __init__(self, n):
        self.ws, self.shift = [random.uniform(-1, 1) for _ in range(n)], 0.1

    def fire(self, given):
        self.given, total = given, self.shift
        for w, x in zip(self.ws, given):
            total += w * x
        self.out = 1 / (1 + math.exp(-total))
        return self.out

    def learn(self):
        for i in range(len(self.ws)):
            self.ws[i] -= 0.5 * self.delta * self.given[i]
        self.shift -= 0.5 * self.delta


hidden, last = [Unit(2) for _ in range(3)], Unit(3)
rows = [([0, 0], 0.1), ([0, 1], 0.9), ([1, 0], 0.7), ([1, 1], 0.2)]
for epoch in range(12):
    for x, t in rows:
        y = last.fire([unit.fire(x) for unit in hidden])
        last.delta = (y - t) * y * (1 - y)
        # here
        for j, unit in enumerate(hidden):
            unit.delta = last.ws[j] * last.delta * unit.out * (1 - unit.out)
        for unit in hidden:
            unit.learn()
        last.learn()
"""


def test_units_that_are_updated_in_any_order_after_all_gradients_are_right():
    result = check_text(UNITS)
    assert not result["findings"]
    assert "training" in result["checked"]


@pytest.mark.slow
def test_a_call_updates_a_unit_before_its_weights_are_used():
    wrong = UNITS.replace("        last.learn()\n", "").replace("# here", "last.learn()")
    assert _mistakes(wrong) == ["update-before-use"]


ENGINE = """
import math, random


class Number:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents, self.back = data, 0.0, parents, lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data + other.data, (self, other))
        def back():
            self.grad += out.grad
            other.grad += out.grad
        out.back = back
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Number) else Number(other)
        out = Number(self.data * other.data, (self, other))
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.back = back
        return out

    def tanh(self):
        out = Number(math.tanh(self.data), (self,))
        def back():
            self.grad += (1 - out.data ** 2) * out.grad
        out.back = back
        return out

    def backward(self):
        order, seen = [], set()
        def visit(v):
            if v not in seen:
                seen.add(v)
                for parent in v.parents:
                    visit(parent)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v.back()


random.seed(4)
ws = [Number(random.uniform(-1, 1)) for _ in range(3)]
us = [Number(random.uniform(-1, 1)) for _ in range(3)]
params = ws + us
points = [(x / 4, (x / 4) ** 2) for x in range(-4, 5)]
for step in range(30):
    total = Number(0.0)
    for x, y in points:
        out = Number(-y)
        for w, u in zip(ws, us):
            out = out + (w * x + 0.5).tanh() * u
        total = total + out * out
    for p in params:
        p.grad = 0.0
    total.backward()
    for p in params:
        p.data -= 0.01 * p.grad
"""

DRAWN = """
import numpy as np
rng = np.random.default_rng(7)
words, share = rng.integers(0, 5, 40), np.array([0.4, 0.2, 0.2, 0.1, 0.1])
V, U = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))


def loss_and_gradients(v, near, others):
    s = 1 / (1 + np.exp(-U[near] @ v))
    loss, gv, gU = -np.log(s), (s - 1) * U[near], np.zeros_like(U)
    gU[near] += (s - 1) * v
    for k in others:
        s = 1 / (1 + np.exp(U[k] @ v))
        loss += -np.log(s)
        gv += (1 - s) * U[k]
        gU[k] += (1 - s) * v
    return loss, gv, gU


for a, b in zip(words[:-1], words[1:]):
    others = rng.choice(5, size=4, p=share)
    loss, gv, gU = loss_and_gradients(V[a], b, others)
    V[a] -= 0.1 * gv
    U -= 0.1 * gU
"""


@pytest.mark.parametrize("text", [ENGINE, DRAWN])
def test_an_engine_and_drawn_samples_are_right(text):
    result = check_text(text)
    assert not result["findings"]
    assert "training" in result["checked"]


@pytest.mark.slow
def test_sums_that_are_never_reset_need_no_schedule():
    replay = replay_of(ENGINE.replace("        p.grad = 0.0\n", "        pass\n"))
    tracks = parameters(replay)
    moments = moments_of(replay, tracks, None)
    work = replay.work
    assert scheduled_loss(replay, tracks, moments, list(loss_candidates(moments)), False) is None
    assert replay.work == work
    found = explained_descent(moments, list(loss_candidates(moments)), replay)
    assert [finding["mistake"] for finding in found] == ["gradients-accumulate"]


@pytest.mark.slow
def test_a_row_that_is_drawn_twice_gets_one_gradient():
    assert _mistakes(DRAWN.replace("gU[k] +=", "gU[k] =")) in (
        ["gradients-accumulate"],
        ["unexplained"],
    )


LAYERS = """
import numpy as np
rng = np.random.default_rng(2)
X, Y = rng.normal(size=(12, 3)), rng.normal(size=(12, 2))
sizes = [(3, 6), (6, 5), (5, 2)]
layers = [{"W": rng.normal(size=size), "b": np.zeros(size[1])} for size in sizes]
velocity = {}
for epoch in range(9):
    out = X
    for n, layer in enumerate(layers):
        layer["x"] = out
        layer["z"] = out @ layer["W"] + layer["b"]
        out = np.maximum(layer["z"], 0) if n < 2 else layer["z"]
    grad = (out - Y) / len(X)
    for n in (2, 1, 0):
        if n < 2:
            grad = np.where(layers[n]["z"] > 0, grad, 0.0)
        layers[n]["dW"], layers[n]["db"] = layers[n]["x"].T @ grad, grad.sum(axis=0)
        grad = grad @ layers[n]["W"].T
    for n, layer in enumerate(layers):
        for p in ("W", "b"):
            v = 0.9 * velocity.get((n, p), 0.0) - 0.05 * layer["d" + p]
            velocity[(n, p)] = v
            layer[p] = layer[p] + v
"""


@pytest.mark.slow
def test_layers_that_a_loop_takes_are_updated_together():
    result = check_text(LAYERS)
    assert not result["findings"]
    assert "training" in result["checked"]
    assert _mistakes(LAYERS.replace("> 0, grad, 0.0", "> 0, 0.0, grad")) == ["relu-wrong-side"]


POOLED = """
import numpy as np
rng = np.random.default_rng(15)
x, gain = rng.random((8, 9)), 1 + 0.1 * rng.normal(size=9)
goal = 2 * x[:, 2:6].max(axis=1) - x[:, :3].max(axis=1)
w, b = 0.1 * rng.normal(size=4), 0.0
for k in range(30):
    scaled = x * gain
    best = np.stack([scaled[:, i:i + 3].argmax(axis=1) + i for i in (0, 2, 4, 6)], axis=1)
    pooled = np.take_along_axis(scaled, best, axis=1)
    error = pooled @ w + b - goal
    loss = 0.5 * np.mean(error ** 2)
    d = error / 8
    dw, db, dx = pooled.T @ d, d.sum(), np.zeros_like(x)
    for n in range(8):
        for j in range(4):
            dx[n, best[n, j]] += d[n] * w[j]
    dgain = (dx * x).sum(axis=0)
    w, b, gain = w - 0.1 * dw, b - 0.1 * db, gain - 0.1 * dgain
"""


@pytest.mark.slow
def test_windows_that_overlap_add_their_gradients():
    result = check_text(POOLED)
    assert not result["findings"]
    assert "training" in result["checked"]
    assert _mistakes(POOLED.replace("best[n, j]] +=", "best[n, j]] ="))


PRINTED = """
import numpy as np
rng = np.random.default_rng(1)
X = rng.normal(size=(40, 3))
y = X @ np.array([1.0, -2.0, 0.5]) + 0.3 + 0.2 * rng.normal(size=40)
y[::7] += 6
w, b = np.zeros(3), 0.0
for k in range(60):
    r = X @ w + b - y
    g = np.tanh(r) / r.size
    w = w - 0.1 * X.T @ g
    b = b - 0.1 * g.sum()
    if k % 10 == 0:
        print(k, np.mean(np.log(np.cosh(r))))
"""


def test_a_loss_that_is_only_printed_may_be_any():
    result = check_text(PRINTED)
    assert not result["findings"]
    assert "training" in result["checked"]


@pytest.mark.slow
def test_updates_that_do_not_follow_a_printed_loss_are_not_right():
    for wrong in ("np.tanh(r) ** 2 / r.size", "np.tanh(-r) / r.size", "np.tanh(r + w[0]) / r.size"):
        result = check_text(PRINTED.replace("np.tanh(r) / r.size", wrong))
        assert result.get("findings") or "training" not in result.get("checked", [])


DECLARED = """
import math, random
random.seed(5)
points = [([random.uniform(-1, 1) for _ in range(2)], 0.0) for _ in range(14)]
points = [(x, math.tanh(x[0] - 0.5 * x[1])) for x, _ in points]
v = [[random.uniform(-1, 1) for _ in range(2)] for _ in range(3)]
w = [random.uniform(-1, 1) for _ in range(3)]
c = 0.0

def learn(x, goal):
    global c
    h = [math.tanh(sum(a * b for a, b in zip(row, x))) for row in v]
    o = math.tanh(sum(a * b for a, b in zip(w, h)) + c)
    d = (o - goal) * (1 - o * o)
    FIRST
    for j in range(3):
        w[j] -= 0.2 * d * h[j]
    c -= 0.2 * d
    SECOND
    for j in range(3):
        for i in range(2):
            v[j][i] -= 0.2 * e[j] * x[i]
    return 0.5 * (o - goal) ** 2

for turn in range(20):
    print(sum(learn(x, goal) for x, goal in points))
"""

HELD = """
import numpy as np
rng = np.random.default_rng(7)
X = rng.normal(size=(20, 3))
y = np.sin(X[:, :1]) * X[:, 1:2]

class Rate:
    def new(self, w, g):
        return w - 0.1 * g

class Layer:
    def __init__(self, n, m):
        self.w, self.rule = rng.normal(size=(n, m)), Rate()
    def forward(self, x):
        self.x = x
        return x @ self.w
    def backward(self, d):
        g = self.x.T @ d
        FIRST
        if self.rule is not None:
            self.w = self.rule.new(self.w, g)
        return SECOND

one, two = Layer(3, 5), Layer(5, 1)
for turn in range(30):
    h = np.tanh(one.forward(X))
    e = (two.forward(h) - y) / len(X)
    one.backward(two.backward(e) * (1 - h ** 2))
"""

ERRORS = "e = [d * w[j] * (1 - h[j] * h[j]) for j in range(3)]"


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (HELD, ("before = d @ self.w.T", "before"), ("pass", "d @ self.w.T")),
        (DECLARED, (ERRORS, "pass"), ("pass", ERRORS)),
    ],
)
def test_a_weight_that_is_moved_too_early_in_a_function(text, right, wrong):
    def mistakes(parts):
        found = check_text(text.replace("FIRST", parts[0]).replace("SECOND", parts[1]))
        return [finding["mistake"] for finding in found["findings"]]

    assert mistakes(right) == []
    assert mistakes(wrong) == ["update-before-use"]
