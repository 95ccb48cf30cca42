"""Rows of plain values come back from Parquet as they were, to the last bit and in type."""

import io
import struct

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosenblatt import limits
from rosenblatt.errors import DataError, FileError
from rosenblatt.experiments.row_files import from_parquet, to_parquet
from toy_experiments import AWKWARD

INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
VALUES = st.one_of(st.none(), st.booleans(), INTS, FLOATS, st.floats(), st.text())
COLUMNS = st.sampled_from([st.booleans(), INTS, FLOATS, st.text(), st.none(), VALUES])


@st.composite
def tables(draw):
    names = draw(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4, unique=True))
    kinds = [draw(COLUMNS) for _ in names]
    size = draw(st.integers(0, 5))
    return [
        {name: draw(kind) for name, kind in zip(names, kinds, strict=True)} for _ in range(size)
    ]


def bits(rows):
    return [
        [
            (name, type(value), struct.pack("<d", value) if isinstance(value, float) else value)
            for name, value in row.items()
        ]
        for row in rows
    ]


@given(tables())
def test_any_rows_come_back_as_they_were(rows):
    assert bits(from_parquet(to_parquet(rows))) == bits(rows)


@pytest.mark.parametrize("rows", [[], [{"a": None}], [{"a": None}, {"a": 1}], AWKWARD])
def test_awkward_rows_come_back_as_they_were(rows):
    assert bits(from_parquet(to_parquet(rows))) == bits(rows)


def test_a_float_of_numpy_is_a_float():
    assert bits(from_parquet(to_parquet([{"a": np.float64(0.1)}]))) == bits([{"a": 0.1}])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"a": 1}, {"b": 1}], r"row 1 of a table has the columns \['b'\], the first \['a'\]"),
        ([{"a": 1}, {"a": 1, "b": 2}], "row 1 of a table"),
        ([{}], "row 0 of a table"),
        ([{"a": np.int64(1)}], 'the column "a" has a int64'),
        ([{"a": [1]}], 'the column "a" has a list'),
        ([{"a": 2**63}], 'the column "a" has a number that 64 bits cannot hold'),
        ([{"a": 2**63}, {"a": 0.5}], "64 bits"),
    ],
)
def test_what_would_not_come_back_is_refused(rows, message):
    with pytest.raises(DataError, match=message):
        to_parquet(rows)


def foreign(*arrays, **options):
    names = [f"c{i}" for i in range(len(arrays))]
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_arrays(arrays, names=names), buffer, **options)
    return buffer.getvalue()


REPEATED = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), 20_000), ["x" * 9000])
FOREIGN = {
    "no parquet": (b"PAR1 no", "no rows of an experiment"),
    "half of it": (to_parquet([{"a": 1}])[60:], "no rows of an experiment"),
    "lists": (foreign(pa.array([[1], [2]])), "holds list<.*which is no plain value"),
    "lists in parts": (foreign(pa.array([{"int": [1]}])), "holds struct<.*no plain value"),
    "bytes": (foreign(pa.array([b"a"])), "holds binary"),
    "many equal rows": (foreign(pa.repeat(1, 1_000_000)), "reading 1000000 rows .* needs 1.0 GB"),
    "long text in many rows": (
        foreign(REPEATED, store_schema=False),
        "the text in 20000 rows needs 180.0 MB",
    ),
}


@pytest.mark.parametrize(("content", "message"), FOREIGN.values(), ids=FOREIGN)
def test_rows_by_a_stranger_are_refused(monkeypatch, content, message):
    monkeypatch.setattr(limits, "free_memory", lambda: 10**8)
    with pytest.raises(FileError, match=message):
        from_parquet(content)
