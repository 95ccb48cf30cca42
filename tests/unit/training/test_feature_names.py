"""Columns are matched by name wherever two tables meet: a model never takes one for another."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import rosenblatt as rb
from rosenblatt.data import Dataset, Standardizer
from rosenblatt.errors import ConfigurationError, DataError, ShapeError

NAMES = ["a", "b", "c"]
FRAME = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)) * [1, 10, 0.1], columns=NAMES)
LABELS = np.where(FRAME["a"] > 0, "yes", "no")
DATA = Dataset(FRAME, LABELS)
ORDERS = [["c", "b", "a"], ["b", "c", "a"]]
SETTINGS = {"epochs": 2, "optimizer": rb.SGD(0.1), "engine": "reference"}


@pytest.fixture(scope="module")
def run():
    return rb.train(rb.MLP(3, [4], 2), DATA, **SETTINGS)


@pytest.fixture(scope="module")
def saved(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "m.safetensors"
    rb.save_model(path, run)
    return rb.load_model(path)


TABLES = {
    "pandas": lambda names: FRAME[names],
    "polars": lambda names: pl.DataFrame({name: FRAME[name].to_numpy() for name in names}),
    "Arrow": lambda names: pa.table({name: FRAME[name].to_numpy() for name in names}),
    "columns": lambda names: {name: FRAME[name].tolist() for name in names},
    "records": lambda names: FRAME[names].to_records(index=False),
    "dataset": lambda names: Dataset(FRAME[names], LABELS),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("names", ORDERS)
def test_predictions_do_not_depend_on_the_order_of_columns(run, saved, kind, names):
    table, X = TABLES[kind](names), FRAME.to_numpy()
    np.testing.assert_array_equal(run.outputs(table), run.outputs(X))
    for model in (run, run.at(2), saved):
        np.testing.assert_array_equal(model.predict(table), run.predict(X))
        np.testing.assert_array_equal(model.predict_proba(table), run.predict_proba(X))


@pytest.mark.parametrize("names", ORDERS)
def test_measures_do_not_depend_on_the_order_of_columns(run, saved, names):
    swapped = Dataset(FRAME[names], LABELS)
    expected = run.evaluate(DATA)
    for model in (run, run.at(2), saved):
        assert model.evaluate(swapped) == expected
    trained = rb.train(rb.MLP(3, [4], 2), DATA, test=swapped, **SETTINGS)
    assert trained.history["test_loss"].tolist() == trained.history["train_loss"].tolist()
    many = rb.train_many(rb.MLP(3, [4], 2), DATA, test=swapped, seeds=[3], **SETTINGS)
    assert many[0].metrics["test_loss"] == many[0].metrics["train_loss"]


@pytest.mark.parametrize("names", ORDERS)
def test_a_standardizer_knows_its_columns(names):
    standardizer = Standardizer.fit(DATA)
    expected = standardizer.transform(FRAME.to_numpy())
    applied = standardizer.apply(Dataset(FRAME[names], LABELS))
    np.testing.assert_array_equal(applied.X, expected)
    assert applied.feature_names == DATA.feature_names
    np.testing.assert_array_equal(standardizer.transform(FRAME[names]), expected)
    with pytest.raises(DataError, match='the standardizer needs the feature "c"'):
        standardizer.transform(FRAME[["a", "b"]])
    with pytest.raises(DataError, match="does not know"):
        standardizer.apply(Dataset(FRAME.assign(d=1.0), LABELS))


def test_a_saved_model_standardizes_columns_in_its_own_order(tmp_path):
    standardizer = Standardizer.fit(DATA)
    trained = rb.train(rb.MLP(3, [4], 2), standardizer.apply(DATA), **SETTINGS)
    rb.save_model(tmp_path / "m.safetensors", trained, standardizer=standardizer)
    model = rb.load_model(tmp_path / "m.safetensors")
    assert model.feature_names == ("a", "b", "c")
    expected = trained.predict_proba(standardizer.transform(FRAME))
    np.testing.assert_array_equal(model.predict_proba(FRAME[["c", "a", "b"]]), expected)
    swapped = Dataset(FRAME[["b", "a", "c"]], LABELS)
    assert model.evaluate(swapped) == trained.evaluate(standardizer.apply(swapped))


def test_a_run_in_a_folder_knows_its_columns(tmp_path):
    swapped = Dataset(FRAME[["c", "b", "a"]], LABELS)
    folder = tmp_path / "run"
    trained = rb.train(rb.MLP(3, [4], 2), DATA, test=swapped, run_dir=folder, **SETTINGS)
    loaded = rb.load_run(folder)
    assert loaded.feature_names == ("a", "b", "c")
    assert loaded.evaluate(swapped) == trained.evaluate(DATA)
    longer = rb.resume(folder, epochs=3)
    assert longer.metrics["test_loss"] == longer.metrics["train_loss"]
    branch = longer.fork(1, epochs=2)
    assert branch.metrics["test_loss"] == branch.metrics["train_loss"]
    assert rb.load_model(folder / "model.safetensors").feature_names == ("a", "b", "c")


def test_two_runs_are_compared_on_samples_in_the_order_of_each():
    order = ["c", "b", "a"]
    one, other = (
        rb.train(rb.MLP(3, [], 2, init="zeros"), data, **SETTINGS)
        for data in (DATA, Dataset(FRAME[order], LABELS))
    )
    predictions = rb.contrast(one, other).predictions
    np.testing.assert_allclose(predictions["loss_a"], predictions["loss_b"], rtol=1e-12)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (FRAME[["a", "b"]], ['needs the feature "c"', '"a", "b"']),
        (FRAME.rename(columns={"c": "cc"}), ['"c"', 'did you mean "cc"?']),
        (FRAME.assign(d=1.0), ['"d"', "does not know", '"a", "b", "c"']),
        (FRAME[["a", "b", "c", "a"]], ['called "a"']),
        (FRAME.assign(c="text"), ["row 0, column 2 of X is 'text'"]),
        (FRAME.assign(c=pd.to_timedelta(range(60), "s")), ["row 0, column 2 of X"]),
        (pl.DataFrame({name: [1.0] for name in NAMES}).lazy(), ["X.collect()"]),
        (np.ma.masked_less([[1.0, 2.0, 3.0]], 2), ["row 0, column 0 of X is masked"]),
    ],
)
def test_other_columns_are_refused_by_name(run, saved, table, told):
    for predict in (run.predict, run.predict_proba, run.outputs, saved.predict):
        with pytest.raises(DataError) as caught:
            predict(table)
        for words in told:
            assert words in str(caught.value)


def test_other_columns_of_a_test_set_are_refused_by_name():
    other = Dataset(FRAME.rename(columns={"c": "d"}), LABELS)
    with pytest.raises(DataError, match='the training set needs the feature "c"'):
        rb.train(rb.MLP(3, [4], 2), DATA, test=other, **SETTINGS)


@pytest.mark.parametrize(
    ("names", "error", "told"),
    [
        (["a", "a", "b"], DataError, "must be distinct"),
        (["a", "b"], ShapeError, "3 inputs, but 2"),
        (["c", "b", "a"], DataError, 'trained on the columns "a", "b", "c" in this order'),
    ],
)
def test_names_that_are_not_those_of_the_weights_are_not_saved(tmp_path, run, names, error, told):
    with pytest.raises(error, match=told):
        rb.save_model(tmp_path / "m.safetensors", run, feature_names=names)
    assert not list(tmp_path.iterdir())


def test_a_frame_without_labels_is_no_dataset(run, saved):
    for call in (run.evaluate, saved.evaluate, Standardizer.fit, Standardizer.fit(DATA).apply):
        with pytest.raises(ConfigurationError, match="must be of type Dataset, got DataFrame"):
            call(FRAME)


def test_columns_without_names_count_in_their_order(run, saved):
    X = FRAME.to_numpy()
    expected = run.predict(X).tolist()
    for table in (X, X.tolist(), pd.DataFrame(X), Dataset(X, LABELS)):
        assert run.predict(table).tolist() == expected
        assert saved.predict(table).tolist() == expected
    assert run.evaluate(Dataset(X, LABELS)) == run.evaluate(DATA)
    with pytest.raises(ShapeError, match="takes"):
        run.predict(X[:, :2])


def test_numbered_columns_are_matched_by_number():
    numbered = pd.DataFrame(FRAME.to_numpy())
    trained = rb.train(rb.MLP(3, [4], 2), Dataset(numbered, LABELS), **SETTINGS)
    np.testing.assert_array_equal(trained.outputs(numbered[[2, 0, 1]]), trained.outputs(numbered))
