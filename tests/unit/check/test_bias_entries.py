"""A bias gradient that holds entries of a weight's gradient."""

import numpy as np

from rosenblatt.check.functions.gradient_mistakes import mistake_of


def test_one_entry_near_one_of_many_is_chance():
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(400, 5))
    bias = rng.normal(size=5)
    others = {"W": weight, "b": bias}
    wrong = bias.copy()
    wrong[0] = weight[7, 0]
    assert mistake_of({}, wrong, bias, np.zeros(5), others) == "unexplained"
    assert (
        mistake_of({}, weight[3].copy(), bias, np.zeros(5), others) == "bias-gradient-times-input"
    )
