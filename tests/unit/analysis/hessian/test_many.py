"""Curvature of many networks at once is that of each, in machine code or with dual numbers."""

import numpy as np
import pytest

import rosenblatt as rb
import user_code
from rosenblatt.analysis.hessian import (
    eigenvalues_of_many,
    gradient_noise_scale,
    gradient_noise_scales,
    hessian,
    hessian_extremes,
    hessian_extremes_of_many,
    hessian_trace,
    traces_of_many,
)
from rosenblatt.analysis.hessian.objective import Objective, objective_of
from rosenblatt.errors import ConfigurationError, ShapeError


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


@pytest.mark.cases(3)
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


@pytest.fixture(scope="module")
def trained():
    """Networks after some training, and the whole Hessian of each, from dual numbers."""
    X, y, weights = problem(300, weighted=True)
    model = rb.MLP(3, [6], 3, activation="tanh")
    data = rb.data.Dataset(X, y, sample_weight=weights)
    runs = rb.train_many(model, data, seeds=range(8), optimizer=rb.SGD(0.3), epochs=20)
    members = [model.init(0), *(run.params for run in runs)]
    dense = [hessian(model, params, X, y, sample_weight=weights) for params in members]
    return (model, members, X, y), {"sample_weight": weights}, np.array(dense)


@pytest.mark.parametrize(("end", "place"), [("largest", -1), ("smallest", 0)])
def test_eigenvalues_are_those_of_dense_hessians(trained, end, place):
    problem, weights, dense = trained
    found = eigenvalues_of_many(*problem, end=end, **weights)
    expected = np.linalg.eigvalsh(dense)
    size = np.abs(expected).max(axis=1)
    assert (np.abs(found - expected[:, place]) <= 1e-6 * size).all()
    # With a tight tolerance, to rounding.
    found = eigenvalues_of_many(*problem, end=end, tolerance=1e-13, **weights)
    assert (np.abs(found - expected[:, place]) <= 1e-12 * size).all()


def test_an_eigenvalue_does_not_depend_on_the_other_networks(trained):
    (model, members, *rows), weights, _ = trained
    among_all = eigenvalues_of_many(model, members, *rows, **weights)
    few = eigenvalues_of_many(model, members[3:5], *rows, **weights)
    assert few.tolist() == among_all[3:5].tolist()


def test_traces_are_the_sums_of_the_diagonals(trained):
    problem, weights, dense = trained
    found = traces_of_many(*problem, **weights)
    np.testing.assert_allclose(found, np.trace(dense, axis1=1, axis2=2), rtol=1e-10)


def test_a_network_that_is_not_finite_costs_the_others_nothing(trained):
    (model, members, *rows), weights, _ = trained
    huge = {name: np.full_like(value, 1e308) for name, value in members[0].items()}
    for numbers in (eigenvalues_of_many, traces_of_many):
        sound = numbers(model, members[:2], *rows, **weights)
        found = numbers(model, [members[0], huge, members[1]], *rows, **weights)
        assert np.isnan(found[1])
        assert found[[0, 2]].tolist() == sound.tolist()


def test_repeated_eigenvalues_end_the_iteration_early():
    """The mean of (w x)² / 2 over x = ±e_i: H is I / 3, whose first space is the whole one."""
    model = rb.Sequential([rb.layers.Linear(3, 1, bias=False)])
    X = np.tile(np.vstack([np.eye(3), -np.eye(3)]), (300, 1))
    squares = rb.losses.HalfSquaredError()
    members = [model.init(seed) for seed in range(40)]
    for end in ("largest", "smallest"):
        found = eigenvalues_of_many(model, members, X, np.zeros(len(X)), loss=squares, end=end)
        np.testing.assert_allclose(found, 1 / 3, rtol=1e-12)


def test_networks_that_are_not_compiled_give_the_same(trained):
    """A few products only: dual numbers compute them."""
    model = rb.MLP(3, [2], 3, activation="tanh")
    (_, _, X, y), _, _ = trained
    params = model.init(1)
    assert (
        objective_of(model, params, X[:20], y[:20], None, None, None).prepared(60).compiled is None
    )
    ends = hessian_extremes(model, params, X[:20], y[:20])
    problem = model, [params], X[:20], y[:20]
    assert eigenvalues_of_many(*problem).item() == pytest.approx(ends.largest, rel=1e-9)
    assert eigenvalues_of_many(*problem, end="smallest").item() == pytest.approx(ends.smallest)
    assert traces_of_many(*problem).item() == hessian_trace(model, params, X[:20], y[:20]).value
    assert eigenvalues_of_many(model, [], X, y).tolist() == []


def test_wrong_settings_of_eigenvalues(trained):
    problem, _, _ = trained
    with pytest.raises(ConfigurationError, match="largest"):
        eigenvalues_of_many(*problem, end="middle")
    with pytest.raises(ConfigurationError, match="tolerance"):
        eigenvalues_of_many(*problem, tolerance=0)


@pytest.mark.parametrize("name", [*user_code.LAYERS])
def test_gradient_noise_of_many_is_that_of_each(monkeypatch, name):
    X, y, _ = problem(60)
    model = rb.Sequential(user_code.LAYERS[name])
    members = [model.init(seed) for seed in range(3)]
    expected = [gradient_noise_scale(model, params, X, y) for params in members]
    monkeypatch.setattr("rosenblatt.analysis.hessian.many_noise.LEAST_NUMBERS", 1)
    for found, one in zip(gradient_noise_scales(model, members, X, y), expected, strict=True):
        assert found.trace_covariance == pytest.approx(one.trace_covariance, rel=1e-9)
        assert found.squared_norm == pytest.approx(one.squared_norm, rel=1e-9)


def test_gradient_noise_in_machine_code_by_finite_sums(monkeypatch):
    """The covariance of the gradients of single samples, each from a batch of one."""
    X, y, _ = problem(20)
    model = rb.MLP(3, [4], 3, activation="tanh")
    params = model.init(0)
    loss = model.default_loss

    def gradient(i):
        outputs, caches = model.forward(params, X[i : i + 1])
        dy = loss.over_batch(outputs, loss.encode(y[i : i + 1], 3))[1]
        return np.concatenate([g.ravel() for g in model.backward(params, caches, dy)[1].values()])

    each = np.array([gradient(i) for i in range(20)])
    monkeypatch.setattr("rosenblatt.analysis.hessian.many_noise.LEAST_NUMBERS", 1)
    monkeypatch.delattr("rosenblatt.analysis.hessian.many_noise.gradient_noise_scale")
    (found,) = gradient_noise_scales(model, [params], X, y)
    assert found.trace_covariance == pytest.approx(np.trace(np.cov(each.T)), rel=1e-10)
    assert found.squared_norm == pytest.approx((each.mean(axis=0) ** 2).sum(), rel=1e-10)
    assert gradient_noise_scales(model, [], X, y) == []
    with pytest.raises(ShapeError, match="at least 2 samples"):
        gradient_noise_scales(model, [params], X[:1], y[:1])
