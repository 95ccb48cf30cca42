"""Losses that a file computes next to the one that it uses, and samples that its epochs miss."""

from pathlib import Path

import pytest

from check_corpus.corpus import check_text, replay_of
from rosenblatt.check.descent.given_gradients import findings_by_gradients
from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.record.recording import record
from rosenblatt.check.report.left_over import RESHUFFLED
from rosenblatt.check.run_judgement import judged
from rosenblatt.check.source.text import Source
from rosenblatt.check.values.mixed_shapes import mixed_shapes
from rosenblatt.check.values.sample_passes import left_out

NEURON = """
import numpy as np
rng = np.random.default_rng(3)
P = rng.normal(size=(12, 2))
k = (P[:, 0] - 0.4 * P[:, 1] > 0.1).astype(float)
v, u = np.zeros(2), 0.0
seen = []

def verlust(q, k):
    return REPORTED

for runde in range(40):
    order = rng.permutation(12)
    P, k = P[order], k[order]
    q = 1 / (1 + np.exp(-(P @ v + u)))
    seen.append(verlust(q, k))
    e = (q - k) SLOPE
    v = v - 0.5 * P.T @ e
    u = u - 0.5 * e.sum()
print(seen[-1])
"""

SQUARED = "0.5 * np.sum((q - k) ** 2)"
ENTROPY = "-np.mean(k * np.log(q) + (1 - k) * np.log(1 - q))"


@pytest.mark.parametrize(
    ("reported", "slope", "expected"),
    [
        (SQUARED, "* q * (1 - q)", []),
        (ENTROPY, "", []),
        ("np.mean((q > 0.5) == k)", "", []),
        (SQUARED, "", ["activation-derivative-missing"]),
        (ENTROPY, "* q * (1 - q)", ["loss-gradient-mismatch"]),
        (ENTROPY.replace("+", "-"), "", ["sign"]),
    ],
)
def test_the_loss_that_is_computed_is_the_one_that_is_used(reported, slope, expected):
    """The samples are shuffled in place, which makes them no parameters."""
    text = NEURON.replace("REPORTED", reported).replace("SLOPE", slope)
    source = Source(text)
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    found = judged(recorder, source, text, Path("student.py"), "__main__", set(), [])
    assert found is not None
    assert [finding["mistake"] for finding in found] == expected


COUNTS = """
import numpy as np
rng = np.random.default_rng(8)
A = np.c_[np.ones(80), rng.normal(size=(80, 2))]
seen = rng.poisson(np.exp(A @ [0.8, 0.4, -0.3]))

def nll(beta):
    eta = A @ beta
    return REPORTED

def score(beta):
    mu = np.exp(A @ beta)
    return A.T @ SLOPE / 80

beta = np.zeros(3)
old = nll(beta)
for k in range(60):
    beta = beta - 0.05 * score(beta)
    new = nll(beta)
    if abs(old - new) < 1e-9:
        break
    old = new
"""


@pytest.mark.parametrize(
    ("reported", "slope", "expected"),
    [
        ("np.mean(np.exp(eta) - seen * eta)", "(mu - seen)", []),
        ("np.mean((np.exp(eta) - seen) ** 2)", "((mu - seen) * mu)", []),
        ("np.mean(np.exp(eta) - seen * eta)", "((mu - seen) * mu)", ["loss-gradient-mismatch"]),
    ],
)
def test_the_loss_of_counts_is_another_one_than_their_squares(reported, slope, expected):
    found = check_text(COUNTS.replace("REPORTED", reported).replace("SLOPE", slope))
    assert [finding["mistake"] for finding in found["findings"]] == expected
    assert found["checked"]


def test_one_poisson_loss_is_a_measure_of_the_fit():
    text = COUNTS.replace("REPORTED", "np.mean(np.abs(np.exp(eta) - seen))")
    text = text.replace("SLOPE", "((mu - seen) * mu)")
    text += "eta = A @ beta\nprint(np.mean(np.exp(eta) - seen * eta))\n"
    assert check_text(text)["findings"] == []


BATCHES = """
import numpy as np
rng = np.random.default_rng(0)
data = rng.normal(size=(22, 3))
for epoch in range(3):
    order = DRAWN
    for start in range(0, STOP, 4):
        part = data[order[start:start + 4]]
        print(part.sum())
"""


NEAR_ONE_HALF = """
import numpy as np
X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
Y = np.array([[0, 1, 1, 0]])
rng = np.random.default_rng(0)
V, u = rng.normal(size=(5, 2)) * 0.01, np.zeros((5, 1))
w, c = rng.normal(size=(1, 5)) * 0.01, np.zeros((1, 1))

def s(z):
    return 1 / (1 + np.exp(-z))

for step in range(200):
    H = s(V @ X + u)
    O = s(w @ H + c)
    J = -np.sum(Y * np.log(O) + (1 - Y) * np.log(1 - O)) / 4
    d = O - Y
    e = w.T @ d * H * (1 - H)
    w, c = w - 0.1 * d @ H.T / 4, c - 0.1 * d.sum(axis=1, keepdims=True) / 4
    V, u = V - 0.1 * e @ X.T / 4, u - 0.1 * e.sum(axis=1, keepdims=True) / 4
"""


def test_outputs_near_one_half_follow_the_loss_that_is_computed():
    """Of XOR's four samples, other losses have nearly its gradient there."""
    result = check_text(NEAR_ONE_HALF, "script.py")
    assert "training" in result["checked"]
    assert result["findings"] == []


@pytest.mark.parametrize(
    ("drawn", "stop", "count"),
    [
        ("rng.permutation(22)", "22", 0),
        ("rng.permutation(22)", "22 - 4 + 1", 1),
        ("np.arange(22)", "22 // 4 * 4", 1),
        ("rng.integers(0, 22, 22)", "22 - 4 + 1", 0),
        ("rng.permutation(20)", "20", 0),
    ],
)
def test_samples_that_no_batch_contains(drawn, stop, count):
    source = Source(BATCHES.replace("DRAWN", drawn).replace("STOP", stop))
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    found = left_out(recorder.events, source)
    assert len(found) == count
    assert all(
        finding["text"].endswith(RESHUFFLED) == ("permutation" in drawn) for finding in found
    )


SHAPES = """
import numpy as np
guess = np.array([0.2, 0.6, 0.9])FORM
target = np.array([[0.0], [1.0], [1.0]])

def mean_loss(guess, target):
    return np.mean(np.square(guess - target))

def kernel(a, b):
    return np.exp(-np.square(a - b))

print(mean_loss(guess, target), kernel(np.arange(3.0), np.arange(3.0).reshape(3, 1)))
"""


@pytest.mark.parametrize(("form", "count"), [("", 1), ("[:, None]", 0)])
def test_losses_of_all_pairs(form, count):
    source = Source(SHAPES.replace("FORM", form))
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    found = mixed_shapes(recorder.events, source)
    assert [f["mistake"] for f in found] == ["broadcast"] * count


RESIDUAL = """
import numpy as np
rows = np.arange(12.0).reshape(4, 3)
y = np.array([1.0, 2.0, 0.5, 0.0])FORM
theta, start = np.zeros(3), 0.1
for _ in range(3):
    off = PRODUCT + start - y
    theta = theta - 0.01 * np.array([np.mean(off * column) for column in rows.T])
"""


@pytest.mark.parametrize("product", ["rows @ theta", "rows.dot(theta)", "np.dot(rows, theta)"])
@pytest.mark.parametrize(("form", "count"), [("", 0), (".reshape(-1, 1)", 1)])
def test_outputs_of_a_product_less_targets_of_another_shape(product, form, count):
    source = Source(RESIDUAL.replace("PRODUCT", product).replace("FORM", form))
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    found = mixed_shapes(recorder.events, source)
    assert [f["mistake"] for f in found] == ["broadcast"] * count


BY_FUNCTION = """
import numpy as np

def cost_and_slopes(p, X, Y):
    h = np.tanh(X @ p["A"])
    e = h @ p["B"] - Y
    slopes = {"B": h.T @ e, "A": X.T @ ((e @ p["B"].T) * (1 - h ** 2))}
    return 0.5 * np.sum(e ** 2), slopes

rng = np.random.default_rng(5)
X, Y = rng.normal(size=(9, 3)), rng.normal(size=(9, 2))
p = {"A": rng.normal(size=(3, 4)), "B": rng.normal(size=(4, 2))}
speed = {k: np.zeros_like(v) for k, v in p.items()}
for _ in range(12):
    c, slopes = cost_and_slopes(p, X, Y)
    for k in p:
        speed[k] = 0.8 * speed[k] - 0.01 * slopes[k]
        p[k] SIGN= speed[k]
"""


@pytest.mark.parametrize(("sign", "expected"), [("+", []), ("-", ["momentum-sign"])])
def test_updates_by_gradients_that_a_right_function_returns(sign, expected):
    source = Source(BY_FUNCTION.replace("SIGN", sign))
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    replay = Replay(source, Path("student.py"), "__main__", recorder.events)
    found = findings_by_gradients(replay, {"cost_and_slopes"})
    assert found is not None
    assert [finding["mistake"] for finding in found] == expected
    assert findings_by_gradients(replay, set()) is None


BY_SHAPE = """
import numpy as np

def slopes(X, y, w, shift):
    e = np.exp(X @ w + shift) - y
    return X.T @ e / len(y), e.mean()

rng = np.random.default_rng(5)
X, y = rng.normal(size=(20, 3)), rng.integers(0, 4, 20)
w, shift = np.zeros(3), 0.0
for _ in range(12):
    g, g0 = slopes(X, y, w, shift)
    w = w - 0.1 * g
    shift = shift SIGN 0.1 * g0
"""


@pytest.mark.parametrize(("sign", "expected"), [("-", []), ("+", ["sign"])])
def test_gradients_without_names_are_paired_by_shape(sign, expected):
    found = findings_by_gradients(replay_of(BY_SHAPE.replace("SIGN", sign)), {"slopes"})
    assert found is not None
    assert [finding["mistake"] for finding in found] == expected


def test_gradients_of_one_shape_are_not_paired_by_it():
    text = BY_SHAPE.replace("SIGN", "-").replace("e.mean()", "(X ** 2).T @ e / len(y)")
    text = text.replace("+ shift)", "+ X ** 2 @ shift)").replace(
        "shift = np.zeros(3), 0.0", "shift = np.zeros(3), np.zeros(3)"
    )
    assert findings_by_gradients(replay_of(text), {"slopes"}) is None


def test_values_within_values_are_recorded_once():
    told = "str(round(max(v * 2, (v > 1) + 0.5), 2)) + 'x', f'{v / 2:.1f}'"
    source = Source(f"v = 3.0\nprint({told})\n")
    recorder, _, ended = record(source, Path("student.py"), "__main__")
    assert ended is None
    assert 1.5 in [float(event.value) for event in recorder.events if event.name == "compared"]


TWO_TRAININGS = """
import numpy as np
rng = np.random.default_rng(2)
X = rng.normal(size=(20, 2)) + 1
y = np.where(X[:, 0] > X[:, 1], 1, -1)

def delta_rule(X, y):
    w, b = np.zeros(2), 0.0
    for _ in range(20):
        out = X @ w + b
        gap = y - out
        w += 0.05 * X.T @ gap / len(y)
        b += 0.05 * gap.mean()
    return w, b

def logistic(X, y):
    w, b = np.zeros(2), 0.0
    for _ in range(20):
        z = X @ w + b
        p = 1 / (1 + np.exp(-z))
        cost = np.mean(np.logaddexp(0, z) - y * z)
        w -= 0.5 * X.T @ (p - y) / len(y)
        b -= 0.5 * np.mean(p - y)
    return w, b, cost

print(delta_rule(X / 4, y))
print(logistic(X, (y + 1) / 2))
"""


def test_the_loss_of_another_training_is_no_loss_of_this_one():
    result = check_text(TWO_TRAININGS, "script.py")
    assert "training" in result["checked"]
    assert result["findings"] == []


CHANCE = """
import numpy as np
rng = np.random.default_rng(3)
P = rng.uniform(0.1, 0.9, size=(8, 2))
k = np.stack([P[:, 0] > P[:, 1], P[:, 0] <= P[:, 1]], axis=1) * 1.0
v = rng.normal(size=(2, 2))
seen = np.zeros(40)
for runde in range(40):
    q = 1 / (1 + np.exp(-(P @ v)))
    seen[runde] = REPORTED
    v = v - 0.5 * P.T @ ((q - k) * q * (1 - q))
"""


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        # In the first round, the number is also the cross-entropy of q.
        ("np.linalg.norm(q - k) if runde else ENTROPY", []),
        ("ENTROPY", ["loss-gradient-mismatch"]),
    ],
)
def test_one_number_that_is_another_loss_by_chance_is_none(reported, expected):
    text = CHANCE.replace("REPORTED", reported).replace("ENTROPY", ENTROPY)
    source = Source(text)
    recorder, _, _ = record(source, Path("student.py"), "__main__")
    found = judged(recorder, source, text, Path("student.py"), "__main__", set(), [])
    assert found is not None
    assert [finding["mistake"] for finding in found] == expected
