import csv
import json
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import datasets

from rosenblatt.data import Dataset, columns, load, load_inputs, moons, save
from rosenblatt.data.readers import READERS
from rosenblatt.data.readers.reader import Inputs, Reader
from rosenblatt.errors import ConfigurationError, DataError, FileError

SUFFIXES = [".csv", ".parquet", ".npz"]

finite = st.floats(allow_nan=False, allow_infinity=False)
# Words that no reader could take for a number or a truth value.
words = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1).map(
    lambda text: f"<{text}>"
)
labels = st.one_of(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=5, unique=True),
    st.lists(words, min_size=2, max_size=5, unique=True),
    st.just([False, True]),
)


@st.composite
def any_dataset(draw):
    n, d = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    if draw(st.booleans()):
        classes = draw(labels)
        rest = st.lists(st.sampled_from(classes), min_size=n - 2, max_size=n - 2)
        y = [*classes[:2], *draw(rest)]
    else:
        # One fraction at least: whole targets in a CSV file read as classes.
        y = draw(hnp.arrays(float, n, elements=finite))
        y[0] = 0.5
    weights = st.floats(0.001, 1e6)
    names = st.one_of(words, st.sampled_from(["label", "y", "Class", "target", "species"]))
    return Dataset(
        draw(hnp.arrays(float, (n, d), elements=finite)),
        y,
        feature_names=draw(st.lists(names, min_size=d, max_size=d, unique=True)),
        sample_weight=draw(st.none() | hnp.arrays(float, n, elements=weights)),
        recipe={"made": "by hand", "sizes": [n, d]},
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(deadline=None)
@given(dataset=any_dataset())
def test_what_was_saved_is_loaded(tmp_path_factory, suffix, dataset):
    path = tmp_path_factory.getbasetemp() / f"round-trip{suffix}"
    save(dataset, path)
    again = load(path)
    assert again.content_hash == dataset.content_hash
    if suffix != ".csv":
        assert again.recipe == dataset.recipe


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_typed_files_keep_the_order_and_the_type_of_the_classes(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    for y, classes in [("2141", ("4", "2", "1")), ([1, -1, 1, 1], (1, -1, 0))]:
        dataset = Dataset(np.eye(4), list(y), classes=classes)
        save(dataset, path)
        assert load(path).content_hash == dataset.content_hash
    whole_targets = Dataset(np.eye(4), [1.0, 2.0, 1.0, 2.0])
    save(whole_targets, path)
    assert load(path).content_hash == whole_targets.content_hash


def test_only_npz_keeps_several_targets_per_row(tmp_path):
    dataset = Dataset(np.eye(3), np.eye(3)[:, :2])
    save(dataset, tmp_path / "data.npz")
    assert load(tmp_path / "data.npz").content_hash == dataset.content_hash
    for suffix in (".csv", ".parquet"):
        with pytest.raises(
            DataError, match=r"one target per row, this dataset 2; save it as \.npz"
        ):
            save(dataset, tmp_path / f"data{suffix}")
        assert not (tmp_path / f"data{suffix}").exists()


def test_a_feature_may_not_have_the_name_of_the_weights(tmp_path):
    dataset = Dataset(np.eye(2), [0, 1], feature_names=["a", "sample_weight"], sample_weight=[1, 1])
    with pytest.raises(DataError, match='rename the feature "sample_weight"'):
        save(dataset, tmp_path / "data.csv")


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits"])
@pytest.mark.parametrize("text_labels", [True, False])
def test_scikit_learns_datasets_written_as_csv_are_loaded_exactly(tmp_path, name, text_labels):
    bunch = getattr(datasets, f"load_{name}")()
    names = list(bunch.feature_names)
    classes = [str(label) for label in bunch.target_names]
    with (tmp_path / "data.csv").open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow([*names, "target"])
        for row, target in zip(bunch.data.tolist(), bunch.target.tolist(), strict=True):
            writer.writerow([*row, classes[target] if text_labels else target])
    loaded = load(tmp_path / "data.csv")
    np.testing.assert_array_equal(loaded.X, bunch.data)
    expected = np.array(classes)[bunch.target] if text_labels else bunch.target
    assert [str(label) for label in loaded.labels] == [str(label) for label in expected]
    assert loaded.feature_names == tuple(names)
    assert loaded.n_classes == len(classes)
    assert dict(loaded.recipe) == {"file": str(tmp_path / "data.csv"), "label": "target"}


@pytest.fixture
def sheet(tmp_path):
    """Write a CSV file and return its path."""

    def write(text, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


TABLE = "a,label,b\n1,u,2\n3,v,4\n"


@pytest.mark.parametrize("label", [None, "label", 1, -2, "1", "-2"])
def test_the_label_is_found_by_name_position_or_custom(sheet, label):
    data = load(sheet(TABLE), label)
    assert data.feature_names == ("a", "b")
    assert data.X.tolist() == [[1, 2], [3, 4]]
    assert data.classes == ("u", "v")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("a,Species,b", "Species"),
        ("a,b,c", "c"),
        ("y,class,c", "c"),
        ("TARGET,b,c", "TARGET"),
        ("a,labels,c", "c"),
    ],
)
def test_the_default_label_is_the_only_usual_name_or_the_last(sheet, header, chosen):
    data = load(sheet(f"{header}\n1,2,3\n4,5,6\n"))
    assert data.recipe["label"] == chosen
    assert chosen not in data.feature_names


@pytest.mark.parametrize(
    ("text", "names", "n"),
    [
        ("1,2,0\n3,4,1\n", ("x1", "x2"), 2),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n6,3,virginica\n", ("x1", "x2"), 3),
        ("0,1,target\n5,6,0\n7,8,1\n", ("0", "1"), 2),
        ("a,b,c\n5,6,0\n7,8,1\n", ("a", "b"), 2),
        ("\ufeffa,b,c\r\n5,6,0\r\n\r\n7,8,1", ("a", "b"), 2),
        ('\ufeff"a,b",c\n5,0\n7,1\n', ("a,b",), 2),
        (' a , "b" ,c\n 5 , 6 , u \n7,8,v\n', None, 2),
    ],
    ids=[
        "numbers",
        "UCI iris",
        "pandas",
        "plain",
        "BOM, CRLF, blank line",
        "BOM and quotes",
        "blanks",
    ],
)
def test_a_header_is_told_from_data(sheet, text, names, n):
    data = load(sheet(text))
    assert len(data) == n
    if names:
        assert data.feature_names == names
    else:
        assert data.feature_names[0] == "a"
        assert data.classes == ("u", "v")


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (["2", "1", "2"], (1, 2)),
        (["2.0", "1.0", "2.0"], (1, 2)),
        (["1e0", "2", "2"], (1, 2)),
        (["9007199254740993", "1", "1"], (1, 9007199254740993)),
        (["true", "False", "TRUE"], (False, True)),
        (["1a", "b", "b"], ("1a", "b")),
        (["1.5", "2", "2"], None),
        (["1e30", "2e30", "2e30"], None),
        (["9223372036854775807", "-9223372036854775808", "1"], (-(2**63), 1, 2**63 - 1)),
    ],
)
def test_the_look_of_the_labels_decides_what_they_mean(sheet, cells, classes):
    data = load(sheet("a,label\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))))
    assert data.classes == classes
    if classes is not None:
        assert [type(label) for label in data.classes] == [type(label) for label in classes]


def test_the_task_can_be_forced(sheet, tmp_path):
    whole = sheet("a,label\n1,10\n2,20\n")
    assert load(whole).classes == (10, 20)
    assert load(whole, task="regression").y.tolist() == [10.0, 20.0]
    mixed = sheet("a,label\n1,10\n2,A\n")
    assert load(mixed, task="classification").classes == ("10", "A")
    with pytest.raises(DataError, match=r'line 2.*"u" is not a number, as a regression needs'):
        load(sheet("a,label\n1,u\n2,v\n"), task="regression")
    with pytest.raises(DataError, match=r'line 3, column "label": 2.5 is not a class'):
        load(sheet("a,label\n1,1\n2,2.5\n"), task="classification")
    with pytest.raises(ConfigurationError, match=r'regresion.; did you mean "regression"'):
        load(whole, task="regresion")
    floats = Dataset(np.eye(2), [1.0, 2.0])
    for suffix in (".npz", ".parquet"):
        save(floats, tmp_path / f"data{suffix}")
        assert load(tmp_path / f"data{suffix}", task="classification").classes == (1, 2)
        save(Dataset(np.eye(2), [3, 4]), tmp_path / f"data{suffix}")
        assert load(tmp_path / f"data{suffix}", task="regression").y.tolist() == [3.0, 4.0]


@pytest.mark.parametrize(
    ("text", "label", "error", "told"),
    [
        ("", None, DataError, ["empty"]),
        ("\n\n", None, DataError, ["empty"]),
        ("a,b,c\n", None, DataError, ["header but no rows"]),
        ("a,b\n1,0\n", None, DataError, ["2 classes", "1: 0"]),
        ("a,label\n1,u\n2,u\n", None, DataError, ["2 classes", '1: "u"']),
        (TABLE, "labl", DataError, ['no column "labl"', '"a", "label", "b"; did you mean "label"']),
        (TABLE, 3, DataError, ["no column 3", "0 to 2"]),
        (TABLE, -4, DataError, ["no column -4"]),
        ("a,b,c\n1,2,u\n3,,v\n", None, DataError, ["line 3", '"b"', "empty"]),
        ("a,b,c\n1,2,u\n\n3,  ,v\n", None, DataError, ["line 4", '"b"', "empty"]),
        ("a,b,c\n1,2,u\n3,4,\n", None, DataError, ["line 3", '"c"', "empty"]),
        ("a,b,c\n1,nan,u\n3,,v\n", None, DataError, ["line 2", '"b"', "nan is not finite"]),
        ("a,b,c\n1,1e999,u\n3,1,v\n", None, DataError, ["line 2", "1e999 is not finite"]),
        ("a,b,c\n1,2,0\n3,4,inf\n", None, DataError, ["line 3", '"c"', "inf is not finite"]),
        ("a,b,c\n0,0,u\n3,four,v\n", None, DataError, ["line 3", '"b"', '"four" is not a number']),
        ("a,b,c\n1,x,u\nx,4,v\n", None, DataError, ["line 2", '"b"']),
        ("a,b,c\nx,2,u\n3,x,v\n", None, DataError, ["line 2", '"a"']),
        ("a,b,c\n1,1_0,u\n3,4,v\n", None, DataError, ["line 2", '"1_0"']),
        ('a,b,c\n1,2,"u\nu"\n3,x,v\n', None, DataError, ["line 4", '"b"', '"x"']),
        ("a,b,c\n1,2,1\n3,4,2\n5,6,?\n", None, DataError, ["line 4", '"c"', '"?" is text among']),
        ("1,2,0\n3,4,1\n5,x,0\n", None, DataError, ["line 3, column 2", '"x"']),
        ("a,b,c\n1,2,u\n3,4\n", None, DataError, ["line 3 has 2 cells", "first line has 3"]),
        ("a,b,c\n1,2,u\n\n3,4,5,6\n", None, DataError, ["line 4 has 4 cells"]),
        ("a,b,a\n1,2,u\n3,4,v\n", None, DataError, ["columns 1 and 3", '"a"']),
        (",a,label\n0,1,u\n1,2,v\n", None, DataError, ["column 1 has no name", "index=False"]),
        ("label\n1\n2\n", None, DataError, ["at least one feature"]),
        ("a;b;c\n1;2;u\n3;4;v\n", None, DataError, ["commas"]),
        ("a,sample_weight,c\n1,-1,u\n3,4,v\n", None, DataError, ["sample_weight", "-1"]),
        (b"a,b,c\n1,2,\xff\n", None, FileError, ["UTF-8"]),
        (b"\x00\x01\x02\xff\xfe", None, FileError, ["UTF-8"]),
    ],
)
def test_bad_csv_is_refused_by_line_and_column(sheet, text, label, error, told):
    path = sheet(text)
    with pytest.raises(error) as caught:
        load(path, label)
    for words in [str(path), *told]:
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_class_is_enough_where_the_caller_says_so(sheet):
    assert load(sheet("a,label\n1,u\n"), min_classes=1).classes == ("u",)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_that_cannot_be_read_are_refused(tmp_path, suffix):
    with pytest.raises(FileError, match="No such file"):
        load(tmp_path / f"missing{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        load(tmp_path / f"folder{suffix}")
    with pytest.raises(FileError, match="does not exist; create it"):
        save(moons(10), tmp_path / "missing" / f"data{suffix}")


def test_an_unknown_suffix_names_the_known_ones(tmp_path):
    for path in ("data.cvs", "data", "data.txt"):
        for call in (lambda path=path: load(path), lambda path=path: save(moons(4), path)):
            with pytest.raises(FileError, match=r"\.csv, \.npz, \.parquet"):
                call()
    with pytest.raises(FileError, match=r'did you mean "\.csv"'):
        load("data.cvs")


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_damaged_files_are_refused(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    save(moons(100), path)
    whole = path.read_bytes()
    for damaged in (b"", b"text", whole[: len(whole) // 2], whole[len(whole) // 2 :]):
        path.write_bytes(damaged)
        with pytest.raises(FileError) as caught:
            load(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    middle = len(whole) // 2
    path.write_bytes(
        whole[:middle]
        + bytes(byte ^ 255 for byte in whole[middle : middle + 8])
        + whole[middle + 8 :]
    )
    if suffix == ".npz":
        with pytest.raises(FileError, match="damaged"):
            load(path)


@pytest.fixture
def archive(tmp_path):
    """Write an NPZ file and return its path."""

    def write(**arrays):
        np.savez(tmp_path / "data.npz", **arrays)
        return tmp_path / "data.npz"

    return write


def test_an_archive_needs_no_more_than_x_and_y(archive):
    data = load(archive(X=np.eye(2), y=[0, 1], other=[1]))
    assert data.classes == (0, 1)
    named = load(archive(X=np.eye(2), y=[1, 0], classes=["no", "yes"]))
    assert named.labels.tolist() == ["yes", "no"]
    assert load(archive(X=np.eye(2), target=[5, 6]), "target").classes == (5, 6)


@pytest.mark.parametrize(
    ("arrays", "error", "told"),
    [
        ({"x": np.eye(2), "y": [0, 1]}, DataError, ['no array "X"', '"x", "y"']),
        ({"X": np.eye(2), "labels": [0, 1]}, DataError, ['no array "y"']),
        ({}, DataError, ["none"]),
        ({"X": np.eye(2), "y": np.array([0, None])}, FileError, ["pickle", "object"]),
        ({"X": np.array([[1, np.nan], [1, 1]]), "y": [0, 1]}, DataError, ["row 0", '"x2"', "nan"]),
        ({"X": np.eye(2), "y": [0.5, np.nan]}, DataError, ["row 1 of y", "nan"]),
        ({"X": np.eye(2), "y": [0, 0]}, DataError, ["2 classes"]),
        ({"X": np.eye(2), "y": [0, 1], "recipe": "{"}, DataError, ["recipe", "JSON"]),
        ({"X": np.eye(2), "y": [0, 1], "recipe": "[]"}, DataError, ["recipe", "object"]),
    ],
)
def test_unusable_archives_are_refused(archive, arrays, error, told):
    path = archive(**arrays)
    with pytest.raises(error) as caught:
        load(path)
    for words in [str(path), *told]:
        assert words in str(caught.value)


def test_the_label_of_an_archive_is_an_array(archive):
    with pytest.raises(ConfigurationError, match="arrays, not columns"):
        load(archive(X=np.eye(2), y=[0, 1]), -1)
    with pytest.raises(DataError, match=r'no array "yy"; .* did you mean "y"'):
        load(archive(X=np.eye(2), y=[0, 1]), "yy")


def test_a_single_array_and_a_foreign_zip_are_refused(tmp_path):
    path = tmp_path / "data.npz"
    with path.open("wb") as handle:
        np.save(handle, np.eye(2))
    with pytest.raises(FileError, match="not an NPZ file"):
        load(path)
    with zipfile.ZipFile(path, "w") as foreign:
        foreign.writestr("readme.txt", "hello")
    with pytest.raises(DataError, match='no array "X"'):
        load(path)


@pytest.fixture
def table(tmp_path):
    """Write a Parquet file and return its path."""

    def write(metadata=None, **columns):
        written = pa.table(columns).replace_schema_metadata(metadata)
        pyarrow.parquet.write_table(written, tmp_path / "data.parquet")
        return tmp_path / "data.parquet"

    return write


def test_a_foreign_table_is_read_by_its_types(table):
    species = pa.array(["u", "v", "u"]).dictionary_encode()
    data = load(
        table(
            a=pa.array([1, 2, 3], pa.int8()),
            species=species,
            b=[True, False, True],
            sample_weight=[1.0, 0.5, 2.0],
            __index_level_0__=[7, 8, 9],
        )
    )
    assert data.feature_names == ("a", "b")
    assert data.classes == ("u", "v")
    assert data.sample_weight.tolist() == [1, 0.5, 2]
    assert data.X.tolist() == [[1, 1], [2, 0], [3, 1]]
    assert load(table(a=[1, 2], y=[1.0, 2.0])).classes is None
    assert load(table(a=[1, 2], y=[True, False])).classes == (False, True)


@pytest.mark.parametrize(
    ("columns", "label", "error", "told"),
    [
        ({"a": [1.0, None], "y": [0, 1]}, None, DataError, ["row 1", '"a" is empty']),
        ({"a": [1.0, np.nan], "y": [0, 1]}, None, DataError, ["row 1", '"a"', "nan"]),
        ({"a": ["1", "2"], "y": [0, 1]}, None, DataError, ['"a" holds string']),
        ({"a": [1, 2], "y": ["u", None]}, None, DataError, ["row 1", '"y" is empty']),
        ({"a": [1, 2], "y": [0.5, np.inf]}, None, DataError, ["row 1", '"y" is inf']),
        ({"a": [1, 2], "y": [[1], [2]]}, None, DataError, ['"y" holds list']),
        ({"a": [1, 2], "y": [0, 0]}, None, DataError, ["2 classes"]),
        ({"a": [1, 2], "b": [0, 1]}, "c", DataError, ['no column "c"', '"a", "b"']),
        ({"a": [1, 2]}, None, DataError, ["at least one feature"]),
        ({}, None, DataError, ["no rows"]),
        ({"a": pa.array([], pa.float64()), "y": pa.array([], pa.int64())}, None, DataError, ["no"]),
    ],
)
def test_unusable_tables_are_refused(table, columns, label, error, told):
    path = table(**columns)
    with pytest.raises(error) as caught:
        load(path, label)
    for words in [str(path), *told]:
        assert words in str(caught.value)


def test_damaged_metadata_of_our_own_is_refused(table):
    ours = {"label": "y", "classes": [0, 1], "recipe": {}}
    assert load(table({"rosenblatt": json.dumps(ours)}, a=[1, 2], y=[0, 1])).classes == (0, 1)
    wrong = [{"classes": [1, "a"]}, {"classes": 5}, {"classes": [0]}, {"recipe": 1}, {"label": 1}]
    for metadata in (
        "{",
        "[]",
        "\xff",
        '{"a": 1}',
        *(json.dumps(ours | change) for change in wrong),
    ):
        path = table({"rosenblatt": metadata}, a=[1, 2], y=[0, 1])
        with pytest.raises((FileError, DataError)) as caught:
            load(path)
        assert str(path) in str(caught.value)


def test_another_label_than_the_saved_one_does_not_take_its_classes(tmp_path):
    path = tmp_path / "data.parquet"
    save(Dataset([[5.0, 0.0], [6.0, 1.0]], [3, 4], classes=(4, 3, 9)), path)
    other = load(path, "x1", task="classification")
    assert other.classes == (5, 6)
    assert other.feature_names == ("x2", "label")
    assert other.X.tolist() == [[0, 3], [1, 4]]


def test_whole_numbers_that_are_rounded_are_named(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("id,x,label\n9007199254740992,1,a\n-9007199254740993,2,b\n1e300,3,a\n")
    message = r'line 3, column "id": -9007199254740993 is rounded to -9007199254740992,'
    with pytest.warns(UserWarning, match=message):
        assert load(path).X[1, 0] == -(2.0**53)
    path.write_text("id,x\n1,9007199254740993\n")
    with pytest.warns(UserWarning, match='line 2, column "x"'):
        load_inputs(path)
    # All of these are floats exactly, or measurements of fewer digits.
    path.write_text(
        "id,x,label\n9007199254740994,1.5e17,a\n36028797018963968,12345678901234567.8,b\n"
    )
    load(path)


@pytest.mark.parametrize("suffix", READERS)
def test_every_format_can_be_saved_and_loaded(tmp_path, suffix):
    save(moons(10), tmp_path / f"data{suffix}")
    assert load(tmp_path / f"data{suffix}").content_hash == moons(10).content_hash
    assert len(columns(tmp_path / f"data{suffix}")) >= 2


def test_a_format_is_one_reader_and_one_line(tmp_path, monkeypatch):
    def read(path, label, task):
        return Dataset([[float(x)] for x in path.read_text().split()], [0, 1])

    def read_inputs(path):
        data = read(path, None, None)
        return Inputs(data.X, data.feature_names)

    path = tmp_path / "data.words"
    path.write_text("1 2")
    with pytest.raises(FileError, match=r'unknown kind of file ".words"'):
        load(path)
    monkeypatch.setitem(READERS, ".words", Reader(".words", read, read_inputs, lambda path: ["x1"]))
    assert load(path).X.tolist() == load_inputs(path).X.tolist() == [[1.0], [2.0]]
    assert columns(path) == ["x1"]
    with pytest.raises(FileError, match="can only be read"):
        save(moons(10), path)
    with pytest.raises(ConfigurationError, match="header is for CSV files"):
        load(path, header=True)
    path.write_text("one two")
    with pytest.raises(ValueError, match="one"):
        load(path)


@pytest.mark.parametrize("sign", ["|", ";", "\t"])
def test_names_of_columns_may_have_signs_that_separate_cells_elsewhere(tmp_path, sign):
    names = ("a", f"<{sign}>", "c")
    dataset = Dataset(np.arange(12.0).reshape(4, 3), [0, 1, 0, 1], feature_names=names)
    save(dataset, tmp_path / "data.csv")
    assert load(tmp_path / "data.csv").feature_names == names
    two = Dataset(dataset.X[:, :2], dataset.y, feature_names=names[:2])
    save(two, tmp_path / "two.csv")
    assert load(tmp_path / "two.csv").feature_names == names[:2]
