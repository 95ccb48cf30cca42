"""Files as other programs write them: pandas, Excel, databases, other systems."""

import warnings
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from rosenblatt.data import columns, load, load_inputs, moons, save
from rosenblatt.errors import ConfigurationError, DataError, FileError, RosenblattError

FRAME = pd.DataFrame(
    {"u": [1.0, 2.0, 3.0, 4.0], "v": [1.0, 0.0, 1.0, 0.0], "kind": ["b", "m", "b", "m"]}
)


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def parquet(path, **table):
    pyarrow.parquet.write_table(pa.table(table), path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_one_hot_columns_of_booleans_are_features(tmp_path, kind):
    frame = pd.DataFrame({"w": [1.5, 2.0, 3.0], "c": ["r", "g", "r"], "label": [0, 1, 0]})
    path = tmp_path / f"d.{kind}"
    one_hot = pd.get_dummies(frame, columns=["c"])
    one_hot.to_csv(path, index=False) if kind == "csv" else one_hot.to_parquet(path)
    data = load(path)
    assert data.feature_names == ("w", "c_g", "c_r")
    assert data.X.tolist() == [[1.5, 0, 1], [2, 1, 0], [3, 0, 1]]


def test_booleans_are_spelt_in_any_way_but_do_not_mix_with_numbers(tmp_path):
    path = write(tmp_path / "d.csv", "a,b\nTRUE,false\nfalse,True\n")
    assert load_inputs(path).X.tolist() == [[1, 0], [0, 1]]
    path = write(tmp_path / "d.csv", "True,1\nFalse,2\n")
    assert load_inputs(path).X.tolist() == [[1, 1], [0, 2]]
    with pytest.raises(DataError, match='line 3, column "a": "true" is not a number'):
        load_inputs(write(tmp_path / "d.csv", "a,b\n1,2\ntrue,3\nfalse,4\n"))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('True\n""\nFalse', 'line 3, column "a": the cell is empty'),
        ("True\nFalse\nmaybe", 'line 4, column "a": "maybe" is not a number'),
        ("True\n0\nFalse", 'line 3, column "a": 0 stands among true and false'),
    ],
)
def test_the_cell_that_spoils_a_column_of_booleans_is_named(tmp_path, rows, told):
    with pytest.raises(DataError, match=told):
        load_inputs(write(tmp_path / "d.csv", f"a\n{rows}\n"))


@pytest.mark.parametrize("cell", ["1,5", "1,500"])
def test_numbers_with_commas_are_told_from_text(tmp_path, cell):
    with pytest.raises(DataError, match=f'"{cell}" has a comma; write numbers with a decimal poi'):
        load_inputs(write(tmp_path / "d.csv", f'a,b\n"{cell}",2\n'))


@pytest.mark.parametrize(
    "first",
    ["0,1,2", "1,2,3", "2019,2020,2021", "2021,2020,2019", "400,410,420", "0.0,1.0,2.0"],
)
def test_a_first_line_of_numbers_in_sequence_is_asked_about(tmp_path, first):
    path = write(tmp_path / "d.csv", f"{first}\n5.1,3.5,0\n4.9,3.0,1\n6.2,3.4,0\n")
    with pytest.warns(
        UserWarning, match=f"the first line, {first.replace(',', ', ')}.*header=True"
    ):
        assert len(load(path)) == 4
    with pytest.warns(UserWarning, match="is taken for a sample"):
        assert len(load_inputs(path).X) == 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(load(path, header=False)) == 4
        assert columns(path, header=False) == ["x1", "x2", "x3"]
        with_header = load(path, header=True)
        assert columns(path, header=True) == first.split(",")
        assert load_inputs(path, header=True).X.shape == (3, 3)
    assert with_header.feature_names == tuple(first.split(",")[:2])
    assert with_header.X.tolist() == [[5.1, 3.5], [4.9, 3.0], [6.2, 3.4]]


@pytest.mark.parametrize("first", ["1,2", "0,1,1", "0,2,4", "-1,0,1", "3,3,3", "2,0,1"])
def test_other_first_lines_of_numbers_are_samples(tmp_path, first):
    path = write(tmp_path / "d.csv", f"{first}\n{first}\n")
    assert len(load_inputs(path).X) == 2


@pytest.mark.parametrize("below", ["setosa", "True"])
def test_a_number_above_text_is_a_name(tmp_path, below):
    path = write(tmp_path / "d.csv", f"0,1,2\n5.1,3.5,{below}\n4.9,3.0,a\n4.8,3.1,b\n")
    assert load(path).feature_names == ("0", "1")


def test_a_header_is_said_for_text_only(tmp_path):
    save(moons(10), tmp_path / "d.parquet")
    save(moons(10), tmp_path / "d.npz")
    for name in ("d.parquet", "d.npz"):
        for read in (load, load_inputs, columns):
            with pytest.raises(ConfigurationError, match="header is for CSV files"):
                read(tmp_path / name, header=True)
    with pytest.raises(ConfigurationError, match="header must be True, False or None, got 0"):
        load(write(tmp_path / "d.csv", "a,b\n1,2\n"), header=0)


def test_row_numbers_of_pandas_are_no_feature_without_a_word(tmp_path):
    path = tmp_path / "d.csv"
    FRAME.to_csv(path)
    with pytest.raises(DataError, match=r"column 1 has no name.*index=False"):
        load(path)
    pd.read_csv(path).to_csv(path, index=False)
    with pytest.warns(UserWarning, match='"Unnamed: 0" is taken for a feature.*index=False'):
        load(path)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ((2**53 + 1, 2**53), (2**53, 2**53 + 1)),
        (("9007199254740993.0", "9007199254740992"), (2**53, 2**53 + 1)),
        (("-9223372036854775808", "-9223372036854775807.0"), (-(2**63), -(2**63) + 1)),
        ((2**64, 2**64 + 1), (str(2**64), str(2**64 + 1))),
        ((10**20, 5), (str(10**20), "5")),
        (("1.0", "2"), (1, 2)),
        (("1e3", "2"), (2, 1000)),
    ],
)
def test_whole_number_labels_keep_every_digit(tmp_path, labels, classes):
    rows = "".join(f"{i},{labels[i % 2]}\n" for i in range(6))
    data = load(write(tmp_path / "d.csv", f"u,label\n{rows}"))
    assert sorted(data.classes) == sorted(classes)
    assert [str(label) for label in data.labels] == [
        str(next(c for c in classes if int(c) == int(Decimal(str(labels[i % 2])))))
        for i in range(6)
    ]


@pytest.mark.parametrize(
    "targets",
    [("1e20", "2e20"), ("9007199254740993.5", "1"), ("1e-999999999999999999999", "9e18"), (1.5, 2)],
)
def test_other_large_numbers_are_targets(tmp_path, targets):
    rows = "".join(f"{i},{targets[i % 2]}\n" for i in range(6))
    data = load(write(tmp_path / "d.csv", f"u,label\n{rows}"))
    assert data.classes is None
    assert data.y.tolist() == [float(targets[i % 2]) for i in range(6)]


@pytest.mark.parametrize(
    ("content", "error", "told"),
    [
        ("u;v;label\n1;2;a\n3;4;b\n", DataError, "semicolons"),
        ("u;v;label\n1,5;2,5;a\n3,0;4,0;b\n", DataError, "semicolons"),
        ("1,5;2,5;3,5\n3,0;4,0;5,0\n", DataError, "semicolons"),
        ("u\tv\tlabel\n1\t2\ta\n3\t4\tb\n", DataError, "tabs"),
        ("u|v|label\n1|2|a\n3|4|b\n", DataError, "vertical bars"),
        ("u,v,stadt\n1,2,Köln\n3,4,Bonn\n".encode("cp1252"), FileError, "cp1252"),
        (
            ("u,v,stadt\n" + "1,2,Bonn\n" * 9999 + "3,4,Köln\n").encode("latin-1"),
            FileError,
            "cp1252",
        ),
        ("u,v,label\n1,2,a\n3,4,b\n".encode("utf-16"), FileError, "UTF-16"),
        ("u,v,label\n1,2,a\n3,4,b\n".encode("utf-16-le"), FileError, "UTF-16"),
        ("u,v,label\n1,2,a\n3,4,b\n".encode("utf-16-be"), FileError, "UTF-16"),
    ],
)
def test_other_separators_and_encodings_are_named(tmp_path, content, error, told):
    path = write(tmp_path / "d.csv", content)
    for read in (load, load_inputs, columns):
        with pytest.raises(error) as caught:
            read(path)
        assert told in str(caught.value)


def test_other_signs_within_names_and_labels_are_left_alone(tmp_path):
    path = write(tmp_path / "d.csv", "u;v,w,label\n1,2,a;b\n3,4,c\n")
    assert load(path).feature_names == ("u;v", "w")
    path = write(tmp_path / "d.csv", "\ufeffu,v,stadt\r\n1,2,Łódź\r\n3,4,東京\r\n")
    assert load(path).feature_names == ("u", "v")
    assert load(path).classes == ("Łódź", "東京")


INDICES = {
    "named": pd.Index([11, 12, 13, 14], name="patient"),
    "text": pd.Index(list("abcd"), name="patient"),
    "times": pd.DatetimeIndex(pd.date_range("2020", periods=4), name="when"),
    "unnamed": pd.Index([11, 12, 13, 14]),
    "range": pd.RangeIndex(4),
    "named range": pd.RangeIndex(4, name="row"),
    "levels": pd.MultiIndex.from_tuples(
        [(1, "a"), (1, "b"), (2, "a"), (2, "b")], names=["p", None]
    ),
}


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("written", [None, True])
def test_an_index_of_pandas_is_no_column(tmp_path, index, written):
    path = tmp_path / "d.parquet"
    FRAME.set_index(INDICES[index]).to_parquet(path, index=written)
    assert columns(path) == ["u", "v", "kind"]
    data = load(path)
    assert data.feature_names == ("u", "v")
    assert data.classes == ("b", "m")
    FRAME.drop(columns="kind").set_index(INDICES[index]).to_parquet(path, index=written)
    assert load_inputs(path).feature_names == ("u", "v")


def test_an_index_of_pandas_may_be_the_label(tmp_path):
    path = tmp_path / "d.parquet"
    FRAME.set_index("kind").to_parquet(path)
    assert load(path, "kind").classes == ("b", "m")
    assert load(path, "kind").feature_names == ("u", "v")


@pytest.mark.parametrize(
    "pandas", [b"{", b"[]", b'{"index_columns": 3}', b'{"index_columns": [[]]}']
)
def test_metadata_of_pandas_that_is_damaged_is_no_crash(tmp_path, pandas):
    table = pa.table({"u": [1.0, 2.0], "kind": ["a", "b"]})
    path = tmp_path / "d.parquet"
    pyarrow.parquet.write_table(table.replace_schema_metadata({b"pandas": pandas}), path)
    if pandas == b"{":
        with pytest.raises(FileError, match="metadata that pandas wrote is not JSON"):
            load(path)
    else:
        assert load(path).feature_names == ("u",)


def test_columns_of_numbers_of_every_type_are_features(tmp_path):
    path = parquet(
        tmp_path / "d.parquet",
        decimal=pa.array([Decimal("1.50"), Decimal("2.25")]),
        long_decimal=pa.array([Decimal("1.50"), Decimal("-2.25")], pa.decimal256(60, 2)),
        category=pa.array([3, 4]).dictionary_encode(),
        half=pa.array([0.5, 1.5], pa.float16()),
        large=pa.array([2**63, 2**53], pa.uint64()),
        least=pa.array([-(2**63), 0]),
        label=["a", "b"],
    )
    assert load(path).X.tolist() == [
        [1.5, 1.5, 3, 0.5, 2.0**63, -(2.0**63)],
        [2.25, -2.25, 4, 1.5, 2.0**53, 0],
    ]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (pa.array([Decimal(3), Decimal(5)]), [3, 5]),
        (pa.array([Decimal("1.5"), Decimal(2)]), [1.5, 2.0]),
        (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
        (pa.array(["a", "b"], pa.string_view()), ["a", "b"]),
        (pa.array([7, 9]).dictionary_encode(), [7, 9]),
        (pa.array([2**63 - 1, 0], pa.uint64()), [2**63 - 1, 0]),
    ],
)
def test_labels_of_every_type_are_taken(tmp_path, labels, expected):
    assert (
        load(parquet(tmp_path / "d.parquet", u=[1.0, 2.0], label=labels)).labels.tolist()
        == expected
    )


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (pa.array([2**53 + 1, 0]), f'row 0, column "u" is {2**53 + 1}'),
        (pa.array([0, 2**64 - 1], pa.uint64()), f'row 1, column "u" is {2**64 - 1}'),
        (pa.array([-(2**63) + 1, 0]), "would round it"),
        (pa.array([Decimal(1), None]), 'row 1, column "u" is empty'),
        (pa.array([date(2020, 1, 1)] * 2), "a time or a date"),
        (pa.array([datetime(2020, 1, 1)] * 2), "a time or a date"),
        (pa.array([timedelta(1)] * 2), "a time or a date"),
        (pa.array([date(2020, 1, 1)] * 2).dictionary_encode(), "a time or a date"),
        (pa.array(["x", "y"]).dictionary_encode(), "not numbers"),
        (pa.array([None, None]), "null, not numbers"),
    ],
)
def test_columns_of_other_types_are_refused(tmp_path, column, told):
    path = parquet(tmp_path / "d.parquet", u=column, label=["a", "b"])
    with pytest.raises(DataError) as caught:
        load(path)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "labels",
    [
        pa.array([Decimal(10**20), Decimal(5)]),
        pa.array([2**64 - 1, 0], pa.uint64()),
        pa.array([date(2020, 1, 1), date(2020, 1, 2)]),
        pa.array([timedelta(1), timedelta(2)]),
    ],
)
def test_labels_of_other_types_are_refused(tmp_path, labels):
    path = parquet(tmp_path / "d.parquet", u=[1.0, 2.0], label=labels)
    with pytest.raises(RosenblattError, match=r"64 bits|labels are whole numbers"):
        load(path)


def test_a_large_whole_number_is_not_rounded_to_another_class(tmp_path):
    path = parquet(tmp_path / "d.parquet", u=[1.0, 2.0], label=np.array([2**53, 2**53 + 1]))
    assert load(path).classes == (2**53, 2**53 + 1)
