"""The cross-entropy that a file computes sample by sample, and does not follow."""

import textwrap

import pytest

from check_corpus.corpus import replay_of
from rosenblatt.check.descent.descent import descent_of

PLAIN = """
    import math, random
    random.seed(3)
    proben = [[random.gauss(k % 2, 1), random.gauss(-(k % 2), 1)] for k in range(24)]
    klassen = [k % 2 for k in range(24)]
    w, b = [0.02, -0.01], 0.0

    def ausgabe(x):
        return 1 / (1 + math.exp(-(w[0] * x[0] + w[1] * x[1] + b)))

    def entropie(p, t):
        return -(t * math.log(p) + (1 - t) * math.log(1 - p))

    for runde in range(6):
        summe = 0.0
        for x, t in zip(proben, klassen):
            p = ausgabe(x)
            PART
            d = (p - t) SLOPE
            for j in range(2):
                w[j] -= 0.3 * (d * x[j] DECAY)
            b -= 0.3 * d
        print(runde, summe / 24)
"""

ADDED = "summe += entropie(p, t)"
INLINE = "summe -= t * math.log(p) + (1 - t) * math.log(1 - p)"
SQUARED = "summe += 0.5 * (p - t) ** 2; g = math.log(1 + p)"
PENALTY = "+ lam * w[j]"


@pytest.mark.parametrize(
    ("part", "slope", "decay", "is_wrong"),
    [
        (ADDED, "", "", False),
        (ADDED, "* p * (1 - p)", "", True),
        (INLINE, "", PENALTY, False),
        (INLINE, "* p * (1 - p)", PENALTY, True),
        (SQUARED, "* p * (1 - p)", "", False),
    ],
)
def test_updates_by_one_sample_follow_its_cross_entropy(part, slope, decay, is_wrong):
    text = textwrap.dedent(PLAIN).replace("PART", part).replace("SLOPE", slope)
    text = text.replace("DECAY", decay).replace("w, b =", "lam = 0.01; w, b =")
    descent = descent_of(replay_of(text))
    assert descent is not None
    assert descent.right
    mistakes = [finding["mistake"] for finding in descent.findings]
    assert mistakes == ["loss-gradient-mismatch"] * is_wrong
