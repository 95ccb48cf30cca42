"""Steps of a linear output that are divided by the squared length of its inputs."""

import textwrap

import pytest

from check_corpus.corpus import check_text

FILTER = """
    import numpy as np
    rng = np.random.default_rng(4)
    signal = rng.normal(size=300)
    wanted = np.convolve(signal, [0.4, -0.7, 0.2, 0.1])[:300] + 0.05 * rng.normal(size=300)
    w, b = np.zeros(4), 0.0
    mu, eps = 0.3, 0.05
    for n in range(4, 300):
        x = signal[n - 4:n][::-1]
        e = wanted[n] - (w @ x + b)
        step = mu / (eps + x @ x)
        w = w + step * e * x
        b = b + step * e
"""


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("", "", None),
        ("w + step * e * x", "w - step * e * x", "sign"),
        ("b + step * e", "b - step * e", "sign"),
        ("* e * x", "* x", "unexplained"),
        ("(eps + x @ x)", "(eps + x.sum())", "unexplained"),
    ],
)
def test_normalized_steps_are_right_and_their_mistakes_are_not(old, new, mistake):
    text = textwrap.dedent(FILTER)
    assert old in text
    result = check_text(text.replace(old, new) if old else text)
    assert "training" in result["checked"]
    assert [found["mistake"] for found in result["findings"]] == [mistake] * (mistake is not None)
