import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from rosenblatt.data import columns, load_inputs, moons, save
from rosenblatt.errors import DataError, FileError

X = np.array([[1.0, 2.5], [3.0, 4.0], [5.0, 1e-300]])


def write(path, **extra):
    if path.suffix == ".npz":
        np.savez(path, X=X, feature_names=np.array(["a", "b"]))
    elif path.suffix == ".parquet":
        pyarrow.parquet.write_table(pa.table({"a": X[:, 0], "b": X[:, 1], **extra}), path)
    else:
        path.write_text("a,b\n1,2.5\n3,4\n5,1e-300\n")
    return path


@pytest.mark.parametrize("kind", ["csv", "npz", "parquet"])
def test_every_column_is_a_feature(tmp_path, kind):
    inputs = load_inputs(write(tmp_path / f"d.{kind}"))
    np.testing.assert_array_equal(inputs.X, X)
    assert inputs.feature_names == ("a", "b")


def test_sample_weights_are_no_feature(tmp_path):
    (tmp_path / "d.csv").write_text("a,sample_weight,b\n1,9,2\n")
    assert load_inputs(tmp_path / "d.csv").feature_names == ("a", "b")
    path = write(tmp_path / "d.parquet", sample_weight=[1.0, 2.0, 3.0])
    assert load_inputs(path).feature_names == ("a", "b")


def test_one_row_without_a_header(tmp_path):
    (tmp_path / "d.csv").write_text("1,2\n")
    assert load_inputs(tmp_path / "d.csv").feature_names == ("x1", "x2")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_are_named_in_order(tmp_path, kind):
    save(moons(10), tmp_path / f"d.{kind}")
    assert columns(tmp_path / f"d.{kind}") == ["x1", "x2", "label"]


def test_an_archive_says_whether_there_are_labels(tmp_path):
    save(moons(10), tmp_path / "d.npz")
    assert columns(tmp_path / "d.npz") == ["X", "y"]
    assert columns(write(tmp_path / "x.npz")) == ["X"]


@pytest.mark.parametrize("read", [load_inputs, columns])
def test_what_is_no_file_of_data_is_refused(tmp_path, read):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "empty.csv").touch()
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    with pytest.raises(FileError, match="folder"):
        read(tmp_path / "folder.csv")
    with pytest.raises(FileError, match="No such file"):
        read(tmp_path / "none.npz")
    with pytest.raises(FileError, match="unknown kind"):
        read(tmp_path / "d.txt")
    with pytest.raises(FileError, match=r"bad\.parquet"):
        read(tmp_path / "bad.parquet")
    with pytest.raises(DataError, match=r"empty\.csv: the file is empty"):
        read(tmp_path / "empty.csv")


def test_values_that_are_no_numbers_are_refused(tmp_path):
    (tmp_path / "d.csv").write_text("a,b\n1,x\n")
    with pytest.raises(DataError, match=r'd.csv: line 2, column "b"'):
        load_inputs(tmp_path / "d.csv")
    X_nan = {"a": [1.0, 2.0], "b": [1.0, float("nan")]}
    pyarrow.parquet.write_table(pa.table(X_nan), tmp_path / "d.parquet")
    with pytest.raises(DataError, match=r'row 1, column 1 \("b"\) of X is nan'):
        load_inputs(tmp_path / "d.parquet")
    np.savez(tmp_path / "d.npz", X=np.array([[1.0, np.inf]]))
    with pytest.raises(DataError, match="inf"):
        load_inputs(tmp_path / "d.npz")
    np.savez(tmp_path / "n.npz", y=np.array([1.0]))
    with pytest.raises(DataError, match='no array "X"'):
        load_inputs(tmp_path / "n.npz")
