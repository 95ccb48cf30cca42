"""Slopes of a run's values by repeated runs: steep curves have one, kinks have none."""

import textwrap

import numpy as np
import pytest

from check_corpus.corpus import check_text, replay_of
from rosenblatt.check.descent.replay import Track, parameters

CURVED = """
import numpy as np
t = np.linspace(0, 1, 90)
soll = 4 * t - 1 + 0.1 * np.sin(40 * t)
steigung, achse = 3.9, -0.85
for runde in range(12):
    gerade = steigung * t + achse
    fehler = sum((soll - gerade) ** 2)
    d_steigung = sum(-2 * t * (soll - gerade))
    d_achse = sum(-2 * (soll - gerade))
    steigung = steigung - 0.003 * d_steigung
    achse = achse - 0.003 * d_achse
"""

KINK = """
w = 1.0
for k in range(3):
    bend = abs(w - 1.0)
    plain = 2 * w
    w = w - 0.0
"""


def _replay(text):
    return replay_of(textwrap.dedent(text))


def test_a_steep_curve_has_a_slope():
    replay = _replay(CURVED)
    axis = next(track for track in parameters(replay) if track.name == "achse")
    moment, end = axis.versions[0][0], axis.versions[1][0]
    slopes = replay.differences(axis, moment, end, ())
    line, loss = (
        next(p for p in range(moment, end) if replay.events[p].name == name)
        for name in ("gerade", "fehler")
    )
    t = np.linspace(0, 1, 90)
    miss = 4 * t - 1 + 0.1 * np.sin(40 * t) - replay.events[line].value
    assert slopes[loss] == pytest.approx(-2 * miss.sum(), rel=1e-6)


def test_a_kink_has_no_slope():
    replay = _replay(KINK)
    bends = [p for p, event in enumerate(replay.events) if event.name == "bend"]
    before, after = (
        bends[0] - 1,
        next(p for p, event in enumerate(replay.events) if event.name == "w" and p > bends[0]),
    )
    track = Track("w", 6, np.array(1.0), replay.events[after].owner, "")
    track.versions = [(before, np.array(1.0)), (after, np.array(1.0))]
    slopes = replay.differences(track, before, after, ())
    found = {replay.events[p].name: slope for p, slope in slopes.items()}
    assert np.isnan(found["bend"])
    assert found["plain"] == pytest.approx(2)


def test_a_steep_right_run_is_right():
    result = check_text(textwrap.dedent(CURVED))
    assert result["findings"] == []
    assert "training" in result["checked"]


TWICE = """
import numpy as np
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])
np.random.seed(1)
V, W = 2 * np.random.random((3, 4)) - 1, 2 * np.random.random((4, 1)) - 1

def squash(x, slope=False):
    if slope:
        RETURN
    return 1 / (1 + np.exp(-x))

for turn in range(300):
    h = squash(X @ V)
    o = squash(h @ W)
    d = (y - o) * squash(o, True)
    e = d @ W.T * squash(h, True)
    W += h.T @ d
    V += X.T @ e
"""


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("code", "mistakes"),
    [
        ("return x * (1 - x)", []),
        ("return squash(x) * (1 - squash(x))", ["activation-derivative-at-output"]),
        (
            "s = 1 / (1 + np.exp(-x))\n        return s * (1 - s)",
            ["activation-derivative-at-output"],
        ),
    ],
)
def test_a_derivative_that_applies_the_activation_to_its_output(code, mistakes):
    found = check_text(TWICE.replace("RETURN", code))["findings"]
    assert [finding["mistake"] for finding in found] == mistakes
