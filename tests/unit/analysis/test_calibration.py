"""Calibration: bins by hand, scikit-learn's curve, and samples that are calibrated by design."""

import json

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

import rosenblatt as rb
from rosenblatt.analysis.statistics import proportion_interval
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.training import Predictor


def logistic(scale=1.0):
    """Return the classifier with P(1 | x) = σ(scale · x)."""
    params = {"0.weight": np.array([[scale]]), "0.bias": np.array([0.0])}
    loss = rb.losses.SigmoidCrossEntropy()
    return Predictor(rb.MLP(1, [], 1), loss, params, classes=(0, 1))


def drawn(n, seed=0):
    """Return samples whose labels are drawn with P(1 | x) = σ(x)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-4, 4, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int)
    return Dataset(x[:, np.newaxis], y, classes=(0, 1))


def test_bins_by_hand():
    p = np.array([0.55, 0.58, 0.9, 0.95, 0.99, 1 - 0.65])
    x = np.log(p / (1 - p))[:, np.newaxis]
    found = rb.analysis.calibration(logistic(), Dataset(x, [1, 0, 1, 1, 0, 1]), bins=4)
    # Confidences .55 .58 | .65 | .9 .95 .99: the last is of class 0, predicted with 65 %.
    assert found.counts.tolist() == [0, 0, 3, 3]
    assert found.confidence[2:] == pytest.approx([(0.55 + 0.58 + 0.65) / 3, 2.84 / 3])
    assert found.accuracy[2:] == pytest.approx([1 / 3, 2 / 3])
    gaps = abs(1 / 3 - 1.78 / 3), abs(2 / 3 - 2.84 / 3)
    assert found.ece == pytest.approx(sum(gaps) / 2)
    assert found.mce == pytest.approx(max(gaps))
    wrong = np.array([0.45, 0.58, 0.1, 0.05, 0.99, 0.65])
    assert found.brier == pytest.approx((2 * wrong**2).mean())
    interval = proportion_interval(2, 3)
    assert (found.low[3], found.high[3]) == (interval.low, interval.high)
    assert np.isnan(found.accuracy[:2]).all()


def test_the_curve_is_that_of_scikit_learn():
    run = logistic(0.7)
    data = drawn(3000)
    found = rb.analysis.calibration(run, data, bins=8)
    p = run.predict_proba(data.X)
    right = p.argmax(axis=1) == data.y
    accuracy, confidence = calibration_curve(right, p.max(axis=1), n_bins=8)
    used = found.counts > 0
    np.testing.assert_allclose(found.accuracy[used], accuracy, rtol=1e-12)
    np.testing.assert_allclose(found.confidence[used], confidence, rtol=1e-12)


def test_the_true_probabilities_are_calibrated_and_others_are_not():
    data = drawn(100_000)
    right = rb.analysis.calibration(logistic(), data)
    assert right.ece < 0.01
    # Guo et al.: confidence at twice the logits is too high.
    sure = rb.analysis.calibration(logistic(2.0), data)
    used = sure.counts > 0
    assert sure.ece > 0.03
    assert (sure.confidence[used] > sure.accuracy[used]).all()
    assert right.brier < sure.brier


def test_the_test_set_is_the_default_and_a_moment_has_its_own():
    train, test = rb.data.moons(200, noise=0.3, seed=0).split(test_size=0.25, seed=0)
    run = rb.train(rb.MLP(2, [4], 2), train, test=test, epochs=5)
    found = rb.analysis.calibration(run)
    assert (found.measured_on, found.n_samples) == ("test", 50)
    assert found.ece == rb.analysis.calibration(run, test).ece
    start = rb.analysis.calibration(run.at(0))
    assert start.n_samples == 50
    assert start.ece != found.ece
    alone = rb.train(rb.MLP(2, [4], 2), train, epochs=5)
    assert rb.analysis.calibration(alone).measured_on == "train"


def test_certain_predictions_are_in_the_last_bin():
    found = rb.analysis.calibration(logistic(1e6), Dataset([[1.0], [-1.0]], [1, 0]), bins=10)
    assert found.counts.tolist() == [0] * 9 + [2]
    assert found.ece == 0


def test_a_confidence_on_an_edge_is_in_the_bin_below():
    found = rb.analysis.calibration(logistic(), Dataset([[0.0]], [1], classes=(0, 1)), bins=2)
    assert found.confidence[0] == 0.5
    assert found.counts.tolist() == [1, 0]


def test_labels_and_columns_are_matched_by_name():
    data = Dataset([[0.0], [1.0], [2.0], [3.0]], ["b", "b", "a", "a"])
    run = rb.train(rb.MLP(1, [], 2), data, epochs=50, optimizer=rb.SGD(1.0))
    some = Dataset([[0.0], [3.0]], ["b", "a"])
    assert rb.analysis.calibration(run, some).accuracy[-1] == 1
    with pytest.raises(DataError):
        rb.analysis.calibration(run, Dataset([[0.0]], ["c"]))


def test_what_has_no_probabilities_is_refused():
    values = rb.train(rb.MLP(1, [], 1), Dataset([[0.0], [1.0]], [0.5, 1.5]), epochs=1)
    scores = rb.train(rb.Perceptron(1), Dataset([[0.0], [1.0]], [0, 1]), epochs=1)
    for run in (values, scores, logistic()):
        with pytest.raises(ConfigurationError):
            rb.analysis.calibration(run)
    with pytest.raises(ConfigurationError):
        rb.analysis.calibration(logistic(), drawn(10), bins=0)


def test_json_and_figure():
    found = rb.analysis.calibration(logistic(), drawn(500))
    whole = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert whole["n_samples"] == 500
    assert whole["accuracy"][0] is None
    ax = found.plot()
    lines = {line.get_label(): line for line in ax.get_lines()}
    used = found.counts > 0
    curve = lines[f"this model, ECE {100 * found.ece:.2g} %"]
    np.testing.assert_array_equal(curve.get_xdata(), found.confidence[used])
    np.testing.assert_array_equal(curve.get_ydata(), found.accuracy[used])
    with pytest.raises(ShapeError):
        rb.plotting.plot_calibration(ax, [0.5], [0.5], counts=[1, 2], edges=[0, 1])
