"""Runs whose passes through loops fill the record before the parameters are updated."""

import textwrap
from pathlib import Path

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.check.fewer_samples import with_fewer_samples
from rosenblatt.check.source.text import Source

SIGNALS = """
    import math
    import random

    def filtered(x, taps, out):
        for p in range(len(x) - len(taps) + 1):
            acc = 0.0
            for j in range(len(taps)):
                acc += taps[j] * x[p + j]
            out[p] = acc

    def slopes(x, z, d, taps, grads):
        for p in range(len(z)):
            if z[p] > 0:
                for j in range(len(taps)):
                    grads[j] += d / len(z) * x[p + j]

    def main():
        source = random.Random(3)
        signals = [([source.gauss(0, 1) for _ in range(30)], k % 2) for k in range(80)]
        taps, bias, z = [0.5, -0.4, 0.3], 0.1, [0.0] * 28
        for epoch in range(30):
            grads, db, loss = [0.0] * 3, 0.0, 0.0
            for x, y in signals:
                filtered(x, taps, z)
                mean = sum(max(v, 0.0) for v in z) / 28
                chance = 1 / (1 + math.exp(-mean - bias))
                loss -= math.log(chance if y else 1 - chance)
                d = chance - y
                slopes(x, z, d, taps, grads)
                db += d
            for j in range(3):
                taps[j] -= 0.1 * grads[j] / len(signals)
            bias -= 0.1 * db / len(signals)

    main()
"""


@pytest.mark.slow
def test_a_right_training_with_long_passes_is_right():
    result = check_text(textwrap.dedent(SIGNALS))
    assert (result["findings"], result["reason"]) == ([], None)


@pytest.mark.slow
def test_a_wrong_training_with_long_passes_is_wrong():
    text = SIGNALS.replace("grads[j] += d", "grads[j] -= d")
    assert [f["mistake"] for f in check_text(textwrap.dedent(text))["findings"]] == ["sign"]


def test_numbers_of_samples_are_those_that_a_table_has():
    source = Source("n = 20; m = 30\nxs = make(20, size=20)\nys = np.zeros((20, 3))\n")
    path = Path("a.py")
    text = with_fewer_samples(source, path, {"xs": np.zeros((20, 3)), "zs": np.zeros(30)}, None)
    assert text == "n = 4; m = 30\nxs = make(20, size=20)\nys = np.zeros((20, 3))\n"
    assert with_fewer_samples(source, path, {"zs": [0.0] * 20}, None) is None
