"""A training that is called several times, each time with the gradient of another loss."""

import textwrap

import pytest

from check_corpus.corpus import check_text

TWO_LOSSES = """
    import numpy as np
    rng = np.random.default_rng(6)

    def quadratic(w, x, y):
        return (x @ w - y) ** 2

    def quadratic_slope(w, x, y):
        return 2 * x * (x @ w - y)

    def logistic(w, x, y):
        return np.log(1 + np.exp(-y * (x @ w)))

    def logistic_slope(w, x, y):
        return -y * x / (1 + np.exp(y * (x @ w)))

    def descend(x, y, loss, slope, rate, rounds):
        w, costs = np.ones((x.shape[1], 1)), []
        for k in range(rounds):
            w = w - rate * np.mean(slope(w, x, y), axis=0).reshape(-1, 1)
            costs.append(loss(w, x, y).mean())
        return w, costs

    y = np.where(np.arange(2000) % 2 == 0, 1, -1).reshape(-1, 1)
    x = y + rng.normal(size=(2000, 2))
    first = descend(x, y, logistic, logistic_slope, 0.01, 400)
    second = descend(x, y, quadratic, quadratic_slope, 0.01, 100)
"""


@pytest.mark.slow
def test_both_gradients_are_right():
    result = check_text(textwrap.dedent(TWO_LOSSES))
    assert (result["findings"], result["reason"]) == ([], None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [("return 2 * x * (x @ w - y)", "return 2 * x * (y - x @ w)"), ("return -y * x", "return -y")],
)
def test_the_gradient_of_either_call_is_wrong(right, wrong):
    assert right in TWO_LOSSES
    result = check_text(textwrap.dedent(TWO_LOSSES.replace(right, wrong)))
    assert result["findings"] != []
