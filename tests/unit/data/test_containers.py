"""Datasets of tables of other libraries, and of cells that are no plain numbers."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse

from rosenblatt.data import Dataset, load_inputs, moons
from rosenblatt.errors import DataError, RosenblattError, ShapeError

COLUMNS = {"b": [1.5, 2.5, 3.5], "a": [True, False, True], "c": [7, 8, 9]}
X = np.array([[1.5, 1, 7], [2.5, 0, 8], [3.5, 1, 9]])
Y = ["p", "q", "p"]
TABLES = {
    "pandas": pd.DataFrame(COLUMNS),
    "pandas, nullable": pd.DataFrame(COLUMNS).convert_dtypes(),
    "pandas, sparse": pd.DataFrame({"b": X[:, 0], "a": X[:, 1], "c": X[:, 2]}).astype(
        pd.SparseDtype(float, 0.0)
    ),
    "pandas, categories": pd.DataFrame(COLUMNS).astype({"c": "category"}),
    "pandas, objects": pd.DataFrame(COLUMNS).astype(object),
    "polars": pl.DataFrame(COLUMNS),
    "Arrow table": pa.table(COLUMNS),
    "Arrow batch": pa.RecordBatch.from_pydict(COLUMNS),
    "Arrow table of chunks": pa.concat_tables([pa.table(COLUMNS)[:1], pa.table(COLUMNS)[1:]]),
    "lists by name": COLUMNS,
    "arrays by name": {name: np.array(column) for name, column in COLUMNS.items()},
    "records": pd.DataFrame(COLUMNS).to_records(index=False),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_of_any_library_keeps_its_names(kind):
    data = Dataset(TABLES[kind], Y)
    assert data.feature_names == ("b", "a", "c")
    np.testing.assert_array_equal(data.X, X)


def test_datasets_and_inputs_are_tables_too(tmp_path):
    data = Dataset(X, Y, feature_names=["b", "a", "c"])
    assert Dataset(data, Y).feature_names == data.feature_names
    (tmp_path / "d.csv").write_text("b,a\n1,2\n")
    inputs = load_inputs(tmp_path / "d.csv")
    assert Dataset(inputs, ["p"]).feature_names == ("b", "a")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([0, 1, 2], ("x1", "x2", "x3")),
        ([2, 1, 0], ("2", "1", "0")),
        (["a", 1, "b"], ("a", "1", "b")),
        ([("a", 1), ("a", 2), ("b", 1)], ("('a', 1)", "('a', 2)", "('b', 1)")),
    ],
)
def test_names_that_are_no_text_are_written_as_text(names, expected):
    frame = pd.DataFrame(X)
    frame.columns = pd.Index(names, tupleize_cols=False)
    assert Dataset(frame, Y).feature_names == expected


@pytest.mark.parametrize("names", [["a", "a", "b"], [1, "1", "b"]])
@pytest.mark.parametrize("library", ["pandas", "Arrow"])
def test_names_that_occur_twice_are_refused(library, names):
    table = (
        pd.DataFrame(X, columns=names)
        if library == "pandas"
        else pa.Table.from_arrays([pa.array(column) for column in X.T], [*map(str, names)])
    )
    with pytest.raises(DataError, match="more than once"):
        Dataset(table, Y)


@pytest.mark.parametrize(
    "cells",
    [
        [[Decimal("1.5"), True], [Decimal(2), np.bool_(False)]],
        np.array([[np.float32(1.5), np.bool_(True)], [2, 0]], dtype=object),
        pl.DataFrame({"a": [1.5, 2.0], "b": [1.0, 0.0]}).cast(pl.Decimal(10, 2)),
        pa.table({"a": [Decimal("1.5"), Decimal("2.0")], "b": [True, False]}),
        np.ma.masked_greater([[1.5, 1], [2, 0]], 7),
    ],
)
def test_decimals_and_booleans_are_numbers(cells):
    assert Dataset(cells, [0, 1]).X.tolist() == [[1.5, 1.0], [2.0, 0.0]]


MOMENTS = [date(2020, 1, 1), date(2020, 1, 2)]
SPANS = [timedelta(seconds=1), timedelta(seconds=2)]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (np.array([[1], [2]], "m8[s]"), "row 0, column 0 of X"),
        (np.array([[1], [2]], "M8[s]"), "row 0, column 0 of X"),
        ([[np.timedelta64(1, "s"), 1.0], [2.0, 1.0]], "row 0, column 0 of X"),
        ({"a": [1, 2], "t": SPANS}, "row 0, column 1 of X"),
        (pl.DataFrame({"a": [1, 2], "t": MOMENTS}), "row 0, column 1 of X"),
        (pl.DataFrame({"a": [1, 2], "t": SPANS}), "row 0, column 1 of X"),
        (pa.table({"a": [1, 2], "t": MOMENTS}), "row 0, column 1 of X"),
        (pa.table({"a": [1.0, 2.0], "t": SPANS}), "row 0, column 1 of X"),
        (pd.DataFrame({"a": [1, 2], "t": pd.to_timedelta([1, 2], "s")}), "row 0, column 1 of X"),
        (pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [True, False]}), "(missing)"),
        (pa.table({"a": [1, None]}), "row 1, column 0"),
        ([[2**1100], [1]], "64-bit floating point"),
        ([[Decimal("1e999")], [1]], "inf"),
        ([[Decimal("sNaN")], [1]], "row 0, column 0 of X"),
        ([[1j], [2j]], "must be a number"),
        (np.ma.masked_greater([[1.0], [9.0]], 5), "row 1, column 0 of X is masked"),
        ({"a": np.ma.masked_greater([1.0, 9.0], 5)}, 'row 1 of column "a" of X is masked'),
        (pl.DataFrame({"a": [1, 2]}).lazy(), "X.collect()"),
        (pl.DataFrame({"a": pl.Series([2**100, 2], dtype=pl.Int128)}), 'column "a" of X'),
        (scipy.sparse.csr_array(np.eye(2)), "X.toarray()"),
        ({}, "(0, 0)"),
    ],
)
def test_cells_that_are_no_numbers_are_refused(cells, told):
    with pytest.raises(DataError) as caught:
        Dataset(cells, [0, 1])
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "cells",
    [
        5.0,
        None,
        "text",
        {"a": [1, 2], "b": [1]},
        {"a": 1, "b": 2},
        {"a": [[1], [2]]},
        [[[1, 2], 3], [1]],
    ],
)
def test_what_is_no_table_is_refused(cells):
    with pytest.raises(ShapeError):
        Dataset(cells, [0, 1])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([Decimal(3), Decimal(5)], [3, 5]),
        ([Decimal("1.5"), Decimal(2)], [1.5, 2.0]),
        (pa.array(["a", "b"]), ["a", "b"]),
        (pa.chunked_array([["a"], ["b"]]), ["a", "b"]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pl.Series(["a", "b"]).cast(pl.Categorical), ["a", "b"]),
        (pd.Series([1, 0], dtype="Int64"), [1, 0]),
        (np.ma.masked_greater([1, 0], 7), [1, 0]),
    ],
)
def test_labels_of_any_library_are_taken(labels, expected):
    assert Dataset([[1.0], [2.0]], labels).labels.tolist() == expected


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (np.ma.masked_equal([0, 1], 1), "row 1 of y is masked"),
        (pd.Series([1, None], dtype="Int64"), "row 1 of y is"),
        (np.array([1, 2], "m8[s]"), "timedelta64"),
        (SPANS, "timedelta"),
        ([2**1100, 0.5], "64-bit floating point"),
        ([1j, 2j], "complex"),
        ([[1], [1, 2]], "list"),
        (pl.LazyFrame({"y": [0, 1]}), "y.collect()"),
        (None, "one label or target per row"),
        ({"y": [0, 1]}, "one label or target per row"),
    ],
)
def test_labels_that_are_none_are_refused(labels, told):
    with pytest.raises(RosenblattError) as caught:
        Dataset([[1.0], [2.0]], labels)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "weights", [np.ma.masked_equal([1.0, 2.0], 2), np.array([1, 2], "m8[s]"), [2**1100, 1], [1j, 1]]
)
def test_weights_that_are_no_numbers_are_refused(weights):
    with pytest.raises(DataError, match=r"row \d of sample_weight"):
        Dataset([[1.0], [2.0]], [0, 1], sample_weight=weights)


INDICES = {
    "unnamed": [7, 8],
    "named": pd.Index([7, 8], name="patient"),
    "of two levels": pd.MultiIndex.from_tuples([(7, 1), (8, 2)], names=["patient", None]),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@pytest.mark.parametrize("kind", [pa.Table, pa.RecordBatch])
def test_an_index_of_pandas_is_no_column_of_an_arrow_table(kind, index):
    frame = pd.DataFrame({"b": [1.0, 2.0], "a": [3.0, 4.0]}, index=index)
    table = kind.from_pandas(frame)
    assert table.num_columns > 2
    data = Dataset(table, [0, 1])
    assert (data.feature_names, data.X.tolist()) == (("b", "a"), [[1, 3], [2, 4]])


def test_columns_are_put_in_order_by_name():
    data = moons(20, seed=0)
    swapped = Dataset(data.X[:, ::-1], data.labels, feature_names=["x2", "x1"])
    assert swapped.order_as(data.feature_names).content_hash == data.content_hash
    assert data.order_as(data.feature_names) is data
    by_number = Dataset(pd.DataFrame(data.X)[[1, 0]], data.labels)
    np.testing.assert_array_equal(by_number.order_as(data.feature_names).X, data.X)
    unnamed = Dataset(data.X, data.labels, feature_names=["x1", "x2"])
    assert unnamed.order_as(["width", "height"]) is unnamed


@pytest.mark.parametrize(
    ("names", "known", "told"),
    [
        (["a", "b"], ["a", "c"], ['"c"', '"a", "b"']),
        (["a", "b"], ["a"], ['"b"', "does not know"]),
        (["x1", "id"], ["x1", "x2"], ['needs the feature "x2"']),
        (["width", "hight"], ["width", "height"], ['did you mean "hight"?']),
    ],
)
def test_columns_that_are_missing_or_unknown_are_named(names, known, told):
    data = Dataset(np.ones((2, len(names))), [0, 1], feature_names=names)
    with pytest.raises(DataError) as caught:
        data.order_as(known)
    for words in told:
        assert words in str(caught.value)


def test_columns_without_names_are_counted():
    data = Dataset(np.ones((2, 2)), [0, 1])
    with pytest.raises(ShapeError, match=r'2 features .* takes 3 .*"a", "b", "c"'):
        data.order_as(["a", "b", "c"])
