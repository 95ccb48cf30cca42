"""Files that would take more than they are: each is small, and is refused before it grows.

They are read in a process of its own, which says how much memory it took for each.
"""

import io
import json
import os
import pickle
import re
import struct
import subprocess
import sys
import textwrap
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from rosenblatt.data import Dataset, columns, load, load_inputs, moons, save
from rosenblatt.errors import FileError, ShapeError

FREE = 100 << 20
"""What is free, as far as the process knows that reads hostile files."""

SLACK = 64 << 20
"""What libraries take beside the data: buffers, and memory that they keep."""

measured = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="only Linux says what a process has taken"
)

READ = """
    import json
    import sys
    from pathlib import Path

    from rosenblatt import limits
    from rosenblatt.data import load, moons, save
    from rosenblatt.errors import RosenblattError

    # What is loaded when it is first used is loaded before the measurement.
    for suffix in (".csv", ".npz", ".parquet"):
        path = Path(sys.argv[1]).with_name("small" + suffix)
        save(moons(10), path)
        load(path)

    def resident(name):
        status = Path("/proc/self/status").read_text()
        return 1024 * int(status.split(name)[1].split()[0])

    def reading(path):
        said = ""
        Path("/proc/self/clear_refs").write_text("5")
        before = resident("VmRSS:")
        try:
            load(path)
        except RosenblattError as error:
            said = str(error)
        return said, resident("VmHWM:") - before
"""


def in_another_process(folder, script):
    """Run a script that knows ``reading``, and return what it prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(READ) + textwrap.dedent(script), str(folder / "x")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def array(dtype, shape, content=b""):
    """An array in NumPy's format; its header says anything."""
    header = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def archive(path, method=zipfile.ZIP_DEFLATED, **members):
    with zipfile.ZipFile(path, "w", method) as written:
        for name, content in members.items():
            written.writestr(f"{name}.npy", content, compresslevel=1)
    return path


Y = array("<i8", (2,), struct.pack("<qq", 0, 1))
LARGE = 2**28


def zeros_in_npz(folder):
    return archive(folder / "f.npz", X=array("<f8", (2, 2**24), bytes(LARGE)), y=Y)


def zeros_in_another_array(folder):
    X = array("<f8", (2, 1), bytes(16))
    return archive(folder / "f.npz", X=X, y=Y, classes=array("<U1", (2**26,), bytes(LARGE)))


def bzip2_in_npz(folder):
    # Its reader unpacks a whole piece, whatever was asked for.
    return archive(folder / "f.npz", zipfile.ZIP_BZIP2, X=array("<f8", (2, 1), bytes(2**24)), y=Y)


def npz_with_a_header_alone(folder):
    return archive(folder / "f.npz", X=array("<f8", (2, 10**15)), y=Y)


def npz_of_negative_size(folder):
    return archive(folder / "f.npz", X=array("<f8", (-2, -(2**62)), bytes(16)), y=Y)


def table(path, rows, **columns):
    indices = pa.repeat(pa.scalar(0, pa.int32()), rows)
    columns = {
        name: pa.DictionaryArray.from_arrays(indices, [value]) for name, value in columns.items()
    }
    # Without Arrow's own schema these are columns of plain values.
    pyarrow.parquet.write_table(pa.table(columns), path, row_group_size=rows, store_schema=False)
    return path


def equal_values_in_parquet(folder):
    return table(folder / "f.parquet", 2_000_000, x1=1.0, x2=2.0, label=1)


def one_long_label_in_parquet(folder):
    return table(folder / "f.parquet", 20_000, x=1.0, label="l" * 9_000)


def one_longer_label_in_parquet(folder):
    return table(folder / "f.parquet", 2000, x=1.0, label="l" * 1_000_000)


def parquet_with_a_long_class(folder):
    path = folder / "f.parquet"
    own = {"label": "y", "classes": ["u", "v", "w" * 9000], "recipe": {}}
    written = pa.table({"x": pa.repeat(1.0, 20_000), "y": pa.repeat("u", 20_000)})
    metadata = {"rosenblatt": json.dumps(own)}
    pyarrow.parquet.write_table(written.replace_schema_metadata(metadata), path)
    return path


def text(path, *parts):
    with path.open("w") as file:
        file.writelines(parts)
    return path


def commas(folder):
    return text(folder / "f.csv", "," * 1_000_000)


def columns_of_quoted_lines(folder):
    return text(folder / "f.csv", ",".join(['"\n"'] * 100_000))


def short_cells(folder):
    return text(folder / "f.csv", "1,2,3,4,5,6,7,8\n" * 500_000)


def one_long_label_in_csv(folder):
    return text(folder / "f.csv", "x,label\n", "1,u\n" * 20_000, f"1,{'l' * 9000}\n")


def one_long_line(folder):
    return text(folder / "f.csv", "1,2\n", "9" * (70 << 20))


def deep_recipe(folder):
    recipe = io.BytesIO()
    np.save(recipe, np.array("[" * 1_000_000))
    X = array("<f8", (2, 1), bytes(16))
    return archive(folder / "f.npz", X=X, y=Y, recipe=recipe.getvalue())


HOSTILE = {
    zeros_in_npz: r"X \(2, 16777216\) .* needs \d\.\d GB of memory, and 104\.9 MB are free",
    zeros_in_another_array: "needs .* GB of memory",
    bzip2_in_npz: "compressed in a way that NumPy does not use",
    npz_with_a_header_alone: r'"X" has 0 bytes, but its header says it is of shape \(2, 10{15}\)',
    npz_of_negative_size: '"X" has 16 bytes, but its header says',
    equal_values_in_parquet: r"2000000 rows of 3 columns needs 376\.0 MB",
    one_long_label_in_parquet: "20000 labels of up to 9000 characters needs",
    one_longer_label_in_parquet: "a label has 1000000 characters",
    parquet_with_a_long_class: "20000 labels of up to 9000 characters needs",
    commas: r"reading 1000001 cells in 1000001 columns needs 12\.\d GB",
    columns_of_quoted_lines: r"cells in 100000 columns needs 1\.\d GB",
    short_cells: r"reading 4000001 cells needs 176\.0 MB",
    one_long_label_in_csv: "20001 labels of up to 9000 characters needs",
    one_long_line: r"a line has more than 67\.1 MB",
    deep_recipe: "the array recipe needs|the array recipe is nested too deep",
}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """What reading each of the files says, and the memory that it takes."""
    folder = tmp_path_factory.mktemp("hostile")
    for make in HOSTILE:
        (folder / make.__name__).mkdir()
        make(folder / make.__name__)
    script = f"""
    limits.free_memory = lambda: {FREE}
    files = Path(sys.argv[1]).parent.glob("*/f.*")
    print(json.dumps({{path.parent.name: reading(path) for path in files}}))
    """
    return in_another_process(folder, script)


@pytest.mark.slow
@measured
@pytest.mark.parametrize(("make", "told"), HOSTILE.items(), ids=[make.__name__ for make in HOSTILE])
def test_a_file_that_would_grow_is_refused_before_it_does(read, make, told):
    said, taken = read[make.__name__]
    assert make.__name__ in said
    assert re.search(told, said)
    assert taken < FREE + SLACK


@pytest.mark.slow
@measured
def test_what_a_file_is_said_to_need_is_what_it_takes(tmp_path):
    """Where there is just that much memory, it is read, and takes no more."""
    X = np.random.default_rng(0).normal(size=(100_000, 20))
    for suffix in (".csv", ".parquet", ".npz"):
        save(Dataset(X, X[:, 0] > 0), tmp_path / f"large{suffix}")
    script = """
    found = {}
    for path in Path(sys.argv[1]).parent.glob("large.*"):
        asked = []
        check = limits.check_memory
        limits.check_memory = lambda need, *rest: asked.append(need) or check(need, *rest)
        found[path.suffix] = [*reading(path), max(asked)]
        limits.check_memory = check
    print(json.dumps(found))
    """
    for suffix, (said, taken, need) in in_another_process(tmp_path, script).items():
        assert said == "", suffix
        assert 0.25 * need < taken < need + SLACK, suffix


class Runs:
    """What pickle would run."""

    def __reduce__(self):
        return os.mkdir, ("it-ran",)


@pytest.mark.parametrize("name", ["X", "y", "classes", "feature_names", "recipe", "sample_weight"])
def test_no_pickle_is_loaded(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    arrays = {"X": array("<f8", (2, 1), bytes(16)), "y": Y}
    arrays[name] = array("|O", (1,), pickle.dumps(Runs()))
    path = archive(tmp_path / "f.npz", **arrays)
    with pytest.raises(FileError, match="pickle, which could run code"):
        load(path)
    (tmp_path / "g.npz").write_bytes(pickle.dumps(Runs()))
    with pytest.raises(FileError, match="not an NPZ file"):
        load(tmp_path / "g.npz")
    assert not (tmp_path / "it-ran").exists()


@pytest.mark.parametrize("bit", range(16))
def test_an_entry_with_any_flag_set_is_read_or_refused(tmp_path, bit):
    """Encrypted, patched, strongly encrypted, in UTF-8: in the entry, and in the directory."""
    path = archive(tmp_path / "f.npz", X=array("<f8", (2, 1), bytes(16)), y=Y)
    whole = path.read_bytes()
    for places in ([6], [whole.find(b"PK\x01\x02") + 8], [6, whole.find(b"PK\x01\x02") + 8]):
        changed = bytearray(whole)
        for place in places:
            changed[place + bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with suppress(FileError):
            load(path)


def test_arrays_that_are_not_wanted_are_not_looked_at(tmp_path):
    path = archive(
        tmp_path / "f.npz",
        X=array("<f8", (2, 1), bytes(16)),
        y=Y,
        other=array("|O", (10**15,), pickle.dumps(Runs())),
        **{"../../outside": b"no array"},
    )
    assert len(load(path)) == 2
    assert columns(path) == ["X", "y"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.npz"]


def test_names_of_columns_are_told_without_reading_them(tmp_path):
    path = equal_values_in_parquet(tmp_path)
    assert columns(path) == ["x1", "x2", "label"]
    assert columns(zeros_in_npz(tmp_path)) == ["X", "y"]


@pytest.mark.parametrize("codes", [[0xD800], [0x110000], [0xFFFFFFFF]])
@pytest.mark.parametrize("order", "<>")
def test_text_that_is_none_is_refused(tmp_path, codes, order):
    content = np.array([97, *codes], f"{order}u4").tobytes()
    X = array("<f8", (2, 1), bytes(16))
    with pytest.raises(FileError, match='"y" holds text that is no Unicode'):
        load(archive(tmp_path / "f.npz", X=X, y=array(f"{order}U1", (2,), content)))


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
def test_what_has_no_end_is_not_begun(tmp_path, suffix):
    pipe, device = tmp_path / f"pipe{suffix}", tmp_path / f"zero{suffix}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        for read in (load, load_inputs, columns):
            with pytest.raises(FileError, match="not an ordinary file"):
                read(path)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz"])
def test_a_path_that_cannot_be_is_an_error_of_our_own(tmp_path, suffix):
    for name in ("x" * 300, "a\0b"):
        with pytest.raises(FileError, match="cannot read"):
            load(tmp_path / f"{name}{suffix}")
        with pytest.raises(FileError, match="cannot write"):
            save(moons(4), tmp_path / f"{name}{suffix}")


def test_a_name_that_is_a_book_is_refused(tmp_path):
    save(Dataset(np.eye(2), [0, 1], feature_names=["a", "b" * 20_000]), tmp_path / "f.npz")
    save(Dataset(np.eye(2), [0, 1], feature_names=["a", "b" * 20_000]), tmp_path / "f.csv")
    save(Dataset(np.eye(2), [0, 1], feature_names=["a", "b" * 20_000]), tmp_path / "f.parquet")
    for suffix in ("npz", "csv", "parquet"):
        with pytest.raises(FileError, match="column 1, counting from 0, has 20000 characters"):
            load(tmp_path / f"f.{suffix}")


def test_columns_that_are_told_apart_by_a_dot_are_each_read_once(tmp_path):
    written = pa.table({"a": [1.0, 2.0], "a.b": [3.0, 4.0], "label": ["u", "v"]})
    pyarrow.parquet.write_table(written, tmp_path / "f.parquet")
    data = load(tmp_path / "f.parquet")
    assert data.feature_names == ("a", "a.b")
    assert data.X.tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize("shape", [(), (2, 1), (0,)])
@pytest.mark.parametrize("task", [None, "classification", "regression"])
def test_labels_of_another_shape_are_refused(tmp_path, shape, task):
    n = int(np.prod(shape))
    path = tmp_path / "f.npz"
    archive(path, X=array("<f8", (2, 1), bytes(16)), y=array("<U1", shape, b"a\0\0\0" * n))
    with pytest.raises((FileError, ShapeError), match="one per row"):
        load(path, task=task)
