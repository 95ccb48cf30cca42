import math
import re

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError, RosenblattError, ShapeError
from rosenblatt.losses import HalfSquaredError, SigmoidCrossEntropy
from rosenblatt.training.history import COLUMNS

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=0).split(test_size=20, seed=0)
MODEL = rb.MLP(2, [6], 2)


def train(model=MODEL, data=TRAIN, **settings):
    settings = {"test": TEST, "epochs": 7, "batch_size": 9, "optimizer": rb.SGD(0.1)} | settings
    return rb.train(model, data, **settings)


def assert_same_params(a, b):
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


class Snapshots(rb.Callback):
    """Keeps the weights of every evaluation."""

    def __init__(self):
        self.params = []

    def on_evaluation(self, training):
        self.params.append({name: value.copy() for name, value in training.params.items()})


# The history


@pytest.mark.parametrize(
    ("epochs", "eval_every", "evaluated"),
    [
        (7, 1, [0, 1, 2, 3, 4, 5, 6, 7]),
        (7, 3, [0, 3, 6, 7]),
        (6, 3, [0, 3, 6]),
        (1, 1, [0, 1]),
        (2, 100, [0, 2]),
    ],
)
def test_epoch_0_every_multiple_and_the_last_epoch_are_evaluated(epochs, eval_every, evaluated):
    history = train(epochs=epochs, eval_every=eval_every).history
    assert history["epoch"].tolist() == evaluated
    assert history["updates"].tolist() == [5 * epoch for epoch in evaluated]
    assert history["examples"].tolist() == [40 * epoch for epoch in evaluated]


def test_the_columns():
    run = train()
    assert run.history.columns == COLUMNS
    assert train(rb.Perceptron(2), batch_size=None).history.columns == (*COLUMNS, "mistakes")
    assert run.history["epoch"].dtype.kind == run.history["updates"].dtype.kind == "i"
    assert (np.diff(run.history["seconds"]) > 0).all()
    assert run.history["seconds"][0] == 0


def test_the_learning_rate_is_that_of_the_next_update():
    schedule = rb.optimizers.InverseScaling(0.1)
    history = train(optimizer=rb.SGD(schedule)).history
    assert history["learning_rate"].tolist() == [schedule(n) for n in history["updates"].tolist()]


def test_both_sets_are_measured_with_the_weights_of_the_row():
    snapshots = Snapshots()
    run = train(callbacks=[snapshots], eval_every=2)
    for row, params in zip(run.history, snapshots.params, strict=True):
        for part, data in (("train", TRAIN), ("test", TEST)):
            outputs, _ = MODEL.forward(params, data.X)
            loss, _ = run.loss.over_batch(outputs, run.loss.encode(data.y, 2))
            assert row[f"{part}_loss"] == pytest.approx(loss, rel=1e-13)
            assert row[f"{part}_accuracy"] == np.mean(outputs.argmax(axis=1) == data.y)
    assert_same_params(run.params, snapshots.params[-1])


def test_without_a_test_set_its_columns_are_nan():
    run = train(test=None)
    assert np.isnan(run.history["test_loss"]).all()
    assert np.isnan(run.history["test_accuracy"]).all()


def test_a_regression_has_losses_but_no_accuracies():
    data = Dataset(TRAIN.X, np.sin(TRAIN.X[:, 0]))
    run = train(rb.MLP(2, [6], 1, activation="tanh"), data, test=data, loss=HalfSquaredError())
    assert run.history["train_loss"][-1] < run.history["train_loss"][0]
    assert run.history["train_loss"].tolist() == run.history["test_loss"].tolist()
    assert np.isnan(run.history["train_accuracy"]).all()
    assert run.predict(TRAIN.X).shape == (40,)
    assert run.classes is None


# What a run depends on, and what not


def test_the_same_seed_gives_the_same_run_bit_for_bit():
    first, again, other = (train(seed=seed) for seed in (3, 3, 4))
    assert_same_params(first.params, again.params)
    assert not np.array_equal(first.params["0.weight"], other.params["0.weight"])
    for column in set(COLUMNS) - {"seconds"}:
        np.testing.assert_array_equal(first.history[column], again.history[column])


@pytest.mark.parametrize(
    "watching",
    [
        {"eval_every": 1},
        {"eval_every": 100},
        {"test": None},
        {"callbacks": [rb.Progress(), rb.EarlyStopping("test_loss", patience=1000)]},
    ],
    ids=lambda case: "-".join(case) or "defaults",
)
@pytest.mark.parametrize(
    "model", [MODEL, rb.MLP(2, [6], 2, dropout=0.4), rb.Perceptron(2)], ids=repr
)
def test_to_watch_a_run_never_changes_it(model, watching):
    if any(isinstance(c, rb.EarlyStopping) for c in watching.get("callbacks", ())):
        # Early stopping answers with its best weights by design; its last are compared.
        pick = lambda run: run.weights["last"]  # noqa: E731
    else:
        pick = lambda run: run.params  # noqa: E731
    how = {"eval_every": 3, "batch_size": None if isinstance(model, rb.Perceptron) else 9}
    assert_same_params(pick(train(model, **how)), pick(train(model, **how | watching)))


def test_the_initial_weights_are_those_of_the_seed_or_those_given():
    snapshots = Snapshots()
    train(seed=11, callbacks=[snapshots])
    assert_same_params(snapshots.params[0], MODEL.init(11))
    given = {name: value.tolist() for name, value in MODEL.init(5).items()}
    from_given = train(init_params=given, seed=11)
    kept = {name: np.array(value) for name, value in given.items()}
    train(init_params=kept)
    assert_same_params(kept, MODEL.init(5))  # left as they were
    assert from_given.settings["init_params"] == "given"
    assert not np.array_equal(from_given.params["0.weight"], train(seed=11).params["0.weight"])


def test_the_order_of_rows_matters_only_through_batches():
    full = {"batch_size": None}
    assert_same_params(train(**full).params, train(**full, shuffle=False).params)
    assert_same_params(train(**full).params, train(batch_size=40).params)
    assert not np.array_equal(train().params["0.weight"], train(shuffle=False).params["0.weight"])


def test_equal_weights_change_nothing_and_weight_zero_removes_a_row():
    full = {"batch_size": None, "test": None}
    equal = Dataset(TRAIN.X, TRAIN.y, sample_weight=np.full(40, 2.0))
    a, b = train(**full), train(data=equal, **full)
    for name in a.params:
        np.testing.assert_allclose(a.params[name], b.params[name], rtol=1e-12)
    zeros = Dataset(TRAIN.X, TRAIN.y, sample_weight=np.arange(40) >= 10)
    rest = Dataset(TRAIN.X[10:], TRAIN.y[10:])
    a, b = train(data=zeros, **full), train(data=rest, **full)
    for name in a.params:
        np.testing.assert_allclose(a.params[name], b.params[name], rtol=1e-12)
    np.testing.assert_allclose(a.history["train_loss"], b.history["train_loss"], rtol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"optimizer": rb.SGD(np.float64(0.1), momentum=np.float64(0.9))},
        {"optimizer": rb.Adam(rb.optimizers.Cosine(0.1, 20))},
        {"optimizer": rb.RMSProp(0.01)},
        {"optimizer": rb.AdamW(lambda step: np.float64(0.01))},
        {"model": rb.MLP(2, [6], 2, activation="leaky_relu", dropout=0.3)},
        {"model": rb.MLP(2, [6], 1), "loss": SigmoidCrossEntropy()},
        {"model": rb.Perceptron(2, weights="averaged"), "batch_size": None},
        {"data": Dataset(TRAIN.X, TRAIN.y, sample_weight=np.arange(1.0, 41))},
    ],
    ids=lambda case: "-".join(case) or "defaults",
)
def test_float32_stays_float32_and_close_to_float64(settings):
    single, double = (train(**settings, dtype=dtype, seed=1) for dtype in ("float32", "float64"))
    arrays = [v for params in single.weights.values() for v in params.values()]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert single.outputs(TEST.X).dtype == np.float32
    for name in single.params:
        np.testing.assert_allclose(single.params[name], double.params[name], rtol=0.01, atol=0.01)


# RunGroup that diverge


def diverging(**settings):
    data = Dataset(TRAIN.X, TRAIN.X[:, 0] * 10)
    settings = {
        "eval_every": 2,
        "epochs": 100,
        "loss": HalfSquaredError(),
        "batch_size": 4,
    } | settings
    settings = {"optimizer": rb.SGD(0.9), "test": None} | settings
    return data, rb.train(rb.MLP(2, [6], 1), data, **settings)


@pytest.mark.parametrize("eval_every", [1, 2, 1000])
def test_a_run_that_diverges_says_where_and_keeps_what_it_had(eval_every):
    data, run = diverging(eval_every=eval_every, engine="reference")
    for word in ("epoch", "update", "learning rate 0.9"):
        assert word in run.stopped
    assert 1 <= len(run.history) < 100
    assert all(np.isfinite(value).all() for value in run.params.values())
    assert np.isfinite(run.history["train_loss"]).all()
    assert run.evaluate(data).loss == run.history[-1]["train_loss"]
    assert run.metrics == run.history[-1]
    assert run.diverged
    assert_same_params(run.params, run.weights["last"])


def test_only_a_loss_that_is_not_finite_is_divergence():
    class Enough(rb.Callback):
        def on_evaluation(self, training):
            training.stop("enough")

    run = train(callbacks=[Enough()])
    assert (run.stopped, run.diverged) == ("enough", False)
    assert not train().diverged


@pytest.mark.parametrize("model", [rb.MLP(2, [], 1), rb.MLP(2, [3], 1)], ids=["linear", "hidden"])
def test_initial_weights_that_overflow_leave_an_empty_history(model):
    data = Dataset(TRAIN.X, TRAIN.X[:, 0])
    huge = {name: np.full(shape, 1e200) for name, shape in model.shapes.items()}
    runs = rb.train_many(model, data, seeds=[0, 1], loss=HalfSquaredError(), init_params=huge)
    for run in runs:
        assert run.diverged
        assert "in epoch 0" in run.stopped
        assert len(run.history) == 0
        assert run.metrics is None
        assert_same_params(run.params, huge)
    assert np.isnan(runs.final("train_loss")).all()
    assert np.isnan(runs.final("test_accuracy")).all()


def test_a_run_that_diverges_at_its_very_last_update_is_found_out():
    # The last update is judged by no batch after it, only by the evaluation.
    rates = lambda step: 1e200 if step == 9 else 1e-6  # noqa: E731
    _, run = diverging(optimizer=rb.SGD(rates), epochs=1, eval_every=1)
    assert run.history["epoch"].tolist() == [0]
    assert "in epoch 1, after update 10, at learning rate 1e+200" in run.stopped
    assert_same_params(run.params, rb.MLP(2, [6], 1).init(0))


@pytest.mark.parametrize("eval_every", [1, 1000])
def test_a_run_that_ends_beyond_any_use_has_diverged(eval_every):
    # Each update of w on (w - y)² / 2 at rate 11 multiplies the distance by -10: finite for long.
    data = Dataset(np.ones((4, 1)), np.full(4, 2.0))
    settings = {"loss": HalfSquaredError(), "optimizer": rb.SGD(11.0), "eval_every": eval_every}
    model = rb.Sequential([rb.layers.Linear(1, 1)])
    few, many = (rb.train(model, data, epochs=n, **settings) for n in (8, 60))
    assert not few.diverged
    assert few.history["train_loss"][-1] > 1e6
    assert many.diverged
    assert re.search(r"the loss grew to \d\.\d+e\+\d+ in epoch 60, after update 60", many.stopped)
    assert many.history["epoch"][-1] < 60
    assert len(many.stopped) < 200


def test_a_loss_that_starts_at_zero_may_grow():
    # The perceptron criterion is 0 before the first update.
    assert not rb.train(rb.Perceptron(2), TRAIN, optimizer=rb.SGD(1e9), epochs=3).diverged


def test_divergence_is_told_the_same_whatever_the_evaluations():
    reasons = {diverging(eval_every=n)[1].stopped for n in (5, 50, 1000)}
    assert len(reasons) == 1


# Many runs


def test_train_many_is_train_for_every_seed():
    runs = rb.train_many(MODEL, TRAIN, test=TEST, seeds=[4, 2, 2], epochs=3, batch_size=9)
    assert len(runs) == 3
    assert runs.seeds == [4, 2, 2]
    for run, seed in zip(runs, (4, 2, 2), strict=True):
        alone = rb.train(MODEL, TRAIN, test=TEST, seed=seed, epochs=3, batch_size=9)
        assert_same_params(run.params, alone.params)
        assert run.settings == alone.settings
    assert isinstance(runs[1:], rb.RunGroup)
    assert runs[1:].seeds == [2, 2]
    assert runs.final("test_loss").tolist() == [run.history[-1]["test_loss"] for run in runs]
    assert rb.train_many(MODEL, TRAIN, seeds=range(2), epochs=1).seeds == [0, 1]


def test_train_many_needs_a_seed():
    with pytest.raises(ConfigurationError, match="at least one seed"):
        rb.train_many(MODEL, TRAIN, seeds=[])
    with pytest.raises(ConfigurationError, match=r"such as range\(10\), got 5"):
        rb.train_many(MODEL, TRAIN, seeds=5)


def test_the_training_set_goes_by_one_name():
    one = rb.train(model=MODEL, data=TRAIN, epochs=1)
    many = rb.train_many(model=MODEL, data=TRAIN, seeds=[0], epochs=1)
    assert_same_params(one.params, many[0].params)


# What is refused

THREE = Dataset(TRAIN.X, np.arange(40) % 3)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": 0}, ConfigurationError, "epochs must be a whole number of at least 1, got 0"),
        ({"epochs": 2.5}, ConfigurationError, "epochs"),
        ({"epochs": True}, ConfigurationError, "epochs"),
        (
            {"optimizer": rb.SGD(lambda step: None if step == 12 else 0.1)},
            ConfigurationError,
            "the learning rate of update 12, counted from 0, must be a finite number",
        ),
        ({"eval_every": 0}, ConfigurationError, "eval_every"),
        ({"batch_size": 0}, ConfigurationError, "batch_size must be"),
        ({"batch_size": -3}, ConfigurationError, "batch_size must be"),
        ({"batch_size": 41}, ConfigurationError, "only 40 training samples"),
        ({"seed": -1}, ConfigurationError, "seed must be"),
        ({"seed": 1.5}, ConfigurationError, "seed must be"),
        ({"dtype": "float16"}, ConfigurationError, "dtype must be one of float64, float32"),
        ({"engine": "compield"}, ConfigurationError, "unknown engine 'compield'"),
        ({"model": "mlp"}, ConfigurationError, "model must be of type Model, got str"),
        ({"model": rb.Perceptron}, ConfigurationError, "got the class Perceptron"),
        ({"data": TRAIN.X}, ConfigurationError, r"data must be a Dataset, or .*\(data=\(X, y\)\)"),
        ({"test": TEST.X}, ConfigurationError, "test must be a Dataset, or samples and labels"),
        ({"loss": 3}, ConfigurationError, "loss must be of type Loss or one of the names .* got 3"),
        ({"optimizer": "adm"}, ConfigurationError, 'unknown optimizer .* did you mean "adam"'),
        ({"optimizer": rb.SGD}, ConfigurationError, r"got <class .*SGD'>; write SGD\(\)"),
        ({"callbacks": rb.Progress()}, ConfigurationError, "callbacks must be of type"),
        ({"callbacks": [print]}, ConfigurationError, "a callback must be of type Callback"),
        ({"model": rb.MLP(3, [6], 2)}, ShapeError, "2 features and the model 3 inputs"),
        ({"model": rb.MLP(2, [6], 3)}, DataError, "the data has 2 classes"),
        ({"data": THREE, "test": THREE}, DataError, "the data has 3 classes"),
        ({"test": THREE}, DataError, "2"),
        ({"test": Dataset(TRAIN.X, ["a", "b"] * 20)}, DataError, "a"),
        ({"test": Dataset(TRAIN.X[:, :1], TRAIN.y)}, ShapeError, "1 features"),
        ({"data": Dataset(TRAIN.X, [1] * 40), "test": None}, DataError, "at least 2 classes"),
        ({"loss": HalfSquaredError()}, ConfigurationError, "needs real values"),
        (
            {"data": Dataset(TRAIN.X, TRAIN.X[:, 0]), "test": None},
            ConfigurationError,
            "class labels",
        ),
        ({"test": Dataset(TRAIN.X, TRAIN.X[:, 0])}, DataError, "regression"),
        ({"init_params": {}}, ShapeError, "the model has"),
        ({"init_params": MODEL.init(0) | {"5.bias": [1.0]}}, ShapeError, "5.bias"),
        ({"init_params": rb.MLP(2, [5], 2).init(0)}, ShapeError, r"0.weight is \(2, 5\)"),
        (
            {"init_params": MODEL.init(0) | {"0.bias": [math.nan] * 6}},
            DataError,
            "parameter 0.bias is nan",
        ),
        (
            {"data": Dataset(TRAIN.X * 1e300, TRAIN.y), "dtype": "float32"},
            DataError,
            "in float32",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(settings, error, message):
    with pytest.raises(error, match=message) as caught:
        train(**settings)
    assert isinstance(caught.value, RosenblattError)
    assert "\n" not in str(caught.value)


# The run


def test_a_run_answers_with_the_labels_it_was_given():
    data = Dataset(TRAIN.X, np.where(TRAIN.y == 1, "yes", "no"))
    run = train(data=data, test=None, epochs=200, optimizer=rb.SGD(0.5))
    assert run.classes == ("no", "yes")
    assert set(run.predict(data.X)) == {"no", "yes"}
    assert np.mean(run.predict(data.X) == data.labels) == run.history[-1]["train_accuracy"]
    proba = run.predict_proba(data.X)
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_array_equal(np.array(run.classes)[proba.argmax(axis=1)], run.predict(data.X))


def test_evaluate_maps_the_labels_of_other_data_to_the_classes_of_the_run():
    run = train()
    ones = Dataset(TEST.X[TEST.y == 1], [1] * int(np.sum(TEST.y == 1)), classes=[1])
    assert run.evaluate(ones).accuracy == np.mean(run.predict(ones.X) == 1)
    with pytest.raises(DataError, match="7"):
        run.evaluate(Dataset(TEST.X[:2], [1, 7]))


def test_settings_are_plain_values_with_all_that_made_the_run():
    run = train()
    assert all(isinstance(v, str | int | float | bool | None) for v in run.settings.values())
    assert run.settings == {
        "model": repr(MODEL),
        "loss": "SoftmaxCrossEntropy(clip=0.0)",
        "optimizer": repr(rb.SGD(0.1)),
        "epochs": 7,
        "eval_every": 1,
        "batch_size": 9,
        "shuffle": True,
        "seed": 0,
        "init_params": "from the seed",
        "dtype": "float64",
        "engine": "reference",
        "asked_engine": "auto",
        "train": TRAIN.content_hash,
        "test": TEST.content_hash,
        "validation": None,
    }


@pytest.mark.parametrize(
    ("X", "error"),
    [
        ([1.0, 2.0], ShapeError),
        ([[1.0, 2.0, 3.0]], ShapeError),
        ([["a", "b"]], DataError),
        ([[1.0, 2.0], [3.0]], ShapeError),
        ([[1.0, math.nan]], DataError),
        ([[1.0, math.inf]], DataError),
    ],
)
def test_samples_that_cannot_be_predicted_are_refused(X, error):
    run = train(epochs=1)
    for method in (run.predict, run.predict_proba, run.outputs):
        with pytest.raises(error, match="X "):
            method(X)


def test_a_run_and_its_history_can_be_printed():
    run = train()
    assert "test_accuracy=" in repr(run)
    assert "seed=0" in repr(run)
    assert "stopped: the loss" in repr(diverging()[1])
    assert repr(rb.train_many(MODEL, TRAIN, seeds=[1], epochs=1)) == "RunGroup(1 runs)"
