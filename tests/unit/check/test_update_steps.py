"""Updates of a run: which changes belong to one, and how many of them are compared."""

from check_corpus.corpus import replay_of
from rosenblatt.check.descent.moments import moments_of
from rosenblatt.check.descent.replay import parameters
from rosenblatt.check.descent.update_steps import steps_of

SATURATED = """
import math
steil, versatz = 0.4, 0.1
for runde in range(3):
    for x, soll in [(0.5, 1), (90.0, 1), (120.0, 1), (-0.7, 0)]:
        z = steil * x + versatz
        y = 1 / (1 + math.exp(-z))
        d = (y - soll) * y * (1 - y)
        steil -= 0.5 * d * x
        versatz -= 0.5 * d
"""

LAYERS = """
import numpy as np
rng = np.random.default_rng(3)
A, B = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
for k in range(9):
    x, t = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    h = np.tanh(x @ A)
    error = h @ B - t
    dB, dA = h.T @ error, x.T @ (error @ B.T * (1 - h ** 2))
    A = A - 0.02 * dA
    B = B - 0.02 * dB
"""


def test_an_update_that_moves_no_number_is_one_of_its_own():
    replay = replay_of(SATURATED)
    tracks = parameters(replay)
    assert {track.name for track in tracks} == {"steil", "versatz"}
    saturated = [e for e in replay.events if e.name == "steil" and e.updates and e.value == e.old]
    assert saturated
    assert len(steps_of(tracks, single=False)) == 12


def test_five_updates_are_compared_where_they_are_cheap():
    replay = replay_of(LAYERS)
    assert len(moments_of(replay, parameters(replay), None)) == 5
