"""The judgement of a run whose repetitions did not end in time."""

import textwrap

import pytest

from check_corpus.corpus import FOLDER
from rosenblatt.check import run_judgement
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source

SCRIPT = """
    import numpy as np
    X = np.random.default_rng(1).normal(size=(9, 3))
    w, b = np.zeros(3), np.zeros(1)
    for k in range(4):
        d = X @ w + b - X[:, 0] - 1
        w -= 0.1 * X.T @ d / 9
        b -= 0.1 * d.mean()
"""


@pytest.mark.parametrize(("update", "is_named"), [("0.1 * d.mean()", False), ("0.0", True)])
def test_a_bias_that_moves_has_a_gradient(monkeypatch, update, is_named):
    def unfinished(replay):
        raise FailedError(TimeoutError())

    finding = {"mistake": "bias-gradient-missing", "parameter": "b", "where": "training"}
    monkeypatch.setattr(run_judgement, "check_training", lambda events, source: [finding])
    monkeypatch.setattr(run_judgement, "descent_of", unfinished)
    text = textwrap.dedent(SCRIPT).replace("0.1 * d.mean()", update)
    path = FOLDER / "script.py"
    recorder, _, _ = record(Source(text), path, "__main__")
    found = run_judgement.by_updates(recorder, Source(text), text, path, "__main__", [])
    assert found == ([finding] if is_named else None)


@pytest.mark.parametrize(
    ("of_layers", "expected"), [("constant-factor", "sign"), ("transposed", "transposed")]
)
def test_a_sign_that_was_turned_is_no_factor(monkeypatch, of_layers, expected):
    finding = {"mistake": of_layers, "parameter": "w", "where": "training", "text": "..."}
    monkeypatch.setattr(run_judgement, "check_training", lambda events, source: [finding])
    text = textwrap.dedent(SCRIPT).replace("b -=", "b +=")
    path = FOLDER / "script.py"
    recorder, _, _ = record(Source(text), path, "__main__")
    found = run_judgement.by_updates(recorder, Source(text), text, path, "__main__", [])
    assert [f["mistake"] for f in found] == [expected]
