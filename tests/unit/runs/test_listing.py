import os

import pyarrow as pa
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError
from rosenblatt.runs import COLUMNS, list_runs


@pytest.fixture
def runs(folder, make):
    make("a", test_accuracy=0.9, test_loss=0.3, updates=10)
    make("b", test_accuracy=0.95, test_loss=0.1, state="stopped", stopped=["no better"])
    make("c", test_accuracy=None, test_loss=0.2)
    make("d-1", test_accuracy=0.8, test_loss=None)
    return folder


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], "a b c d-1"),
        (["test_accuracy>0.9"], "b"),
        (["test_accuracy >= 0.9"], "a b"),
        (["test-accuracy<.9"], "d-1"),
        (["test_accuracy<=0.9"], "a d-1"),
        (["test_accuracy=0.95"], "b"),
        (["test_accuracy==0.95"], "b"),
        (["test_accuracy!=0.95"], "a c d-1"),
        (["test_accuracy>0.5", "test_loss<0.2"], "b"),
        (["updates=10"], "a"),
        (["state=stopped"], "b"),
        (["state!=stopped"], "a c d-1"),
        (["stopped="], "a c d-1"),
        (["stopped=*better"], "b"),
        (["id=d*"], "d-1"),
        (["model=2-3-2 *"], "a b c d-1"),
        (["seed=0"], "a b c d-1"),
        (["seed>18446744073709551615"], ""),
    ],
)
def test_filters(runs, filters, expected):
    assert [entry.id for entry in list_runs(runs, filters=filters)] == expected.split()


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ("test_acuracy>0.9", 'no column "test_acuracy".*did you mean "test_accuracy"'),
        ("test_accuracy", "is no filter"),
        (">3", "is no filter"),
        ("test_accuracy>high", "'high', which is no number"),
        ("state>finished", "compared by = or != only"),
    ],
)
def test_filters_that_are_none(runs, filter, message):
    with pytest.raises(ConfigurationError, match=message):
        list_runs(runs, filters=[filter])


def test_sorting_leaves_what_has_no_value_to_the_end(runs):
    def order(**how):
        return [entry.id for entry in list_runs(runs, **how)]

    assert order(sort="test_loss") == ["b", "c", "a", "d-1"]
    assert order(sort="test_loss", descending=True) == ["a", "c", "b", "d-1"]
    assert order(sort="test-accuracy", descending=True) == ["b", "a", "d-1", "c"]
    assert order(sort="state") == ["a", "c", "d-1", "b"]
    with pytest.raises(ConfigurationError, match='no column "los"'):
        order(sort="los")


def test_the_table_has_a_type_for_each_column(runs, make):
    table = rb.runs.table(runs, sort="test_loss")
    assert tuple(table.column_names) == COLUMNS
    assert table.column("id").to_pylist() == ["b", "c", "a", "d-1"]
    assert table.schema.field("seed").type == pa.uint64()
    assert table.schema.field("updates").type == pa.int64()
    assert table.schema.field("test_loss").type == pa.float64()
    assert table.schema.field("damage").type == pa.string()
    empty = rb.runs.table(runs, filters=["id=none"])
    assert empty.schema == table.schema


def test_the_table_holds_names_that_are_no_text(folder, make):
    make("a").rename(os.fsdecode(os.fsencode(folder) + b"/\xff"))
    assert rb.runs.table(folder).column("id").to_pylist() == ["?"]
