"""Loops over keys of a dict of parameters that leave one out."""

import pytest

from check_corpus.corpus import check_text

NETWORK = """
import numpy as np
rng = np.random.default_rng(4)
X = rng.normal(size=(40, 3))
y = np.sin(X[:, :1]) + X[:, 1:2]
P = {"W1": rng.normal(size=(3, 6)), "W2": rng.normal(size=(6, 1)), "b1": np.zeros(6)}
P["s"] = np.ones(6)

def gradients(P, x, t):
    h = np.tanh(P["s"] * (x @ P["W1"]) + P["b1"])
    e = (h @ P["W2"] - t) / len(x)
    d = e @ P["W2"].T * (1 - h ** 2)
    G = {"W2": h.T @ e, "b1": d.sum(axis=0), "s": (d * (x @ P["W1"])).sum(axis=0)}
    G["W1"] = x.T @ (d * P["s"])
    return G

for step in range(60):
    G = gradients(P, X, y)
    for name in KEYS:
        P[name] = P[name] - 0.1 * G[name]
"""


@pytest.mark.cases(2)
@pytest.mark.parametrize(
    ("keys", "mistakes"),
    [
        ("P", []),
        ('("W1", "W2", "b1", "s")', []),
        ('("W1", "W2", "b1")', ["gradient-missing"]),
        ('("W1", "W2", "s")', ["bias-gradient-missing"]),
    ],
)
def test_a_key_that_the_loop_does_not_name_is_missing(keys, mistakes):
    found = check_text(NETWORK.replace("KEYS", keys))["findings"]
    assert [finding["mistake"] for finding in found] == mistakes


def test_parameters_that_are_frozen_on_purpose_are_right():
    text = NETWORK.replace("KEYS", '("W1", "W2", "b1")') + "\n# s is frozen\n"
    assert check_text(text)["findings"] == []


@pytest.mark.slow
def test_a_loop_that_adds_a_penalty_to_some_gradients_is_right():
    text = NETWORK.replace("KEYS", "P").replace(
        "    G = gradients(P, X, y)\n",
        "    G = gradients(P, X, y)\n    for k in ('W1', 'W2'):\n        G[k] += 0.01 * P[k]\n",
    )
    assert "G[k] +=" in text
    assert check_text(text)["findings"] == []
