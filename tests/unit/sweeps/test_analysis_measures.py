"""Gradient noise and expected accuracy as columns: those of the runs."""

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.analysis.bayes import linear_accuracy
from rosenblatt.analysis.hessian import gradient_noise_scale
from rosenblatt.errors import ConfigurationError

TRAIN, TEST = rb.data.gaussians(60, means=[[0, 0], [1, 1]], seed=0).split(seed=0)
OVER = {"learning_rate": [0.01, 0.3]}
BOTH = ["gradient_noise", "expected_accuracy"]


def swept(data=TRAIN, **how):
    how = {"over": OVER, "epochs": 4, "measure": BOTH, "progress": False, **how}
    return rb.sweep(rb.MLP(2, [], 2), data, **how)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_columns_are_those_of_the_runs(engine):
    sweep = swept(engine=engine, seeds=[0, 7])
    density = rb.data.gaussians_density([[0, 0], [1, 1]])
    for i, row in enumerate(sweep.table.to_pylist()):
        run = sweep[i]
        noise = gradient_noise_scale(run.model, run.params, TRAIN.X, TRAIN.y)
        assert row["gradient_noise"] == pytest.approx(noise.value, rel=1e-9)
        weight, bias = (run.params[name] @ [-1, 1] for name in ("0.weight", "0.bias"))
        exact = linear_accuracy(weight, bias, density).value
        assert row["expected_accuracy"] == pytest.approx(exact, abs=2e-4)


def test_a_network_that_diverged_has_neither():
    data = rb.data.Standardizer.fit(TRAIN).apply(TRAIN)
    sweep = rb.sweep(
        rb.MLP(2, [], 2, init="zeros"),
        data,
        over={"learning_rate": [0.1, 1e308]},
        epochs=5,
        measure=BOTH,
        progress=False,
    )
    assert sweep.n_diverged == 1
    for name in BOTH:
        assert np.isfinite(sweep.column(name)).tolist() == [True, False]


def test_each_value_of_the_noise_has_its_own_density():
    data = rb.data.xor(80, noise=0.3)
    sweep = rb.sweep(
        rb.MLP(2, [8], 2, activation="tanh"),
        data,
        over={"noise": [0.2, 0.6]},
        optimizer=rb.SGD(0.5),
        epochs=100,
        measure=["expected_accuracy"],
        progress=False,
    )
    easy, hard = sweep.column("expected_accuracy")
    assert easy > 0.95 > hard


def test_what_cannot_be_measured_is_refused_before_training():
    unknown = rb.data.Dataset(TRAIN.X, TRAIN.y)
    with pytest.raises(ConfigurationError, match="expected_accuracy: the density of these samples"):
        swept(unknown)
    with pytest.raises(ConfigurationError, match="without weights"):
        swept(TRAIN.replace(sample_weight=np.ones(len(TRAIN))))
    values = rb.data.Dataset(TRAIN.X, TRAIN.X[:, 0], recipe=TRAIN.recipe)
    with pytest.raises(ConfigurationError, match="predict values"):
        rb.sweep(rb.MLP(2, [], 1), values, over=OVER, measure=BOTH, progress=False)
