"""Rows of plain values come back from Parquet as they were, to the last bit and in type."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosenblatt.errors import DataError
from rosenblatt.experiments.rows import from_parquet, to_parquet
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
