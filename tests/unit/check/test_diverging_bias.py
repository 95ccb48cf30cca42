"""A bias that moves as many times too far as there are samples, in a training that diverges."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.descent.descent import descent_of

ADALINE = """
    import random
    random.seed(6)
    n = 40
    roh = [[random.gauss(0, 1), random.gauss(0, 1)] for _ in range(n)]
    mitte = [sum(x[j] for x in roh) / n for j in range(2)]
    X = [[x[j] - mitte[j] for j in range(2)] for x in roh]
    y = [1 if x[0] + 0.5 * x[1] + random.gauss(0, 0.3) >= 0 else -1 for x in X]
    w, b = [0.01, -0.02], 0.0
    for epoche in range(12):
        gw, gb = [0.0, 0.0], 0.0
        for x, t in zip(X, y):
            fehler = t - (w[0] * x[0] + w[1] * x[1] + b)
            for j in range(2):
                gw[j] += fehler * x[j]
            gb += fehler
        for j in range(2):
            w[j] += 0.1 * gw[j] / n
        b += 0.1 * gb SHARE
"""


@pytest.mark.parametrize(("share", "expected"), [("/ n", []), ("", ["batch-factor"])])
def test_a_loss_that_the_code_does_not_limit_is_none_of_huber(share, expected):
    descent = descent_of(replay_of(textwrap.dedent(ADALINE).replace("SHARE", share)))
    assert descent is not None
    assert descent.right == (not expected)
    assert [finding["mistake"] for finding in descent.findings] == expected
