"""Landscapes and eigenvalues along a run, against closed forms and single Hessians."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

import rosenblatt as rb
from rosenblatt.analysis import landscape_moments
from rosenblatt.analysis.hessian import flatten, hessian, hessian_extremes
from rosenblatt.analysis.landscape_moments import moments_of
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Activation, Linear
from rosenblatt.training.trajectory import PositionInMemory

MOONS = rb.data.moons(80, noise=0.2, seed=0)
_RNG = np.random.default_rng(0)
LINE = Dataset(_RNG.normal(size=(30, 2)), _RNG.normal(size=30))


def train(model=None, data=MOONS, **settings):
    settings = {"epochs": 30, "batch_size": 20, "optimizer": rb.SGD(0.2)} | settings
    return rb.train(model or rb.MLP(2, [4], 2, activation="tanh"), data, **settings)


def quadratic(data, params, sample_weight=None):
    """Return mean ½ (x·w + b − y)², written once more."""
    error = data.X @ params["0.weight"][:, 0] + params["0.bias"] - data.y
    return float(np.average(0.5 * error**2, weights=sample_weight))


@pytest.mark.parametrize("kind", ["random", "hessian", "trajectory"])
@pytest.mark.parametrize("weights", [None, np.arange(30) + 1.0])
def test_a_linear_model_has_the_loss_of_its_closed_form(kind, weights):
    data = Dataset(LINE.X, LINE.y, sample_weight=weights)
    run = train(rb.MLP(2, [], 1), data, loss="half_squared_error", epochs=5)
    plane = rb.analysis.landscape(run, directions=kind, size=7)
    u, v = plane.directions
    theta = run.at(update=plane.update)
    for i, b in enumerate(plane.axes[1]):
        for j, a in enumerate(plane.axes[0]):
            moved = {name: theta[name] + a * u[name] + b * v[name] for name in u}
            expected = quadratic(data, moved, weights)
            assert plane.grid[i, j] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ["random", "hessian", "trajectory"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_present_weights_are_a_point_of_the_grid(kind, dtype):
    run = train(dtype=dtype)
    plane = rb.analysis.landscape(run, at=57, directions=kind, size=9)
    (j,), (i,) = (np.flatnonzero(axis == 0) for axis in plane.axes)
    loss = run.at(update=57).evaluate(MOONS).loss
    assert plane.grid[i, j] == plane.loss
    assert plane.loss == pytest.approx(loss, rel=1e-12 if dtype == "float64" else 1e-5)
    # In float64, of weights that are float32 numbers.
    wide = {name: value.astype(np.float64) for name, value in run.at(update=57).items()}
    data = Dataset(MOONS.X.astype(dtype).astype(np.float64), MOONS.y)
    exact, _ = rb.loss_and_grads(run.model, wide, data.X, data.y)
    assert plane.loss == pytest.approx(exact, rel=1e-12)
    assert plane.update == 57
    np.testing.assert_allclose(plane.trajectory[-1], 0, atol=1e-12)
    assert plane.losses[-1] == pytest.approx(plane.loss, rel=1e-12)
    assert plane.losses[0] == pytest.approx(run.at(0).evaluate(MOONS).loss, rel=1e-6)


def test_the_curvature_along_eigenvectors_is_their_eigenvalue():
    run = train(epochs=100)
    plane = rb.analysis.landscape(run, directions="hessian", size=5, span=1e-3)
    values = np.linalg.eigvalsh(hessian(run.model, run.params, MOONS.X, MOONS.y))
    assert plane.eigenvalues == pytest.approx((values[-1], values[-2]), rel=1e-9)
    h = plane.axes[0][3]
    along_a = (plane.grid[2, 3] - 2 * plane.grid[2, 2] + plane.grid[2, 1]) / h**2
    along_b = (plane.grid[3, 2] - 2 * plane.grid[2, 2] + plane.grid[1, 2]) / h**2
    # Second differences: an error of order h², and ε L / h² of rounding.
    assert along_a == pytest.approx(values[-1], rel=1e-4)
    assert along_b == pytest.approx(values[-2], rel=1e-4)
    u, v = (flatten(direction) for direction in plane.directions)
    assert [u @ u, v @ v, u @ v] == pytest.approx([1, 1, 0], abs=1e-12)


@pytest.mark.slow
def test_many_parameters_have_the_eigenvectors_of_the_dense_hessian():
    run = train(rb.MLP(2, [20, 20], 2, activation="tanh"), epochs=10)
    plane = rb.analysis.landscape(run, directions="hessian", size=3)
    assert len(flatten(plane.directions[0])) > 400
    values, vectors = np.linalg.eigh(hessian(run.model, run.params, MOONS.X, MOONS.y))
    assert plane.eigenvalues == pytest.approx((values[-1], values[-2]), rel=1e-6)
    assert abs(flatten(plane.directions[0]) @ vectors[:, -1]) == pytest.approx(1, abs=1e-6)


def test_the_default_span_reaches_the_first_loss_in_the_quadratic():
    run = train(epochs=100)
    plane = rb.analysis.landscape(run, directions="hessian", size=3)
    rise = plane.losses[0] - plane.loss
    assert 0.5 * plane.eigenvalues[0] * plane.axes[0][-1] ** 2 == pytest.approx(rise)
    assert 0.5 * plane.eigenvalues[1] * plane.axes[1][-1] ** 2 == pytest.approx(rise)


def test_random_directions_have_the_norm_of_the_weights_into_each_unit():
    run = train()
    plane = rb.analysis.landscape(run, size=3, seed=4)
    for direction in plane.directions:
        for name in ("0.weight", "2.weight"):
            np.testing.assert_allclose(
                np.linalg.norm(direction[name], axis=0),
                np.linalg.norm(run.params[name], axis=0),
                rtol=1e-12,
            )
        assert not direction["0.bias"].any()
    assert plane.axes[0].tolist() == [-1, 0, 1]
    again = rb.analysis.landscape(run, size=3, seed=4)
    np.testing.assert_array_equal(plane.grid, again.grid)
    assert not np.array_equal(plane.grid, rb.analysis.landscape(run, size=3, seed=5).grid)


def test_components_of_the_trajectory_are_those_of_scikit_learn():
    run = train(epochs=24, batch_size=80)
    plane = rb.analysis.landscape(run, directions="trajectory", size=5)
    assert plane.updates.tolist() == list(range(25))
    weights = np.array([flatten(dict(moment)) for moment in run.steps(by="update")])
    pca = PCA(2).fit(weights)
    np.testing.assert_allclose(plane.explained, pca.explained_variance_ratio_, rtol=1e-9)
    points = pca.transform(weights)
    points -= points[-1]
    for i in range(2):
        u = flatten(plane.directions[i])
        sign = np.sign(u @ pca.components_[i])
        np.testing.assert_allclose(u, sign * pca.components_[i], atol=1e-9)
        np.testing.assert_allclose(plane.trajectory[:, i], sign * points[:, i], atol=1e-9)
        axis = plane.axes[i]
        assert axis[0] < plane.trajectory[:, i].min()
        assert axis[-1] > plane.trajectory[:, i].max()
    for update, loss in zip((0, 7), plane.losses[[0, 7]], strict=True):
        assert loss == pytest.approx(run.at(update=update).evaluate(MOONS).loss, rel=1e-12)


def test_a_projection_on_oblique_directions_is_the_nearest_point():
    run = train(epochs=5)
    plane = rb.analysis.landscape(run, size=3)
    u, v = (flatten(direction) for direction in plane.directions)
    move = flatten(run.at(0).params) - flatten(run.params)
    a, b = plane.trajectory[0]
    rest = move - a * u - b * v
    assert [rest @ u, rest @ v] == pytest.approx([0, 0], abs=1e-9)
    weights = np.array([flatten(dict(run.at(update=int(n)))) for n in plane.updates])
    centred = weights - weights.mean(axis=0)
    basis = np.array([u, v]).T
    left = centred.T - basis @ np.linalg.lstsq(basis, centred.T, rcond=None)[0]
    share = 1 - (left**2).sum() / (centred**2).sum()
    assert plane.explained.sum() == pytest.approx(share, abs=1e-12)


def test_a_run_that_hardly_moves_still_has_a_plane():
    run = train(epochs=1, batch_size=80)
    plane = rb.analysis.landscape(run, directions="trajectory", size=5)
    assert plane.explained == pytest.approx([1, 0], abs=1e-9)
    u, v = (flatten(direction) for direction in plane.directions)
    assert [u @ u, v @ v, u @ v] == pytest.approx([1, 1, 0], abs=1e-12)


@dataclass(frozen=True)
class PerBatch(Activation):
    """A layer that the compiled engine cannot trace."""

    def forward(self, params, x):
        return np.sin(x) if float(x.sum()) < 1e9 else x, x

    def backward(self, params, cache, dy):
        return dy * np.cos(cache), {}


def test_a_layer_that_cannot_be_compiled_has_the_same_landscape():
    model = rb.Sequential([Linear(2, 3), PerBatch(), Linear(3, 2)])
    run = train(model, engine="reference", epochs=3)
    plane = rb.analysis.landscape(run, size=3)
    u, v = plane.directions
    moved = {name: run.params[name] - u[name] + v[name] for name in u}
    loss, _ = rb.loss_and_grads(model, moved, MOONS.X, MOONS.y)
    assert plane.grid[2, 0] == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [{"size": 4}, {"size": 1}, {"directions": "hesse"}, {"span": 0.0}, {"at": 10**6}],
    ids=str,
)
def test_settings_that_cannot_work(wrong):
    with pytest.raises(ConfigurationError):
        rb.analysis.landscape(train(epochs=1), **wrong)


def test_a_moment_has_its_own_landscape():
    run = train(epochs=3)
    moment = rb.analysis.landscape(run.at(update=5), size=3)
    np.testing.assert_array_equal(moment.grid, rb.analysis.landscape(run, at=5, size=3).grid)
    assert moment.updates[-1] == 5


def test_json_and_progress_of_a_landscape():
    steps = []
    run = train(epochs=3)
    plane = rb.analysis.landscape(run, size=9, progress=lambda *step: steps.append(step))
    assert steps[0] == (0, 81)
    assert steps[-1] == (81, 81)
    whole = json.loads(json.dumps(plane.to_json(), allow_nan=False))
    assert np.shape(whole["grid"]) == (9, 9)
    assert np.shape(whole["trajectory"]) == (len(whole["updates"]), 2)
    assert whole["loss_at"] == plane.loss


def test_losses_that_overflow_are_null_in_json():
    run = train(rb.MLP(2, [], 1), LINE, loss="half_squared_error", epochs=1)
    plane = rb.analysis.landscape(run, size=3, span=1e200)
    assert not np.isfinite(plane.grid[0, 0])
    assert plane.to_json()["grid"][0][0] is None
    plane.plot()


def test_long_runs_have_their_moments_where_positions_are_saved(monkeypatch):
    live = rb.LiveTraining(rb.MLP(2, [4], 2), MOONS, batch_size=10)
    for _ in range(4):
        live.train(updates=100)
    run = live.run()
    everywhere = rb.analysis.eigenvalues_along(run, n=9)
    monkeypatch.setattr(landscape_moments, "AFFORDABLE", 0.0)
    saved = rb.analysis.eigenvalues_along(run, n=9)
    assert everywhere.updates.tolist() == list(range(0, 401, 50))
    assert {saved.updates[0], saved.updates[-1]} == {0, 400}
    assert set(saved.updates) <= {0, 400, *(p.update for p in run._trajectory.saved)}


def test_moments_have_the_bits_of_the_run_wherever_positions_are_saved():
    run = train(epochs=10)
    saved = [PositionInMemory(run._trajectory.at_update(update)) for update in (0, 7, 13, 31)]
    trajectory = replace(run._trajectory, saved=saved)
    positions = moments_of(trajectory, 11, 30)
    assert [position.update for position in positions] == list(range(0, 31, 3))
    for position in positions:
        expected = run.at(update=position.update)
        for name, value in position.state.params.items():
            np.testing.assert_array_equal(value, expected[name])


# Eigenvalues


def test_eigenvalues_are_those_of_each_moment():
    run = train(epochs=12)
    along = rb.analysis.eigenvalues_along(run, n=4)
    assert along.updates.tolist() == [0, 16, 32, 48]
    assert along.epochs.tolist() == [0, 4, 8, 12]
    for i, update in enumerate(along.updates):
        moment = run.at(update=int(update))
        ends = hessian_extremes(run.model, moment.params, MOONS.X, MOONS.y)
        assert along.largest[i] == pytest.approx(ends.largest, rel=1e-9)
        assert along.smallest[i] == pytest.approx(ends.smallest, rel=1e-6, abs=1e-12)
        assert along.losses[i] == pytest.approx(moment.evaluate(MOONS).loss, rel=1e-12)


def test_a_schedule_has_a_limit_of_its_own_at_each_moment():
    schedule = rb.optimizers.Step(0.4, every=16, factor=0.5)
    along = rb.analysis.eigenvalues_along(train(epochs=12, optimizer=rb.SGD(schedule)), n=4)
    assert along.two_over_eta.tolist() == [5, 10, 20, 40]
    # Until update 48 the rate falls to 0 with a cosine.
    cosine = rb.optimizers.Cosine(0.4, updates=48)
    along = rb.analysis.eigenvalues_along(train(epochs=12, optimizer=rb.SGD(cosine)), n=4)
    assert along.two_over_eta[-1] == np.inf
    assert along.to_json()["two_over_eta"][-1] is None


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_limit_with_momentum_is_where_a_parabola_begins_to_grow(nesterov):
    optimizer = rb.SGD(0.1, momentum=0.6, nesterov=nesterov)
    along = rb.analysis.eigenvalues_along(train(epochs=1, optimizer=optimizer), n=2)
    for factor, grows in ((0.99, False), (1.01, True)):
        curvature = factor * along.limit[0]
        params, slots = {"0.bias": np.array([1.0])}, optimizer.init({"0.bias": np.array([1.0])})
        for step in range(3000):
            grads = {"0.bias": curvature * params["0.bias"]}
            params, slots = optimizer.update(params, grads, slots, step)
        assert (abs(params["0.bias"][0]) > 1) == grows


def test_adaptive_optimizers_have_no_limit():
    along = rb.analysis.eigenvalues_along(train(epochs=1, optimizer=rb.Adam(0.01)), n=2)
    assert np.isnan(along.limit).all()
    assert along.two_over_eta.tolist() == [200, 200]
    json.dumps(along.to_json(), allow_nan=False)


def test_a_perceptron_has_no_curvature():
    data = rb.data.gaussians(20, means=[(1, 1), (-1, -1)], seed=0)
    run = rb.train(rb.Perceptron(2), data, epochs=2)
    assert rb.analysis.eigenvalues_along(run, n=3).largest.tolist() == [0, 0, 0]
    plane = rb.analysis.landscape(run, directions="hessian", size=3)
    assert np.isfinite(plane.grid).all()


# Figures


def test_figures_have_their_curves():
    run = train(epochs=10, optimizer=rb.SGD(0.2, momentum=0.5))
    for kind in ("random", "hessian", "trajectory"):
        plane = rb.analysis.landscape(run, directions=kind, size=9)
        ax = plane.plot()
        assert (ax.get_xlabel(), ax.get_ylabel()) == plane.labels
        np.testing.assert_array_equal(ax.get_lines()[0].get_xydata(), plane.trajectory)
        assert "of its variance" in ax.get_legend().get_texts()[0].get_text()
    along = rb.analysis.eigenvalues_along(run, n=5)
    ax = along.plot()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["largest eigenvalue", r"$2/\eta$", "limit with momentum"]
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), along.largest)
