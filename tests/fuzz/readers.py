"""All that reads files: how a valid one is made, how a hostile one, and what reads it.

To have another reader fuzzed, add an entry to ``READERS``.
"""

import hashlib
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from cyclopts import CycloptsError
from hypothesis import strategies as st

import rosenblatt as rb
import toy_experiments as toys
from fuzz.hostile import (
    FLOATS,
    HUGE,
    INTEGERS,
    VALUES,
    WORDS,
    json_text,
)
from fuzz.reader import Reader
from fuzz.run_files import RUN_READERS
from rosenblatt.cli.app import app
from rosenblatt.cli.usage_errors import explain
from rosenblatt.data import Dataset, columns, load, load_inputs, save
from rosenblatt.errors import ConfigurationError
from rosenblatt.executors.environment import Environment
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.output_cache import Cache, Output
from rosenblatt.experiments.row_files import from_parquet, to_parquet
from rosenblatt.training import History, Run, load_model, save_model
from sealing import seal_tensors

DATASETS = [
    Dataset([[0.5, -1.0], [2.0, 3.5], [1.0, 1.0]], ["u", "v", "u"], feature_names=["a", "b"]),
    Dataset(np.arange(12.0).reshape(6, 2), [0, 1] * 3, sample_weight=[1.0, 2.0] * 3),
    Dataset(np.arange(6.0).reshape(3, 2), [0.5, 1.5, 2.5]),
]


def _datasets(suffix: str) -> Callable[[Path], list[bytes]]:
    def make(folder: Path) -> list[bytes]:
        path = folder / f"valid{suffix}"
        contents = []
        for dataset in DATASETS:
            save(dataset, path)
            contents.append(path.read_bytes())
        return contents

    return make


def _parquets(folder: Path) -> list[bytes]:
    """Besides ours, files whose pages are not packed, in each of the ways to write numbers."""
    table = pa.table({"a": [0.5, 1.5, 2.5] * 9, "b": [1, 2, 3] * 9, "label": ["u", "v", "u"] * 9})
    options: list[dict[str, Any]] = [
        {},
        {"use_dictionary": False},
        {"use_dictionary": False, "use_byte_stream_split": ["a"]},
        {"use_dictionary": False, "column_encoding": {"b": "DELTA_BINARY_PACKED"}},
        {"data_page_version": "2.0", "row_group_size": 5, "write_page_index": True},
    ]
    plain = [parquet(table, compression="none", **ways) for ways in options]
    return _datasets(".parquet")(folder) + plain


def _all_ways(path: Path) -> None:
    """Read a file of data in each of the ways that there are; what fails first is what counts."""
    ways: list[Callable[[Path], object]] = [
        lambda path: load(path, task="classification", min_classes=1),
        lambda path: load(path, task="regression"),
        load_inputs,
        columns,
    ]
    for read in ways:
        with suppress(rb.RosenblattError):
            read(path)
    data = load(path)
    # What was read can be used.
    _ = data.labels, data.content_hash, repr(data), data.class_names


# CSV

CELLS = (
    st.sampled_from(["1", "2.5", "3", "0", "1"])
    | st.sampled_from(["1", "2.5", "-3", "1e5", "u", "v", "true", "False"])
    | st.sampled_from(["", '"', '"a,b"', '"\n"', "\0", "\r", ",", "nan", HUGE])
    | WORDS
    | FLOATS.map(str)
)


@st.composite
def csv_text(draw: Callable[..., Any]) -> bytes:
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return draw(st.sampled_from([b"," * 3000, b"\n,\n" * 500, b'"' * 200_000, b"1,2\n" * 200]))
    width = draw(st.sampled_from([2, 3, 3, 1, 4]))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5))
    header = draw(st.sampled_from([[], ["a", "b", "c", "d"][:width], ["x", "sample_weight", "y"]]))
    text = "\n".join(",".join(row) for row in [header, *rows])
    encoding = draw(st.sampled_from(["utf-8"] * 9 + ["utf-8-sig", "utf-16", "latin-1"]))
    return text.encode(encoding, errors="replace")


# NPZ

DTYPES = st.sampled_from(
    [
        "<f8",
        ">f8",
        "<f4",
        "<f2",
        "|b1",
        "<i8",
        "<u8",
        "<U3",
        ">U3",
        "<U0",
        "|S4",
        "|V3",
        "|O",
        "<c16",
        "<M8[s]",
        "<m8",
        "<U2000000000",
        "|V2147483647",
        "f8,f8",
        "nonsense",
        "",
    ]
)
SIZES = st.integers(0, 4) | INTEGERS
RECIPE = {"file": "a.csv", "label": "y", "of": {"part": "train", "seeds": [1, 2]}}


@st.composite
def npy(draw: Callable[..., Any], n: int, shapes: list[tuple[int, ...]]) -> bytes:
    """An array in NumPy's format whose header, now and then, is not true."""
    if draw(st.integers(0, 5)):
        shape = draw(st.sampled_from([*shapes, (n,), (n, 2), (n, 1), (), (2,), (1, n), (0,)]))
        dtype = draw(st.sampled_from(["<f8", ">f4", "<i8", "|b1", "<U2", ">U2", "|u1"]))
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        payload = draw(
            st.sampled_from([bytes(size), draw(st.binary(min_size=size, max_size=size))])
        )
        header = {"descr": dtype, "fortran_order": draw(st.booleans()), "shape": shape}
        text = repr(header)
    else:
        payload = draw(st.binary(max_size=64) | st.just(bytes(5000)))
        shape = tuple(draw(st.lists(SIZES, max_size=3)))
        header = {"descr": draw(DTYPES), "fortran_order": draw(st.booleans()), "shape": shape}
        text = draw(
            st.just(f"{header}")
            | st.sampled_from(["(" * 9000, "-" * 9000 + "1", "{}", "[]", "1" * 9000])
        )
    version = draw(
        st.sampled_from([b"\x01\x00"] * 12 + [b"\x02\x00"] * 4 + [b"\x03\x00", b"\x09\x09"])
    )
    raw = text.encode()
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(raw))
    return b"\x93NUMPY" + version + length + raw + payload


@st.composite
def archives(draw: Callable[..., Any]) -> bytes:
    """A zip archive of arrays, with its other entries and its ways of compression."""
    n = draw(st.integers(1, 3))
    buffer = io.BytesIO()
    names = st.sampled_from(
        ["X.npy", "y.npy", "classes.npy", "feature_names.npy", "sample_weight.npy"]
    )
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        for name in ["X.npy", "y.npy", *draw(st.lists(names | st.just("../x"), max_size=3))]:
            method = draw(
                st.sampled_from([zipfile.ZIP_STORED] * 8 + [zipfile.ZIP_DEFLATED] * 8 + [12])
            )
            usual = [(n, 2)] * 14 if name == "X.npy" else [(n,)] * 14
            archive.writestr(name, draw(npy(n, usual)), compress_type=method)
        if draw(st.booleans()):
            recipe = io.BytesIO()
            np.save(recipe, np.array(draw(json_text(RECIPE))))
            archive.writestr("recipe.npy", recipe.getvalue(), zipfile.ZIP_DEFLATED)
    content = bytearray(buffer.getvalue())
    if draw(st.integers(0, 4)) == 0:
        # Sizes in the directory that are not true.
        place = content.rfind(b"PK\x01\x02") + draw(st.sampled_from([8, 10, 20, 24, 28, 42]))
        content[place : place + 4] = struct.pack("<I", draw(INTEGERS) % 2**32)
    return bytes(content)


# Parquet

COLUMNS = st.sampled_from(
    [
        *[[1.5, 2.5, 3.5], [1, 2, 3]] * 8,
        [True, False, True],
        ["u", "v", "u"],
        ["x" * 20_000, "", "\0"],
        [None, 1, 2],
        [None, None, None],
        [float("nan"), float("inf"), 1e300],
        [[1], [2], [3]],
        [{"a": 1}, {"a": 2}, None],
        [b"\xff", b"", b"a"],
        [2**62, -(2**62), 0],
        pa.array([1, 2, 3], pa.float16()),
        pa.array([2**64 - 1, 1, 2], pa.uint64()),
        pa.array([1, 2, 3], pa.timestamp("us")),
        pa.array(["1", "2", "1"]).dictionary_encode(),
        pa.array([5, 6, 5]).dictionary_encode(),
        pa.array(["a", "b", "a"], pa.large_string()),
        pa.array(["a", "b", "a"], pa.string_view()),
        pa.array([1, 2, 3], pa.decimal128(5)),
        pa.array([1, 2, 3], pa.date32()),
    ]
)
OWN = {"label": "y", "classes": ["v", "u"], "recipe": RECIPE}


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, **options)
    return buffer.getvalue()


@st.composite
def tables(draw: Callable[..., Any]) -> bytes:
    names = draw(
        st.lists(
            st.sampled_from(
                ["a", "b", "y", "label", "a.b", "sample_weight", "__index_level_0__", "é"]
            )
            | st.text(max_size=3).filter(lambda text: text.isascii()),
            min_size=1,
            max_size=4,
            unique=draw(st.sampled_from([True, True, True, False])),
        )
    )
    table = pa.Table.from_arrays([pa.array(draw(COLUMNS)) for _ in names], names=names)
    metadata = draw(st.none() | json_text(OWN).map(lambda text: {"rosenblatt": text}))
    if metadata is not None:
        table = table.replace_schema_metadata(metadata)
    compression = draw(st.sampled_from(["none", "snappy", "zstd", "gzip"]))
    return parquet(table.slice(0, draw(st.sampled_from([3, 3, 3, 1, 0]))), compression=compression)


# Models


def _runs() -> list[Run]:
    models: list[Any] = [
        (rb.MLP(2, [3], 2, dropout=0.5), ("no", "yes")),
        (rb.Perceptron(2, "mini-batch", "mistakes", "pocket"), (0, 1)),
    ]
    runs = [
        Run(model, model.default_loss, model.init(0), history=History([]), seed=0, classes=classes)
        for model, classes in models
    ]
    values = rb.MLP(2, [2], 1, activation="leaky_relu")
    runs.append(
        Run(
            values,
            rb.losses.HalfSquaredError(),
            values.init(0, np.float32),
            history=History([]),
            seed=0,
        )
    )
    return runs


def _models(folder: Path) -> list[bytes]:
    contents = []
    for i, run in enumerate(_runs()):
        scaler = rb.data.Standardizer(np.zeros(2), np.ones(2)) if i else None
        save_model(folder / "m", run, feature_names=["a", "b"], standardizer=scaler, label="y")
        contents.append((folder / "m").read_bytes())
    return contents


def header_of(model: bytes) -> dict[str, Any]:
    """The header of a safetensors file."""
    (length,) = struct.unpack("<Q", model[:8])
    header: dict[str, Any] = json.loads(model[8 : 8 + length])
    return header


def with_header(model: bytes, header: str | bytes) -> bytes:
    """A safetensors file with another header."""
    raw = header.encode(errors="surrogatepass") if isinstance(header, str) else header
    (length,) = struct.unpack("<Q", model[:8])
    return struct.pack("<Q", len(raw)) + raw + model[8 + length :]


@st.composite
def models(draw: Callable[..., Any]) -> bytes:
    model = draw(st.sampled_from(made("model")))
    header = header_of(model)
    if draw(st.integers(0, 3)):
        document = json.loads(header["__metadata__"]["rosenblatt"])
        header["__metadata__"]["rosenblatt"] = draw(json_text(document))
        return with_header(model, json.dumps(header))
    return with_header(model, draw(json_text(header)))


def _use(path: Path) -> None:
    """Read a model, and predict with it."""
    model = load_model(path)
    with np.errstate(all="ignore"):
        model.predict(np.ones((2, model.model.n_inputs)))


# TOML

KEYS = st.sampled_from(
    [
        "n",
        "epochs",
        "hidden",
        "seed",
        "means",
        "learning-rate",
        "learning_rate",
        "dropout",
        "save",
        "label",
        "standardize",
        "config",
        "test-size",
        "optimizer",
        "a.b",
        '"é"',
        '""',
        "plot",
        "engine",
        "data",
    ]
)
TOML_VALUES = st.sampled_from(
    [
        HUGE,
        f"0x{'f' * 9000}",
        "[" * 3000,
        "[" * 500 + "]" * 500,
        "{a=" * 3000,
        "1e999",
        "nan",
        "-inf",
        '"\\u0000"',
        '"\\ud800"',
        "1979-05-27",
        "1979-05-27T07:32:00Z",
        "99:99:99",
        "[[1,2],[3]]",
        "{a.a.a = 1}",
        "[1, 'a', {}]",
        "true",
        "'../../x'",
        f'"{"x" * 9000}"',
        "1_000",
        "''",
        "[]",
    ]
) | VALUES.map(lambda value: "''" if value is None else json.dumps(value))


@st.composite
def toml(draw: Callable[..., Any]) -> bytes:
    lines = [f"{draw(KEYS)} = {draw(TOML_VALUES)}" for _ in range(draw(st.integers(1, 3)))]
    if draw(st.integers(0, 9)) == 0:
        deep = ".".join("a" * 3000)
        lines.append(draw(st.sampled_from([f"{deep} = 1", f"[{deep}]", "[[a]]\n" * 100, "\0" * 9])))
    return "\n".join(lines).encode(errors="surrogatepass")


CONFIGURATIONS = [
    b"n = 40\nepochs = 3\nhidden = [7, 5]\nlearning-rate = 1\nstandardize = true\n",
    b'data = "gaussians"\nmeans = [[0, 0], [5, 5.5]]\nsave = "m.safetensors"\ntest-size = 0.25\n',
]


def _parse(path: Path) -> None:
    """Read the settings of a command without running it."""
    words = ["train", "mlp", "moons", "--config", str(path)]
    try:
        app.parse_args(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        # As the command line words it.
        raise ConfigurationError(explain(error)) from error


# What experiments keep

ROWS = [
    [{"a": 1, "b": 0.5, "c": "u"}, {"a": 2, "b": float("nan"), "c": "v"}],
    [{"x": 1}, {"x": 2.5}, {"x": None}, {"x": "word"}, {"x": True}],
    [{"nothing": None}],
]
HOME = Environment(code="c0de" * 16, versions=(("numpy", "2.0"),), processor="one")
TASK = Task(("a",), toys.squares, {"folder": ".", "i": 1}, cost=1.0)


def _entries(folder: Path) -> list[bytes]:
    kept = Cache(folder)
    kept.save(TASK, Output({"rows": to_parquet(ROWS[0]), "more": to_parquet(ROWS[1])}, 1.5, HOME))
    (path,) = folder.rglob("*.zip")
    return [path.read_bytes()[65:]]


def _sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


@st.composite
def entries(draw: Callable[..., Any]) -> bytes:
    """An entry whose description, tables and ways of compression are a stranger's."""
    with zipfile.ZipFile(io.BytesIO(made("entry")[0])) as archive:
        described = json.loads(archive.read("task.json"))
    buffer = io.BytesIO()
    method = draw(
        st.sampled_from([zipfile.ZIP_STORED] * 3 + [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
    )
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("task.json", draw(json_text(described) | st.just(json.dumps(described))))
        for name in draw(st.sampled_from([["0", "1"], ["0"], ["1", "0", "../2"]])):
            archive.writestr(f"{name}.parquet", draw(tables() | st.sampled_from(made("rows"))))
    return buffer.getvalue()


def _load_entry(path: Path) -> None:
    """Find an entry where the cache looks for it."""
    kept = Cache(path.parent / "cache")
    place = kept._path(TASK, HOME)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(path.read_bytes())
    output = kept.load(TASK, [HOME])
    if output is None:
        raise ConfigurationError("an entry that is damaged counts as none")
    output.rows()


READERS = {
    reader.name: reader
    for reader in (
        Reader("csv", "data.csv", _datasets(".csv"), _all_ways, csv_text()),
        Reader("npz", "data.npz", _datasets(".npz"), _all_ways, archives()),
        Reader("parquet", "data.parquet", _parquets, _all_ways, tables()),
        Reader("model", "m.safetensors", _models, _use, models(), seal=seal_tensors),
        Reader("toml", "c.toml", lambda folder: CONFIGURATIONS, _parse, toml()),
        Reader(
            "rows",
            "rows.parquet",
            lambda folder: [to_parquet(rows) for rows in ROWS],
            lambda path: from_parquet(path.read_bytes()),
            tables(),
        ),
        Reader("entry", "entry", _entries, _load_entry, entries(), seal=_sealed),
        *RUN_READERS,
    )
}


@cache
def made(name: str) -> Sequence[bytes]:
    """The valid contents of a kind of file."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return tuple(READERS[name].valid(Path(folder)))
