"""The kernel of the online rule ends with the bits of its formulas, taken in order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.engines import online_rule
from rosenblatt.engines.compiled.online import fixed_shuffle, train_online
from rosenblatt.engines.online_rule import OnlineData, OnlineRule, OnlineState, train_epoch

RULES = {
    "plain": OnlineRule(0.5),
    "no intercept": OnlineRule(0.5, intercept_rate=0.0),
    "L2": OnlineRule(0.5, shrink=0.6, alpha=0.1),
    "L1": OnlineRule(0.5, cut=0.01, alpha=0.1, l1_ratio=1.0),
    "both": OnlineRule(0.5, 0.6, 0.001, False, 0.1, 0.1, 0.2),
    "both, of features seen": OnlineRule(0.5, 0.6, 0.001, True, 0.1, 0.1, 0.2),
    "nothing is left": OnlineRule(0.5, shrink=0.0, alpha=2.0),
}


def drawn(seed, n, n_inputs):
    """Return samples on a grid, many of them with zeros, some exactly on the line."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, size=(n, n_inputs)) / 4
    y = rng.choice([-1.0, 1.0], n)
    return OnlineData(x, y, rng.choice([0.0, 0.5, 1.0, 2.0], n))


def check(rule, data, orders, w, b, rtol=1e-9):
    ends = []
    for train in (train_online, train_by_reference):
        state = OnlineState.start(w.copy(), b.copy())
        sums = train(rule, data, state, orders)
        ends.append((*vars(state).values(), sums))
    for mine, expected in zip(*ends, strict=True):
        np.testing.assert_allclose(mine, expected, rtol=rtol, atol=1e-12)


def train_by_reference(rule, data, state, orders):
    return np.array([train_epoch(data, rule, state, order) for order in orders])


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("n_inputs", [1, 2, 8, 9, 20])
@settings(max_examples=15)
@given(seed=st.integers(0, 999), n=st.integers(1, 30))
def test_any_rule_is_that_of_the_reference(rule, n_inputs, seed, n):
    data = drawn(seed, n, n_inputs)
    rng = np.random.default_rng(seed)
    orders = np.array([rng.permutation(n) for _ in range(3)])
    check(rule, data, orders, rng.normal(size=n_inputs).round(1), rng.normal(size=1).round(1))


def test_weights_that_shrink_to_nothing_are_multiplied_by_their_scale():
    rng = np.random.default_rng(0)
    for n_inputs in (3, 12):
        rule, data = OnlineRule(0.5, shrink=1e-4, alpha=0.1), drawn(0, 40, n_inputs)
        check(rule, data, rng.permutation(40)[np.newaxis], np.ones(n_inputs), np.zeros(1))


def test_a_part_of_the_samples_and_none():
    data = drawn(0, 20, 3)
    check(RULES["both"], data, np.arange(5, 17)[np.newaxis], np.ones(3), np.ones(1))
    check(RULES["both"], data, np.zeros((2, 0), dtype=np.int64), np.ones(3), np.ones(1))
    check(RULES["both"], data, np.zeros((0, 20), dtype=np.int64), np.ones(3), np.ones(1))


@pytest.mark.parametrize("n_more", [0, 9])
@pytest.mark.parametrize(("x", "score"), [([1e16, 1.0, -1e16], 0.0), ([1e16, -1e16, 1.0], 1.0)])
def test_sums_are_taken_in_order(x, score, n_more):
    x = np.array([x + [0.0] * n_more])
    state = OnlineState.start(np.ones(3 + n_more), np.array([-0.5]))
    data = OnlineData(x, np.array([-1.0]), np.ones(1))
    sums = train_online(OnlineRule(0.0), data, state, np.zeros((1, 1), dtype=np.int64))
    assert sums[0] == max(0.0, score - 0.5)


@pytest.mark.parametrize("n_more", [0, 9])
def test_products_are_rounded_before_they_are_added(n_more):
    # a² is 1 + 2^-29 + 2^-60, which is rounded to 1 + 2^-29.
    a = 1 + 2.0**-30
    w, x = ([*two, *[0.0] * n_more] for two in ([1.0, a], [-(a * a), a]))
    state = OnlineState.start(np.array(w), np.zeros(1))
    data = OnlineData(np.array([x]), np.array([-1.0]), np.ones(1))
    assert train_online(OnlineRule(0.0), data, state, np.zeros((1, 1), dtype=np.int64))[0] == 0


@pytest.mark.parametrize("n", [0, 1, 2, 3, 100])
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 2])
def test_the_shuffle_is_that_of_the_reference(n, seed):
    np.testing.assert_array_equal(fixed_shuffle(seed, n), online_rule.fixed_shuffle(seed, n))
