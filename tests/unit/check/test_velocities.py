"""Momentum whose velocities stand in lists, with gradients that are right and wrong."""

import pytest

from check_corpus.corpus import check_text, replay_of
from rosenblatt.check.descent.replay import parameters, tracks_of

LISTS = """
import numpy as np
rng = np.random.default_rng(6)
X, labels = rng.normal(size=(24, 2)), rng.integers(0, 3, 24)
sizes = [2, 7, 5, 3]
Ws = [rng.normal(size=(m, n)) for m, n in zip(sizes[:-1], sizes[1:])]
bs = [np.zeros(n) for n in sizes[1:]]
vw, vb = [np.zeros_like(W) for W in Ws], [np.zeros_like(b) for b in bs]


def forward(x):
    outs = [x]
    for i in range(3):
        z = outs[-1] @ Ws[i] + bs[i]
        if i < 2:
            outs.append(np.maximum(z, 0))
        else:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            outs.append(e / e.sum(axis=1, keepdims=True))
    return outs


def backward(outs, y):
    gw, gb = [None] * 3, [None] * 3
    delta = outs[-1].copy()
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    for i in (2, 1, 0):
        gw[i], gb[i] = outs[i].T @ delta, delta.sum(axis=0)
        if i > 0:
            delta = delta @ Ws[i].T
            delta[outs[i] <= 0] = 0
    return gw, gb


for epoch in range(6):
    order = rng.permutation(24)
    for k in range(0, 24, 8):
        rows = order[k:k + 8]
        gw, gb = backward(forward(X[rows]), labels[rows])
        for i in range(3):
            vw[i] = 0.9 * vw[i] - 0.05 * gw[i]
            vb[i] = 0.9 * vb[i] - 0.05 * gb[i]
            Ws[i] += vw[i]
            bs[i] += vb[i]
"""


def _mistakes(text):
    return [finding["mistake"] for finding in check_text(text)["findings"]]


def test_a_bias_that_begins_at_zero_has_its_own_first_update():
    replay = replay_of(LISTS)
    tracks = {track.name: track for track in tracks_of(replay.events)}
    assert len(tracks["bs[0]"].versions) == len(tracks["Ws[0]"].versions)
    assert not tracks["bs[0]"].first.any()


@pytest.mark.slow
def test_velocities_with_right_gradients_are_right():
    result = check_text(LISTS)
    assert not result["findings"]
    assert "training" in result["checked"]


@pytest.mark.slow
def test_a_mask_that_is_set_to_zero_has_the_wrong_side():
    assert _mistakes(LISTS.replace("delta[outs[i] <= 0]", "delta[outs[i] > 0]")) == [
        "relu-wrong-side"
    ]


@pytest.mark.slow
def test_the_velocities_of_one_kind_of_parameter_have_the_wrong_sign():
    wrong = LISTS.replace("vw[i] - 0.05", "vw[i] + 0.05")
    assert _mistakes(wrong) == ["momentum-sign"]


SCALED = LISTS.replace("vw, vb =", "Ws[0] *= 1.5\nvw, vb =")
"""Initial weights that are multiplied once, which is no update."""

PLAIN = """
import math, random
random.seed(8)
data = []
for _ in range(40):
    a, c = random.uniform(-1, 1), random.uniform(-1, 1)
    data.append(([a, c], 1 if a + 0.5 * c + random.gauss(0, 0.3) > 0 else 0))
w, b = [0.0, 0.0], 0.0
vw, vb = [0.0, 0.0], 0.0
for sweep in range(8):
    gw, gb, total = [0.0, 0.0], 0.0, 0.0
    for x, t in data:
        z = w[0] * x[0] + w[1] * x[1] + b
        p = 1 / (1 + math.exp(-z))
        total += math.log(1 + math.exp(z)) - t * z
        for j in range(2):
            gw[j] += (p - t) * x[j]
        gb += p - t
    for j in range(2):
        vw[j] = 0.8 * vw[j] - 0.3 * gw[j] / 40
        w[j] += vw[j]
    vb = 0.8 * vb - 0.3 * gb / 40
    b += vb
"""
"""Entries of a velocity that move those of the weights one after the other."""


@pytest.mark.slow
def test_scaled_initial_weights_are_no_update():
    tracks = {track.name: track for track in tracks_of(replay_of(SCALED).events)}
    assert len(tracks["Ws[0]"].versions) == len(tracks["Ws[1]"].versions)
    assert _mistakes(SCALED) == []
    assert _mistakes(SCALED.replace("bs[i] += vb[i]", "bs[i] -= vb[i]")) != []


@pytest.mark.slow
def test_velocities_in_lists_of_numbers_are_no_parameters():
    replay = replay_of(PLAIN)
    assert "vw" not in {track.name for track in parameters(replay)}
    right = check_text(PLAIN)
    assert (right["findings"], right["reason"]) == ([], None)
    assert _mistakes(PLAIN.replace("gb += p - t", "gb += p + t")) != []


LAST = """
import numpy as np
rng = np.random.default_rng(3)
X = rng.normal(size=(60, 4))
y = (X[:, :1] * X[:, 1:2] > 0) * 1.0
w1, w2 = rng.normal(size=(4, 6)), rng.normal(size=(6, 1))
alpha, l2 = 0.002, 0.1
delta_w1_prev, delta_w2_prev = 0 * w1, 0 * w2
for epoch in range(6):
    for rows in np.array_split(rng.permutation(60), 4):
        h = np.tanh(X[rows] @ w1)
        p = 1 / (1 + np.exp(-(h @ w2)))
        cost = -np.sum(y[rows] * np.log(p) + (1 - y[rows]) * np.log(1 - p))
        cost = cost + l2 / 2 * (np.sum(w1 ** 2) + np.sum(w2 ** 2))
        d = p - y[rows]
        grad1 = X[rows].T @ (d @ w2.T * (1 - h ** 2)) + l2 * w1
        grad2 = h.T @ d + l2 * w2
        delta_w1, delta_w2 = 0.01 * grad1, 0.01 * grad2
        w1 -= delta_w1 + alpha * delta_w1_prev
        w2 -= delta_w2 + alpha * delta_w2_prev
        delta_w1_prev, delta_w2_prev = delta_w1, delta_w2
"""


@pytest.mark.slow
def test_a_small_part_of_the_last_gradient_is_right():
    assert _mistakes(LAST) == []
    assert _mistakes(LAST.replace("d @ w2.T * (1 - h ** 2)", "d @ w2.T")) != []
