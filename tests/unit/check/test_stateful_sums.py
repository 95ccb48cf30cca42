"""Rules with a state whose gradients are sums that a loop forms."""

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.descent import by_gradients, descent_of
from rosenblatt.check.stateful_updates import stateful_findings

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
