"""Rules with a state whose gradients are sums that a loop forms."""

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.descent.descent import by_gradients, descent_of
from rosenblatt.check.descent.stateful_updates import stateful_findings

SUMMED = """
import numpy as np
rng = np.random.default_rng(2)
X, Y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
W, speed = rng.normal(size=(3, 2)), np.zeros((3, 2))
for k in range(8):
    loss = 0.5 * ((X @ W - Y) ** 2).sum()
    slope = np.zeros((3, 2))
    for i in (0, 1, 2, 3):
        slope += np.outer(X[i], X[i] @ W - Y[i])
    speed = 0.9 * speed - 0.01 * slope
    W += speed
"""

ALIKE = """
import numpy as np
rng = np.random.default_rng(4)
X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
Ws = [rng.normal(size=(3, 3)) for _ in range(2)]
speeds = [np.zeros((3, 3)) for _ in Ws]
for k in range(8):
    inner = np.tanh(X @ Ws[0])
    out = inner @ Ws[1]
    loss = 0.5 * ((out - Y) ** 2).sum()
    error, slopes = out - Y, [None, None]
    for n, given in ((1, inner), (0, X)):
        slope = given.T @ error
        slopes[n] = slope
        error = (error @ Ws[n].T) * (1 - given ** 2)
    for n in range(2):
        speeds[n] = 0.9 * speeds[n] - 0.01 * slopes[n]
        Ws[n] = Ws[n] + speeds[n]
"""


def _stateful(text):
    replay = replay_of(text)
    return stateful_findings(replay, descent_of(replay).moments)


def test_a_whole_sum_is_a_gradient():
    assert _stateful(SUMMED) == []


def test_a_part_of_a_sum_is_no_gradient():
    assert _stateful(SUMMED.replace("(0, 1, 2, 3)", "(0, 1, 2, 3, 3)")) is None


@pytest.mark.slow
def test_gradients_of_one_line_and_one_shape_are_told_apart():
    replay = replay_of(ALIKE)
    descent = descent_of(replay)
    assert stateful_findings(replay, descent.moments) == []
    assert by_gradients(replay, descent).right


PENALIZED = """
import numpy as np
rng = np.random.default_rng(6)
X, Y = rng.normal(size=(20, 3)), rng.normal(size=(20, 2))
A, a = rng.normal(size=(3, 4)), np.zeros(4)
B, b = rng.normal(size=(4, 2)), np.zeros(2)
lam = 0.01
for k in range(12):
    H = np.tanh(X @ A + a)
    E = H @ B + b - Y
    loss = 0.5 * (E ** 2).sum() / 20 + 0.5 * lam * ((A * A).sum() + (B * B).sum())
    d = E / 20
    dB, db = H.T @ d, d.sum(axis=0)
    up = d @ B.T * (1 - H ** 2)
    dA, da = X.T @ up, up.sum(axis=0)
    dB += lam * B
    dA += lam * A
    A += -0.1 * dA
    a += -0.1 * da
    B += -0.1 * dB
    b += -0.1 * db
"""


@pytest.mark.parametrize(
    ("old", "new", "mistakes"),
    [
        ("lam * B\n", "lam * B\n", []),
        ("dB += lam * B\n", "dB += 2 * lam * B\n", ["constant-factor"]),
        # A factor that all penalties share is one of the loss.
        ("0.5 * lam", "lam", []),
    ],
)
def test_the_penalty_of_each_parameter_is_that_of_the_loss(old, new, mistakes):
    replay = replay_of(PENALIZED.replace(old, new))
    found = stateful_findings(replay, descent_of(replay).moments)
    assert [finding["mistake"] for finding in found] == mistakes
