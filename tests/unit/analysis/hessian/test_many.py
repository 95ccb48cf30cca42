"""Curvature of many networks at once is that of each, in machine code or with dual numbers."""

import numpy as np
import pytest

import rosenblatt as rb
import user_code
from rosenblatt.analysis.hessian import hessian, hessian_extremes, hessian_extremes_of_many
from rosenblatt.analysis.hessian.objective import Objective, objective_of


def problem(n=60, weighted=False):
    rng = np.random.default_rng(0)
    weights = rng.uniform(0.5, 2, n) if weighted else None
    return rng.normal(size=(n, 3)), rng.integers(3, size=n), weights


@pytest.mark.parametrize("weighted", [False, True])
def test_many_are_as_each(weighted):
    X, y, weights = problem(400, weighted)
    model = rb.MLP(3, [5], 3, activation="tanh")
    members = [model.init(seed) for seed in range(5)]
    found = hessian_extremes_of_many(model, members, X, y, sample_weight=weights)
    for params, ends in zip(members, found, strict=True):
        alone = hessian_extremes(model, params, X, y, sample_weight=weights)
        assert ends.largest == pytest.approx(alone.largest, rel=1e-12)
        assert ends.smallest == pytest.approx(alone.smallest, abs=1e-12 * alone.largest)


@pytest.mark.parametrize("name", [*user_code.LAYERS])
@pytest.mark.parametrize("weighted", [False, True])
def test_machine_code_gives_the_hessian_of_dual_numbers(monkeypatch, name, weighted):
    X, y, weights = problem(60, weighted)
    model = rb.Sequential(user_code.LAYERS[name])
    params = model.init(0)
    monkeypatch.setattr("rosenblatt.analysis.hessian.objective.LEAST_NUMBERS", 1)
    prepared = objective_of(model, params, X, y, None, weights, None).prepared(1)
    assert prepared.compiled is not None
    compiled = hessian(model, params, X, y, sample_weight=weights)
    monkeypatch.setattr(Objective, "prepared", lambda self, n_products: self)
    exact = hessian(model, params, X, y, sample_weight=weights)
    np.testing.assert_allclose(compiled, exact, rtol=1e-10, atol=1e-12)
