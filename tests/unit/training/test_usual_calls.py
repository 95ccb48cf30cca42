"""Calls that users of other libraries type: arrays, data frames, names, validation sets, tables."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from matplotlib.figure import Figure

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.losses import HalfSquaredError, MeanSquaredError, SoftmaxCrossEntropy

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=0).split(test_size=20, seed=0)
X, y = TRAIN.X, TRAIN.y
MODEL = rb.MLP(2, [6], 2)
HOW = {"epochs": 4, "batch_size": 8, "optimizer": rb.SGD(0.5), "engine": "reference"}


def same(a, b):
    assert a.params.keys() == b.params.keys()
    for name in a.params:
        np.testing.assert_array_equal(a.params[name], b.params[name])


EXPECTED = rb.train(MODEL, TRAIN, test=TEST, **HOW)


@pytest.mark.parametrize(
    "data",
    [
        (TRAIN,),
        ((X, y),),
        (X, y),
        (X.tolist(), y.tolist()),
        (pd.DataFrame(X, columns=["a", "b"]), pd.Series(y)),
        ((pa.table({"a": X[:, 0], "b": X[:, 1]}), y),),
        ({"a": X[:, 0], "b": X[:, 1]}, y),
    ],
    ids=["dataset", "pair", "two arrays", "lists", "pandas", "Arrow", "mapping"],
)
def test_samples_in_any_container(data):
    same(rb.train(MODEL, *data, **HOW), EXPECTED)
    (run,) = rb.train_many(MODEL, *data, seeds=[0], **HOW)
    same(run, EXPECTED)


@pytest.mark.parametrize("test", [TEST, (TEST.X, TEST.y)])
def test_other_sets_in_any_container(test):
    run = rb.train(MODEL, X, y, test=test, validation=test, **HOW)
    np.testing.assert_array_equal(run.history["test_loss"], EXPECTED.history["test_loss"])
    np.testing.assert_array_equal(run.history["validation_loss"], run.history["test_loss"])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rb.train(MODEL, X), ConfigurationError, "samples and labels as in"),
        (lambda: rb.train(MODEL, TRAIN, y), ConfigurationError, "leave y out"),
        (lambda: rb.train(MODEL, X, y[:-1]), ShapeError, "40"),
        (lambda: rb.train(MODEL, TRAIN, validation=X), ConfigurationError, "validation must be"),
        (
            lambda: rb.train(MODEL, TRAIN, validation=(X, y + 5)),
            DataError,
            "label",
        ),
    ],
)
def test_sets_that_cannot_be_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_names_in_place_of_objects():
    named = HOW | {"optimizer": "sgd", "loss": "log_loss"}
    plain = HOW | {"optimizer": rb.SGD(), "loss": SoftmaxCrossEntropy()}
    same(rb.train(MODEL, TRAIN, **named), rb.train(MODEL, TRAIN, **plain))
    single = rb.train(MODEL, TRAIN, dtype=np.float32, **HOW)
    assert single.params["0.weight"].dtype == np.float32
    with pytest.raises(ConfigurationError, match='did you mean "adam"'):
        rb.train(MODEL, TRAIN, **(HOW | {"optimizer": "adan"}))
    with pytest.raises(ConfigurationError, match="learning_rate"):
        rb.Adam(lr=0.1)
    with pytest.raises(ConfigurationError, match="beta1"):
        rb.Adam(betas=(0.9, 0.99))


def test_the_loss_follows_from_the_labels():
    values = np.sin(X[:, 0])
    model = rb.MLP(2, 6, 1)
    run = rb.train(model, X, values, **HOW)
    assert run.loss == HalfSquaredError()
    same(run, rb.train(model, X, values, loss=HalfSquaredError(), **HOW))
    assert rb.train(MODEL, TRAIN, **HOW).loss == SoftmaxCrossEntropy()
    # The mean squared error is what its name says.
    mean = rb.train(model, X, values, loss="mse", **HOW)
    assert mean.loss == MeanSquaredError()
    expected = np.mean((mean.predict(X).ravel() - values) ** 2)
    assert mean.history[-1]["train_loss"] == pytest.approx(expected, rel=1e-12)


def test_an_mlp_is_a_class():
    assert isinstance(rb.MLP(2, 20, 2), rb.MLP)
    assert rb.MLP(2, 20, 2) == rb.MLP(2, [20], 2)


# Validation


def test_a_validation_set_is_measured_where_the_test_set_is_and_changes_nothing():
    run = rb.train(MODEL, TRAIN, test=TEST, validation=TEST, **HOW)
    same(run, EXPECTED)
    assert run.history.columns == (
        *EXPECTED.history.columns,
        "validation_loss",
        "validation_accuracy",
    )
    alone = rb.train(MODEL, TRAIN, validation=TEST, **HOW)
    np.testing.assert_array_equal(alone.history["validation_loss"], run.history["test_loss"])
    assert np.isnan(alone.history["test_loss"]).all()


def test_early_stopping_watches_the_validation_set():
    how = HOW | {"epochs": 300, "optimizer": rb.SGD(3.0)}
    stopping = rb.EarlyStopping(patience=3)
    run = rb.train(MODEL, TRAIN, test=TRAIN, validation=TEST, callbacks=[stopping], **how)
    assert run.stopped.startswith("validation_loss has not improved for 3 evaluations")
    best = int(np.argmin(run.history["validation_loss"]))
    assert run.metrics == run.history[best]
    named = rb.EarlyStopping("val_loss", patience=3)
    again = rb.train(MODEL, TRAIN, validation=TEST, callbacks=[named], **how)
    same(again, run)


def test_early_stopping_says_that_it_watches_the_test_set():
    how = HOW | {"epochs": 300, "optimizer": rb.SGD(3.0)}
    with pytest.warns(UserWarning, match="no longer measures"):
        run = rb.train(MODEL, TRAIN, test=TEST, callbacks=[rb.EarlyStopping(patience=3)], **how)
    assert run.stopped.startswith("test_loss")
    with pytest.raises(ConfigurationError, match="pass validation="):
        rb.train(MODEL, TRAIN, callbacks=[rb.EarlyStopping()], **how)


def test_a_validation_set_is_kept_in_a_folder(tmp_path):
    how = HOW | {"epochs": 60, "optimizer": rb.SGD(3.0)}
    whole = rb.train(MODEL, TRAIN, validation=TEST, callbacks=[rb.EarlyStopping(patience=3)], **how)
    short = how | {"epochs": 5}
    rb.train(
        MODEL,
        TRAIN,
        validation=TEST,
        callbacks=[rb.EarlyStopping(patience=3)],
        run_dir=tmp_path / "a",
        **short,
    )
    resumed = rb.resume(tmp_path / "a", epochs=60)
    same(resumed, whole)
    np.testing.assert_array_equal(
        resumed.history["validation_loss"], whole.history["validation_loss"]
    )
    loaded = rb.load_run(tmp_path / "a")
    same(loaded, whole)
    assert loaded.metrics == resumed.metrics
    branch = loaded.fork(epoch=2, epochs=4)
    assert branch.history.columns == whole.history.columns


# What runs offer


def test_scores_are_those_of_scikit_learn():
    assert EXPECTED.score(X, y) == EXPECTED.history[-1]["train_accuracy"]
    values = np.column_stack([np.sin(X[:, 0]), X[:, 1]])
    run = rb.train(rb.MLP(2, [6], 2), X, values, **HOW)
    from sklearn.metrics import r2_score

    assert run.score(X, values) == r2_score(values, run.predict(X))
    with pytest.raises(ShapeError, match="y has the shape"):
        EXPECTED.score(X, y[:-1])


def test_a_run_saves_its_model(tmp_path):
    EXPECTED.save(tmp_path / "m.safetensors")
    rb.save_model(tmp_path / "n.safetensors", EXPECTED)
    assert (tmp_path / "m.safetensors").read_bytes() == (tmp_path / "n.safetensors").read_bytes()
    loaded = rb.load_model(tmp_path / "m.safetensors")
    assert loaded.score(TEST.X, TEST.y) == EXPECTED.score(TEST.X, TEST.y)


def test_contrasts_of_a_run():
    branch = EXPECTED.fork(epoch=2, learning_rate=0.1)
    found = EXPECTED.contrast(branch)
    assert str(found) == str(rb.contrast(EXPECTED, branch))
    assert found.first_difference.epoch == 2


def test_histories_as_tables():
    history = EXPECTED.history
    assert history.to_arrow().to_pydict()["epoch"] == [0, 1, 2, 3, 4]
    frame = history.to_pandas()
    assert list(frame.columns) == list(history.columns)
    np.testing.assert_array_equal(frame["train_loss"], history["train_loss"])
    runs = rb.train_many(MODEL, TRAIN, seeds=[3, 4], **HOW)
    assert runs.to_pandas()["seed"].tolist() == [3] * 5 + [4] * 5
    assert runs.to_arrow().column_names == ["seed", *history.columns]


def test_tables_in_notebooks():
    runs = rb.train_many(MODEL, TRAIN, seeds=[3, 4], **HOW)
    loss = f"{EXPECTED.history[-1]['train_loss']:.4g}"
    for shown in (EXPECTED.history, EXPECTED):
        assert loss in shown._repr_html_()
    assert "MLP(" in EXPECTED._repr_html_().replace("Sequential(", "MLP(")
    html = runs._repr_html_()
    assert html.count("<tr>") == 3
    assert f"{runs[1].metrics['train_loss']:.4g}" in html
    long = rb.train(MODEL, TRAIN, **(HOW | {"epochs": 50}))
    assert long.history._repr_html_().count("<tr>") == 12


def lines(ax):
    return {line.get_label(): line.get_ydata() for line in ax.get_lines()}


def test_plots_of_a_run():
    run = rb.train(MODEL, TRAIN, test=TEST, validation=TEST, **HOW)
    drawn = lines(run.plot())
    assert drawn.keys() == {"train", "validation", "test"}
    np.testing.assert_array_equal(drawn["test"], run.history["test_loss"])
    drawn = lines(run.plot("accuracy"))
    np.testing.assert_array_equal(drawn["train"], run.history["train_accuracy"])
    ax = Figure().subplots()
    assert run.history.plot("learning_rate", ax=ax) is ax
    (values,) = lines(ax).values()
    np.testing.assert_array_equal(values, run.history["learning_rate"])
    with pytest.raises(ConfigurationError, match='did you mean "train_loss"'):
        run.plot("trainloss")


def test_plots_of_a_group():
    runs = rb.train_many(MODEL, TRAIN, seeds=range(5), test=TEST, **HOW)
    drawn = lines(runs.plot())
    losses = [run.history["test_loss"] for run in runs]
    np.testing.assert_allclose(drawn["test"], np.median(losses, axis=0), rtol=1e-15)


def test_plots_of_a_boundary():
    ax = EXPECTED.plot_boundary()
    assert ax.get_xlim()[0] < X[:, 0].min()
    assert EXPECTED.plot_boundary(TEST, ax=ax) is ax
    with pytest.raises(ConfigurationError, match="two inputs"):
        rb.train(rb.MLP(1, [2], 2), X[:, :1], y, **HOW).plot_boundary()
    with pytest.raises(ConfigurationError, match="two inputs"):
        rb.train(rb.MLP(2, [2], 1), X, X[:, 0], **HOW).plot_boundary()


def test_a_regression_of_one_output_scores_a_column():
    values = np.sin(X[:, 0])
    run = rb.train(rb.MLP(2, [6], 1), X, values, **HOW)
    score = 1 - np.sum((values - run.predict(X).ravel()) ** 2) / np.sum(
        (values - values.mean()) ** 2
    )
    assert math.isclose(run.score(X, values), score, rel_tol=1e-12)


def test_data_of_labels_that_are_text():
    names = np.array(["no", "yes"])[y]
    run = rb.train(MODEL, X, names, **HOW)
    assert set(run.predict(X)) <= {"no", "yes"}
    assert run.score(X, names) == EXPECTED.score(X, y)
    assert Dataset(X, names).classes == run.classes
