import numpy as np
import pytest

from rosenblatt.errors import ConfigurationError
from rosenblatt.training import History
from rosenblatt.training.history import COLUMNS

ROWS = [{"epoch": 0, "train_loss": 0.7}, {"epoch": 5, "train_loss": 0.5}]


def test_columns_rows_and_length():
    history = History(ROWS)
    assert history.columns == ("epoch", "train_loss")
    assert history["epoch"].tolist() == [0, 5]
    assert history["epoch"].dtype.kind == "i"
    assert history[-1] == ROWS[1]
    assert list(history) == ROWS
    assert len(history) == 2
    assert repr(history) == "History(2 rows; last: epoch=5, train_loss=0.5)"


def test_columns_are_copies_and_rows_are_shared():
    rows = [dict(row) for row in ROWS]
    history = History(rows)
    rows.append({"epoch": 10, "train_loss": 0.4})
    history["epoch"][0] = 99
    assert history["epoch"].tolist() == [0, 5]
    assert history[0] is next(iter(history)) is rows[0]


def test_an_unknown_column_is_refused_with_the_nearest():
    with pytest.raises(ConfigurationError, match='did you mean "train_loss"'):
        History(ROWS)["trainloss"]


def test_an_empty_history():
    history = History([])
    assert len(history) == 0
    assert history.columns == COLUMNS
    assert history["epoch"].shape == (0,)
    assert repr(history) == "History(empty)"


def test_a_history_as_an_arrow_table():
    table = History(ROWS).to_arrow()
    assert table.column_names == ["epoch", "train_loss"]
    assert table.to_pylist() == ROWS
    assert str(table.schema.field("epoch").type) == "int64"
    np.testing.assert_array_equal(table["train_loss"].to_numpy(), [0.7, 0.5])
