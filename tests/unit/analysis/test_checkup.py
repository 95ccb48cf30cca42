"""Check-ups: healthy runs pass, and each fault that is made on purpose is named."""

import json
import warnings

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.analysis.checkup_run import PARTS
from rosenblatt.analysis.checkup_trials import _wider, train_rates, trial_samples
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError
from rosenblatt.training.run import trajectory_of

MOONS = rb.data.moons(300, noise=0.2, seed=0)
GAUSSIANS = rb.data.gaussians(60, means=[(1, 1), (-1, -1)], seed=0)
_RNG = np.random.default_rng(0)
_X = _RNG.uniform(-2, 2, (150, 1))
SINE = Dataset(_X, np.sin(2 * _X[:, 0]) + 0.1 * _RNG.normal(size=150))


def mlp(activation="tanh", hidden=(8, 8), **settings):
    return rb.MLP(2, list(hidden), 2, activation=activation, **settings)


def train(model, data=MOONS, optimizer=None, **settings):
    settings = {"epochs": 80, "batch_size": 10} | settings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return rb.train(model, data, optimizer=optimizer or rb.SGD(0.1), **settings)


def changed(model, change):
    """Return initial weights of the model with a change of each."""
    return {name: change(name, value) for name, value in model.init(seed=0).items()}


HEALTHY = {
    "tanh": lambda: train(mlp()),
    "relu": lambda: train(mlp("relu")),
    "adam": lambda: train(mlp("relu", (16,)), optimizer=rb.Adam(0.01), batch_size=32),
    "linear": lambda: train(mlp(hidden=()), GAUSSIANS),
    "xor": lambda: train(mlp(hidden=(8,)), rb.data.xor(300, seed=0), rb.Adam(0.01)),
    "schedule": lambda: train(mlp(), optimizer=rb.SGD(rb.optimizers.Cosine(0.3, 2400))),
    "noise": lambda: train(mlp(hidden=(8,)), rb.data.moons(300, noise=0.4, seed=0)),
    "one output": lambda: train(rb.MLP(2, [8], 1, activation="tanh"), loss="sigmoid_cross_entropy"),
    "regression": lambda: train(rb.MLP(1, [16], 1, activation="tanh"), SINE, rb.Adam(0.01)),
    "full batch": lambda: train(mlp(), optimizer=rb.SGD(1.0), batch_size=None, epochs=400),
    "perceptron": lambda: train(
        rb.Perceptron(2),
        rb.data.gaussians(40, means=[(2, 2), (-2, -2)], seed=0),
        epochs=5,
        batch_size=None,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", HEALTHY.values(), ids=HEALTHY.keys())
def test_a_healthy_run_has_no_warning(make):
    checkup = rb.checkup(make())
    assert checkup.healthy, str(checkup)


FAULTY = {
    "dead_units": lambda: train(
        mlp("relu"),
        init_params=changed(mlp("relu"), lambda name, v: v - 10 * (name in ("0.bias", "2.bias"))),
    ),
    "rate_too_low": lambda: train(mlp(), optimizer=rb.SGD(1e-6)),
    "rate_too_high": lambda: train(mlp(), optimizer=rb.SGD(100.0)),
    "diverged": lambda: train(rb.MLP(1, [16], 1), SINE, rb.SGD(10.0)),
    "symmetric_weights": lambda: train(mlp(init="zeros")),
    "unscaled_inputs": lambda: train(mlp(), Dataset(1000 * MOONS.X, MOONS.y)),
    "start_loss": lambda: train(mlp("relu"), Dataset(1000 * MOONS.X, MOONS.y)),
    "labels_like_noise": lambda: train(
        mlp(), Dataset(MOONS.X, np.random.default_rng(1).permutation(MOONS.y))
    ),
    "saturated_units": lambda: train(mlp(), init_params=changed(mlp(), lambda name, v: 50 * v)),
    "vanishing_gradients": lambda: train(rb.MLP(2, [8] * 6, 2, activation="sigmoid"), epochs=5),
    "too_small": lambda: train(
        mlp(hidden=(2,)), rb.data.spirals(300, turns=1.5, seed=0), rb.Adam(0.01), epochs=200
    ),
    "cannot_fit_ten": lambda: train(mlp(hidden=(1,)), rb.data.circles(300, seed=1)),
    "imbalanced_classes": lambda: train(
        mlp(),
        Dataset(
            *(
                v[np.r_[np.flatnonzero(MOONS.y == 0), np.flatnonzero(MOONS.y)[:8]]]
                for v in (MOONS.X, MOONS.y)
            )
        ),
    ),
    "targets_not_scaled": lambda: train(
        rb.MLP(1, [16], 1, activation="tanh"), Dataset(SINE.X, 1000 + 500 * SINE.y), rb.Adam(0.01)
    ),
    "too_few_epochs": lambda: train(mlp(), optimizer=rb.SGD(0.02), epochs=2),
    "not_learned": lambda: train(mlp(init="zeros")),
}


@pytest.mark.cases(1)
@pytest.mark.parametrize("fault", FAULTY)
def test_a_fault_is_named(fault):
    checkup = rb.checkup(FAULTY[fault]())
    assert fault in checkup
    assert not checkup.healthy
    (finding,) = [finding for finding in checkup.findings if finding.id == fault]
    assert finding.severity in ("error", "warning")
    for sentence in (finding.title, finding.measured, finding.meaning, finding.advice):
        assert sentence.endswith(".")
        assert "  " not in sentence
    assert any(character.isdigit() for character in finding.measured) or fault == "diverged"
    assert fault in str(checkup)
    assert finding.title in checkup._repr_html_()


def test_a_short_run_with_a_wrong_rate_is_not_only_short():
    checkup = rb.checkup(train(mlp(), optimizer=rb.SGD(1e-6), epochs=2))
    assert "rate_too_low" in checkup
    assert "too_few_epochs" not in checkup


def test_a_usual_run_has_no_finding_at_all():
    assert rb.checkup(train(mlp())).findings == ()


@pytest.mark.parametrize("equal", ["0.weight", "2.weight"])
def test_units_with_equal_weights_on_one_side_are_not_equal(equal):
    model = mlp(hidden=(8,))
    weights = changed(model, lambda name, v: np.ones_like(v) if name == equal else v)
    assert "symmetric_weights" not in rb.checkup(train(model, init_params=weights, epochs=2))
    both = changed(model, lambda name, v: np.ones_like(v) if "weight" in name else v)
    assert "symmetric_weights" in rb.checkup(train(model, init_params=both, epochs=2))


def test_a_run_that_has_just_begun_is_not_faulty():
    live = rb.LiveTraining(mlp("relu"), MOONS, optimizer=rb.SGD(0.1), batch_size=10)
    checkup = rb.checkup(live.run())
    assert [finding.id for finding in checkup.findings] == ["too_few_epochs"]
    assert checkup.healthy
    live.train(updates=3000)
    assert rb.checkup(live.run()).findings == ()


def test_the_suggested_rate_learns():
    run = train(mlp(), optimizer=rb.SGD(1e-6))
    best = rb.checkup(run).measures["rates"]["best"]
    assert train(mlp(), optimizer=rb.SGD(best)).metrics["train_loss"] < 0.15


def test_rates_train_as_single_runs_do():
    run = train(mlp(), epochs=7)
    job, start = trajectory_of(run).job, trajectory_of(run).saved[0].load().state.params
    rates = [1e-3, 0.1, 0.5]
    trial = train_rates(job, start, rates, 7)
    for rate, loss, params in zip(rates, trial.losses, trial.params, strict=True):
        alone = train(mlp(), optimizer=rb.SGD(rate), epochs=7, engine="reference")
        assert loss == pytest.approx(alone.metrics["train_loss"], rel=1e-9)
        np.testing.assert_allclose(params["0.weight"], alone.params["0.weight"], rtol=1e-8)


def test_measures_are_those_of_the_run():
    run = train(mlp())
    measures = rb.checkup(run).measures
    first, last = run.history[0], run.history[-1]
    assert measures["start"] == pytest.approx(first["train_loss"], rel=1e-12)
    assert measures["end"] == pytest.approx(last["train_loss"], rel=1e-12)
    assert measures["accuracy"] == pytest.approx(last["train_accuracy"])
    assert measures["chance"] == pytest.approx(np.log(2))
    assert measures["constant"] == pytest.approx(np.log(2))
    np.testing.assert_allclose(measures["inputs"]["rms"], np.sqrt((MOONS.X**2).mean(axis=0)))
    assert measures["classes"].tolist() == [150, 150]
    _, grads = rb.loss_and_grads(run.model, run.at(0).params, MOONS.X, MOONS.y)
    norm = np.sqrt((grads["2.weight"] ** 2).sum() + (grads["2.bias"] ** 2).sum())
    assert measures["layers"][1]["gradient_norm_start"] == pytest.approx(norm)
    weights = run.at(0)
    size = np.sqrt((weights["2.weight"] ** 2).sum() + (weights["2.bias"] ** 2).sum())
    # Gradient descent: the change is 0.1 times the gradient.
    assert measures["layers"][1]["update_ratio_start"] == pytest.approx(0.1 * norm / size)


@pytest.mark.slow
def test_dead_and_saturated_shares_by_hand():
    model = rb.MLP(1, [4], 2)
    weights = {
        "0.weight": [[1.0, -1.0, 1.0, 1.0]],
        "0.bias": [0.0, 0.0, -9.0, 9.0],
        "2.weight": np.ones((4, 2)) * [[1.0, -1.0]],
        "2.bias": [0.0, 0.0],
    }
    data = Dataset([[-1.0], [1.0], [2.0], [-2.0]], [0, 1, 1, 0])
    run = rb.train(model, data, init_params=weights, optimizer=rb.SGD(1e-3), epochs=1)
    assert rb.checkup(run).measures["activations"][0]["dead_start"] == 0.25
    tanh = rb.MLP(1, [4], 2, activation="tanh")
    run = rb.train(tanh, data, init_params=weights, optimizer=rb.SGD(1e-3), epochs=1)
    # Of 1 − tanh² below 0.05: none at ±1 (0.42), nor at ±2 (0.071), and all at ±7 and beyond.
    assert rb.checkup(run).measures["activations"][0]["saturated_start"] == 0.5


def test_a_constant_output_of_uneven_classes_has_the_entropy():
    data = Dataset(MOONS.X[:100], [0] * 75 + [1] * 25)
    measures = rb.checkup(train(mlp(), data, epochs=2)).measures
    assert measures["constant"] == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))


def test_of_a_large_set_a_thousand_rows_are_tried():
    data = rb.data.moons(3000, noise=0.2, seed=0)
    run = train(mlp(), data, epochs=2)
    samples = trial_samples(trajectory_of(run).job, 0)
    assert len(samples) == 1000
    assert len(np.unique(samples.x, axis=0)) == 1000


def test_a_wider_network_has_the_same_layers():
    model = rb.MLP(3, [5, 40], 2, activation="tanh")
    wider = _wider(model)
    assert [type(layer) for layer in wider.layers] == [type(layer) for layer in model.layers]
    assert (wider.n_inputs, wider.n_outputs) == (3, 2)
    assert wider.layers[0].n_outputs == 20
    assert wider.layers[2].n_outputs == 64


def test_json_has_no_nan_and_progress_counts():
    steps = []
    checkup = rb.checkup(
        train(rb.MLP(1, [16], 1), SINE, rb.SGD(10.0)),
        progress=lambda done, of: steps.append((done, of)),
    )
    json.dumps(checkup.to_json(), allow_nan=False)
    assert steps == [(i, len(PARTS)) for i in range(len(PARTS) + 1)]
    assert checkup.findings[0].severity == "error"
    assert "errors=" in repr(checkup)


def test_progress_may_end_the_checkup():
    class StopError(Exception):
        pass

    def stop(done, of):
        raise StopError

    with pytest.raises(StopError):
        rb.checkup(train(mlp(), epochs=2), progress=stop)


def test_something_else_than_a_run_is_refused():
    with pytest.raises(ConfigurationError):
        rb.checkup(MOONS)


def test_the_figure_has_the_rates_of_the_run():
    checkup = rb.checkup(train(mlp(), optimizer=rb.SGD(1e-6)))
    ax = checkup.plot()
    assert ax.get_xscale() == "log"
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "this run: 1e-06" in labels
    assert any(label.startswith("suggested") for label in labels)
