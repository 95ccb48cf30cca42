"""A factor that one of several alike lines lacks, in a network of plain numbers."""

import textwrap

import pytest

from check_corpus.corpus import check_text

NUMBERS = """
    import numpy as np
    rng = np.random.default_rng(2)

    def sig(z):
        return 1 / (1 + np.exp(-z))

    def steigung(z):
        return sig(z) * (1 - sig(z))

    w1, w2, w3, w4, w5, w6, b1, b2, b3 = rng.normal(size=9)
    daten = [(-0.2, 0.3, 1), (0.8, 0.5, 0), (0.6, -0.4, 0), (-0.7, -0.6, 1)]
    for runde in range(30):
        for x1, x2, y in daten:
            s1 = w1 * x1 + w2 * x2 + b1
            s2 = w3 * x1 + w4 * x2 + b2
            s3 = w5 * sig(s1) + w6 * sig(s2) + b3
            d_p = -2 * (y - sig(s3))
            d_h1 = w5 * steigung(s3)
            d_h2 = w6 * steigung(s3)
            d_w5 = sig(s1) * steigung(s3)
            d_w6 = sig(s2) * steigung(s3)
            d_u1 = steigung(s1)
            d_u2 = steigung(s2)
            w1 -= 0.5 * d_p * d_h1 * x1 * d_u1
            w2 -= 0.5 * d_p * d_h1 * x2 * d_u1
            b1 -= 0.5 * d_p * d_h1 * d_u1
            w3 -= 0.5 * d_p * d_h2 * x1 * d_u2
            w4 -= 0.5 * d_p * d_h2 * x2 * d_u2
            b2 -= 0.5 * d_p * d_h2 * d_u2
            w5 -= 0.5 * d_p * d_w5
            w6 -= 0.5 * d_p * d_w6
            b3 -= 0.5 * d_p * steigung(s3)
"""


def test_all_lines_have_the_factor():
    assert check_text(textwrap.dedent(NUMBERS))["findings"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("w5 * steigung(s3)", "w5"), ("sig(s2) * steigung(s3)", "sig(s2)")],
)
def test_one_line_lacks_the_factor(right, wrong):
    assert NUMBERS.count(right) == 1
    (finding,) = check_text(textwrap.dedent(NUMBERS.replace(right, wrong)))["findings"]
    assert finding["mistake"] == "activation-derivative-missing"
